"""Author fields of any style, as the names that can be compared."""

from __future__ import annotations

import polars as pl

from probatum.records.dedup.text import mended, plain_letters

MOST = 20  # later authors tell nothing more
_INITIALS_LIST = r"^[^,;]*[A-Za-z\p{L}'’-]{2,} (?:\p{Lu}\.?[ -]?){1,4}(?:,|$)"
_GIVEN_FIRST = r"^[^,]+ [^,]+,[^,]+ [^,]+(,|$)"
_INITIALS_LAST = r"^(.*) ((?:\p{Lu}\.?-?){1,4})$"
_GIVEN_FAMILY = r"^(.*?)(\S+)$"
_EACH_COMMA = r"^[^,;]{2,}, ?(?:\p{Lu}[.\s-]*){1,4}, "  # "Smith, J. A., Jones, K."
_NO_PERSON = (
    r"(?i)^(et\.? ?al|and others|others)\b|\b(investigators?|group|consortium|collaborat\w+|"
    r"committee|society|association|organi[sz]ation|departments?|institutes?|study|trialists?|trial|"
    r"network|centers? for|task force|panel|team|council|ministry|federation|program(me)?)\b"
)
_HINTS = [  # of what `_NO_PERSON` finds; many words are looked for at once
    "et al", "et. al", "others", "investigator", "group", "consort", "collab", "committee",
    "society", "associat", "organi", "depart", "institut", "study", "trial", "network", "center",
    "task f", "panel", "team", "council", "ministry", "federat", "program",
]  # fmt: skip
_PARTICLES = (
    r"\b(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|el|al|ter|ten|jr|sr|st|iii?|dr|prof|md|"
    r"phd)\b"
)


def authors(raw: pl.Series) -> pl.DataFrame:
    """One row per author field; groups are no authors, for one database names them, another not.

    ``first`` the first author's family name, ``first_names`` all parts of that name, ``initial``
    of the given name, ``people`` family name and initial of the first `MOST` authors (a list).
    """
    row = pl.int_range(len(raw), dtype=pl.UInt32, eager=True).alias("row")
    people = (
        pl.DataFrame({"row": row, "name": _people(plain_letters(mended(raw)))})
        .explode("name", empty_as_null=False, keep_nulls=False)
        .with_columns(pl.col("name").str.strip_chars(" .,;*"))
        .filter(pl.col("name") != "")
    )
    hinted = people["name"].str.contains_any(_HINTS, ascii_case_insensitive=True).arg_true()
    no_person = hinted.filter(people["name"].gather(hinted).str.contains(_NO_PERSON))
    people = people.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(no_person.implode()))
    people = people.with_columns(_family(people["name"]))
    grouped = people.group_by("row", maintain_order=True).agg(
        pl.col("family").first().alias("first"),
        pl.col("name").first(),
        pl.col("given").first(),
        pl.concat_str("family", pl.lit(" "), _initial())
        .unique(maintain_order=True)
        .alias("people"),
    )
    return (
        row.to_frame()
        .join(grouped, on="row", how="left", maintain_order="left")
        .select(
            pl.col("first").fill_null(""),
            _words(pl.col("name").fill_null("")).str.extract_all(r"\p{L}{2,}").alias("first_names"),
            _initial().alias("initial"),
            pl.col("people").fill_null([]),
        )
    )


def _initial() -> pl.Expr:
    return pl.col("given").str.to_lowercase().str.extract(r"(\p{L})", 1).fill_null("")


def _people(names: pl.Series) -> pl.Series:
    """The field cut into names: at " and ", ";" or "|", or at commas in "Smith J, Jones KL"."""
    at = names.str.contains(_EACH_COMMA).fill_null(False).arg_true()
    at = at.filter(~names.gather(at).str.contains(r"(?i) and [^,]+,|[;|\n]"))
    parted = r", ?((?:\p{Lu}\.?[ -]?){1,4})(?:, |$)"
    names = names.scatter(at, names.gather(at).str.replace_all(parted, ", ${1}; "))
    text = pl.col("a")
    separated = text.str.contains(r"(?i) and |[;|\n]| & ")
    commas = ~separated & (text.str.contains(_INITIALS_LIST) | text.str.contains(_GIVEN_FIRST))
    parts = (
        pl.when(commas)
        .then(text.str.replace_all(",", ";", literal=True))
        .otherwise(text.str.replace_all(r"(?i) and | & |[|\n]", ";"))
        .str.split(";")
        .list.head(MOST)
    )
    return pl.DataFrame({"a": names}).select(parts).to_series()


def _family(names: pl.Series) -> list[pl.Series]:
    """Family name (its longest part, umlauts written either way made one) and given names."""
    cut = names.str.splitn(",", 2).struct.unnest()
    cut.columns = ["family", "given"]
    family, given = cut["family"], cut["given"]
    for pattern, first in ((_INITIALS_LAST, 1), (_GIVEN_FAMILY, 2)):
        at = given.is_null().arg_true()
        some = names.gather(at)
        found = some.str.extract(pattern, first)
        hit = found.is_not_null()
        family = family.scatter(at.filter(hit), found.filter(hit))
        given = given.scatter(at.filter(hit), some.str.extract(pattern, 3 - first).filter(hit))
    words = pl.DataFrame({"w": family}).select(_words(pl.col("w")).str.strip_chars()).to_series()
    at = (words.str.contains(" ", literal=True) | (words.str.len_chars() < 2)).arg_true()
    several = pl.DataFrame({"family": words.gather(at), "name": names.gather(at)}).with_columns(
        _longest(pl.col("family")).alias("family")
    )
    one = pl.when(pl.col("family").str.len_chars() >= 2).then("family")
    words = words.scatter(
        at, several.select(one.otherwise(_longest(_words(pl.col("name"))))).to_series()
    )
    return [words.alias("family"), given.alias("given")]


def _words(names: pl.Expr) -> pl.Expr:
    """Small letters with spaces, without particles; "Müller", "Mueller" and "Muller" are one."""
    return (
        names.str.to_lowercase()
        .str.replace_all(r"['’`´]", "")
        .str.replace_all(r"([aou])e", "${1}")
        .str.replace_all(_PARTICLES, " ")
        .str.replace_all(r"[^\p{L}]+", " ")
    )


def _longest(text: pl.Expr) -> pl.Expr:
    """The longest of up to four words; the first of those of one length."""
    words = text.str.strip_chars().str.split(" ")
    best = words.list.get(0, null_on_oob=True).fill_null("")
    for at in range(1, 4):
        word = words.list.get(at, null_on_oob=True).fill_null("")
        best = pl.when(word.str.len_chars() > best.str.len_chars()).then(word).otherwise(best)
    return best
