"""Letters as LaTeX writes them, to text and back."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306",
    ".": "\u0307", '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323",
    "c": "\u0327", "k": "\u0328", "b": "\u0331", "t": "\u0361",
}  # fmt: skip
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "sigma tau upsilon phi chi psi omega"
)
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø",
    "O": "Ø", "l": "ł", "L": "Ł", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ",
    "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
    "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~",
    "textasciicircum": "^", "textquotesingle": "'", "textasciigrave": "`", "textbar": "|",
    "textless": "<", "textgreater": ">", "textdollar": "$", "textunderscore": "_",
    "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’",
    "textquotedblleft": "“", "textquotedblright": "”", "textellipsis": "…", "ldots": "…",
    "dots": "…", "textregistered": "®", "texttrademark": "™", "copyright": "©",
    "textcopyright": "©", "textdegree": "°", "degree": "°", "textmu": "µ", "pm": "±", "textpm": "±",
    "times": "×", "texttimes": "×", "cdot": "·", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥",
    "neq": "≠", "ne": "≠", "approx": "≈", "sim": "∼", "infty": "∞", "rightarrow": "→", "to": "→",
    "leftarrow": "←", "S": "§", "P": "¶", "pounds": "£", "texteuro": "€", "euro": "€",
    "lbrace": "{", "rbrace": "}", "quad": " ", "newline": " ", "par": "\n\n", "textperiodcentered":
    "·", "beta": "β", "chi": "χ", "lt": "<", "gt": ">",
}  # fmt: skip
for _name in _GREEK.split():
    _letter = unicodedata.lookup(f"GREEK SMALL LETTER {_name.upper().replace('LAMBDA', 'LAMDA')}")
    _LETTERS |= {_name: _letter, _name.title(): _letter.upper(), f"text{_name}": _letter}
# commands that only say how their argument looks
_LOOKS = {
    "emph", "textit", "textbf", "textsc", "textrm", "textsf", "texttt", "textup", "textsl",
    "text", "mathrm", "mathit", "mathbf", "mathsf", "mathcal", "mathbb", "textsubscript",
    "textsuperscript", "ensuremath", "mbox", "hbox", "it", "bf", "em", "rm", "sc", "sl", "tt",
    "url", "uppercase", "lowercase", "noopsort", "NoCaseChange",
}  # fmt: skip
_TOKEN = re.compile(
    r"""\\(?P<mark>[`'^"~=.])\s*(?:\{\s*(?P<in1>\\?[^\W\d_])\s*\}|(?P<of1>\\[ij](?![A-Za-z])|[^\W\d_]))
    |\\(?P<word_mark>[uvHtcdbkr])(?:\s*\{\s*(?P<in2>\\?[^\W\d_])\s*\}
        |\s+(?P<of2>\\[ij](?![A-Za-z])|[^\W\d_](?![^\W\d_])))
    |\\(?P<word>[A-Za-z]+)(?:\{\}|[ ](?=\S))?
    |\\(?P<escaped>[^A-Za-z])
    |(?P<brace>[{}])|(?P<tie>~)|(?P<dash>---?)|(?P<quote>``|'')
    |\$(?P<math>[^$]*[\\^_{][^$]*)\$""",
    re.VERBOSE,
)
_SAME = {"`` ": "“", "``": "“", "''": "”", "--": "–", "---": "—"}


def decode(text: str) -> str:
    r"""The text that LaTeX would show; commands that are unknown stay as they are.

    Examples
    --------
    >>> decode(r"M{\"u}ller, {\'E}. \& \v{S}i\v s, 5\% of $\alpha$-{DNA}, 3--4")
    'Müller, É. & Šiš, 5% of α-DNA, 3–4'
    """
    return unicodedata.normalize("NFC", _TOKEN.sub(_shown, text))


def _shown(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    if mark := found["mark"] or found["word_mark"]:
        letter = (found["in1"] or found["of1"] or found["in2"] or found["of2"] or "").lstrip("\\")
        return letter + _ACCENTS[mark]
    if word := found["word"]:
        if word in _LETTERS:
            return _LETTERS[word]
        return "" if word in _LOOKS else found.group()
    if kind == "escaped":
        return {"\\": " ", "\n": "\n", "-": "", "/": "", ",": " ", ";": " "}.get(
            found["escaped"], found["escaped"]
        )
    if kind == "math":
        return _TOKEN.sub(_shown, re.sub(r"[\^_](?=[{\w\\+-])", "", found["math"]))
    return {"brace": "", "tie": " "}.get(kind, _SAME.get(found.group(), ""))


_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{one: f"\\{one}" for one in "{}&%$#_"},
}
_SPECIAL = re.compile(r"[\\~^{}&%$#_]|-(?=-)|`(?=`)|'(?=')")


def encode(text: str) -> str:
    r"""Text as BibTeX takes it, with balanced braces; letters stay letters.

    Examples
    --------
    >>> encode("5% of {x} & y--z"), decode(encode(r"a\b {c}~d^e--f ''g''"))
    ('5\\% of \\{x\\} \\& y-{}-z', "a\\b {c}~d^e--f ''g''")
    """
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found.group(), f"{found.group()}{{}}"), text)
