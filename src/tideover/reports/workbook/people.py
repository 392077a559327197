"""The sheet of the roster, and one sheet for each offer: a row for each clinician and pay year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover.nouns.amounts import COVERS, ROLES
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents, Payroll
from tideover.pay import KINDS
from tideover.pay.base import ORDER
from tideover.pay.employer import Tax, payroll_tax
from tideover.pay.people import UNITS, People
from tideover.pay.terms._kind import STAGES
from tideover.pay.terms._leave import balances
from tideover.reports.workbook.inputs import Blocks
from tideover.reports.workbook.pen import Pen, Sheet, cent, column_name
from tideover.reports.workbook.rates import Rates
from tideover.reports.workbook.terms import MAKERS

HEAD = 3
FIRST = HEAD + 1
#: Columns of the roster, beside identifier, role, clinic and cover.
NUMBERS = ("step", *(name for name in UNITS if name not in {"step", "debt", "after_hours_per_week"}))
_HEADS = {
    "base": "Base pay", "pay": "Pay", "own_premium": "Own part of premiums", "net": "Pay, benefits, premiums",
    "premium": "Employer's part of premiums", "tax": "Payroll tax", "cost": "Cost to the employer",
}  # fmt: skip
_UNIT = 1_000_000


@dataclass(frozen=True)
class Staff:
    """The roster on its sheet: for each clinician, where each column stands."""

    refs: list[dict[str, str]]
    clinicians: list[str]


def write_roster(pen: Pen, rates: Rates, payroll: Payroll) -> Staff:
    """Write the roster, one row for each clinician, and the numbers by which formulas look things up."""
    sheet = pen.sheet("Roster", "Roster", tab="#6f8f6a")
    table = payroll.clinicians
    names = ["clinician_id", "role", "clinic_id", "health_cover", *NUMBERS, "role_no", "cover_no", "key"]
    sheet.heads(HEAD, 0, [name.replace("_", " ") for name in names])
    sheet.widths(22, 11, 20, 9, *[10] * len(NUMBERS), 6, 6, 6)
    sheet.titles(HEAD, columns=1)
    letters = {name: column_name(place) for place, name in enumerate(names)}
    for place, name in enumerate(names[:4]):
        for row, value in enumerate(table[name].cast(pl.String).to_list(), start=FIRST):
            sheet.text(row, place, value or "", "in_text" if place else "text")
    for place, name in enumerate(NUMBERS, start=4):
        look = "in_money" if name == "base_salary" else "in_count"
        for row, value in enumerate(table[name].to_list(), start=FIRST):
            sheet.number(row, place, value, look)
    roles, covers = (",".join(f'"{name}"' for name in group) for group in (ROLES, COVERS))
    refs = []
    for place, (role, cover, step) in enumerate(table.select("role", "health_cover", "step").iter_rows()):
        row, line = FIRST + place, FIRST + place + 1
        at = {name: f"Roster!${letter}{line}" for name, letter in letters.items()}
        sheet.formula(row, len(names) - 3, f"MATCH({letters['role']}{line},{{{roles}}},0)",
                      ROLES.index(role) + 1, "year")  # fmt: skip
        of_cover = f"IFERROR(MATCH({letters['health_cover']}{line},{{{covers}}},0),1)"
        sheet.formula(row, len(names) - 2, of_cover,
                      COVERS.index(cover) + 1 if cover else 1, "year")  # fmt: skip
        key = f'IFERROR(MATCH({letters["role"]}{line}&"|"&{letters["step"]}{line},rate_keys,0),"")'
        sheet.formula(row, len(names) - 1, key, rates.key(role, step), "year")
        refs.append({**at, "role_name": at["role"], "role": at["role_no"], "cover": at["cover_no"]})
    return Staff(refs, table["clinician_id"].to_list())


@dataclass
class Page:
    """The sheet of one offer: its columns by key, with the formulas (by year for base pay) and the values."""

    sheet: Sheet
    payroll: Payroll
    columns: dict[str, int]
    formulas: dict[str, list[str] | None]
    values: dict[str, Cents]

    def area(self, key: str, year: int | None = None) -> str:
        """Return the address of a column of this sheet, of one year or of all."""
        count = self.payroll.clinicians.height
        first = FIRST + (count * year if year is not None else 0)
        last = first + count - 1 if year is not None else FIRST + count * len(self.payroll.years) - 1
        return self.sheet.place(first, self.columns[key], last)

    def cell(self, key: str, year: int, place: int) -> str:
        """Return the address of a clinician's cell in a year."""
        row = FIRST + self.payroll.clinicians.height * year + place + 1
        return f"'{self.sheet.name}'!{column_name(self.columns[key])}{row}"

    @property
    def only_values(self) -> list[str]:
        """The headings of the columns that are written as values, without formulas."""
        return [_head(key) for key, formula in self.formulas.items() if formula is None]


def _head(key: str) -> str:
    return _HEADS.get(key) or (KINDS[key].title if key in KINDS else "Hours carried over")


def write_offer(
    blocks: Blocks, base: list[str] | None, payroll: Payroll, label: str, tax: Tax | None
) -> Page:
    """Write the inputs of an offer's terms and make its sheet: the cells are filled by ``fill``."""
    pen = blocks.inputs.pen
    values = _values(payroll, tax)
    formulas: dict[str, list[str] | None] = {"base": base}
    for stage in STAGES[1:]:
        for term in payroll.offer.terms:
            maker = MAKERS.get(term.kind)
            if KINDS[term.kind].stage != stage or maker is None:
                continue
            block = blocks.begin(term)
            for key, formula in maker(block).items():
                formulas[key] = [*(formulas.get(key) or []), formula]
                if key.startswith("carried_"):
                    values[key] = _carried(payroll, term)
    for line in payroll.lines:
        if line.kind not in MAKERS and line.kind not in ORDER:
            formulas[line.kind] = None
    _totals(formulas, payroll, tax)
    sheet = pen.sheet(label, f"{label}: {payroll.offer.name}", tab="#4f7ea8")
    keys = _ordered(formulas, payroll)
    return Page(sheet, payroll, {key: 4 + place for place, key in enumerate(keys)}, formulas, values)


def _carried(payroll: Payroll, term: Term) -> Cents:
    made = balances(term, People(payroll.clinicians), payroll.years)
    return np.array([carried for _, carried in made], np.int64)


def _values(payroll: Payroll, tax: Tax | None) -> dict[str, Cents]:
    """Return the engine's cents of every column: (years, clinicians)."""
    found: dict[str, Cents] = {}
    for line in payroll.lines:
        key = "base" if line.kind in ORDER else line.kind
        key = {"deduction": "own_premium", "employer": "premium"}.get(line.side, key)
        found[key] = found[key] + line.cents if key in found else line.cents
    pay = payroll.total("pay")
    found |= {"pay": pay, "net": payroll.total()}
    mode, zero = payroll.offer.rounding.mode, np.zeros_like(pay)
    found["tax"] = zero if tax is None else np.array(
        [payroll_tax(pay[number], year, tax, mode) for number, year in enumerate(payroll.years)], np.int64
    )  # fmt: skip
    found["cost"] = pay + payroll.total("benefit", "employer") + found["tax"]
    return found


def _totals(formulas: dict[str, list[str] | None], payroll: Payroll, tax: Tax | None) -> None:
    """Add the formulas of the sums: pay, pay with benefits, tax, cost."""
    sides = {line.kind: line.side for line in payroll.lines if line.side in {"pay", "benefit"}}
    pay = ["base", *(key for key in formulas if sides.get(key) == "pay" and key != "base")]
    benefits = [key for key in formulas if sides.get(key) == "benefit"]
    own = [key for key in ("own_premium",) if key in formulas]
    rest = [key for key in ("premium",) if key in formulas]

    def total(keys: Sequence[str]) -> list[str]:
        """Return the formula of the sum of some columns, in whole cents."""
        return [f"ROUND({'+'.join(f'{{{key}}}' for key in keys)},2)"]

    formulas["pay"] = total(pay)
    formulas["net"] = total(["pay", *benefits, *own])
    if tax is not None:
        mode = payroll.offer.rounding.mode
        low = cent("MIN({pay},INDEX(tax_base,{year}))*tax_oasdi", mode)
        formulas["tax"] = [f"ROUND({low}+{cent('{pay}*tax_medicare', mode)},2)"]
    formulas["cost"] = total(["pay", *benefits, *rest, *(["tax"] if tax is not None else [])])


def _ordered(formulas: Mapping[str, object], payroll: Payroll) -> list[str]:
    """Return the columns in the order in which they are read."""
    sides = {line.kind: line.side for line in payroll.lines if line.side in {"pay", "benefit"}}
    of = {side: [key for key in formulas if sides.get(key) == side] for side in ("pay", "benefit")}
    carried = [key for key in formulas if key.startswith("carried_")]
    order = ["base", *of["pay"], "pay", *of["benefit"], "own_premium", "net", "premium", "tax", "cost"]
    return list(dict.fromkeys(key for key in [*order, *carried] if key in formulas))


def fill(page: Page, staff: Staff) -> None:
    """Write every cell of an offer's sheet: formulas with the engine's values, or values alone."""
    sheet, payroll = page.sheet, page.payroll
    heads = [
        _head(key) + ("" if page.formulas[key] is not None else " (value, no formula)")
        for key in page.columns
    ]
    sheet.heads(HEAD, 0, ["Clinician", "Role", "Year", "FTE", *heads])
    sheet.widths(22, 10, 6, 6, *[12] * len(heads))
    sheet.titles(HEAD, columns=4)
    count = payroll.clinicians.height
    letters = {key: column_name(column) for key, column in page.columns.items()}
    roles, ftes = payroll.clinicians["role"].to_list(), payroll.clinicians["fte"].to_list()
    held = {key: (page.values[key] / (_UNIT if key.startswith("carried_") else 100)).tolist()
            for key in page.columns}  # fmt: skip
    look = {key: _look(key, live=page.formulas[key] is not None) for key in page.columns}
    for number in range(len(payroll.years)):
        texts = {key: _text(key, page.formulas[key], number) for key in page.columns}
        for place, refs in enumerate(staff.refs):
            row = FIRST + number * count + place
            at = {**refs, "year": f"$C{row + 1}"}
            for key, letter in letters.items():
                at[key] = f"{letter}{row + 1}"
                at[f"before_{key}"] = f"{letter}{row + 1 - count}" if number else "0"
            sheet.formula(row, 0, refs["clinician_id"], staff.clinicians[place], "text")
            sheet.formula(row, 1, refs["role_name"], roles[place], "text")
            sheet.number(row, 2, number + 1, "year")
            sheet.formula(row, 3, refs["fte"], ftes[place], "count")
            for key, column in page.columns.items():
                value, text = held[key][number][place], texts[key]
                if text is None:
                    sheet.number(row, column, value, look[key])
                else:
                    sheet.formula(row, column, text.format_map(at), value, look[key])


def _text(key: str, formulas: list[str] | None, year: int) -> str | None:
    """Return the formula of a column in a year: base pay has one for each year, others one for each term."""
    if formulas is None:
        return None
    return formulas[year] if key == "base" else "+".join(formulas)


def _look(key: str, *, live: bool) -> str:
    if not live:
        return "given"
    if key.startswith("carried_"):
        return "count"
    return "sum" if key in {"pay", "net", "cost"} else "money"
