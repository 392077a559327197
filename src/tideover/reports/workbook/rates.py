"""The sheet of base rates: each offer's grids, and the full-time rate of every role and step by stretch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from tideover.nouns.amounts import ROLES
from tideover.nouns.offer import Offer, Term
from tideover.nouns.payroll import Payroll, Year
from tideover.pay.base import SOURCES, Rate, base_terms, cuts_of, rate_on
from tideover.pay.money import to_cents
from tideover.pay.years import DAY, share
from tideover.reports.workbook.inputs import Blocks
from tideover.reports.workbook.pen import Pen, Sheet, cent

_HEAD = 3
_WEEKS = 52


@dataclass(frozen=True)
class Stretch:
    """Days within which no rate changes: the term that states the rate, and each role's rate."""

    first: dt.date
    last: dt.date
    source: Term
    rates: dict[str, Rate]


def stretches(offer: Offer, roles: Sequence[str]) -> list[Stretch] | None:
    """Return the stretches of an offer; ``None`` where roles have different sources of pay at one time."""
    ordered = base_terms(offer)
    cuts = [*cuts_of(offer, ordered), offer.end + DAY]
    terms, made = {term.id: term for term in ordered}, []
    for first, after in pairwise(cuts):
        rates = {}
        for role in roles:
            rate = rate_on([term for term in ordered if role in term.roles], first)
            if rate is None:
                return None
            rates[role] = rate
        sources = {rate.source for rate in rates.values()}
        if len(sources) != 1:
            return None
        made.append(Stretch(first, after - DAY, terms[sources.pop()], rates))
    return made


@dataclass
class Rates:
    """The sheet as it grows to the right: ``column`` is the next free one; a row for each role and step."""

    pen: Pen
    sheet: Sheet
    years: Sequence[Year]
    steps: dict[str, int]
    column: int = 3
    rows: dict[str, int] = field(default_factory=dict)

    @classmethod
    def on(cls, pen: Pen, payrolls: Sequence[Payroll]) -> Rates:
        """Return the sheet with the rows that the offers' grids and the roster need."""
        sheet = pen.sheet("Rates", "Base rates: full-time, by role, step and stretch of days", tab="#d9b23a")
        people = payrolls[0].clinicians
        steps = {}
        for role in ROLES:
            held = people.filter(people["role"] == role)["step"].max()
            grids = [len(t["grid"].get(role, ())) for p in payrolls for t in p.offer.of_kind("base_grid")]
            steps[role] = max([int(held) if isinstance(held, int) else 0, *grids])
        made = cls(pen, sheet, payrolls[0].years, steps)
        made._words()
        return made

    def _words(self) -> None:
        """Write the first columns: what each row is."""
        self.sheet.heads(_HEAD, 0, ["Row", "Step", "Key"])
        row = _HEAD + 1
        for key, words, names in (
            ("part", "part of", [year.name for year in self.years]),
            ("moves", "steps moved:", ROLES),
            ("factor", "factor:", ROLES),
            ("added", "added:", ROLES),
        ):
            self.rows[key] = row
            for name in names:
                self.sheet.text(row, 0, f"{words} {name}", "quiet")
                row += 1
        self.rows["keys"] = row
        for role in ROLES:
            for step in range(1, self.steps[role] + 1):
                self.sheet.text(row, 0, role)
                self.sheet.number(row, 1, step, "year")
                self.sheet.text(row, 2, f"{role}|{step}", "quiet")
                row += 1
        self.rows["end"] = row - 1
        self.pen.define("rate_keys", self.sheet.place(self.rows["keys"], 2, max(row - 1, self.rows["keys"])))
        self.sheet.widths(20, 6, 14)
        self.sheet.titles(_HEAD, columns=3)

    def key(self, role: str, step: int | None) -> int | None:
        """Return the number of the row of a role and step, from one; ``None`` where there is none."""
        if step is None or not 1 <= step <= self.steps[role]:
            return None
        return self.offset(role) + step

    def offset(self, role: str) -> int:
        """Return how many rows stand before those of a role."""
        return sum(self.steps[name] for name in ROLES[: ROLES.index(role)])

    def offer(self, blocks: Blocks, label: str, roles: Sequence[str]) -> list[str] | None:
        """Write an offer's grids and rates; return the formula of base pay by year, ``None`` for values."""
        found = stretches(blocks.offer, roles)
        for term in base_terms(blocks.offer):
            block = blocks.begin(term)
            if term.kind in {"general_increase", "market_adjustment"} and term["rate"] is not None:
                block.value("rate", "change of the base rate", float(term["rate"]), "in_rate")
            if term.kind == "market_adjustment" and term["amount"] is not None:
                block.money("amount", "added to the full-time base rate", term["amount"])
            if term.kind == "base_grid":
                self._grid(term, block.name, label)
        if found is None:
            return None
        for number, one in enumerate(found, start=1):
            self._stretch(blocks, label, number, one)
        return [self._base(blocks, found, year) for year in self.years]

    def _grid(self, term: Term, name: str, label: str) -> None:
        self.sheet.heads(_HEAD, self.column, [f"{label}: grid a {term['per']}"])
        for role, amounts in term["grid"].items():
            first = self.rows["keys"] + self.offset(role)
            for step, amount in enumerate(amounts):
                self.sheet.number(first + step, self.column, amount / 100, "in_money")
        self.pen.define(f"{name}_grid", self._area("keys", self.rows["end"] - self.rows["keys"] + 1))
        self._next()

    def _area(self, key: str, count: int) -> str:
        first = self.rows[key]
        return self.sheet.place(first, self.column, first + count - 1)

    def _next(self) -> None:
        self.sheet.sheet.set_column(self.column, self.column, 13)
        self.column += 1

    def _stretch(self, blocks: Blocks, label: str, number: int, one: Stretch) -> None:
        """Write a stretch's column: parts of the years, moves, factors, additions, and then the rates."""
        name, sheet = f"{blocks.prefix}_rate_{number}", self.sheet
        sheet.heads(_HEAD, self.column, [f"{label}: {one.first} to {one.last}"])
        for place, year in enumerate(self.years):
            part = float(share(one.first, one.last, year))
            sheet.number(self.rows["part"] + place, self.column, part, "in_count")
        for place, role in enumerate(ROLES):
            rate = one.rates.get(role, Rate(one.source.id, 0, Fraction(1), Fraction(0)))
            sheet.number(self.rows["moves"] + place, self.column, rate.moves, "in_count")
            factor, added = _factor(blocks, one, place + 1)
            sheet.formula(self.rows["factor"] + place, self.column, factor, float(rate.factor), "count")
            sheet.formula(self.rows["added"] + place, self.column, added, float(rate.more / 100), "money")
        for key, count in (("part", len(self.years)), ("moves", len(ROLES)), ("factor", len(ROLES)),
                           ("added", len(ROLES))):  # fmt: skip
            self.pen.define(f"{name}_{key}", self._area(key, count))
        if one.source.kind == "base_grid":
            self._rates(blocks, name, one)
        self._next()

    def _rates(self, blocks: Blocks, name: str, one: Stretch) -> None:
        grid = f"{blocks.made[one.source.id].name}_grid"
        rounding = blocks.offer.rounding
        for role, amounts in one.source["grid"].items():
            if role not in one.rates:
                continue
            rate, number = one.rates[role], ROLES.index(role) + 1
            for step in range(1, self.steps[role] + 1):
                row = self.rows["keys"] + self.offset(role) + step - 1
                place = f"MIN($B{row + 1}+INDEX({name}_moves,{number}),{len(amounts)})"
                held = f"INDEX({grid},{self.offset(role)}+{place})"
                full = f"{held}*INDEX({name}_factor,{number})+INDEX({name}_added,{number})"
                exact = amounts[min(step + rate.moves, len(amounts)) - 1] * rate.factor + rate.more
                if rounding.at == "rate":
                    self.sheet.formula(row, self.column, cent(full, rounding.mode),
                                       to_cents(exact, rounding.mode) / 100)  # fmt: skip
                else:
                    self.sheet.formula(row, self.column, full, float(exact / 100), "count")
        self.pen.define(name, self._area("keys", self.rows["end"] - self.rows["keys"] + 1))

    def _base(self, blocks: Blocks, found: Sequence[Stretch], year: Year) -> str:
        """Return the formula of base pay of a year: rate x part of the year x FTE (or paid hours), summed."""
        pieces = []
        rounding = blocks.offer.rounding
        for number, one in enumerate(found, start=1):
            if not share(one.first, one.last, year):
                continue
            name = f"{blocks.prefix}_rate_{number}"
            part = f"INDEX({name}_part,{{year}})"
            if one.source.kind in SOURCES[1:]:
                full = f"{{base_salary}}*INDEX({name}_factor,{{role}})+INDEX({name}_added,{{role}})"
                rate = cent(full, rounding.mode) if rounding.at == "rate" else full
                pieces.append(f"({rate})*{part}*{{fte}}")
            elif one.source["per"] == "hour":
                pieces.append(f"INDEX({name},{{key}})*{part}*{{paid_hours_per_week}}*{_WEEKS}")
            else:
                pieces.append(f"INDEX({name},{{key}})*{part}*{{fte}}")
        return cent("+".join(pieces), rounding.mode)


def _factor(blocks: Blocks, one: Stretch, role: int) -> tuple[str, str]:
    """Return the formulas of what a stretch's source is multiplied by, and of what is added, for a role."""
    factor, added = "1", "0"
    for term in base_terms(blocks.offer):
        if term.kind not in {"general_increase", "market_adjustment"}:
            continue
        if not one.source.start <= term.start <= one.first:
            continue
        name = blocks.made[term.id].name
        if term["rate"] is not None:
            by = f"(1+INDEX({name}_roles,{role})*{name}_rate)"
            factor, added = f"{factor}*{by}", added if added == "0" else f"({added})*{by}"
        if term.kind == "market_adjustment" and term["amount"] is not None:
            added = f"{added}+INDEX({name}_roles,{role})*{name}_amount"
    return factor, added
