"""Where two like titles differ: in how a word is spelt, in words added, or in words exchanged."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

SPELT, EQUAL, ADDED, EXCHANGED = 1, 0, -1, -2

_WORD = re.compile(r"\w+")
_SMALL = frozenset(str.split(
    "a an the of and or in on for to with by from at as is are its this that und der die das des "
    "ein eine zur zum bei mit von im et la le les de du des un une dans pour el los las en y con "
    "del s using via between among"
))  # fmt: skip
# like spellings that mean the opposite
_OPPOSITE = (
    ("hyper", "hypo"), ("inter", "intra"), ("pre", "post"), ("macro", "micro"), ("over", "under"),
    ("in", "out"), ("mono", "multi"), ("uni", "bi"), ("male", "female"), ("increas", "decreas"),
    ("anti", "ante"), ("inclu", "exclu"), ("endo", "exo"), ("afferent", "efferent"),
)  # fmt: skip
_SPELLING = 72  # two spellings of one word are at least so alike, in percent


def wording(left: str, right: str) -> int:
    """`SPELT` ... `EXCHANGED`, of two titles in small letters with spaces."""
    a, b = _WORD.findall(left), _WORD.findall(right)
    set_a, set_b = set(a), set(b)
    rest_a = [w for w in a if w not in set_b and w not in _SMALL]
    rest_b = [w for w in b if w not in set_a and w not in _SMALL]
    if not rest_a and not rest_b:
        return SPELT
    if _spelt(rest_a, rest_b):
        return SPELT
    # what is left of a word that was cut in two, or of two that were joined
    if "".join(rest_a) == "".join(rest_b):
        return SPELT
    one, two = _unmatched(rest_a, rest_b), _unmatched(rest_b, rest_a)
    if one and two:
        return SPELT if one_word("".join(one), "".join(two)) else EXCHANGED
    if not one and not two:
        return SPELT
    return ADDED


def _spelt(rest_a: list[str], rest_b: list[str]) -> bool:
    return len(rest_a) == len(rest_b) and all(map(one_word, rest_a, rest_b))


def _unmatched(words: list[str], others: list[str]) -> list[str]:
    return [w for w in words if not any(one_word(w, other) for other in others)]


def one_word(a: str, b: str) -> bool:
    """Two spellings of one word, such as labour and labor."""
    if a == b:
        return True
    if min(len(a), len(b)) < 4 or a.isdigit() or b.isdigit() or fuzz.ratio(a, b) < _SPELLING:
        return False
    if a[0] != b[0] and a[1:] != b[1:] and fuzz.ratio(a, b) < 88:
        return False
    return not any(
        (x in a and y in b and y not in a) or (y in a and x in b and y not in b)
        for x, y in _OPPOSITE
    )
