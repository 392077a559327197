"""What is said of offers, on the terminal and on the page: one sentence each, and the tables behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from tideover.cases.offer import OffersResult, Outcome
from tideover.impact.suppress import FEWEST_PEOPLE
from tideover.pay import KINDS
from tideover.reports.words import plural

#: Groups in the words of a reader, in the order in which they are told.
GROUPS = {"role": "role", "clinic_id": "clinic", "step": "step", "fte": "FTE"}
ROLES = {"physician": "physicians", "pa": "PAs", "np": "NPs"}
_MILLION = 1_000_000


def money(cents: float) -> str:
    """Return an amount in whole units of the currency; millions with one decimal from ten million on.

    >>> money(1_234_567_890)
    '12.3 million'
    """
    whole = cents / 100
    if abs(whole) >= 10 * _MILLION:
        return f"{whole / _MILLION:,.1f} million"
    return f"{whole:,.0f}"


def signed(share: float) -> str:
    """Return a change in per cent with its sign, to a tenth.

    >>> signed(-0.05)
    '-5.0 %'
    """
    return f"{share * 100:+.1f} %"


def percent(share: float) -> str:
    """Return a share in per cent, to a tenth.

    >>> percent(0.326)
    '32.6 %'
    """
    return f"{share * 100:.1f} %"


def _share(share: float, people: int) -> str:
    """Return who loses in words: of a few clinicians only that they are few."""
    if not share:
        return "none"
    return percent(share) if share * people > FEWEST_PEOPLE - 1 else f"fewer than {FEWEST_PEOPLE}"


def sentence(outcome: Outcome, result: OffersResult) -> str:
    """Return one sentence about an offer: the mean, the ends, who loses, and what it costs."""
    told, offer = outcome.spread, outcome.payroll.offer
    over = sum(outcome.cost_over_base)
    years = plural(len(outcome.costs), "year")
    way = "more" if over >= 0 else "less"
    all_people = result.roster.table.height
    people = plural(all_people, "clinician")
    return (
        f"{offer.name}: pay changes by {signed(told.mean)} on average, from {signed(told.worst)} to "
        f"{signed(told.best)}; {_share(told.losing['0.05'], all_people)} of {people} lose more than 5 %; "
        f"the employer pays {money(abs(over))} {offer.currency} {way} over {years}."
    )


def classes(outcome: Outcome) -> list[tuple[str, int]]:
    """Return the classes of change with the count of clinicians, the largest loss first."""
    return [(_class(one["from"], one["to"]), one["clinicians"]) for one in outcome.spread.classes]


def _class(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{_edge(low)} to {_edge(high)} %"
    if high is not None:
        return f"below {_edge(high)} %"
    return "any" if low is None else f"{_edge(low)} % and above"


def _edge(share: float) -> str:
    return f"{share * 100:+g}" if share else "0"


def losers(outcome: Outcome) -> list[str]:
    """Return the shares that lose at all, and more than 5, 10 and 20 %."""
    people = sum(count for _, count in classes(outcome))
    parts = [
        f"{_share(share, people)} {_loss(float(loss))}"
        for loss, share in outcome.spread.losing.items()
        if share
    ]
    first = f"Of all clinicians, {', '.join(parts)}." if parts else "Nobody's pay falls."
    more = (
        f"With benefits and premiums, the mean is {signed(outcome.net.mean)}; of all pay taken together, "
        f"{signed(outcome.spread.of_payroll)}."
    )
    return [first, more]


def _loss(loss: float) -> str:
    return "lose" if not loss else f"lose more than {loss * 100:g} %"


def hardest(outcome: Outcome) -> list[str]:
    """Return for each way of grouping the group with the lowest mean change, small groups left out."""
    made = []
    rows = outcome.groups.filter((pl.col("measure") == "change") & pl.col("after").is_not_null())
    for group, words in GROUPS.items():
        mine = rows.filter(pl.col("group") == group).sort("after", "member")
        if mine.height > 1:
            low, high = mine.row(0, named=True), mine.row(-1, named=True)
            made.append(
                f"By {words}, on average from {signed(low['after'])} ({low['member']}, "
                f"{plural(low['people'], 'clinician')}) to {signed(high['after'])} ({high['member']}, "
                f"{high['people']:,})."
            )
    return made


def cost_rows(outcome: Outcome, result: OffersResult) -> list[list[str]]:
    """Return by year: the current contract's cost, the offer's, the difference, and what pay buys."""
    real: Sequence[float | None] = outcome.real_by_year or [None] * len(outcome.costs)
    return [
        [one.year, money(before.total), money(one.total), f"{over / 100:+,.0f}",
         "unknown" if left is None else signed(left)]
        for one, before, over, left in zip(
            outcome.costs, result.current_costs, outcome.cost_over_base, real, strict=True
        )
    ]  # fmt: skip


def stretches(outcome: Outcome) -> list[str]:
    """Return how far what hangs on a claim goes over the stretch that the claim is told with."""
    told = {
        "discount-rate": "Present value of the differences, discounted at {over} a year: {found}.",
        "future-inflation": "What pay of the last year buys, if prices rise by {over} a year: {found}.",
        "oasdi-base-growth": "Difference over all years, if the wage base grows by {over} a year: {found}.",
    }
    made = []
    for claim, one in outcome.stretches.items():
        tell = signed if claim == "future-inflation" else money
        low, high = (tell(end) for end in one.found)
        found = low if low == high else f"{low} to {high}"
        over = " to ".join(f"{end * 100:g}" for end in one.over)
        made.append(told[claim].format(over=f"{over} %", found=found))
    return made


def hours(outcome: Outcome, result: OffersResult) -> list[str]:
    """Return the middle pay of a paid and of a worked hour, now and under the offer."""
    made = []
    for column, words in (("paid_hour", "paid hour"), ("worked_hour", "worked hour, evenings included")):
        now, then = (frame[column].median() for frame in (result.current_hourly, outcome.hourly))
        if isinstance(now, float) and isinstance(then, float):
            made.append(f"Pay of a {words}, in the middle: {now / 100:,.2f} now, {then / 100:,.2f} then.")
    return made


def debts(outcome: Outcome, result: OffersResult) -> list[str]:
    """Return at which age half of the indebted have paid off, and what they owe; of few people nothing."""
    now, then = result.current_debts, outcome.debts
    if then.height < FEWEST_PEOPLE:
        return []
    before, after = (_age(frame) for frame in (now, then))
    owed = then["debt_to_pay"].median()
    ratio = f" In the middle they owe {percent(owed)} of a year's pay." if isinstance(owed, float) else ""
    people = plural(then.height, "clinician")
    said = f"Of {people} with education debt, half have paid it by {after} (now by {before}).{ratio}"
    return [said]


def _age(frame: pl.DataFrame) -> str:
    # those who never pay off are older than any age
    age = frame["age"].fill_null(float("inf")).median()
    return f"age {age:.1f}" if isinstance(age, float) and age != float("inf") else "no age"


def promised(outcome: Outcome) -> Iterator[str]:
    """Return each benefit with its value: one number where it is promised, else a range."""
    for one in outcome.promises:
        name = KINDS[one.benefit].title.lower()
        if one.states == "promised":
            yield f"{name}: {money(one.full)}, promised"
        else:
            yield f"{name}: {money(one.kept.low)} to {money(one.kept.high)}, {one.states}"


def gaps(outcome: Outcome) -> Iterator[str]:
    """Return by role the gap of the offer to the comparator; small groups are left out."""
    if outcome.gap is None:
        return
    for row in outcome.gap.iter_rows(named=True):
        if row["people"] >= FEWEST_PEOPLE and row["gap"] is not None:
            role = ROLES[row["role"]]
            yield (
                f"{role}: {money(row['offered'])} a year here, {money(row['comparator'])} there: "
                f"{signed(row['gap'])}"
            )
