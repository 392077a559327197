"""The working share of a strike as somebody states it: one number, or a range with a most likely value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_PART = r"([0-9]+(?:\.[0-9]+)?)"
_RANGE = re.compile(rf"{_PART}\.\.{_PART}\.\.{_PART}")


@dataclass(frozen=True)
class WorkingShare:
    """A share of the struck posts: nine days in ten between ``low`` and ``high``, most likely ``likely``.

    All three are the exact decimal numbers that were stated; they are equal where one number was.
    """

    low: Fraction
    likely: Fraction
    high: Fraction

    @classmethod
    def of(cls, stated: float | str) -> WorkingShare:
        """Return the share that ``stated`` (0.25, "0.25" or "0.15..0.25..0.4") says.

        ``ValueError`` if it is in neither form; whether it is in order is for the reader of the field.

        >>> float(WorkingShare.of("0.1..0.2..0.3").mean)
        0.2
        """
        found = _RANGE.fullmatch(stated) if isinstance(stated, str) else None
        low, likely, high = found.groups() if found else (str(stated),) * 3
        return cls(Fraction(low), Fraction(likely), Fraction(high))

    @property
    def mean(self) -> Fraction:
        """The expected share: (low + 0.95 likely + high) / 2.95 (Perry and Greig 1975)."""
        return (20 * self.low + 19 * self.likely + 20 * self.high) / 59

    @property
    def certain(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high
