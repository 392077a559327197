"""The few families of errors that Tideover raises, and the fault: one wrong thing in the input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Fault:
    """One wrong thing in the input: where it is, what was found, what was expected, what to do.

    ``row`` is the line in the file as an editor counts it (the heading is line 1), or ``None`` where the
    fault is about a whole file or column. ``times`` counts equal faults that were grouped into this one.
    """

    file: str
    row: int | None
    column: str | None
    found: str
    expected: str
    remedy: str
    times: int = 1

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the fault as a mapping with the keys that other programs rely on."""
        return asdict(self)

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        more = f" ({self.times:,} times, first here)" if self.times > 1 else ""
        return f"{place}: found {self.found}; expected {self.expected}. {self.remedy}{more}"


class TideoverError(Exception):
    """Every error that Tideover raises on purpose."""


class InputError(TideoverError, ValueError):
    """The input is wrong; ``faults`` lists every wrong thing that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def attempt(faults: list[Fault], source: Callable[[], T]) -> T | None:
    """Return what ``source`` gives; where the input is wrong, add to ``faults`` and return nothing.

    So that one report names the faults of all inputs together.
    """
    try:
        return source()
    except InputError as error:
        faults.extend(error.faults)
    return None


class OutputError(TideoverError, OSError):
    """The output cannot be written where it was asked for."""
