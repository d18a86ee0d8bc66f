"""Titles: what is compared, and what a title says about the kind of thing it names."""

from __future__ import annotations

import polars as pl

from probatum.records.dedup.text import folded, mended, squashed, without_notes

# a second title in brackets at the end, as Scopus gives the original beside the translation
_SECOND = r"^(.{12,}?)\s*\[(.{12,})\][\s.*]*$"
_WHOLE = r"^\s*\[(.*)\][\s.*]*$"
# where a main title ends and its subtitle begins
_MAIN = r"^(.{8,}?)(?::\s|\s[-–—]+\s|\?\s|\.\s|;\s|\s\()"

# what a journal prints above a title, and the number of an abstract at a congress
_HEADING = (
    r"^\W*(?:original (?:articles?|research|papers?|contributions?|investigations?|study)|"
    r"research (?:articles?|papers?|reports?)|review(?: articles?| papers?)?|regular articles?|"
    r"(?:brief|short|rapid) (?:reports?|communications?)|full papers?|meeting abstracts?)"
    r"\s*(?:[:.|]|[-–—]+\s)\s*"
)
_NUMBERED = (
    r"^\W*(?:(?:abstract|poster)\s*(?:no\.?|number)?[\s#]*[a-z]{0,3}[-.]?\d{1,5}[:.|)\]–—-]*|"
    r"(?:p|po|pp|ps|pd|o|op|oc|ep|lb|s|t)[-. ]?\d{1,4}\s*[:.|)\]–—-]*|"
    r"\(\d{2,4}\)|#?\d{3,5}\s*[:.|)\]]|0\d{2,4})\s+"
)
_LEFT = 16  # signs that a title must keep when its heading goes
_IN_WORDS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "twelve": "12",
}  # fmt: skip

# notices about another work: two of one title differ where only one of them is such a notice
NOTICES = (
    ("erratum", r"\b(errat(um|a)|corrigend(um|a)|correction notice|addend(um|a)|"
                r"(publisher|author)s?['’]? corrections?)\b|"
                r"^corrections?(:| to\b|\W*$)|:\s*corrections?\W*$|"
                r"\((vol|v)\.? ?\d+,? ?(pgs?|pp?|art)"),
    ("retraction", r"\b(retraction|withdrawal notice|expression of concern)\b"),
    ("retracted", r"^\W*(retracted|withdrawn)\b|\bretracted article\b"),  # the work itself
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
    r"research notes?|issue information|front matter|back matter|contributors|about the authors?|"
    r"(editors?['’]? ?s? )?(research )?(highlights|picks|news|updates?)( (of|from|in) (this|the) "
    r"(issue|month|week|field|literature|journals?))?|from the editors?['’]? ?s? desk|"
    r"journal clubs?|"
    r"(news|research|notes)( news)? (in brief|from the field)|ask the experts?|clinical pearls?|"
    r"images? in [a-z]+( [a-z]+)?|this (week|month) in [a-z ]{3,30}|"
    r"president['’]?s (message|page)|what['’]?s new|calendar( of events)?|meeting reports?|"
    r"title page|masthead|media reviews?)"
    r"\b[^a-z]*(introduction|notes?|comments?|to the (special )?(issue|section)|message|"
    r"preface|overview|statement|page|corner|remarks)?[^a-z]*$"
)

_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
# these count only behind a word that is counted: "part I", "phase one", "type A"
_COUNTED = {
    "i": "1",
    "v": "5",
    "x": "10",
    "one": "1",
    "a": "91",
    "b": "92",
    "c": "93",
    "d": "94",
}
_LAST = r"\s([a-d])\W*$"  # a letter alone at the end counts too: "Sleep in age. B"
_COUNTS = (
    r"\b((?:part|phase|type|stage|class|grade|section|volume|no|number|study|trial|chapter|"
    r"experiment|paper|report|group)[\s.:-]+)"
)


def titles(raw: pl.Series) -> pl.DataFrame:
    """One row per title.

    ``title`` squashed; ``second`` another title from brackets; ``main`` before the subtitle;
    ``plain`` folded with spaces; ``digits`` all numbers in order; ``label`` those of an abstract's
    number above the title; ``notice`` a key of `NOTICES` or ""; ``generic`` where many works bear
    this title.
    """
    kept = folded(without_notes(mended(raw)))
    text, label = _without_heading(kept)
    whole = pl.col("plain").str.replace(_WHOLE, "${1}")
    frame = pl.DataFrame({"raw": kept, "plain": _in_digits(text)}).with_columns(
        # "Glück", "Glueck" and "Gluck" are one
        whole.str.replace_all(r"([aou])e", "${1}").str.strip_chars()
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
        label.alias("label"),
        _notice(pl.col("raw")).alias("notice"),
        _generic(pl.col("raw")).alias("generic"),
    )


def _without_heading(kept: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Titles without what is printed above them, and the numbers that went with it."""
    label = pl.repeat("", len(kept), dtype=pl.String, eager=True)
    at = kept.str.contains(f"{_HEADING}|{_NUMBERED}").arg_true()
    some = kept.gather(at)
    cut = some.str.replace(_HEADING, "").str.replace(_NUMBERED, "")
    long = cut.str.len_chars() >= _LEFT
    at, some, cut = at.filter(long), some.filter(long), cut.filter(long)
    gone = some.str.head(some.str.len_chars() - cut.str.len_chars())
    numbers = gone.str.extract_all(r"\d+").list.join("").str.strip_chars_start("0")
    return kept.scatter(at, cut), label.scatter(at, numbers)


def _in_digits(text: pl.Series) -> pl.Series:
    """Numbers in words as digits: "a two-year follow-up" and "a 2-year follow-up" are one."""
    at = text.str.contains(rf"\b(?:{'|'.join(_IN_WORDS)}|one[ -])\b").arg_true()
    some = text.gather(at)
    for word, number in _IN_WORDS.items():
        some = some.str.replace_all(rf"\b{word}\b", number)
    some = some.str.replace_all(r"\bone([ -](?:years?|months?|weeks?|days?|hours?)\b)", "1${1}")
    return text.scatter(at, some)


def _notice(plain: pl.Expr) -> pl.Expr:
    out = pl.lit("")
    for name, pattern in reversed(NOTICES):
        out = pl.when(plain.str.contains(pattern)).then(pl.lit(name)).otherwise(out)
    return out


def _generic(plain: pl.Expr) -> pl.Expr:
    return plain.str.contains(_GENERIC) | (squashed(plain).str.len_chars() < 16)


def _digits(plain: pl.Series) -> pl.Series:
    """All numbers run together, so that "p16(INK4a)" and "p16INK4a" are one; "part II" is 2."""
    romans = r"\b(?:" + "|".join(_ROMAN) + r")\b|" + _LAST
    counted = _COUNTS + "(?:" + "|".join(_COUNTED) + r")\b"
    at = plain.str.contains(f"{romans}|{counted}").arg_true()
    some = plain.gather(at)
    some = some.str.replace(_LAST, " part ${1}")
    for word, number in _ROMAN.items():
        some = some.str.replace_all(rf"\b{word}\b", number)
    for word, number in _COUNTED.items():
        some = some.str.replace_all(rf"{_COUNTS}{word}\b", f"${{1}}{number}")
    return plain.clone().scatter(at, some).str.extract_all(r"\d+").list.join("")
