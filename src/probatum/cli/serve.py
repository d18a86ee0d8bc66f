"""``probatum serve``: show a built site on this machine."""

from __future__ import annotations

import argparse
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from probatum.build.folder import LIST
from probatum.cli.build import once, register_pages
from probatum.cli.watching import watch
from probatum.errors import ProbatumError

NAME = "serve"
HELP = "build a review and show its site on this machine only"
HOST = "127.0.0.1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "folder",
        nargs="?",
        default="site",
        help="a built site, or a review folder, which is built first (default: site)",
    )
    parser.add_argument("--out", default="site", help="where a review is built to (default: site)")
    parser.add_argument(
        "--watch", action="store_true", help="build again whenever a text of the review changes"
    )
    parser.add_argument("--port", type=int, default=0, help="default: any free port")


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves files of one folder: no listings, no hidden files, no links out of it."""

    def send_head(self):  # type: ignore[no-untyped-def]
        """Answer with a file of the folder, or with the site's own page for 404."""
        root = Path(self.directory).resolve()
        asked = Path(self.translate_path(self.path))
        place = asked.resolve()
        hidden = not place.is_relative_to(root) or any(
            part.startswith(".")
            for part in (*asked.parts[len(root.parts) :], *place.parts[len(root.parts) :])
        )
        if hidden or (place.is_dir() and not (place / "index.html").is_file()):
            self.send_error(404)
            return None
        return super().send_head()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer an address that does not exist with the site's page for it."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end_headers(self) -> None:
        """Pages change with every build: nothing is kept by the browser."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: each request on a line helps nobody here."""


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of `folder` on the loopback address.

    Raises
    ------
    ProbatumError
        When the folder holds no site or the port is taken.
    """
    if not (folder / LIST).is_file():
        raise ProbatumError(f"{folder} holds no built site; first run: probatum build")
    if not 0 <= port <= 65535:
        raise ProbatumError(f"port {port} does not exist; a port is a number up to 65535")
    try:
        handler = partial(SiteHandler, directory=str(folder.resolve()))
        return ThreadingHTTPServer((HOST, port), handler)
    except OSError as error:
        raise ProbatumError(
            f"port {port} can't be used: {error.strerror}. Name another one with --port."
        ) from None


def run(args: argparse.Namespace) -> int:
    """Build where a review is named, then serve until interrupted.

    Problems in the review do not keep its site from being seen.
    """
    folder, site = Path(args.folder), Path(args.folder)
    review = (folder / "review.toml").is_file()
    if review:
        register_pages()
        site = Path(args.out)
        once(folder, site, as_json=False)
    elif args.watch:
        raise ProbatumError(f"{folder} is no review folder; --watch needs one to build from")
    with server(site, args.port) as running:
        print(f"http://{HOST}:{running.server_port}/   (Ctrl+C ends it)", flush=True)
        try:
            if args.watch:
                Thread(target=running.serve_forever, daemon=True).start()
                watch(folder, site, lambda: once(folder, site, as_json=False, always=False))
                running.shutdown()
            else:
                running.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0
