"""Asking a web service: patient, polite, and never satisfied with half an answer."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from probatum.errors import ProbatumError

if TYPE_CHECKING:
    import httpx

TRIES = 8
LONGEST = 120.0  # seconds that a service may have us wait for one more try
BODY = 256 << 20  # bytes; more is no page of results
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class ServiceError(ProbatumError):
    """A service did not answer as it is documented to; what was kept so far is still there."""


class Expired(Exception):
    """The service has forgotten where we were: its pages have to be asked for anew."""


@dataclass
class Client:
    """One service's door: at most `rate` requests a second, each tried until it is whole.

    Attributes
    ----------
    base : str
        Address of the service, without a slash at its end.
    rate : float
        Requests a second that the service allows.
    fixed : mapping
        Parameters of every request, such as who asks.
    sleep, clock : callable
        Seconds to wait, and now in seconds; tests put their own here.
    """

    base: str
    rate: float
    fixed: Mapping[str, str] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _http: httpx.Client | None = None
    _free_at: float = 0.0

    def get(self, path: str, params: Mapping[str, str]) -> bytes:
        """The whole body of an answer.

        Raises
        ------
        Expired
            Where the service says that a token or history is gone (HTTP 404, 410 and 400).
        ServiceError
            Where it doesn't answer after `TRIES` tries, or refuses.
        """
        last = ""
        for attempt in range(TRIES):
            self._take_turn()
            wait = min(2.0**attempt, 30.0)
            try:
                status, headers, body = self._ask(path, {**self.fixed, **params})
            except _Broken as broken:
                last = str(broken)
            else:
                if status == 200:
                    return body
                last = f"HTTP {status}"
                if status in (400, 404, 410):
                    raise Expired(f"{last}: {_words(body)}")
                if status not in AGAIN:
                    raise ServiceError(f"{self.base}{path} refuses: {last}. {_words(body)}")
                wait = max(wait, _retry_after(headers))
            if wait > LONGEST:
                raise ServiceError(
                    f"{self.base} asks us to wait {wait:.0f} s. Run the same command again "
                    "later: what arrived is kept, and it goes on from there."
                )
            if attempt < TRIES - 1:
                self.sleep(wait)
        raise ServiceError(
            f"{self.base}{path} gave no whole answer in {TRIES} tries ({last}). Run the same "
            "command again: what arrived is kept, and it goes on from there."
        )

    def json(self, path: str, params: Mapping[str, str]) -> tuple[bytes, Any]:
        """Body and value of a JSON answer; one that is no JSON is asked for again."""
        for attempt in range(TRIES):
            body = self.get(path, params)
            try:
                return body, json.loads(body)
            except ValueError:
                self.sleep(min(2.0**attempt, 30.0))
        raise ServiceError(f"{self.base}{path} gave no JSON in {TRIES} tries: {_words(body)}")

    def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            self._http.close()

    def _take_turn(self) -> None:
        now = self.clock()
        if now < self._free_at:
            self.sleep(self._free_at - now)
        self._free_at = max(now, self._free_at) + 1.0 / self.rate

    def _ask(self, path: str, params: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        import httpx

        if self._http is None:
            agent = {"User-Agent": "probatum"}
            self._http = httpx.Client(timeout=60.0, headers=agent, follow_redirects=False)
        pieces, size = [], 0
        try:
            with self._http.stream("GET", self.base + path, params=dict(params)) as answer:
                for piece in answer.iter_bytes():
                    size += len(piece)
                    if size > BODY:
                        raise ServiceError(f"{self.base}{path} sends more than {BODY >> 20} MB.")
                    pieces.append(piece)
                return answer.status_code, answer.headers, b"".join(pieces)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise ServiceError(
                f'"{self.base}" is no address that can be asked ({error}); expected one such as '
                "https://example.org. It comes from PROBATUM_<SERVICE>_URL, if that is set."
            ) from None
        except httpx.HTTPError as error:  # no connection, time out, or a body cut short
            raise _Broken(f"{type(error).__name__}: {error}") from None


class _Broken(Exception):
    """There was no whole answer."""


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds in ``Retry-After``, as a number or as a date; 0 where there are none."""
    told = headers.get("retry-after", "")
    if told.replace(".", "", 1).isdigit():
        return float(told)
    try:
        until = email.utils.parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return 0.0
    return max(0.0, until.timestamp() - time.time())


def _words(body: bytes) -> str:
    return " ".join(body[:300].decode("utf-8", "replace").split())
