"""docs/author-guide.md, followed step by step: it ends in a site with everything it promises."""

from __future__ import annotations

import re
from pathlib import Path

from probatum.cli.main import main

GUIDE = Path(__file__).parents[2] / "docs" / "author-guide.md"
_STEP = re.compile(r"\*\*`([^`]+)`(, [^*]+)?:\*\*\n\n```\w+\n(.*?)```", re.S)


def follow(folder: Path, path: str, how: str, text: str) -> None:
    file = folder / path
    file.parent.mkdir(exist_ok=True)
    before = file.read_text("utf-8") if file.exists() else ""
    if how == ", at the end":
        text = f"{before}\n{text}"
    elif how == ", in place of the title":
        text = re.sub(r"^title = .*\n", lambda _: text, before, count=1, flags=re.M)
    elif how == ", before the first bracket":
        head, bracket, rest = before.partition("\n[")
        text = f"{head}\n{text}{bracket}{rest}"
    else:
        assert not how, how
    file.write_text(text, "utf-8")


def test_the_guide_works_as_it_stands(tmp_path: Path, capsys) -> None:
    folder, out = tmp_path / "my-review", tmp_path / "site"
    assert main(["new", str(folder)]) == 0
    steps = _STEP.findall(GUIDE.read_text("utf-8"))
    assert len(steps) == 7
    for path, how, text in steps:
        follow(folder, path, how, text)
    capsys.readouterr()
    assert main(["check", str(folder)]) == 0
    assert "0 errors, 0 warnings" in capsys.readouterr().out
    assert main(["build", str(folder), "--out", str(out)]) == 0
    home = (out / "index.html").read_text("utf-8")
    assert "Does it protect?" in home
    assert "is very uncertain" in home
    assert "Very low" in home
    assert 'content="https://example.org/bcg/static/share.png"' in home
    for page in ("themes/protection.html", "glossary.html#risk-ratio", "facts.html#F001"):
        path, _, anchor = page.partition("#")
        assert not anchor or f'id="{anchor}"' in (out / path).read_text("utf-8")
    assert 'href="https://example.org/bcg/index.html"' in (out / "404.html").read_text("utf-8")
