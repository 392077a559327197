"""The sheet of inputs: every rate of every offer in a cell of its own, with a name that formulas use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tideover.nouns.amounts import ROLES
from tideover.nouns.offer import Offer, Term
from tideover.nouns.payroll import Year
from tideover.pay import KINDS
from tideover.pay.years import share
from tideover.reports.workbook.pen import Pen, Sheet

#: Columns of the sheet: term, what, one value, then one for each role, then one for each pay year.
VALUE, FIRST_ROLE = 2, 3
FIRST_YEAR = FIRST_ROLE + len(ROLES)
_HEAD = 3


@dataclass
class Inputs:
    """The sheet as it grows downwards: ``row`` is the next free one."""

    pen: Pen
    sheet: Sheet
    years: Sequence[Year]
    row: int = _HEAD + 1

    @classmethod
    def on(cls, pen: Pen, years: Sequence[Year]) -> Inputs:
        """Return the sheet with its heads."""
        sheet = pen.sheet("Inputs", "Inputs: change a yellow cell, and every sheet follows", tab="#d9b23a")
        names = ["Term", "What", "Value", *ROLES, *(year.name for year in years)]
        sheet.heads(_HEAD, 0, names)
        sheet.widths(34, 44, 13, *[11] * (len(ROLES) + len(years)))
        sheet.titles(_HEAD)
        return cls(pen, sheet, years)

    def part(self, title: str) -> None:
        """Begin a part of the sheet, such as an offer."""
        self.row += 1
        self.sheet.text(self.row, 0, title, "part")
        self.row += 1

    def value(self, name: str, words: str, value: float, look: str, title: str = "") -> str:
        """Write one value and return its name."""
        self._words(title, words)
        self.sheet.number(self.row, VALUE, value, look)
        return self._named(name, VALUE, VALUE)

    def by_role(self, name: str, words: str, values: Mapping[str, float], look: str, title: str = "") -> str:
        """Write a value for each role and return the name of the row."""
        self._words(title, words)
        for number, role in enumerate(ROLES):
            self.sheet.number(self.row, FIRST_ROLE + number, values.get(role, 0.0), look)
        return self._named(name, FIRST_ROLE, FIRST_YEAR - 1)

    def by_year(self, name: str, words: str, values: Sequence[float], look: str, title: str = "") -> str:
        """Write a value for each pay year and return the name of the row."""
        self._words(title, words)
        for number, value in enumerate(values):
            self.sheet.number(self.row, FIRST_YEAR + number, value, look)
        return self._named(name, FIRST_YEAR, FIRST_YEAR + len(self.years) - 1)

    def formulas(self, words: str, made: Sequence[tuple[str, float]]) -> None:
        """Write a formula for each pay year, with the engine's values."""
        self._words("", words)
        for number, (formula, value) in enumerate(made):
            self.sheet.formula(self.row, FIRST_YEAR + number, formula, value)
        self.row += 1

    def _words(self, title: str, words: str) -> None:
        if title:
            self.sheet.text(self.row, 0, title)
        self.sheet.text(self.row, 1, words, "quiet")

    def _named(self, name: str, first: int, last: int) -> str:
        end = None if first == last else last
        self.pen.define(name, self.sheet.place(self.row, first, None, end))
        self.row += 1
        return name


@dataclass
class Block:
    """The inputs of one term: ``name`` opens the names of its cells."""

    inputs: Inputs
    term: Term
    name: str
    offer: Offer

    @property
    def mode(self) -> str:
        """How the offer rounds halves of a cent."""
        return self.offer.rounding.mode

    @property
    def roles(self) -> str:
        """The formula of 1 where the term is about the clinician's role, else 0."""
        return f"INDEX({self.name}_roles,{{role}})"

    @property
    def part(self) -> str:
        """The formula of the part of a year for which the term holds."""
        return f"INDEX({self.name}_part,{{year}})"

    def value(self, name: str, words: str, value: float, look: str) -> str:
        """Write one value of the term and return its name."""
        return self.inputs.value(f"{self.name}_{name}", words, value, look)

    def money(self, name: str, words: str, cents: int) -> str:
        """Write an amount of the term and return its name."""
        return self.value(name, words, cents / 100, "in_money")

    def money_by_role(self, name: str, words: str, cents: Mapping[str, int]) -> str:
        """Write an amount for each role and return the formula of the clinician's."""
        found = {role: amount / 100 for role, amount in cents.items()}
        return f"INDEX({self.inputs.by_role(f'{self.name}_{name}', words, found, 'in_money')},{{role}})"


@dataclass
class Blocks:
    """Makes the blocks of one offer: ``prefix`` opens all of its names."""

    inputs: Inputs
    offer: Offer
    prefix: str
    made: dict[str, Block] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def begin(self, term: Term) -> Block:
        """Write the title, the roles and the days of a term; return its block."""
        self.seen[term.kind] += 1
        kind = KINDS[term.kind]
        name = f"{self.prefix}_{term.kind}_{self.seen[term.kind]}"
        block = Block(self.inputs, term, name, self.offer)
        days = f"from {term.start}" if not kind.span else f"{term.start} to {term.end}"
        marks = {role: float(role in term.roles) for role in ROLES}
        self.inputs.by_role(
            f"{block.name}_roles", f"for these roles: 1 yes, 0 no ({days})", marks, "in_count", kind.title
        )
        if kind.span and kind.stage != "base":
            parts = [float(share(term.start, term.end, year)) for year in self.inputs.years]
            self.inputs.by_year(f"{block.name}_part", "part of the year in which it holds", parts, "in_count")
        self.made[term.id] = block
        return block
