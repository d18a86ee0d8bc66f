"""What a record is, from the words in which exports say it."""

from __future__ import annotations

import re

# the first that matches decides; words are those of MEDLINE, Scopus, Web of Science, Embase, CSL
_WORDS = (
    (r"book[- ]?review|review[- ]?book", "article"),
    (r"trial registry|registry record|clinicaltrial", "trial"),
    (r"preprint|unpublished|posted-content|manuscript", "preprint"),
    (r"systematic review|scoping review|literature review|\breview\b|meta-?analysis", "review"),
    (r"book[- ]?(?:section|chapter)|\bchapter\b|inbook|incollection", "chapter"),
    (r"conference|proceedings?\b|meeting|congress|inproceedings", "conference"),
    (r"thesis|dissertation", "thesis"),
    (r"\bbook\b|monograph|booklet", "book"),
    (r"data ?set|database", "dataset"),
    (r"\breport\b(?! of)|government document|standard\b", "report"),
    (r"patent", "patent"),
    (r"newspaper|\bnews\b", "news"),
    (r"web ?page|web ?site|blog|electronic source", "webpage"),
    (r"article|journal|editorial|letter|\bnote\b|erratum|comment|case reports?|trial", "article"),
)
_KINDS = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _WORDS)


def kind_of(*said: str) -> str:
    """One of `TYPES` for a publication type as printed; "" where the words are unknown.

    Examples
    --------
    >>> kind_of("Journal Article", "Systematic Review"), kind_of("Book Section"), kind_of("x")
    ('review', 'chapter', '')
    """
    text = "; ".join(said).replace("_", " ")
    return next((kind for pattern, kind in _KINDS if pattern.search(text)), "")
