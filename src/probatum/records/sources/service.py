"""The services by name: how each is asked, and how its pages become records."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from probatum.errors import UnknownOption
from probatum.records.reading import Piece
from probatum.records.sources.client import Client


@dataclass(frozen=True)
class Window:
    """From when on a service is asked for what is new or changed; None: for everything."""

    since: datetime.date | None = None
    until: datetime.date | None = None


@dataclass(frozen=True)
class Page:
    """A page of results as it came, and where the next one starts.

    Attributes
    ----------
    body : bytes
        As the service sent it.
    reported : int
        How many results the service says there are in all (of a slice: in the slice).
    state : dict
        What the next page is asked with, as plain data; kept on disk, so that a search that was
        ended goes on from there. Empty after the last page.
    part : str
        Name of the slice that `reported` counts, "" where the search is one.
    told : str
        How the service understood the query, where it says so.
    """

    body: bytes
    reported: int
    state: dict[str, Any]
    part: str = ""
    told: str = ""


Ask = Callable[[Client, str, Window, dict[str, Any]], Iterator[Page]]
Parse = Callable[[bytes], Iterator[Piece]]


@dataclass(frozen=True)
class Service:
    """A live service.

    Attributes
    ----------
    name, title, database : str
        What `search.toml` calls it, what it is, and the database it gives.
    base : str
        Its address; the environment can name another one (``PROBATUM_<NAME>_URL``).
    rate : float
        Requests a second.
    ask : callable
        Yields pages from a state (``{}``: from the beginning).
    parse : callable
        The entries of a page's body.
    suffix : str
        Of the pages as files.
    source : str
        Where its protocol is described.
    secret : str
        The environment variable that holds a key, "" where there is none.
    keyed : mapping
        Parameter name of the key, and requests a second with it.
    kind : str
        "database" or "register", as PRISMA counts them.
    """

    name: str
    title: str
    database: str
    base: str
    rate: float
    ask: Ask
    parse: Parse
    suffix: str
    source: str
    secret: str = ""
    key: str = ""
    keyed_rate: float = 0.0
    kind: str = "database"
    fixed: Mapping[str, str] = field(default_factory=dict)

    def client(self, environment: Mapping[str, str]) -> Client:
        """The client of this service, with the key and the address of the environment."""
        base = environment.get(f"PROBATUM_{self.name.upper().replace('-', '_')}_URL", self.base)
        fixed = dict(self.fixed)
        rate = self.rate
        if secret := environment.get(self.secret, "") if self.secret else "":
            fixed[self.key] = secret
            rate = self.keyed_rate or rate
        return Client(base.rstrip("/"), rate, fixed)


SERVICES: dict[str, Service] = {}


def register(service: Service) -> Service:
    """Add a service."""
    if service.name in SERVICES:
        raise ValueError(f"service {service.name} is registered twice")
    SERVICES[service.name] = service
    return service


def find_service(name: str) -> Service:
    """The service of that name."""
    if name not in SERVICES:
        raise UnknownOption("service", name, sorted(SERVICES))
    return SERVICES[name]
