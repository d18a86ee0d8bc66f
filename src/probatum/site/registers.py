"""The pages of registers: which there are, and what each is called where the review is silent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """The page of one register; the review may give it a title, a lead and a note of its own."""

    register: str
    label: str  # in lists of pages
    row: str  # what one row is, to those who search
    title: str
    lead: str

    @property
    def file(self) -> str:
        """The register's file, in the root of the review folder."""
        return f"{self.register}.csv"

    @property
    def path(self) -> str:
        """The site path of the page."""
        return f"{self.register}.html"


REGISTER_PAGES = (
    RegisterPage(
        "help",
        "Help",
        "Help line",
        "Where to get help",
        "Help lines and service finders by country, each with the day on which it was seen.",
    ),
    RegisterPage(
        "interactions",
        "Mixing",
        "Mixing",
        "Taken together with other drugs",
        "What else was taken, what may happen, and how sure that is.",
    ),
    RegisterPage(
        "mechanisms",
        "How it may work",
        "Mechanism",
        "How it may work",
        "Findings and ideas about how something may work, each with what kind of evidence it is.",
    ),
    RegisterPage(
        "published",
        "Reviews of others",
        "Review of others",
        "What others have pooled",
        "Reviews by others and their pooled results, as they print them. Nothing here is "
        "pooled again.",
    ),
    RegisterPage(
        "facts",
        "Facts",
        "Fact",
        "Facts",
        "Single facts, each with its source and the date it describes.",
    ),
)
