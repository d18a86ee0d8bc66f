"""Author fields of any style, as the names that can be compared."""

from __future__ import annotations

import polars as pl

from probatum.records.dedup.text import folded, mended

MOST = 20  # later authors tell nothing more
_INITIALS_LIST = r"^[^,;]*[\p{L}'’-]{2,} (?:\p{Lu}\.?[ -]?){1,4}(?:,|$)"
_PARTICLES = (
    r"\b(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|el|al|ter|ten|jr|sr|st|iii?|dr|prof|md|"
    r"phd)\b"
)


def authors(raw: pl.Series) -> pl.DataFrame:
    """One row per author field.

    ``first`` the first author's family name, ``first_names`` all parts of that name, ``initial``
    of the given name, ``family`` the family names of the first `MOST` authors (a list),
    ``authors`` how many there are.
    """
    names = _people(mended(raw))
    people = (
        pl.DataFrame({"row": pl.int_range(len(raw), eager=True), "names": names})
        .explode("names", empty_as_null=False, keep_nulls=False)
        .with_columns(pl.col("names").str.strip_chars(" .,;*"))
        .filter(pl.col("names") != "")
    )
    people = people.with_columns(_family(people["names"]))
    grouped = people.group_by("row", maintain_order=True).agg(
        pl.col("family").first().alias("first"),
        pl.col("parts").first().alias("first_names"),
        pl.col("initial").first(),
        pl.col("family").unique(maintain_order=True).alias("families"),
        pl.len().alias("authors"),
    )
    return (
        pl.DataFrame({"row": pl.int_range(len(raw), eager=True)})
        .join(grouped, on="row", how="left", maintain_order="left")
        .select(
            pl.col("first").fill_null(""),
            pl.col("first_names").fill_null([]),
            pl.col("initial").fill_null(""),
            pl.col("families").fill_null([]).alias("family"),
            pl.col("authors").fill_null(0),
        )
    )


def _people(raw: pl.Series) -> pl.Series:
    """The field cut into names: at " and ", ";" or "|", or at commas in "Smith J, Jones KL"."""
    text = pl.col("a")
    separated = text.str.contains(r"(?i) and |[;|\n]| & ")
    vancouver = ~separated & text.str.contains(_INITIALS_LIST)
    given_first = ~separated & text.str.contains(r"^[^,]+ [^,]+,[^,]+ [^,]+(,|$)")
    parts = (
        pl.when(vancouver | given_first)
        .then(text.str.replace_all(",", ";"))
        .otherwise(text.str.replace_all(r"(?i) and | & |[|\n]", ";"))
        .str.split(";")
        .list.head(MOST)
    )
    return pl.DataFrame({"a": raw}).select(parts).to_series()


def _family(names: pl.Series) -> list[pl.Series]:
    """Family name (its longest part, umlauts written either way made one), all parts, initial."""
    frame = pl.DataFrame({"n": names}).with_columns(
        pl.col("n").str.contains(",").alias("comma"),
        pl.col("n").str.contains(r" (?:\p{Lu}\.?-?){1,4}$").alias("initials_last"),
    )
    before = (
        pl.when("comma")
        .then(pl.col("n").str.extract(r"^([^,]*)", 1))
        .when("initials_last")
        .then(pl.col("n").str.replace(r" (?:\p{Lu}\.?-?){1,4}$", ""))
        .otherwise(pl.col("n").str.extract(r"(\S+)$", 1))
    )
    given = (
        pl.when("comma")
        .then(pl.col("n").str.extract(r",\s*(.*)$", 1))
        .when("initials_last")
        .then(pl.col("n").str.extract(r" ((?:\p{Lu}\.?-?){1,4})$", 1))
        .otherwise(pl.col("n"))
    )
    cut = frame.select(before.fill_null("").alias("family"), given.fill_null("").alias("given"))
    family, all_, given_ = folded(cut["family"]), folded(names), folded(cut["given"])
    tidy = pl.DataFrame({"f": family, "all": all_, "g": given_}).with_columns(
        pl.col("f", "all").str.replace_all(r"['’`´]", "").str.replace_all(r"([aou])e", "${1}")
    )
    tidy = tidy.with_columns(
        pl.col("f").str.replace_all(_PARTICLES, " ").str.replace_all(r"[^\p{L}]+", " "),
        pl.col("all").str.replace_all(_PARTICLES, " ").str.replace_all(r"[^\p{L}]+", " "),
    )
    longest = _longest(pl.col("f"))
    name = pl.when(longest.str.len_chars() >= 2).then(longest).otherwise(_longest(pl.col("all")))
    out = tidy.select(
        name.fill_null("").alias("family"),
        pl.col("all").str.extract_all(r"\p{L}{2,}").alias("parts"),
        pl.col("g").str.extract(r"(\p{L})", 1).fill_null("").alias("initial"),
    )
    return out.get_columns()


def _longest(text: pl.Expr) -> pl.Expr:
    """The longest of up to four words; the first of those of one length."""
    words = text.str.strip_chars().str.split(" ")
    best = words.list.get(0, null_on_oob=True).fill_null("")
    for at in range(1, 4):
        word = words.list.get(at, null_on_oob=True).fill_null("")
        best = pl.when(word.str.len_chars() > best.str.len_chars()).then(word).otherwise(best)
    return best
