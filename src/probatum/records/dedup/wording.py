"""Where two like titles differ: in how a word is spelt, in words added, or in words exchanged."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

SPELT, EQUAL, ADDED, EXCHANGED = 1, 0, -1, -2

_WORD = re.compile(r"\w+")
_SMALL = frozenset(str.split(
    "a an the of and or in on for to with by from at as is are its this that und der die das des "
    "ein eine zur zum bei mit von im et la le les de du des un une dans pour el los las en y con "
    "del s using via between among"
))  # fmt: skip
# like spellings that mean something else
_OPPOSITE = (
    ("hyper", "hypo"), ("inter", "intra"), ("pre", "post"), ("macro", "micro"), ("over", "under"),
    ("in", "out"), ("mono", "multi"), ("uni", "bi"), ("male", "female"), ("increas", "decreas"),
    ("anti", "ante"), ("inclu", "exclu"), ("endo", "exo"), ("afferent", "efferent"),
    ("insulin", "inulin"), ("cation", "anion"), ("affect", "effect"), ("abduct", "adduct"),
)  # fmt: skip
# one word written in two ways in one language
_VARIANTS = (
    (re.compile("ae|oe|æ|œ"), "e"), (re.compile("our"), "or"), (re.compile("ys(e|i)"), r"yz\1"),
    (re.compile("is(e|i|a)"), r"iz\1"), (re.compile("(.)\\1"), r"\1"), (re.compile("ph"), "f"),
    (re.compile("[ck]"), "k"), (re.compile("y"), "i"), (re.compile("tre$"), "ter"),
    (re.compile("(es|s)$"), ""), (re.compile("ogue$"), "og"), (re.compile("th"), "t"),
)  # fmt: skip
_SLIP, _LONG = 5, 11  # words so long may hold a slip, and two
_VARIED = 4  # letters by which two ways to write a word differ at most


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
    """Two spellings of one word, such as labour and labor, or one with a slip.

    "Prednisone" and "prednisolone", "typical" and "atypical" are two: what stands before a whole
    word changes it, and two other letters are more than a slip.
    """
    if a == b:
        return True
    if min(len(a), len(b)) < 4 or a.isdigit() or b.isdigit():
        return False
    if any(
        (x in a and y in b and y not in a) or (y in a and x in b and y not in b)
        for x, y in _OPPOSITE
    ):
        return False
    apart = OSA.distance(a, b, score_cutoff=_VARIED)
    if apart > _VARIED:
        return False
    if _plain(a) == _plain(b):
        return True
    if a[0] != b[0]:  # the first two letters exchanged
        return a[:2] == b[1::-1] and a[2:] == b[2:]
    short = min(len(a), len(b))
    return short >= _SLIP and apart <= 1 + (short >= _LONG)


@lru_cache(10_000)
def _plain(word: str) -> str:
    for pattern, instead in _VARIANTS:
        word = pattern.sub(instead, word)
    return word
