"""A table service in the manner of OSRM (``/table/v1``): asked in batches, patiently, and never twice."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from tideover.errors import Fault, InputError
from tideover.nouns.travel import PLACES_PER_DEGREE
from tideover.travel.cache import Answer, Cache, Place

#: Coordinates in one question; what OSRM takes where nobody has raised its ``max-table-size``.
TABLE_SIZE = 100
#: How often a question is put before it is given up, and the seconds before it is put again.
TRIES, FIRST_WAIT, LONGEST_WAIT = 5, 0.5, 30.0
#: Seconds until an answer must have begun.
TIMEOUT = 30.0
_ANSWER = "a table service in the manner of OSRM (/table/v1/driving/lon,lat;...)"
_REMEDY = "Look at the address and the service; or give a matrix file, or leave --travel out."
#: Answers after which a smaller question may do better.
_SMALLER = frozenset({"TooBig", "NoTable", "NoSegment"})


@dataclass(frozen=True)
class Service:
    """An address of a table service, with where its answers are kept, and how to ask.

    ``address`` ends with the profile (``.../table/v1/driving``). ``sleep`` waits between tries.
    """

    address: str
    cache: Cache
    table_size: int = TABLE_SIZE
    timeout: float = TIMEOUT
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)

    @classmethod
    def at(cls, url: str, cache: Cache, **how: Any) -> Service:
        """Return the service at ``url``; ``InputError`` if that is no plain address of the web."""
        return cls(address_of(url), cache, **how)

    def seconds(
        self,
        starts: Sequence[Place],
        ends: Sequence[Place],
        report: Callable[[str], None] = lambda text: None,
    ) -> NDArray[np.float64]:
        """Return the seconds from each of ``starts`` to each of ``ends``, (starts, ends); no place twice.

        ``inf`` where no way leads, ``nan`` where the service cannot tell (no road near one of the places).
        What the cache holds is not asked; every answer is kept in it at once, so that a run that was stopped
        goes on where it was. Raises ``InputError`` with the address, what was found and what to do.
        """
        row, column = ({place: at for at, place in enumerate(some)} for some in (starts, ends))
        found = np.zeros((len(starts), len(ends)), np.float64)
        known = np.zeros(found.shape, np.bool_)
        for start, end, seconds in self.cache.read(self.address, starts):
            if end in column:
                found[row[start], column[end]] = seconds
                known[row[start], column[end]] = True
        lacking = [start for start in starts if not known[row[start]].all()]
        with httpx.Client(timeout=self.timeout, headers={"User-Agent": "tideover"}) as client:
            asker = _Asker(self, client)
            for asked, batch in enumerate(_batches(lacking, ends, self.table_size), start=1):
                report(f"asking for journeys, question {asked:,}")
                answers = list(asker.ask(*batch))
                self.cache.keep(self.address, answers)
                for start, end, seconds in answers:
                    found[row[start], column[end]] = seconds
        return found


def address_of(url: str) -> str:
    """Return the address of the table service at ``url``: with ``/table/v1/driving`` if it names no profile.

    ``InputError`` for a URL with a name, a password, a question or a fragment: the address is written into
    plans, which others read.

    >>> address_of("http://localhost:5000/")
    'http://localhost:5000/table/v1/driving'
    """
    try:
        parts = httpx.URL(url)
        sound = parts.scheme in {"http", "https"} and parts.host and not parts.userinfo
        sound = sound and (parts.port or 80) < 65536
    except (httpx.InvalidURL, ValueError, UnicodeError):
        sound = False
    if not sound or re.search(r"[?#\s]", url):
        expected = "an address such as http://localhost:5000, without name, password, ? or #"
        # what is wrong may be a password: it is not said again
        remedy = "Put a proxy that knows the password in front of a service that asks for one."
        raise InputError([Fault("the table service", None, None, "no plain web address", expected, remedy)])
    plain = str(parts).rstrip("/")
    return plain if re.search(r"/table/v1/\w+$", plain) else f"{plain}/table/v1/driving"


def _batches(
    starts: Sequence[Place], ends: Sequence[Place], size: int
) -> Iterator[tuple[list[Place], list[Place]]]:
    """Yield parts of the table whose places together are at most ``size``; every pair in one of them."""
    across = min(len(ends), max(1, size // 2))
    down = max(1, size - across)
    for row in range(0, len(starts), down):
        for column in range(0, len(ends), across):
            yield list(starts[row : row + down]), list(ends[column : column + across])


class _AgainError(Exception):
    """The service may answer if it is asked again, after some seconds if it says so."""

    def __init__(self, found: str, after: float | None = None) -> None:
        super().__init__(found)
        self.after = after


class _Asker:
    """Puts questions to one service over one connection."""

    def __init__(self, service: Service, client: httpx.Client) -> None:
        self._service = service
        self._client = client
        self._most = 10**9  # places in one question: less, once the service has said that it is too big

    def ask(self, starts: list[Place], ends: list[Place]) -> Iterator[Answer]:
        """Yield the answer for every pair.

        A question that is too big, or fails for one place in it, is halved until the pair that it fails for
        stands alone: with ``NoTable`` no way leads, with ``NoSegment`` no road is near and nobody knows.
        """
        count = len(starts) + len(ends)
        code, table = self._answer(starts, ends) if count <= self._most else ("TooBig", [])
        if code == "Ok":
            for start, row in zip(starts, table, strict=True):
                for end, seconds in zip(ends, row, strict=True):
                    yield start, end, math.inf if seconds is None else float(seconds)
            return
        if len(starts) == len(ends) == 1:
            if code == "TooBig":
                raise self._fault("TooBig even for one start and one end", "room for two places")
            yield starts[0], ends[0], math.inf if code == "NoTable" else math.nan
            return
        if code == "TooBig":
            self._most = min(self._most, count - 1)
        for half in _halves(starts, ends):
            yield from self.ask(*half)

    def _answer(self, starts: list[Place], ends: list[Place]) -> tuple[str, list[list[float | None]]]:
        """Return the code of the service's answer and, if that is Ok, the table of seconds."""
        url = _question(self._service.address, starts, ends)
        for turn in range(TRIES):
            try:
                return self._read(self._client.get(url), len(starts), len(ends))
            except (_AgainError, httpx.TransportError) as error:
                found = str(error) or type(error).__name__
                after = error.after if isinstance(error, _AgainError) else None
                if turn + 1 < TRIES:
                    wait = FIRST_WAIT * 2**turn if after is None else after
                    self._service.sleep(min(wait, LONGEST_WAIT))
        raise self._fault(f"no answer in {TRIES} tries, the last time: {found}", _ANSWER)

    def _read(
        self, response: httpx.Response, rows: int, columns: int
    ) -> tuple[str, list[list[float | None]]]:
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _AgainError(f"HTTP {status}", _seconds(response.headers.get("Retry-After")))
        try:
            said = response.json()
        except (ValueError, RecursionError):
            said = None
        code = said.get("code") if isinstance(said, dict) else None
        if code in _SMALLER:
            return str(code), []
        if code != "Ok" or status != httpx.codes.OK:
            words = said.get("message", "") if isinstance(said, dict) else ""
            what = f"HTTP {status}" + (f", {_short(code)} {_short(words)}".rstrip() if code else "")
            raise self._fault(what, _ANSWER)
        table = said.get("durations")
        if not _is_table(table, rows, columns):
            raise self._fault("an answer without a table of durations", f"{rows} rows of {columns} durations")
        return "Ok", table

    def _fault(self, found: str, expected: str) -> InputError:
        return InputError([Fault(self._service.address, None, None, found, expected, _REMEDY)])


def _question(address: str, starts: list[Place], ends: list[Place]) -> str:
    """Return the address that asks for the seconds between places; a place in both lists stands once."""
    places = list(dict.fromkeys([*starts, *ends]))
    number = {place: at for at, place in enumerate(places)}
    where = ";".join(f"{_degrees(lon)},{_degrees(lat)}" for lat, lon in places)
    sources, destinations = (";".join(str(number[place]) for place in some) for some in (starts, ends))
    return f"{address}/{where}?sources={sources}&destinations={destinations}&annotations=duration"


def _degrees(code: int) -> str:
    return f"{code / PLACES_PER_DEGREE:.5f}"


def _halves(starts: list[Place], ends: list[Place]) -> list[tuple[list[Place], list[Place]]]:
    if len(starts) >= len(ends):
        middle = len(starts) // 2
        return [(starts[:middle], ends), (starts[middle:], ends)]
    middle = len(ends) // 2
    return [(starts, ends[:middle]), (starts, ends[middle:])]


def _is_table(table: Any, rows: int, columns: int) -> bool:
    return (
        isinstance(table, list)
        and len(table) == rows
        and all(isinstance(row, list) and len(row) == columns for row in table)
        and all(cell is None or _is_duration(cell) for row in table for cell in row)
    )


def _is_duration(cell: Any) -> bool:
    # not a number, endless or negative: no duration
    return isinstance(cell, int | float) and not isinstance(cell, bool) and 0 <= cell < 1e7


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and re.fullmatch(r"\d{1,6}", header.strip()) else None


def _short(text: Any) -> str:
    words = "".join(c for c in str(text) if c.isprintable())
    return words if len(words) <= 100 else f"{words[:100]}..."
