"""Instance files of three families of location problems, as they are found in public collections.

All are whitespace-separated numbers; NUL bytes count as blanks, numbers after the last one needed (an optimum
that some collections append) are left out. See ``instance.py --help`` for the layouts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tideover.engines.location import LocationProblem

LAYOUTS = ("capacities-first", "by-customer", "costs-first", "demands-first")
_DECIMALS = 6


class FileError(ValueError):
    """An instance file does not have the form that its family has."""


@dataclass(frozen=True)
class Instance:
    """A problem to be solved at least cost; ``sign`` is -1 where the file asks for the most."""

    name: str
    problem: LocationProblem
    sign: int = 1
    layout: str = ""


class _Numbers:
    """The numbers of a file, taken one group after the other."""

    def __init__(self, text: str, name: str) -> None:
        """Take the words of a file apart; ``FileError`` if one is no number."""
        self.name = name
        self.rows = [line.split() for line in text.splitlines() if line.split()]
        try:
            self.all = np.array([float(word) for row in self.rows for word in row])
        except ValueError as error:
            raise FileError(f"{name}: every word must be a number: {error}") from error
        self.at = 0

    def take(self, *shape: int) -> np.ndarray:
        """Return the next numbers in this shape."""
        count = math.prod(shape)
        if count < 0 or self.at + count > self.all.size:
            raise FileError(
                f"{self.name}: ends too early: {self.all.size} numbers, at least {self.at + count} expected"
            )
        self.at += count
        return self.all[self.at - count : self.at].reshape(shape)

    def whole(self, count: int) -> list[int]:
        """Return the next numbers, which must be whole and at least 1."""
        numbers = self.take(count)
        if (numbers != np.round(numbers)).any() or (numbers < 1).any():
            raise FileError(f"{self.name}: expected whole counts of at least 1, found {numbers.tolist()}")
        return [int(number) for number in numbers]


def read(
    path: Path,
    family: str,
    *,
    most: bool | None = None,
    layout: str | None = None,
    capacity: float | None = None,
) -> list[Instance]:
    """Return the instances of a file of ``family`` (pmedcap, sscflp or gap); raises ``FileError``."""
    text = path.read_bytes().replace(b"\0", b" ").decode("latin-1")
    if re.search(r"\bcapacity\b", text):
        if capacity is None:
            raise FileError(f"{path.name}: says 'capacity' in place of a number; give it with --capacity")
        text = re.sub(r"\bcapacity\b", repr(capacity), text)
    numbers = _Numbers(text, path.name)
    if numbers.all.size < 2:
        raise FileError(f"{path.name}: holds no instance")
    if family == "pmedcap":
        return _p_medians(numbers)
    if family == "gap":
        known = re.fullmatch(r"gap(\d|1[0-2])", path.stem) is not None
        return _assignments(numbers, most=known if most is None else most)
    return [_facilities(numbers, layout)]


def _p_medians(numbers: _Numbers) -> list[Instance]:
    """Return the instances of a file of capacitated p-medians, whose places are points."""
    given = numbers.all
    single = given.size >= 5 and given.size == 5 + 4 * given[2]
    count = 1 if single else numbers.whole(1)[0]
    found = []
    for _ in range(count):
        number = int(numbers.take(2)[0])
        n, p, room = numbers.whole(3)
        _, x, y, demand = numbers.take(n, 4).T
        distance = np.floor(np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :]) + 1e-9)
        problem = LocationProblem(distance, _whole(demand), np.full(n, room), count=p)
        found.append(Instance(f"{numbers.name} {number}", problem))
    return found


def _assignments(numbers: _Numbers, *, most: bool) -> list[Instance]:
    """Return the instances of a file of generalised assignment; ``most``: of profits, not of costs."""
    m, n = numbers.all[:2]
    single = numbers.all.size == 2 + 2 * m * n + m
    count = 1 if single else numbers.whole(1)[0]
    sign = -1 if most else 1
    found = []
    for number in range(1, count + 1):
        agents, jobs = numbers.whole(2)
        cost, size = numbers.take(agents, jobs), numbers.take(agents, jobs)
        room = numbers.take(agents)
        size, room = _units(size, room)
        every = np.ones(agents, bool)
        problem = LocationProblem(sign * cost.T, size.T, room, forced_open=every)
        found.append(Instance(f"{numbers.name} {number}", problem, sign))
    return found


def _facilities(numbers: _Numbers, layout: str | None) -> Instance:
    """Return the instance of a file of facility location, in its order of numbers."""
    chosen = layout or layout_of(numbers.rows)
    if chosen is None:
        raise FileError(f"{numbers.name}: the order of the numbers is not plain; give one with --layout")
    first, second = numbers.whole(2)
    if chosen == "costs-first":
        n, m = first, second
        cost, demand = numbers.take(n, m), numbers.take(n)
        fixed, room = numbers.take(m), numbers.take(m)
    elif chosen == "demands-first":
        m, n = first, second
        demand, room, fixed = numbers.take(n), numbers.take(m), numbers.take(m)
        cost = numbers.take(m, n).T
    else:
        m, n = first, second
        room, fixed = numbers.take(m, 2).T
        if chosen == "capacities-first":
            demand, cost = numbers.take(n), numbers.take(m, n).T
        else:
            rows = numbers.take(n, m + 1)
            demand, cost = rows[:, 0], rows[:, 1:]
    size, room = _units(demand, room)
    return Instance(numbers.name, LocationProblem(cost, size, room, fixed), layout=chosen)


def layout_of(rows: list[list[str]]) -> str | None:
    """Return the layout that counts and line ends of a facility location file show, or None if not one."""
    lengths = [len(row) for row in rows]
    if lengths[0] != 2:
        return None
    first, second = (int(float(word)) for word in rows[0])
    # An optimum may stand at the end.
    sites_first = sum(lengths) - (2 + 2 * first + second + first * second) in {0, 1}
    costs_first = sum(lengths) - (2 + first * second + first + 2 * second) in {0, 1}
    ends = set(np.cumsum(lengths).tolist())
    pairs = all(4 + 2 * j in ends for j in range(first)) and len(lengths) > first + 1
    if costs_first and not sites_first:
        return "costs-first"
    if pairs:
        return _after_sites(lengths[first + 1 :], first, second)
    blocks = all(2 + second + k * first in ends for k in range(3))
    return "demands-first" if blocks and first != second else None


def _after_sites(lengths: list[int], sites: int, customers: int) -> str | None:
    """Return the layout of what follows capacities and fixed costs, from its line lengths."""
    if max(lengths) == 1:
        return None
    if all(length == 1 for length in lengths[:customers]):
        return "capacities-first"
    by_line = lengths == [sites + 1] * customers
    if by_line and customers == sites + 1:
        return None
    return "by-customer" if lengths[0] == 1 or by_line else "capacities-first"


def _whole(numbers: np.ndarray) -> np.ndarray:
    """Return sizes in whole units."""
    return _units(numbers, np.zeros(0))[0]


def _units(size: np.ndarray, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return sizes and rooms in whole units, tenths, hundredths ... as sizes need; room is rounded down."""
    for digits in range(_DECIMALS + 1):
        scaled = size * 10.0**digits
        if np.abs(scaled - np.round(scaled)).max(initial=0.0) < 1e-6:
            return np.round(scaled).astype(np.int64), np.floor(room * 10.0**digits + 1e-6).astype(np.int64)
    raise FileError(f"sizes have more than {_DECIMALS} decimals")
