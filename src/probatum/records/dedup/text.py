"""Text made comparable: markup, encodings, case, diacritics and notes of databases aside."""

from __future__ import annotations

import html
from collections.abc import Callable

import polars as pl

# letters that Unicode does not take apart into a plain letter and a mark
_LETTERS = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "Æ": "Ae", "Œ": "Oe", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "Th",
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "λ": "lambda",
    "μ": "mu", "ω": "omega",
}  # fmt: skip

# UTF-8 once read as cp1252: a lead byte's letter followed by what a continuation byte looks like
_MOJIBAKE = r"[ÃÂÄÅÐÑâ][\x{80}-\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_INLINE = (
    r"(?i)</?(?:i|b|u|em|strong|italic|bold|sub|sup|inf|scp?|mml:[a-z]+|m[a-z]+)(?:\s[^<>]*)?>"
)
_TEX = r"\\(?:textit|textbf|textsc|emph|mathrm|mathbf|mathit|text|ensuremath|it|bf|rm)\b"

# what databases add to a title, in brackets at its end: "[Review] [33 refs]", "(Provisional ...)"
_LANGUAGES = (
    "english|german|french|spanish|italian|portuguese|russian|chinese|japanese|polish|turkish|"
    "dutch|danish|swedish|norwegian|finnish|czech|hungarian|korean|persian|hebrew|croatian|serbian"
)
_NOTE = (
    r"(?i)\s*[\[(]\s*(?:\d+\s*refs?|(?:see\s+)?comments?(?:\s+(?:in|on))?\b[^\[\]]*|"
    r"(?:published\s+)?(?:erratum|errata|correction|corrigendum)\s+\w[^\[\]]*|corrected|"
    r"(?:summary\s+for|republished|retracted|retraction|reprint)\b[^\[\]]*|"
    r"(?:(?:provisional|structured|meeting|conference|poster)\s+)?abstracts?(?:\s+only)?|in\s+press|"
    r"(?:(?:original|review|full)\s+)?(?:review|editorial|letter|article|comment|text|paper)"
    r"(?:\W+\d+\s*refs?)?|"
    rf"(?:(?:original\s+)?(?:article|text|paper)\s+)?(?:in\s+)?(?:{_LANGUAGES})"
    r")\s*\.?\s*[\])][\s.]*$"
)
# a journal's column, as in "[careers]"; what tells of another work is no column
_COLUMN = r"(?i)\s*[-–—]?\s*\[[a-z]{3,}(?: [a-z]+){0,2}\][\s.]*$"
_NOTICE = r"(?i)\[(?:errat|correct|corrig|addend|retract|withdr|repl|respon|comment|discuss)[^\[]*$"
# the same, up to the end: notes hold brackets of their own, or an export cut them off
_LONG_NOTE = (
    r"(?i)\s*\[+(?:\d+ refs\]\s*\[)?\s*(?:published |original )?"
    r"(?:erratum|errata|corrigendum|correction|comments?|see comments?|summary|republished|update)"
    r"\s(?:appears? |for |in |of |on )[^\n]*$"
)


def _only_where(series: pl.Series, pattern: str, repair: Callable[[str], str]) -> pl.Series:
    """`repair` in the cells that show the pattern; the others are not looked at in Python."""
    hit = series.str.contains(pattern).fill_null(False)
    if not hit.any():
        return series
    at = hit.arg_true()
    fixed = pl.Series([repair(text) for text in series.gather(at).to_list()], dtype=pl.String)
    return series.scatter(at, fixed)


def _remojibake(text: str) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return text


def _unescape(text: str) -> str:
    return html.unescape(html.unescape(text))


def mended(series: pl.Series) -> pl.Series:
    """Entities and twice-encoded letters as what was meant, markup gone."""
    series = _only_where(series, r"&#?\w{1,30};", _unescape)
    series = _only_where(series, _MOJIBAKE, _remojibake)
    marked = series.str.contains(r"[<\\]").any()
    if marked:
        series = series.str.replace_all(_INLINE, "").str.replace_all(r"<[A-Za-z/!][^<>]*>", " ")
        series = series.str.replace_all(_TEX, "")
    return series


def plain_letters(series: pl.Series) -> pl.Series:
    """Letters without marks, in the case and the script they are in."""
    at = series.str.contains(r"[^\x00-\x7F]").arg_true()
    if not len(at):
        return series
    some = series.gather(at).str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    return series.scatter(at, some.str.replace_many(list(_LETTERS), list(_LETTERS.values())))


def folded(series: pl.Series) -> pl.Series:
    """Small plain letters; marks and case gone, other scripts kept, "&" as the word."""
    return plain_letters(series.str.to_lowercase()).str.replace_all("&", " and ", literal=True)


def squashed(expr: pl.Expr) -> pl.Expr:
    """Letters and digits alone, so that spaces, dashes and points can't differ."""
    return expr.str.replace_all(r"[^\p{L}\p{N}]+", "")


def without_notes(series: pl.Series) -> pl.Series:
    """A title without what databases added at its end; up to three such notes."""
    long = series.str.replace(_LONG_NOTE, "")
    series = pl.select(pl.when(long.str.len_chars() >= 5).then(long).otherwise(series)).to_series()
    at = series.str.contains(r"[\])][\s.]*$").fill_null(False).arg_true()
    some = series.gather(at)
    for _ in range(3):
        cut = some.str.replace(_NOTE, "")
        column = ~some.str.contains(_NOTICE)
        cut = cut.zip_with(~column, cut.str.replace(_COLUMN, ""))
        some = cut.zip_with(cut.str.len_chars() >= 8, some)
    return series.scatter(at, some)
