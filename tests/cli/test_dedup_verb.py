"""``probatum dedup TABLE``: tables of any make, what is written, and what is said."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from probatum.cli.main import main

HEADER = "id,type,author,title,year,journal,volume,number,pages,doi,issn"
ROWS = [
    'a,article,"Krupitsky, E M and Burakov, A",Kétamine for heroin addiction: a trial,2002,'
    "Journal of Substance Abuse Treatment,23,4,273-283,10.1016/s0740,",
    'b,article,"Krupitsky EM; Burakov A",KÉTAMINE FOR HEROIN ADDICTION: A TRIAL.,2002,'
    "J Subst Abuse Treat,23,,273-83,,",
    'c,article,"Roe, J",Sleep and mood in old age: a cohort,1999,Sleep,3,1,9-12,,',
    'd,article,"Roe, J",Sleep and mood in old age: a cohort,1999,Sleep,3,1,91-99,,',
]
TEXT = "\n".join([HEADER, *ROWS]) + "\n"
QUOTED = "\n".join(",".join(f'"{cell}"' for cell in row) for row in csv.reader(TEXT.splitlines()))


def _table(tmp_path: Path, data: bytes | str = TEXT) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def _run(tmp_path: Path, data: bytes | str = TEXT, *more: str) -> tuple[int, list[dict[str, str]]]:
    out = tmp_path / "links.csv"
    code = main(["dedup", str(_table(tmp_path, data)), "--out", str(out), *more])
    if not out.exists():
        return code, []
    with out.open(newline="", encoding="utf-8") as file:
        return code, list(csv.DictReader(file))


EXPECTED = [
    {"id": "a", "cluster": "a", "status": "auto"},
    {"id": "b", "cluster": "a", "status": "auto"},
    {"id": "c", "cluster": "c", "status": "auto"},
    {"id": "d", "cluster": "d", "status": "queue"},
]


def test_clusters_and_queue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queue, links, studies = (tmp_path / name for name in ("q.csv", "l.csv", "s.csv"))
    code, rows = _run(
        tmp_path, TEXT, "--queue", str(queue), "--links", str(links), "--studies", str(studies)
    )
    assert (code, rows) == (0, EXPECTED)
    assert "4 records are 3 works: 1 merged, 1 pairs" in capsys.readouterr().out
    pairs = list(csv.DictReader(queue.open(encoding="utf-8")))
    assert [(p["a"], p["b"], p["veto"], p["status"]) for p in pairs] == [
        ("c", "d", "page", "queue")
    ]
    every = list(csv.DictReader(links.open(encoding="utf-8")))
    assert {p["status"] for p in every} == {"auto", "queue"}
    assert all(0 <= float(p["score"]) <= 1 and p["rule"] for p in every)
    assert studies.read_text("utf-8").startswith("a,b,reason\n")
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.encode("cp1252"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("id,type", "ID , Type").encode(),
        QUOTED.encode(),
    ],
    ids=["bom", "utf-16", "cp1252", "crlf", "cr", "spaced names", "quoted"],
)  # fmt: skip
def test_tables_of_any_make(tmp_path: Path, data: bytes) -> None:
    assert _run(tmp_path, data) == (0, EXPECTED)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    rows = list(csv.reader(TEXT.splitlines()))
    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    assert _run(tmp_path, path.read_bytes()) == (0, EXPECTED)


def test_missing_and_extra_columns(tmp_path: Path) -> None:
    code, rows = _run(tmp_path, "title,x,id\nSleep,1,a\nMood,2,b\n")
    assert code == 0
    assert [row["cluster"] for row in rows] == ["a", "b"]


def test_a_table_without_anything_to_compare_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, "id,foo\na,1\nb,1\n")[0] == 0
    assert "no column that records are known by" in capsys.readouterr().err


def test_writing_to_a_link_or_to_what_is_no_plain_file_leaves_it_what_it_is(
    tmp_path: Path,
) -> None:
    data, real, link, pipe = (tmp_path / name for name in ("t.csv", "real.csv", "link", "pipe"))
    data.write_text(TEXT)
    real.touch()
    link.symlink_to(real)
    assert main(["dedup", str(data), "--out", str(link)]) == 0
    assert link.is_symlink()
    wanted = real.read_bytes()
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)  # a reader, so that the writer need not wait for one
    assert main(["dedup", str(data), "--out", str(pipe)]) == 0
    assert pipe.is_fifo()
    assert os.read(held, 1 << 16) == wanted
    os.close(held)


def test_line_feeds_inside_cells(tmp_path: Path) -> None:
    text = TEXT.replace("Sleep and mood in old age: a cohort", '"Sleep\nand mood\n\nin old age"')
    assert [row["id"] for row in _run(tmp_path, text)[1]] == list("abcd")


def test_a_header_alone(tmp_path: Path) -> None:
    assert _run(tmp_path, HEADER + "\n") == (0, [])
    assert (tmp_path / "links.csv").read_text() == "id,cluster,status\n"


def test_rows_of_too_many_cells_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = TEXT.splitlines()
    lines.insert(2, "z" + "," * 10 + "x,y,z")
    code, rows = _run(tmp_path, "\n".join(lines), "--json")
    assert (code, rows) == (1, EXPECTED)
    told = capsys.readouterr()
    assert "table.csv:3" in told.err
    assert json.loads(told.out)["rejected"] == [
        {"line": 3, "reason": "13 cells under 11 column names"}
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("title,year\nSleep,1999\n", 'no column "id"'),
        ("id,title\na,Sleep\na,Mood\n", "more than once"),
        ("id,title\n,Sleep\n", "has no id"),
        (b"\x00\x01\x02\xff\xfe", 'no column "id"'),
    ],
)
def test_what_is_no_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: str | bytes, says: str
) -> None:
    assert _run(tmp_path, data) == (2, [])
    told = capsys.readouterr().err
    assert says in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--out", "nowhere/x.csv"], "a folder that exists"),
        (["--out", "table.csv"], "the table itself"),
        (["--out", "x.csv", "--queue", "x.csv"], "also --out"),
        (["--decided", "none.csv"], "no file"),
        (["--decided", "table.csv"], "needs the columns"),
    ],
)
def test_wrong_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    more: list[str], says: str,
) -> None:  # fmt: skip
    _table(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["dedup", "table.csv", *more]) == 2
    assert says in capsys.readouterr().err
    assert _table(tmp_path).read_text("utf-8") == TEXT


def test_no_such_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dedup", str(tmp_path / "none.csv")]) == 2
    assert main(["dedup", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "is no file" in told
    assert "is a folder" in told


def test_an_earlier_run_stands(tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.csv"
    earlier.write_text("id,cluster,status\na,w1,auto\nb,w2,auto\nc,w3,auto\nd,w3,queue\n")
    code, rows = _run(tmp_path, TEXT, "--decided", str(earlier))
    assert code == 0
    assert [row["cluster"] for row in rows] == ["w1", "w2", "w3", "d"]


def test_an_export_in_a_known_format(tmp_path: Path) -> None:
    entry = (
        "TY  - JOUR\nTI  - Sleep and mood in old age\nAU  - Roe, J\nPY  - 1999\nSP  - 9\nER  - \n"
    )
    code, rows = _run(tmp_path, entry * 2)
    assert code == 0
    assert [row["cluster"] for row in rows] == ["1", "1"]
