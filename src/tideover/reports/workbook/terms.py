"""Each kind of term as formulas: its inputs are written, and what it gives a clinician in a year comes back.

A formula has places in braces: columns of the roster, ``role`` (its number), ``cover`` (its number), ``year``
(its number), and the columns of the same row. Amounts are in units of the currency.
"""

from __future__ import annotations

from collections.abc import Callable

from tideover.nouns.amounts import COVERS
from tideover.nouns.payroll import Year
from tideover.pay import KINDS
from tideover.pay.base import ORDER
from tideover.pay.money import to_cents
from tideover.pay.terms.salary_guarantee import COUNTED
from tideover.pay.years import share
from tideover.reports.workbook.inputs import FIRST_YEAR, Block
from tideover.reports.workbook.pen import cent

#: From a term to its formulas, by column of the sheet: the kind's own, ``premium``, ``carried:ID``.
Formulas = dict[str, str]
_LENGTH = "INDEX(year_length,{year})"
_WEEKS, _MONTHS = 52, 12


def _sum(block: Block, kinds: tuple[str, ...] | list[str]) -> str:
    """Return the sum of the columns of these kinds of pay; those of base pay are one column."""
    held = {term.kind for term in block.offer.terms}
    names = ["{base}", *(f"{{{kind}}}" for kind in kinds if kind in held and kind not in ORDER)]
    return f"({'+'.join(dict.fromkeys(names))})"


def _work_rvu(block: Block) -> Formulas:
    tiers = block.term["tiers"]
    for number, (over, rate) in enumerate(tiers, start=1):
        block.value(f"over_{number}", f"tier {number}: over work RVUs of a full-time year", over, "in_count")
        block.money(f"rate_{number}", f"tier {number}: rate of each", rate)
    name, parts = block.name, []
    for number in range(1, len(tiers) + 1):
        above = f"{{work_rvu_per_year}}-{name}_over_{number}*{{fte}}"
        if number < len(tiers):
            above = f"MIN({above},({name}_over_{number + 1}-{name}_over_{number})*{{fte}})"
        parts.append(f"{name}_rate_{number}*MAX(0,{above})")
    return {"work_rvu": cent(f"{block.roles}*{block.part}*({'+'.join(parts)})", block.mode)}


def _panel_pay(block: Block) -> Formulas:
    rate = block.money("rate", "for each patient over", block.term["rate"])
    over = block.value(
        "over", "patients of a full-time post not paid for", block.term["threshold"], "in_count"
    )
    amount = f"{block.roles}*{block.part}*{rate}*MAX(0,{{panel}}-{over}*{{fte}})"
    return {"panel_pay": cent(amount, block.mode)}


def _amount_times(words: str, times: str) -> Callable[[Block], Formulas]:
    """Return the maker of an amount by role, times ``times`` of the roster and the part of the year."""

    def make(block: Block) -> Formulas:
        """Return the formulas of the term in one offer."""
        amount = block.money_by_role("amount", words, block.term["amount"])
        return {block.term.kind: cent(f"{block.roles}*{block.part}*{amount}*{times}", block.mode)}

    return make


def _bonus(block: Block) -> Formulas:
    amount = block.money_by_role("amount", "amount each time", block.term["amount"])
    days = block.term["paid_on"]
    times = [float(sum(year.start <= day <= year.end for day in days)) for year in block.inputs.years]
    block.inputs.by_year(f"{block.name}_times", "times paid in the year", times, "in_count")
    made = f"{block.roles}*INDEX({block.name}_times,{{year}})*{amount}"
    full = block.term["to"] == "full_time"
    return {block.term.kind: cent(f"{made}*{{fte}}" if full else made, block.mode)}


def _paid_hours(block: Block) -> Formulas:
    hours = block.value("hours", "hours a week of a full-time post", block.term["hours_per_week"], "in_count")
    wanted = f"{block.roles}*{block.part}*{hours}*{_WEEKS}*{{fte}}"
    if block.term["rate"] is not None:
        rate = block.money("rate", "pay of an hour", block.term["rate"])
        return {"paid_hours": cent(f"{wanted}*{rate}", block.mode)}
    return {"paid_hours": _hourly(block, wanted)}


def _hourly(block: Block, hours: str) -> str:
    """Return the formula of so many hours at base pay of an hour; without paid hours it is nought."""
    paid = f"ROUND({{paid_hours_per_week}}*{_WEEKS}*{_LENGTH},2)"
    return f"IF({paid}>0,{cent(f'{{base}}*({hours})/{paid}', block.mode)},0)"


def _leave(block: Block) -> Formulas:
    """Hours beyond what is carried over are paid; what is carried has a column of its own."""
    term = block.term
    column = KINDS[term.kind].needs(term)[0]
    accrue = block.value("hours", "hours that accrue in a full-time year", term["hours_per_year"], "in_count")
    cap = block.value("cap", "hours carried over at most, full-time", term["carry_over_hours"], "in_count")
    paid = block.value(
        "cash_out", "share of base pay of an hour paid for the rest", term["cash_out"], "in_rate"
    )
    if not term["cash_out"]:
        return {}  # nothing is paid for it, and hours themselves are no money here
    key = f"carried_{block.name}"
    before = f"{{before_{key}}}"
    due = f"ROUND({block.roles}*{accrue}*{{fte}}*{block.part},6)"
    taken = f"ROUND({{{column}}}*{block.part},6)"
    unused = f"MAX(0,{before}+{due}-{taken})"
    most = f"ROUND({block.roles}*{cap}*{{fte}},6)"
    out = f"IF({block.part}=0,0,ROUND({unused}-{{{key}}},6))"
    return {
        key: f"IF({block.part}=0,{before},ROUND(MIN({unused},{most}),6))",
        term.kind: _hourly(block, f"{out}*{paid}"),
    }


def _guarantee(block: Block) -> Formulas:
    amount = block.money_by_role("amount", "least pay of a full-time year", block.term["amount"])
    due = cent(f"{block.roles}*{block.part}*{amount}*{{fte}}", block.mode)
    earned = _sum(block, COUNTED)
    partly = cent(f"{earned}*{block.part}/{_LENGTH}", block.mode)
    held = f"IF({block.part}<{_LENGTH},{partly},{earned})"
    made = f"MAX(0,ROUND({due}-{held},2))"
    return {"salary_guarantee": f"IF(({block.part}=0)+({amount}=0)>0,0,{made})"}


def _pensionable(block: Block) -> str:
    return _sum(block, [name for name in KINDS if KINDS[name].pensionable])


def _contribution(block: Block) -> Formulas:
    rate = block.value("rate", "share of pay that the employer puts in", block.term["rate"], "in_rate")
    amount = f"{block.roles}*{block.part}/{_LENGTH}*{rate}*{_pensionable(block)}"
    return {"retirement_contribution": cent(amount, block.mode)}


def _match(block: Block) -> Formulas:
    match = block.value("match", "added to each unit put in", block.term["match"], "in_rate")
    most = block.value("up_to", "largest share of pay that is matched", block.term["up_to"], "in_rate")
    pay = _pensionable(block)
    if block.term["pay_limit"] is not None:
        limit = block.money("pay_limit", "pay beyond which nothing is matched", block.term["pay_limit"])
        pay = f"MIN({pay},{limit})"
    amount = f"{block.roles}*{block.part}/{_LENGTH}*{match}*MIN({{retirement_share}},{most})*{pay}"
    return {"retirement_match": cent(amount, block.mode)}


def _premium(block: Block) -> Formulas:
    """The premium by cover and year is reckoned beside the inputs; each clinician's cover looks it up."""
    term, inputs, name = block.term, block.inputs, block.name
    owned = block.value("share", "share that the clinician pays", term["clinician_share"], "in_rate")
    trend = block.value("trend", "growth from one year to the next", term["trend"], "in_rate")
    monthly = {cover: 0 if cover == "none" else term["monthly"].get(cover, 0) for cover in COVERS}
    cells = [block.money(f"monthly_{cover}", f"monthly premium, {cover}", monthly[cover]) for cover in COVERS]
    for whose, words in (("own", "clinician's part"), ("rest", "employer's part")):
        first = inputs.row
        for cover, cell in zip(COVERS, cells, strict=True):
            inputs.formulas(f"{words} of a year, {cover}", [
                _premium_of(block, year, (cell, owned, trend), monthly[cover], own=whose == "own")
                for year in inputs.years
            ])  # fmt: skip
        last = FIRST_YEAR + len(inputs.years) - 1
        area = inputs.sheet.place(first, FIRST_YEAR, inputs.row - 1, last)
        inputs.pen.define(f"{name}_{whose}", area)
    own, rest = (f"{block.roles}*INDEX({name}_{whose},{{cover}},{{year}})" for whose in ("own", "rest"))
    return {"own_premium": f"-{own}", "premium": rest}


def _premium_of(
    block: Block, year: Year, cells: tuple[str, str, str], cents: int, *, own: bool
) -> tuple[str, float]:
    cell, owned, trend = cells
    term, mode = block.term, block.mode
    whole = f"{cell}*{_MONTHS}*INDEX({block.name}_part,{year.number})*(1+{trend})^{year.number - 1}"
    exact = cents * _MONTHS * share(term.start, term.end, year) * (1 + term["trend"]) ** (year.number - 1)
    mine = to_cents(exact * term["clinician_share"], mode)
    if own:
        return cent(f"{whole}*{owned}", mode), mine / 100
    formula = f"ROUND({cent(whole, mode)}-{cent(f'{whole}*{owned}', mode)},2)"
    return formula, (to_cents(exact, mode) - mine) / 100


#: Kinds whose lines are formulas; base pay has a sheet of its own, the others are written as values.
MAKERS: dict[str, Callable[[Block], Formulas]] = {
    "work_rvu": _work_rvu,
    "panel_pay": _panel_pay,
    "quality_pay": _amount_times("of a full-time year, all earned", "{fte}*{quality_share}"),
    "call_pay": _amount_times("of a shift on call", "{call_shifts_per_year}"),
    "cme": _amount_times("of a full-time year", "{fte}"),
    "ratification_bonus": _bonus,
    "retention_bonus": _bonus,
    "paid_hours": _paid_hours,
    "sick_leave": _leave,
    "paid_time_off": _leave,
    "salary_guarantee": _guarantee,
    "retirement_contribution": _contribution,
    "retirement_match": _match,
    "health_premium": _premium,
}
