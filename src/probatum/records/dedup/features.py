"""How two records agree, field by field: small whole numbers, 0 where one of them says nothing.

Above 0 is agreement, below 0 disagreement, each the stronger the further from 0.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from probatum.records.dedup import journals
from probatum.records.dedup.pairs import at_rows, equal, reason, same, scored, sides
from probatum.records.dedup.wording import wording

#: Fields compared, with the lowest and the highest level each can reach.
LEVELS: dict[str, tuple[int, int]] = {
    "title": (-3, 4),
    "words": (-2, 1),  # where like titles differ
    "part": (0, 2),  # the one title is the start or the end of the other
    "author": (-1, 2),  # the first author
    "initial": (-1, 1),
    "names": (-2, 2),  # how many authors are shared
    "years": (-3, 1),
    "venue": (-2, 2),
    "volumes": (-1, 1),
    "issues": (-1, 1),
    "pages": (-2, 4),
    "dois": (-1, 1),
    "pmids": (-1, 1),
    "entries": (-1, 1),  # of trial registers
    "abstracts": (-2, 2),
    "numbers": (-1, 0),  # in titles
    "kinds": (-1, 0),
}

_VERSION = r"^\.pub\d"  # Cochrane's later versions are publications of their own
_ISSUES = 60  # no volume has so many issues
_ARTICLE_NUMBER = 99_999  # no journal has so many pages


def compare(records: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs with some reason left once titles are compared: both sides and all `LEVELS`."""
    both = sides(records, pairs)
    both = both.with_columns(_alike(both))
    both = both.with_columns(_part(both))
    both = both.filter(reason())
    return both.with_columns(
        _title(), _words(both), _author(both), _names(both), _years(), _venue(both), _issues(),
        _volumes(), _pages(both), _dois(), same("pmid").alias("pmids"),
        _entries(), _abstracts(both), _numbers(), _kinds(),
    ).with_columns(_initial())  # fmt: skip


def _alike(both: pl.DataFrame) -> pl.Series:
    """How alike the titles are, 0 to 1; a second title in brackets counts as a title."""
    best = scored(both["title_a"], both["title_b"], fuzz.ratio) / 100
    for left, right in (("second_a", "title_b"), ("title_a", "second_b")):
        second = pl.col(left if left.startswith("second") else right)
        at, rows = at_rows(both, second != "")
        if len(at):
            other = scored(rows[left], rows[right], fuzz.ratio) / 100
            best = best.scatter(
                at, pl.DataFrame({"x": best.gather(at), "y": other}).max_horizontal()
            )
    empty = (both["title_a"] == "") | (both["title_b"] == "")
    return best.zip_with(~empty, pl.Series([0.0], dtype=pl.Float32)).alias("alike")


def _part(both: pl.DataFrame) -> pl.Series:
    """Whether the one title is the start or end of the other: 2 where that is long, else 1."""
    a, b = pl.col("title_a").str.len_chars(), pl.col("title_b").str.len_chars()
    least = pl.min_horizontal(a, b)
    cut = (pl.col("alike") < 0.97) & (least >= 16) & (pl.max_horizontal(a, b) - least >= 10)
    at, rows = at_rows(both, cut)
    out = pl.zeros(len(both), dtype=pl.Int8, eager=True).alias("part")
    if not len(at):
        return out
    first = a <= b
    ends = rows.select(
        pl.when(first).then("title_a").otherwise("title_b").alias("short"),
        pl.when(first).then("title_b").otherwise("title_a").alias("long"),
    ).with_columns(pl.col("short").str.len_chars().alias("n"))
    ends = ends.with_columns(
        pl.col("long").str.slice(0, pl.col("n")).alias("head"),
        pl.col("long").str.slice(-pl.col("n").cast(pl.Int64), pl.col("n")).alias("tail"),
    )
    head, tail = (scored(ends["short"], ends[end], fuzz.ratio) for end in ("head", "tail"))
    found = ends.with_columns(head.alias("h"), tail.alias("t")).select(
        pl.when(pl.max_horizontal("h", "t") < 95.5).then(0)
        .when(pl.col("n") >= 30).then(2).otherwise(1).cast(pl.Int8)
    )  # fmt: skip
    return out.scatter(at, found.to_series())


def _title() -> pl.Expr:
    alike, exact = pl.col("alike"), pl.col("title_a") == pl.col("title_b")
    empty = (pl.col("title_a") == "") | (pl.col("title_b") == "")
    level = pl.when(empty).then(0).when(exact).then(4)
    for least, value in ((0.97, 3), (0.92, 2), (0.85, 1), (0.75, 0), (0.6, -1), (0.4, -2)):
        level = level.when(alike >= least).then(value)
    return level.otherwise(-3).alias("title")


def _words(both: pl.DataFrame) -> pl.Series:
    like = (pl.col("alike") >= 0.85) & (pl.col("title_a") != pl.col("title_b"))
    at, rows = at_rows(both, like & (pl.col("part") == 0))
    found = [wording(a, b) for a, b in rows.select("plain_a", "plain_b").iter_rows()]
    out = pl.zeros(len(both), dtype=pl.Int8, eager=True).alias("words")
    return out.scatter(at, pl.Series(found, dtype=pl.Int8)) if found else out


def _author(both: pl.DataFrame) -> pl.Expr:
    """The first author: 2 the same name, 1 alike or elsewhere in the list, -1 another."""
    a, b = pl.col("first_a"), pl.col("first_b")
    near = scored(both["first_a"], both["first_b"], JaroWinkler.normalized_similarity)
    long = pl.min_horizontal(a.str.len_chars(), b.str.len_chars()) >= 4  # Li and Liu are two
    swapped = pl.col("first_names_a").list.contains(b) | pl.col("first_names_b").list.contains(a)
    person_a, person_b = (pl.concat_str(f"first_{s}", pl.lit(" "), f"initial_{s}") for s in "ab")
    listed = pl.col("people_a").list.contains(person_b)
    listed = listed | pl.col("people_b").list.contains(person_a)
    return (
        pl.when((a == "") | (b == "")).then(0)
        .when((a == b) | swapped).then(2)
        .when((pl.lit(near) >= 0.88) & long).then(1)
        .when(listed).then(1)
        .otherwise(-1).alias("author")
    )  # fmt: skip


def _initial() -> pl.Expr:
    known = (pl.col("initial_a") != "") & (pl.col("initial_b") != "") & equal("first")
    return pl.when(known).then(same("initial")).otherwise(0).alias("initial")


def _names(both: pl.DataFrame) -> pl.Series:
    """How many of the shorter list's people the other has too.

    Family names alone count less: in some fields, half of all people bear ten of them.
    """
    level = _shared(both, steps=((0.75, 2, 2), (0.5, 1, 1), (0.0, 1, -1)))
    at, rows = at_rows(both.with_columns(level), pl.col("names") < 0)
    family = pl.element().str.extract(r"^(\S+)", 1)
    rows = rows.with_columns(pl.col("people_a", "people_b").list.eval(family).list.unique())
    return level.scatter(at, _shared(rows, steps=((0.75, 2, 1), (0.5, 1, 0), (0.0, 1, -1))))


def _shared(both: pl.DataFrame, steps: tuple[tuple[float, int, int], ...]) -> pl.Series:
    """The level of the first step (share, how many, level) that is reached; -2 where none is."""
    a, b = pl.col("people_a"), pl.col("people_b")
    shared = a.list.set_intersection(b).list.len()
    least = pl.min_horizontal(a.list.len(), b.list.len())
    level: Any = pl.when(least == 0).then(0)
    for share, count, value in steps:
        level = level.when((shared / least >= share) & (shared >= count)).then(value)
    return both.select(level.otherwise(-2).cast(pl.Int8).alias("names")).to_series()


def _years() -> pl.Expr:
    apart = (pl.col("year_a") - pl.col("year_b")).abs()
    return (
        pl.when(apart == 0).then(1).when(apart == 1).then(-1).when(apart <= 3).then(-2)
        .when(apart > 3).then(-3).otherwise(0).alias("years")
    )  # fmt: skip


def _venue(both: pl.DataFrame) -> pl.Expr:
    """Journals; an ISSN in common decides."""
    names = both.select("journal_a", "journal_b").unique(maintain_order=True)
    levels = [journals.compare(a, b) for a, b in names.iter_rows()]
    found = both.select("journal_a", "journal_b").join(
        names.with_columns(pl.Series("venue", levels, dtype=pl.Int8)),
        on=["journal_a", "journal_b"], how="left", maintain_order="left",
    )["venue"]  # fmt: skip
    issn = pl.col("issn_a").list.set_intersection(pl.col("issn_b")).list.len() > 0
    return pl.when(issn).then(journals.SAME).otherwise(pl.lit(found)).alias("venue")


def _exchanged() -> pl.Expr:
    """Volume and issue stand in each other's column."""
    a, b = pl.col("volume_a") == pl.col("issue_b"), pl.col("issue_a") == pl.col("volume_b")
    return (a & b).fill_null(False)


def _volumes() -> pl.Expr:
    return pl.when(_exchanged()).then(1).otherwise(same("volume")).alias("volumes")


def _issues() -> pl.Expr:
    """Double issues agree with either; a supplement's number or a running one says nothing."""
    touch = (pl.col("issue_a") <= pl.col("issue_end_b")) & (
        pl.col("issue_b") <= pl.col("issue_end_a")
    )
    mixed = pl.col("suppl_a") != pl.col("suppl_b")
    through = (pl.col("issue_a") > _ISSUES) != (pl.col("issue_b") > _ISSUES)
    return (
        pl.when(_exchanged())
        .then(1)
        .when(mixed | through)
        .then(0)
        .when(touch)
        .then(1)
        .when(~touch)
        .then(-1)
        .otherwise(0)
        .alias("issues")
    )


def _pages(both: pl.DataFrame) -> pl.Expr:
    """4 the same range, 3 first page, 1 one that many works start on; -1 nearly, -2 elsewhere.

    An article number beside page numbers, or pages counted within the article, say nothing.
    """
    a, b = pl.col("page_a"), pl.col("page_b")
    end_a, end_b = pl.col("page_end_a").fill_null(a), pl.col("page_end_b").fill_null(b)
    equal, ends = a == b, (pl.col("page_end_a") == pl.col("page_end_b")).fill_null(False)
    distance = scored(
        both["page_a"].cast(pl.String).fill_null(""), both["page_b"].cast(pl.String).fill_null(""),
        OSA.distance,
    )  # fmt: skip
    slip = (pl.lit(distance) <= 1) & (pl.min_horizontal(a, b) >= 100)
    overlap = (a <= end_b) & (b <= end_a) & (a > 1) & (b > 1)
    other_kind = (
        (_article("mark_a") != _article("mark_b"))
        | ((a > _ARTICLE_NUMBER) != (b > _ARTICLE_NUMBER))
        | ((a == 1) != (b == 1))
    )
    return (
        pl.when(equal & ends & (end_a > a) & (a > 1)).then(4)
        .when(equal & (a >= 20)).then(3)
        .when(equal & (a > 1)).then(2)
        .when(equal).then(1)
        .when(other_kind).then(0)
        .when(overlap | slip | ends | ((a - b).abs() <= 1)).then(-1)
        .when(~equal).then(-2)
        .otherwise(0).alias("pages")
    )  # fmt: skip


def _article(mark: str) -> pl.Expr:
    """A letter before makes it an article's number ("e23"); an S, a supplement's page."""
    return pl.col(mark).is_in(["", "s"]).not_()


def _dois() -> pl.Expr:
    """A DOI that goes on with a new part where the other ends ("/full", ".x"): it says nothing."""
    a, b = pl.col("doi_a"), pl.col("doi_b")
    cut = pl.lit(False)
    for long, short in ((a, b), (b, a)):
        rest = long.str.slice(short.str.len_chars())
        part = rest.str.contains(r"^[./_(;-]") & ~rest.str.contains(_VERSION)
        cut = cut | (long.str.starts_with(short) & part)
    return pl.when(a == b).then(1).when(cut).then(0).when(~cut).then(-1).otherwise(0).alias("dois")


def _entries() -> pl.Expr:
    """Two entries of trial registers: 1 for one trial, -1 for two."""
    a, b = pl.col("own_a"), pl.col("own_b")
    shared = a.list.set_intersection(b).list.len() > 0
    known = pl.col("entry_a") & pl.col("entry_b") & (a.list.len() > 0) & (b.list.len() > 0)
    level = pl.when(known & shared).then(1).when(known).then(-1).otherwise(0)
    return level.alias("entries")


def _abstracts(both: pl.DataFrame) -> pl.Series:
    """By their starts; two abstracts of one field share half of their letters by chance."""
    out = pl.zeros(len(both), dtype=pl.Int8, eager=True).alias("abstracts")
    a, b = pl.col("abstract_a").str.len_chars(), pl.col("abstract_b").str.len_chars()
    at, rows = at_rows(both, (a >= 100) & (b >= 100))
    if not len(at):
        return out
    cut = rows.select(pl.col("abstract_a", "abstract_b").str.head(pl.min_horizontal(a, b)))
    s = pl.DataFrame({"s": scored(cut["abstract_a"], cut["abstract_b"], fuzz.ratio)})
    steps = [(pl.col("s") >= least).cast(pl.Int8) for least in (62, 70, 80, 90)]
    return out.scatter(at, s.select(pl.sum_horizontal(steps) - 2).to_series().cast(pl.Int8))


def _numbers() -> pl.Expr:
    """-1 where like titles hold other numbers, or bear others as two abstracts of a congress.

    A title cut short may lack the last ones.
    """
    a, b = pl.col("digits_a"), pl.col("digits_b")
    labels = (pl.col("label_a") != "") & (pl.col("label_b") != "") & ~equal("label")
    cut = (pl.col("part") > 0) & (a.str.starts_with(b) | b.str.starts_with(a))
    told = (pl.col("alike") >= 0.85) | (pl.col("part") > 0)
    return pl.when(told & (((a != b) & ~cut) | labels)).then(-1).otherwise(0).alias("numbers")


def _kinds() -> pl.Expr:
    """-1 for a preprint beside something else, a thesis likewise, a book beside its chapter."""
    a, b = pl.col("kind_a"), pl.col("kind_b")
    one = [(a == kind) != (b == kind) for kind in ("preprint", "thesis")]
    book = ((a == "book") & (b == "chapter")) | ((a == "chapter") & (b == "book"))
    return pl.when(pl.any_horizontal(*one, book)).then(-1).otherwise(0).alias("kinds")
