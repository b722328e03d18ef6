"""A run's report, served to browsers of this machine while the run goes on.

The server listens on the loopback interface alone, under an address with a secret in it, so that neither other hosts
nor other users' browsers nor foreign pages get to read a run. It reads the run folder and nothing else.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from qfl.errors import ConfigError, RunFolderError
from qfl.report.frame import fill
from qfl.report.live_page import PAGE, POLICY, WAITING
from qfl.report.page import render
from qfl.report.record import read_record
from qfl.results import RunFolder

HOST = "127.0.0.1"
SHARE = 10  # a report is drawn at most one of so many seconds, so that training keeps the processor
RECENT_S = 5.0  # a page that asked within this time is open
FAREWELL_S = 3.0  # for which open pages may fetch the last report
TABLES = ("run.json", "rounds.jsonl", "clients.jsonl")


class LiveReport:
    """The report of a run folder as it is now, drawn again only where the folder has changed.

    Args:
        path: The run folder, which may not be there yet.
    """

    def __init__(self, path: Path):
        self.over = False
        self._path = path
        self._lock = threading.Lock()
        self._drawn_of: object = None
        self._due = 0.0
        self._html = fill(WAITING, name=path.name, sentence="The run is being prepared.").encode()

    def html(self) -> tuple[bytes, str]:
        """Return the page and its entity tag."""
        with self._lock:
            now = self._signature()
            if now != self._drawn_of and (self.over or time.monotonic() >= self._due):
                self._draw(now)
            return self._html, f'"{hashlib.sha256(self._html).hexdigest()[:32]}"'

    def _draw(self, signature: object) -> None:
        begin = time.monotonic()
        try:
            self._html = render(read_record(RunFolder(self._path)), self._path.name).encode("utf-8", "replace")
            self._drawn_of = signature
        except (RunFolderError, OSError):  # no run yet, or a row that is being written: the page before stays
            pass
        end = time.monotonic()
        self._due = end + SHARE * (end - begin)

    def _signature(self) -> object:
        found = []
        for name in TABLES:
            try:
                status = (self._path / name).stat()
                found.append((status.st_mtime_ns, status.st_size))
            except OSError:
                found.append(None)
        return tuple(found), self.over


class LiveServer:
    """Serves a live report until it is closed.

    Args:
        path: The run folder.
        port: Of the loopback interface; 0 takes a free one.

    Raises:
        ConfigError: If the port cannot be had.
    """

    def __init__(self, path: Path, port: int = 0):
        self.report = LiveReport(path)
        self._token = secrets.token_urlsafe(16)
        self._asked: dict[str, tuple[float, bool]] = {}
        try:
            self._server = ThreadingHTTPServer((HOST, port), _handler(self._answer))
        except (OSError, OverflowError) as error:
            why = error.strerror if isinstance(error, OSError) else "there are ports 0 to 65535"
            raise ConfigError(
                f"--port {port}: cannot listen there ({why}); give another, or 0 for a free one"
            ) from None
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """The page's address."""
        return f"http://{HOST}:{self._server.server_address[1]}/{self._token}/"

    def close(self) -> None:
        """Let open pages fetch the last report, and stop."""
        self.report.over = True
        end = time.monotonic() + FAREWELL_S
        while time.monotonic() < end and any(
            not told and time.monotonic() - at < RECENT_S for at, told in list(self._asked.values())
        ):
            time.sleep(0.05)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, path: str, host: str, tag: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and content for a request."""
        own = {f"{name}:{self._server.server_address[1]}" for name in (HOST, "localhost")}
        place, page = urlsplit(path).path, urlsplit(path).query
        if host not in own or not secrets.compare_digest(place[1:].partition("/")[0].encode(), self._token.encode()):
            return 404, {}, b"nothing here; use the whole address that qfl printed\n"
        name = place[1:].partition("/")[2]
        if name == "":
            return self._page()
        if name != "report":
            return 404, {}, b"nothing here\n"
        over = self.report.over
        html, now = self.report.html()
        self._asked[page] = time.monotonic(), over
        headers = {"ETag": now, "Qfl-Run": "over" if over else "running", "Content-Security-Policy": "sandbox"}
        return (304, headers, b"") if tag == now else (200, headers, html)

    def _page(self) -> tuple[int, dict[str, str], bytes]:
        nonce = secrets.token_urlsafe(16)
        return 200, {"Content-Security-Policy": POLICY.format(nonce=nonce)}, PAGE.replace("NONCE", nonce).encode()


def _handler(answer: Callable[[str, str, str], tuple[int, dict[str, str], bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "qfl", ""
        timeout = 30

        def do_GET(self) -> None:
            given = self.headers
            status, headers, content = answer(self.path, given.get("Host", ""), given.get("If-None-Match", ""))
            self.send_response(status)
            always = {
                "Content-Type": "text/html; charset=utf-8" if status == 200 else "text/plain; charset=utf-8",
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
                "Content-Length": str(len(content)),
            }
            for name, value in (always | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: stderr is the run's."""

    return Handler
