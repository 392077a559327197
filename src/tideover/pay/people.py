"""The roster as arrays of whole numbers: what each clinician's row says, exactly, in fixed units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from tideover.nouns.amounts import COVERS, ROLES
from tideover.pay.kernels import alike, in_units, refined
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
    """A roster: its table, and its columns as whole numbers in the ``UNITS``; roles by number.

    Clinicians who stand for equal ones (see ``classes``) have columns, and a table without rows.
    """

    table: pl.DataFrame
    _arrays: dict[str, Ints] = field(default_factory=dict, repr=False, compare=False)

    @property
    def count(self) -> int:
        """How many clinicians there are."""
        return self.role.size

    def of(self, column: str) -> Ints:
        """Return a column in its unit; what is missing must have been found before (see ``check``)."""
        if column not in self._arrays:
            cells = self.table[column]
            known = cells.fill_null(0) if cells.null_count() else cells
            if known.dtype.is_integer() and UNITS[column] == 1:
                self._arrays[column] = known.to_numpy().astype(np.int64)
            else:
                self._arrays[column] = in_units(known.cast(pl.Float64).to_numpy(), UNITS[column])
        return self._arrays[column]

    @property
    def role(self) -> Ints:
        """The number of each clinician's role among ``ROLES``."""
        if "role" not in self._arrays:
            self._arrays["role"] = numbered(self.table["role"], ROLES)
        return self._arrays["role"]

    @cached_property
    def by_role(self) -> dict[str, Ints]:
        """The rows of each role."""
        return {role: np.flatnonzero(self.role == number) for number, role in enumerate(ROLES)}

    def classes(self, columns: Sequence[str]) -> tuple[People, Ints | None]:
        """Return one clinician for each set of equal role and ``columns``, and the place of each among them.

        Where that saves little or nothing, the people themselves and ``None``.
        """
        key, space = self.role.copy(), len(ROLES)
        for column in columns:
            values = self.of(column)
            low = int(values.min(initial=0))
            width = int(values.max(initial=0)) - low + 1
            space *= width
            if space > _MOST_KEYS:
                return self, None
            refined(key, values, low, width)
        example, member = alike(key, space)
        if example.size * 4 > self.count:
            return self, None
        held = {"role": self.role[example]} | {column: self.of(column)[example] for column in columns}
        return People(self.table.clear(), held), member

    @cached_property
    def cover(self) -> Ints:
        """The number of each clinician's health cover among ``COVERS``; unknown counts as none."""
        cells = self.table["health_cover"]
        return numbered(cells.fill_null(COVERS[0]) if cells.null_count() else cells, COVERS)

    def among(self, roles: tuple[str, ...]) -> Ints:
        """Return 1 for each clinician of these roles, 0 for the others."""
        if set(roles) >= set(ROLES):
            return np.ones(self.count, np.int64)
        marks = np.zeros(self.count, np.int64)
        for role in roles:
            marks[self.by_role[role]] = 1
        return marks


def numbered(cells: pl.Series, names: Sequence[str]) -> Ints:
    """Return the place of each cell among ``names``; ``polars`` raises for a cell that is none of them."""
    if cells.dtype == pl.Enum(names):
        return cells.to_physical().to_numpy().astype(np.int64)
    same = [cells == name for name in names]
    if sum(int(marks.sum()) for marks in same) < cells.len():
        return cells.cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)
    found = np.zeros(cells.len(), np.int8)
    for number, marks in enumerate(same[1:], start=1):
        found += marks.to_numpy() * np.int8(number)
    return found.astype(np.int64)


def uneven(frame: pl.DataFrame, column: str) -> pl.Series:
    """Return which cells have more decimals than their unit holds."""
    scaled = frame[column].cast(pl.Float64) * UNITS[column]
    return ((scaled - scaled.round()).abs() > 1e-6 * scaled.abs().clip(1)).fill_null(value=False)
