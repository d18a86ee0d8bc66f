"""A loopback server that speaks the protocols of the services, and breaks them as they do."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Query = dict[str, str]


@dataclass
class Fake:
    """What the services hold, and which requests go wrong.

    `works` numbered 0 to n - 1; `fault(count)` names what happens to the count-th request:
    "" nothing, "429", "503", "cut" (body cut short), "drop" (no answer), "garbage" (no JSON),
    "expired" (the token or history is gone).
    """

    count: int
    fault: Callable[[int], str] = lambda number: ""
    days: Callable[[int], str] = lambda number: f"2020/01/{number % 28 + 1:02d}"
    extra: dict[int, dict[str, Any]] = field(default_factory=dict)
    withheld: int = 0  # works that are counted and never sent
    asked: int = 0
    asked_for: list[str] = field(default_factory=list)
    sessions: dict[str, list[int]] = field(default_factory=dict)

    # ------------------------------------------------------------ the protocols
    def answer(self, path: str, query: Query) -> tuple[str, bytes]:
        """Type and body of an answer."""
        name = path.strip("/").split("/")[0]
        handler: Callable[[str, Query], tuple[str, bytes]] = getattr(self, name.replace("-", "_"))
        return handler(path, query)

    def _slice(self, query: Query, size: int, cursor: str) -> tuple[list[int], str]:
        start = 0 if cursor in ("*", "") else int(cursor.removeprefix("c"))
        stop = min(start + size, self.count)
        return [n for n in range(start, stop) if n < self.count - self.withheld], f"c{stop}"

    def europe(self, path: str, query: Query) -> tuple[str, bytes]:
        cursor = query["cursorMark"]
        numbers, following = self._slice(query, int(query["pageSize"]), cursor)
        rows = [
            {"id": str(n), "source": "MED", "pmid": str(n + 1), "title": f"Work {n}"}
            | {"pubYear": "2020"}
            | self.extra.get(n, {})
            for n in numbers
        ]
        following = following if numbers else cursor  # the last page echoes its cursor
        page = {"hitCount": self.count, "nextCursorMark": following, "resultList": {"result": rows}}
        return "json", json.dumps(page).encode()

    def openalex(self, path: str, query: Query) -> tuple[str, bytes]:
        numbers, following = self._slice(query, int(query["per_page"]), query["cursor"])
        rows = [
            {"id": f"https://openalex.org/W{n}", "title": f"Work {n}", "type": "article"}
            | self.extra.get(n, {})
            for n in numbers
        ]
        about = {"count": self.count, "next_cursor": following if numbers else None}
        return "json", json.dumps({"meta": about, "results": rows}).encode()

    def crossref(self, path: str, query: Query) -> tuple[str, bytes]:
        numbers, following = self._slice(query, int(query["rows"]), query["cursor"])
        rows = [
            {"DOI": f"10.5555/{n}", "title": [f"Work {n}"], "type": "journal-article"}
            | self.extra.get(n, {})
            for n in numbers
        ]
        found = {"total-results": self.count, "items": rows, "next-cursor": following}
        return "json", json.dumps({"message": found}).encode()

    def trials(self, path: str, query: Query) -> tuple[str, bytes]:
        numbers, following = self._slice(query, int(query["pageSize"]), query.get("pageToken", "*"))
        studies = [
            {
                "protocolSection": {
                    "identificationModule": {
                        "nctId": f"NCT{n:08d}",
                        "briefTitle": f"Trial {n}",
                    }
                }
            }
            for n in numbers
        ]
        page: dict[str, Any] = {"studies": studies}
        if "pageToken" not in query:
            page["totalCount"] = self.count
        if int(following[1:]) < self.count:
            page["nextPageToken"] = following
        return "json", json.dumps(page).encode()

    def pubmed(self, path: str, query: Query) -> tuple[str, bytes]:
        if path.endswith("/esearch.fcgi"):
            found = [n for n in range(self.count) if self._dated(n, query)]
            key = f"W{len(self.sessions)}"
            self.sessions[key] = found
            result = {"count": str(len(found)), "webenv": key, "querykey": "1"}
            result["querytranslation"] = "as understood"
            return "json", json.dumps({"esearchresult": result}).encode()
        start, most = int(query["retstart"]), int(query["retmax"])
        numbers = self.sessions[query["WebEnv"]][start : start + most]
        numbers = [n for n in numbers if n < self.count - self.withheld]
        text = "\n".join(
            f"PMID- {n + 1}\nTI  - Work {n}\nDP  - 2020\nPT  - Journal Article"
            + "".join(f"\n{tag:4}- {value}" for tag, value in self.extra.get(n, {}).items())
            + "\n"
            for n in numbers
        )
        return "text", text.encode()

    def _dated(self, number: int, query: Query) -> bool:
        day = self.days(number)
        return query.get("mindate", "") <= day <= query.get("maxdate", "9999")


@contextmanager
def serving(fake: Fake) -> Iterator[str]:
    """The address of a running server; paths start with the service."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            fault = fake.fault(fake.asked)
            fake.asked += 1
            fake.asked_for.append(self.path)
            if fault == "drop":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if fault in ("429", "503", "expired"):
                self.send_response(400 if fault == "expired" else int(fault))
                self.send_header("Retry-After", "1")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            _, body = fake.answer(parts.path, query)
            if fault == "garbage":
                body = b"<html>down for maintenance</html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if fault == "cut":
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
