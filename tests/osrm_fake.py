"""A table service in the manner of OSRM on this machine: it answers, fails and counts as a test says."""

from __future__ import annotations

import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Spot = tuple[float, float]


@dataclass
class Fake:
    """What the service does: seconds between two places, and how it fails.

    ``seconds`` returns the seconds from one (lat, lon) to another, ``None`` where no way leads. ``most`` is
    the largest table, as places squared. ``roadless`` places have no road near, ``islands`` make a question
    fail whole. ``before`` are answers that are given first, one to each question: a status, a pair of a
    status and headers, a text, or a number of seconds to be silent for.
    """

    seconds: Callable[[Spot, Spot], float | None] = lambda start, end: 60.0
    most: int = 100
    roadless: frozenset[Spot] = frozenset()
    islands: frozenset[Spot] = frozenset()
    before: list[Any] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    places: list[Spot] = field(default_factory=list)
    url: str = ""

    def table(self, path: str) -> tuple[int, dict[str, Any]]:
        """Return the status and the answer to a question."""
        parts = urlsplit(path)
        match = re.fullmatch(r"/table/v1/driving/(.+)", parts.path)
        if match is None:
            return 400, {"code": "InvalidUrl", "message": "URL string malformed"}
        spots = [tuple(float(x) for x in pair.split(","))[::-1] for pair in match[1].split(";")]
        asked = parse_qs(parts.query)
        starts, ends = (
            [spots[int(at)] for at in asked[name][0].split(";")] for name in ("sources", "destinations")
        )
        assert asked["annotations"] == ["duration"]
        if len(starts) * len(ends) > self.most**2:
            return 400, {"code": "TooBig", "message": "Too many table coordinates"}
        if self.roadless & {*starts, *ends}:
            return 400, {"code": "NoSegment", "message": "Could not find a matching segment"}
        if self.islands & {*starts, *ends}:
            return 400, {"code": "NoTable", "message": "No table found"}
        self.places += starts
        durations = [[self.seconds(start, end) for end in ends] for start in starts]
        return 200, {"code": "Ok", "durations": durations, "sources": [], "destinations": []}


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        fake = self.server.fake
        fake.questions.append(self.path)
        first = fake.before.pop(0) if fake.before else None
        if isinstance(first, float):
            time.sleep(first)
            first = None
        if isinstance(first, bytes):
            self._send(200, {}, first)
        elif first is not None:
            status, headers = first if isinstance(first, tuple) else (first, {})
            self._send(status, headers, b"no")
        else:
            code, said = fake.table(self.path)
            self._send(code, {}, json.dumps(said).encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            return  # whoever asked has lost patience

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is the base class's
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: Fake


@contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    """Run the service on a free port of this machine while the block lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.fake = fake
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def crow(start: Spot, end: Spot) -> float:
    """Return seconds that grow with the distance, another number for each pair, with a tenth left over."""
    return round(60 * 100 * math.dist(start, end), 1)
