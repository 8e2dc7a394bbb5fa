"""A web server on the loopback that has files, and the faults of real servers."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DROP, NO_RANGES, WRONG_RANGE, CORRUPT = "drop", "no ranges", "wrong range", "corrupt"


class FileServer(ThreadingHTTPServer):
    """Files by name; `faults` are used up, one for each request of the file: a status, or a word above."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.faults: dict[str, list[int | str]] = defaultdict(list)
        self.requests: list[tuple[str, int]] = []
        """Name and first byte of each request."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/refs/"

    def asked(self, name: str) -> list[int]:
        """First bytes of the requests of a file."""
        return [start for other, start in self.requests if other == name]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        name = self.path.removeprefix("/refs/")
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(match[1]) if match else 0
        self.server.requests.append((name, start))
        fault = self.server.faults[name].pop(0) if self.server.faults[name] else None
        data = self.server.files.get(name)
        if isinstance(fault, int) or data is None:
            self._fail(fault if isinstance(fault, int) else 404)
            return
        if fault == NO_RANGES:
            start = 0
        if start >= len(data) > 0 and start:
            self._fail(416)
            return
        self._send(data, start, fault)

    def _fail(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, data: bytes, start: int, fault: str | None) -> None:
        self.send_response(206 if start else 200)
        if start:
            first = start + 7 if fault == WRONG_RANGE else start
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        body = data[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == CORRUPT:
            body = bytes(len(body))
        if fault == DROP:
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[FileServer]:
    """A server with files, in a thread."""
    with FileServer(files) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def closed_port() -> int:
    """A port on which nobody listens."""
    with FileServer({}) as server:
        return server.server_port
