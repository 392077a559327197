"""The roster as arrays of whole numbers: what each clinician's row says, exactly, in fixed units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from tideover.nouns.amounts import COVERS, ROLES
from tideover.pay.money import Ints

#: Decimals that are read of each column: money in cents, FTE and shares to four, hours and work RVUs to two.
UNITS = {
    "fte": 10_000,
    "base_salary": 100,
    "work_rvu_per_year": 100,
    "panel": 1,
    "quality_share": 10_000,
    "paid_hours_per_week": 100,
    "after_hours_per_week": 100,
    "call_shifts_per_year": 100,
    "sick_hours_per_year": 100,
    "pto_hours_per_year": 100,
    "retirement_share": 1_000_000,
    "debt": 100,
    "step": 1,
}
#: Sets of equal clinicians are looked for among at most so many.
_MOST_KEYS = 1_000_000


@dataclass(frozen=True)
class People:
    """A roster: its table, and its columns as whole numbers in the ``UNITS``."""

    table: pl.DataFrame
    _arrays: dict[str, Ints] = field(default_factory=dict, repr=False, compare=False)

    @property
    def count(self) -> int:
        """How many clinicians there are."""
        return self.table.height

    def of(self, column: str) -> Ints:
        """Return a column in its unit; what is missing must have been found before (see ``check``)."""
        if column not in self._arrays:
            cells = self.table[column].fill_null(0).cast(pl.Float64).to_numpy()
            self._arrays[column] = np.rint(cells * UNITS[column]).astype(np.int64)
        return self._arrays[column]

    @cached_property
    def role(self) -> Ints:
        """The number of each clinician's role among ``ROLES``."""
        return self.table["role"].cast(pl.Enum(ROLES)).to_physical().to_numpy().astype(np.int64)

    @cached_property
    def by_role(self) -> dict[str, Ints]:
        """The rows of each role."""
        return {role: np.flatnonzero(self.role == number) for number, role in enumerate(ROLES)}

    def classes(self, columns: Sequence[str]) -> tuple[People, Ints | None]:
        """Return one clinician for each set of equal role and ``columns``, and the place of each among them.

        Where that saves little or nothing, the people themselves and ``None``.
        """
        key, space = self.role, len(ROLES)
        for column in columns:
            values = self.of(column)
            low = int(values.min(initial=0))
            width = int(values.max(initial=0)) - low + 1
            space *= width
            if space > _MOST_KEYS:
                return self, None
            key = key * width + (values - low)
        seen = np.zeros(space, np.bool_)
        seen[key] = True
        found = np.flatnonzero(seen)
        if found.size * 4 > self.count:
            return self, None
        place = np.empty(space, np.int64)
        place[found] = np.arange(found.size)
        member: Ints = place[key]
        example = np.empty(found.size, np.int64)
        example[member] = np.arange(self.count)
        return People(self.table[example]), member

    @cached_property
    def cover(self) -> Ints:
        """The number of each clinician's health cover among ``COVERS``; unknown counts as none."""
        covers = self.table["health_cover"].fill_null(COVERS[0]).cast(pl.Enum(COVERS))
        return covers.to_physical().to_numpy().astype(np.int64)

    def among(self, roles: tuple[str, ...]) -> Ints:
        """Return 1 for each clinician of these roles, 0 for the others."""
        marks = np.zeros(self.count, np.int64)
        for role in roles:
            marks[self.by_role[role]] = 1
        return marks


def uneven(frame: pl.DataFrame, column: str) -> pl.Series:
    """Return which cells have more decimals than their unit holds."""
    scaled = frame[column].cast(pl.Float64) * UNITS[column]
    return ((scaled - scaled.round()).abs() > 1e-6 * scaled.abs().clip(1)).fill_null(value=False)
