"""Titles: what is compared, and what a title says about the kind of thing it names."""

from __future__ import annotations

import polars as pl

from probatum.records.dedup.text import folded, mended, squashed, without_notes

# a second title in brackets at the end, as Scopus gives the original beside the translation
_SECOND = r"^(.{12,}?)\s*\[(.{12,})\][\s.*]*$"
_WHOLE = r"^\s*\[(.*)\][\s.*]*$"
# where a main title ends and its subtitle begins
_MAIN = r"^(.{8,}?)(?::\s|\s[-–—]+\s|\?\s|\.\s|;\s|\s\()"

# notices about another work: two of one title differ where only one of them is such a notice
NOTICES = (
    ("erratum", r"\b(errat(um|a)|corrigend(um|a)|correction notice|addend(um|a))\b|"
                r"^corrections?(:| to\b|\W*$)|:\s*corrections?\W*$|"
                r"\((vol|v)\.? ?\d+,? ?(pgs?|pp?|art)"),
    ("retraction", r"\b(retraction|withdrawal notice|expression of concern|retracted article)\b|"
                   r"^(retracted|withdrawn)\b"),
    ("reply", r"^(re|reply|response|replies|in reply|authors?['’]? (reply|response)|rejoinder)\b\W|"
              r"\bauthors?['’]? (reply|response)\b|[:–-]\s*(reply|response|rejoinder)\b"),
    ("comment", r"^(comments?|commentar(y|ies)|letters?|discussion|editorial comments?|"
                r"invited (comment|discussion)\w*|critique|patient page|summar(y|ies))\b\W*"
                r"(on|to|about|of|regarding|:|-)|"
                r"[:–.?-]\s*(invited )?(commentary|comment|discussion)\W*$"),
    ("protocol", r"\b((study|trial|review) protocol|protocol (for|of)\b|rationale and design|"
                 r"design and rationale)"),
)  # fmt: skip

_GENERIC = (
    r"^\W*(guest |invited |an? |the |special issue |from the )*(editorials?|editors?|introduction|"
    r"preface|foreword|afterword|editors?['’]? ?s? (comments?|notes?|page|choice|introduction)|"
    r"letters?( to the editors?)?|book reviews?|reviews?|news|announcements?|in memoriam|"
    r"obituar(y|ies)|table of contents|contents|index|abstracts?|posters?|correspondence|"
    r"commentar(y|ies)|comments?|reply|response|repl(y|ies)|discussion|conclusions?|references|"
    r"in this issue|case reports?|acknowledge?ments?|erratum|corrigendum|corrections?|errata|"
    r"research notes?|issue information|front matter|back matter|contributors|about the authors?)"
    r"\b[^a-z]*(introduction|notes?|comments?|to the (special )?(issue|section)|message|"
    r"preface|overview|statement|page|corner|remarks)?[^a-z]*$"
)

_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
# these count only behind a word that is counted: "part I", "phase one", "type A"
_COUNTED = {
    "i": "1", "v": "5", "x": "10", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "a": "91", "b": "92", "c": "93", "d": "94",
}  # fmt: skip
_COUNTS = (
    r"\b((?:part|phase|type|stage|class|grade|section|volume|no|number|study|trial|chapter|"
    r"experiment|paper|report|group)[\s.:-]+)"
)


def titles(raw: pl.Series) -> pl.DataFrame:
    """One row per title.

    ``title`` squashed; ``second`` another title from brackets; ``main`` before the subtitle;
    ``plain`` folded with spaces; ``digits`` all numbers in order; ``notice`` a key of `NOTICES`
    or ""; ``generic`` where many works bear this title.
    """
    kept = folded(without_notes(mended(raw)))
    frame = pl.DataFrame({"raw": kept}).with_columns(
        pl.col("raw")
        .str.replace(_WHOLE, "${1}")
        .str.replace_all(r"([aou])e", "${1}")  # "Glück", "Glueck" and "Gluck" are one
        .str.strip_chars()
        .alias("plain")
    )
    frame = frame.with_columns(
        pl.col("plain").str.extract(_SECOND, 2).fill_null("").alias("second"),
        pl.col("plain").str.replace(_SECOND, "${1}").alias("plain"),
    )
    return frame.select(
        squashed(pl.col("plain")).alias("title"),
        squashed(pl.col("second")).alias("second"),
        squashed(pl.col("plain").str.extract(_MAIN, 1).fill_null(pl.col("plain"))).alias("main"),
        "plain",
        _digits(frame["plain"]).alias("digits"),
        _notice(pl.col("raw")).alias("notice"),
        _generic(pl.col("raw")).alias("generic"),
    )


def _notice(plain: pl.Expr) -> pl.Expr:
    out = pl.lit("")
    for name, pattern in reversed(NOTICES):
        out = pl.when(plain.str.contains(pattern)).then(pl.lit(name)).otherwise(out)
    return out


def _generic(plain: pl.Expr) -> pl.Expr:
    return plain.str.contains(_GENERIC) | (squashed(plain).str.len_chars() < 16)


def _digits(plain: pl.Series) -> pl.Series:
    """All numbers run together, so that "p16(INK4a)" and "p16INK4a" are one; "part II" is 2."""
    romans = r"\b(?:" + "|".join(_ROMAN) + r")\b"
    counted = _COUNTS + "(?:" + "|".join(_COUNTED) + r")\b"
    at = plain.str.contains(f"{romans}|{counted}").arg_true()
    some = plain.gather(at)
    for word, number in _ROMAN.items():
        some = some.str.replace_all(rf"\b{word}\b", number)
    for word, number in _COUNTED.items():
        some = some.str.replace_all(rf"{_COUNTS}{word}\b", f"${{1}}{number}")
    return plain.clone().scatter(at, some).str.extract_all(r"\d+").list.join("")
