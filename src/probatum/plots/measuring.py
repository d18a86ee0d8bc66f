"""How wide text is, without reading a font: enough to keep columns apart."""

from __future__ import annotations

# Advance widths of DejaVu Sans in em, rounded up: it is about the widest of the fonts that a
# browser's `system-ui` stands for, so a layout that fits it fits the others.
_CLASSES: dict[float, str] = {
    0.30: "'IJijl\N{NARROW NO-BREAK SPACE}",
    0.35: " ,./:;\\|\N{NO-BREAK SPACE}",
    0.40: "()-[]ft",
    0.45: "!r²",
    0.50: '"*_`–',
    0.55: "?csz",
    0.60: "FLkvxy",
    0.65: "$0123456789EPSTYabdeghnopqu{}",
    0.70: "ABCKRVXZ",
    0.75: "NU",
    0.80: "&DGHOQ",
    0.85: "#+<=>^w~−←→↓↑×",
    0.90: "M",
    1.00: "%@Wm—…",
}
_WIDTHS = {c: width for width, characters in _CLASSES.items() for c in characters}
_BOLD = 1.12


def _advance(character: str) -> float:
    if character in _WIDTHS:
        return _WIDTHS[character]
    # Latin, Greek, Cyrillic with marks are like their plain letters; East Asian ones fill an em.
    return 0.75 if ord(character) < 0x0E00 else 1.0


def text_width(text: str, size: float = 13.0, *, bold: bool = False) -> float:
    """An upper estimate of the width of `text` in a common sans-serif, in pixels.

    Examples
    --------
    >>> round(text_width("0.71", 10), 1)
    23.0
    """
    return sum(map(_advance, text)) * size * (_BOLD if bold else 1.0)


def shorten(text: str, width: float, size: float = 13.0, *, bold: bool = False) -> str:
    """`text`, cut with an ellipsis where it is wider than `width` pixels.

    Examples
    --------
    >>> shorten("Aronson", 200), shorten("Aronson", 40)
    ('Aronson', 'Aro…')
    """
    if text_width(text, size, bold=bold) <= width:
        return text
    room = width - text_width("…", size, bold=bold)
    used, kept = 0.0, ""
    for character in text:
        used += text_width(character, size, bold=bold)
        if used > room:
            break
        kept += character
    return kept.rstrip() + "…"


def wrap(
    text: str, width: float, size: float = 13.0, *, bold: bool = False, most: int = 99
) -> list[str]:
    """`text` on at most `most` lines of `width` pixels; what is left over is cut.

    Examples
    --------
    >>> wrap("Frimodt-Moller et al", 90)
    ['Frimodt-', 'Moller et al']
    """
    lines = [""]
    spaced = text.replace("\r", " ").replace("\n", " ").replace("\t", " ")
    parts = (p for word in _words(spaced) for p in _fitting(word, width, size, bold))
    for part in parts:
        longer = lines[-1] + part
        if text_width(longer.rstrip(), size, bold=bold) > width and lines[-1] and len(lines) < most:
            lines.append(part)
        else:
            lines[-1] = longer
    return [shorten(line.strip(), width, size, bold=bold) for line in lines]


def _fitting(word: str, width: float, size: float, bold: bool) -> list[str]:
    """`word`, in parts where it is wider than a line: scripts without spaces, very long names."""
    if text_width(word.rstrip(), size, bold=bold) <= width:
        return [word]
    parts = [""]
    for character in word:
        if parts[-1] and text_width(parts[-1] + character, size, bold=bold) > width:
            parts.append("")
        parts[-1] += character
    return parts


def _words(text: str) -> list[str]:
    """Pieces that a line may end after: at spaces, hyphens and slashes."""
    pieces, piece = [], ""
    for character in text:
        piece += character
        if character in " -/":
            pieces.append(piece)
            piece = ""
    return [*pieces, piece] if piece else pieces
