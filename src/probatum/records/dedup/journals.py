"""Journal names: full, abbreviated, with and without subtitle, city or "the"."""

from __future__ import annotations

import re

import polars as pl
from rapidfuzz import fuzz

from probatum.records.dedup.text import folded, mended
from probatum.records.dedup.wording import one_word

SAME, ALIKE, UNKNOWN, UNLIKE, DIFFERENT = 2, 1, 0, -1, -2

_SMALL = (
    r"\b(?:the|of|and|for|in|on|de|la|le|les|du|des|der|die|das|und|fur|et|di|y|e|a|an|to|at|el)\b"
)
# what numbers a conference or a volume of proceedings
_NUMBERED = r"\b(?:vols?\b.*$|proc(?:eedings)?\b|\d+(?:st|nd|rd|th)\b|(?:19|20)\d\d\b)"
_WORD = re.compile(r"\w+")


def journals(raw: pl.Series) -> pl.DataFrame:
    """``journal`` the words that count, joined by spaces; ``journal_start`` their first letters."""
    known = raw.unique()
    plain = folded(mended(known))
    frame = pl.DataFrame({"raw": known, "j": plain}).with_columns(
        pl.col("j")
        .str.replace_all(r"\s*[(\[][^)\]]*[)\]]", "")
        .str.replace(r"^(.{3,}?)\s*(?:\s[:=/]\s|[:;]\s).*$", "${1}")
        .str.replace_all(_NUMBERED, " ")
        .str.replace_all(r"['’.]", " ")
        .str.replace_all(_SMALL, " ")
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
        .alias("journal")
    )
    frame = frame.with_columns(
        pl.col("journal")
        .str.split(" ")
        .list.eval(pl.element().str.head(1))
        .list.head(5)
        .list.join("")
        .alias("journal_start")
    )
    return (
        pl.DataFrame({"raw": raw})
        .join(frame, on="raw", how="left", maintain_order="left")
        .select("journal", "journal_start")
    )


def compare(left: str, right: str) -> int:
    """How two names (as `journals` gives them) agree: `SAME` ... `DIFFERENT`."""
    if not left or not right:
        return UNKNOWN
    if left == right:
        return SAME
    a, b = _WORD.findall(left), _WORD.findall(right)
    short, long = sorted((a, b), key=lambda words: (len(words), len("".join(words))))
    if _abbreviates(short, long) or _acronym(short, long):
        return ALIKE
    if len(short) >= 2 and set(short) <= set(long):
        return ALIKE
    if len(a) == len(b) and all(map(one_word, a, b)):
        return ALIKE
    # "... of Oncology" and "... of Urology" share most letters
    return UNLIKE if fuzz.token_sort_ratio(left, right) >= 60 else DIFFERENT


def _abbreviates(short: list[str], long: list[str]) -> bool:
    """Each word of the one abbreviates a word of the other, in order: "ann intern med"."""
    at = 0
    for word in short:
        while at < len(long) and not _shortens(word, long[at]):
            at += 1
        if at == len(long):
            return False
        at += 1
    skipped = len(long) - len(short)
    return skipped <= (0 if len(short) == 1 else 1 if len(short) < 4 else 2)


def _shortens(word: str, full: str) -> bool:
    """`word` is the start of `full`, or its first letter and others in order ("natl")."""
    if full.startswith(word) or word.startswith(full):
        return True
    if word[0] != full[0] or len(word) < 3:
        return False
    rest = iter(full)
    return all(letter in rest for letter in word)


def _acronym(short: list[str], long: list[str]) -> bool:
    """The one is the initials of the other: "jama", or "bjog" with its name behind it."""
    initials = "".join(word[0] for word in long)
    return len(short) == 1 and len(short[0]) >= 3 and short[0] == initials
