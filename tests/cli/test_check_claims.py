"""``probatum check --claims``: every claim with its values, from the build's own nodes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from probatum.cli.main import main

sys.path.insert(0, str(Path(__file__).parents[1] / "site"))

import asked

GOOD = ("It may help (OR {{ estimate }}; {{ k }} trials).", '"k == 3", "ci_ub > 1"')
BROKEN = ("In one, {{ a-2020/A1/T.of }} had it.", '"a-2020/A1/T.share > 30"')
HOLE = ("Two found {{ pair.estimate }}.", '"pair.estimate < 1"')
PLAIN = ("It is listed.", "")


def listed(folder: Path, capsys: Any, *claims: tuple[str, str], head: str = "") -> tuple[int, str]:
    asked.write(folder, {"help": asked.question(*claims, head=head)})
    capsys.readouterr()
    code = main(["check", "--claims", str(folder)])
    return code, capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")


def test_claims_that_hold(tmp_path: Path, capsys: Any) -> None:
    code, out = listed(tmp_path, capsys, GOOD, PLAIN)
    assert code == 0
    assert "questions/help.md" in out
    assert "It may help (OR 0.37; 3 trials)." in out
    assert "holds" in out
    assert "certainty low" in out
    assert "k == 3   (now 3)" in out
    assert out.endswith("2 claims: 1 holds, 0 broken, 1 no condition.\n")


def test_a_broken_claim_and_one_that_can_not_be_checked(tmp_path: Path, capsys: Any) -> None:
    code, out = listed(tmp_path, capsys, GOOD, BROKEN, HOLE)
    assert code == 1
    assert "BROKEN a-2020/A1/T.share > 30   (now 20%)" in out
    assert "In one, 10 of 50 had it." in out
    assert "Two found (no value)." in out
    assert "BROKEN pair.estimate < 1   (two studies have no pooled answer" in out
    assert "3 claims: 1 holds, 2 broken, 0 no condition." in out


def test_conditions_of_the_page_itself(tmp_path: Path, capsys: Any) -> None:
    code, out = listed(tmp_path, capsys, GOOD, head='expect = ["k > 5"]')
    assert code == 1
    assert "(page)" in out
    assert "BROKEN k > 5   (now 3)" in out


def test_as_json(tmp_path: Path, capsys: Any) -> None:
    asked.write(tmp_path, {"help": asked.question(GOOD, BROKEN)})
    capsys.readouterr()
    assert main(["check", "--claims", "--json", str(tmp_path)]) == 1
    first, second = json.loads(capsys.readouterr().out)["help"]
    assert (first["claim"], first["state"], first["certainty"]) == ("c0", "holds", "low")
    assert second["state"] == "broken"
    assert second["conditions"][0] == {
        "expect": "a-2020/A1/T.share > 30",
        "holds": False,
        "value": 20,
        "display": "20%",
        "reason": "",
    }
    lines = (tmp_path / "questions/help.md").read_text().split("\n")
    assert "In one" in lines[second["line"] - 1]


def test_it_says_what_the_build_says(tmp_path: Path, capsys: Any) -> None:
    from probatum.build.build import build

    listed(tmp_path / "review", capsys, GOOD, BROKEN, HOLE)
    report = build(tmp_path / "review", tmp_path / "out")
    # what the verb evaluated is what the build uses: the same nodes, made once
    assert not {"claims:help", "result:relapse", "result:pair"} & set(report.rebuilt_nodes)
    broken = [p for p in report.problems if p.code == "E510"]
    assert len(broken) == 2


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_no_review(tmp_path: Path, capsys: Any, folder: str) -> None:
    (tmp_path / "file").write_text("")
    assert main(["check", "--claims", str(tmp_path / folder)]) == 2
    assert "is not a folder" in capsys.readouterr().err
