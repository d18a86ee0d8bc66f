"""TOML with the lines of its keys: ``tomllib`` for values, a small scanner for lines."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from probatum.errors import Problem, problem, problem_code

SYNTAX = problem_code(
    "E110",
    "TOML syntax",
    why="The file can't be understood, so nothing in it can be used.",
    repair="Text needs quotes, lists need brackets and commas, and each key stands once.",
    example='title = Ketamine   (should be title = "Ketamine")',
)

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_PART = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_KEY = re.compile(rf"^\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_AT = re.compile(r"\(at line (\d+)")


def _dotted(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))


def key_lines(text: str) -> dict[str, int]:
    """Line of each dotted key; an array of tables is numbered (``arms.0.id``)."""
    lines: dict[str, int] = {}
    count: dict[str, int] = {}
    prefix, fence, depth = "", "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if fence:
            if fence in line:
                fence = ""
            continue
        if depth == 0:
            if header := _HEADER.match(line):
                prefix = _dotted(header[2])
                parts = prefix.split(".")
                if parts[0] in count and (len(parts) > 1 or header[1] == "["):
                    parts.insert(1, str(count[parts[0]] - 1))  # a table inside the last item
                    prefix = ".".join(parts)
                if header[1] == "[[":
                    index = count.get(prefix, 0)
                    count[prefix] = index + 1
                    prefix = f"{prefix}.{index}"
                lines.setdefault(prefix, number)
                continue
            if key := _KEY.match(line):
                name = f"{prefix}.{_dotted(key[1])}" if prefix else _dotted(key[1])
                lines.setdefault(name, number)
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                fence = mark
        bare = re.sub(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*', "", line)
        depth = max(0, depth + bare.count("[") - bare.count("]"))
    return lines


def read_toml(
    text: str, file: str, first: int = 1
) -> tuple[dict[str, Any] | None, dict[str, int], list[Problem]]:
    """Values, key lines and problems; `first` is the line of the file the text starts at."""
    lines = {key: line + first - 1 for key, line in key_lines(text).items()}
    try:
        return tomllib.loads(text), lines, []
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        at = _AT.search(str(error))
        last = len(text.rstrip("\n").split("\n"))
        line = (int(at[1]) if at else last) + first - 1
        reason = str(error).split(" (at ")[0]
        return None, lines, [problem(SYNTAX, file, line, "", f"not valid TOML: {reason}")]
