"""How numbers are written, in one place.

Numbers for people: as many decimals as carry meaning, a true minus, a thin space in
thousands, and never a zero that only rounding made.
"""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
THIN = "\N{NARROW NO-BREAK SPACE}"
NBSP = "\N{NO-BREAK SPACE}"


def _grouped(digits: str) -> str:
    """Put a thin space between thousands of a plain non-negative decimal text."""
    whole, dot, rest = digits.partition(".")
    if len(whole) > 3:
        whole = f"{int(whole):,}".replace(",", THIN)
    return whole + dot + rest


def decimal(value: float, places: int) -> str:
    """Write a number with a fixed number of decimals, never as a false zero.

    Examples
    --------
    >>> decimal(-0.666, 2)
    '\N{MINUS SIGN}0.67'
    >>> decimal(0.0004, 2)
    '<0.01'
    >>> decimal(0.0, 2)
    '0'
    """
    if not math.isfinite(value):
        return "infinite" if value > 0 else f"{MINUS}infinite"
    if value == 0:
        return "0"
    text = f"{abs(value):.{places}f}"
    if float(text) == 0:
        least = f"{10**-places:.{places}f}"
        return f"<{least}" if value > 0 else f">{MINUS}{least}"
    return (MINUS if value < 0 else "") + _grouped(text)


def _places(value: float) -> int:
    size = abs(value)
    return 2 if size < 9.995 else 1 if size < 99.95 else 0


def ratio(value: float) -> str:
    """Write a ratio: 0.71, 12.3, 104.

    Examples
    --------
    >>> ratio(0.7149), ratio(12.34), ratio(103.7), ratio(5548.2)
    ('0.71', '12.3', '104', '5\N{NARROW NO-BREAK SPACE}548')
    """
    return decimal(value, _places(value))


def percent(share: float) -> str:
    """Write a share (0 to 1) in percent: 7.4%, 44%, <0.1%.

    Examples
    --------
    >>> percent(0.0739), percent(0.436), percent(0.0002), percent(0.9996), percent(1)
    ('7.4%', '44%', '<0.1%', '>99.9%', '100%')
    """
    value = 100 * share
    if 99.95 <= value < 100:
        return ">99.9%"
    places = 1 if abs(value) < 9.95 or 99 < value < 100 else 0
    return decimal(value, places) + "%"


def points(share: float) -> str:
    """Write a difference of shares in percentage points."""
    value = 100 * share
    return decimal(value, 1 if abs(value) < 9.95 else 0) + f"{NBSP}points"


def p_value(value: float) -> str:
    """Write a p value: <0.001, 0.032, 0.45.

    Examples
    --------
    >>> p_value(0.0000321), p_value(0.0317), p_value(0.451), p_value(0.999)
    ('<0.001', '0.032', '0.45', '>0.99')
    """
    if value < 0.001:
        return "<0.001"
    if value > 0.99:
        return ">0.99"
    return f"{value:.3f}" if value < 0.0995 else f"{value:.2f}"


def count(value: float) -> str:
    """Write a number of people or events; halves (from joined arms) keep one decimal."""
    if value == int(value):
        return (MINUS if value < 0 else "") + _grouped(str(abs(int(value))))
    return decimal(value, 1)


def whole_percent(value: float) -> str:
    """Write a percentage given as 0 to 100 (I2, weights) without decimals."""
    return decimal(value, 0) + "%"


def plain(value: float) -> str:
    """Write a typed setting such as a confidence level: 95, 0.5."""
    return f"{value:g}".replace("-", MINUS)


def effect(value: float, *, scale: str, measure: str) -> str:
    """Write an effect on its display scale."""
    if measure == "RD":
        return points(value)
    if scale == "proportion":
        return percent(value)
    return ratio(value)


def bounds(lower: str, upper: str) -> str:
    """Join two written bounds as in running text: 0.33 to 1.57."""
    if lower.endswith(f"{NBSP}points") and upper.endswith(f"{NBSP}points"):
        lower = lower.removesuffix(f"{NBSP}points")
    return f"{lower} to {upper}"


def brackets(lower: str, upper: str) -> str:
    """Join two written bounds as in figures: [0.33, 1.57]."""
    unit = f"{NBSP}points"
    return f"[{lower.removesuffix(unit)}, {upper.removesuffix(unit)}]"


def typed(text: str) -> str:
    """Show a number as it was typed in a CSV cell, with a true minus."""
    return text.replace("-", MINUS) if text.startswith("-") else text
