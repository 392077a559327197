"""The command ``budget``: what comes in, what goes out, and what would have to be, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tideover.cases.budget import BudgetResult, Cuts, budget_json, run_budget
from tideover.cases.offer import Asked
from tideover.claims import read_ledger, read_reading
from tideover.cli.say import progress, say, say_json
from tideover.cli.words import SYNTHETIC
from tideover.errors import Fault, InputError
from tideover.readers import check_target
from tideover.reports import budget_words as words
from tideover.reports.budget import BUDGET_MARK, BUDGET_OUTPUTS, write_budget


@dataclass(frozen=True)
class Wanted:
    """What is asked beside the offers: changes of payers as typed, a reading, a folder."""

    coverage_loss: Sequence[str]
    rate_cut: Sequence[str]
    reading: str
    out: Path | None = None


def budget(asked: Asked, wanted: Wanted, *, as_json: bool) -> int:
    """Print the budget before and under the offers; write it where a folder is named."""
    reading = read_reading(wanted.reading, read_ledger())
    faults: list[Fault] = []
    cuts = Cuts(
        _by_payer("--coverage-loss", wanted.coverage_loss, faults),
        _by_payer("--rate-cut", wanted.rate_cut, faults),
    )
    if faults:
        raise InputError(faults)
    if wanted.out is not None:
        check_target(wanted.out, BUDGET_MARK, BUDGET_OUTPUTS)
    with progress(2) as report:
        report("reckoning")
        result = run_budget(asked, cuts, reading)
        if wanted.out is not None:
            report("writing")
            write_budget(result, wanted.out)
    if as_json:
        say_json(budget_json(result, wanted.out))
        return 0
    for line in _lines(result, wanted.out):
        say(line)
    return 0


def _by_payer(option: str, given: Sequence[str], faults: list[Fault]) -> dict[str, float]:
    """Return shares by payer from words PAYER=SHARE; what is wrong is noted."""
    found: dict[str, float] = {}
    for text in given:
        payer, sign, number = text.rpartition("=")
        expected = "PAYER=SHARE with a share from 0 to 1, each payer once, such as medicaid=0.1"
        try:
            part = float(number)
        except ValueError:
            part = -1.0
        if sign and payer and 0 <= part <= 1 and payer not in found:
            found[payer] = part
            continue
        remedy = f"Did you mean {payer}={part / 100:g}?" if 1 < part <= 100 else "Mend it."
        if payer in found:
            remedy = "Keep one of the two."
        faults.append(Fault("command line", None, option, repr(text), expected, remedy))
    return found


def _lines(result: BudgetResult, out: Path | None) -> Iterator[str]:
    yield from dict.fromkeys(
        ([SYNTHETIC] if result.synthetic else [])
        + [one.banner for one in (result.current, *result.offers) if one.banner]
    )
    yield ""
    yield words.about(result)
    yield ""
    yield f"  {'':<14}{'patients':>9}{'work RVUs':>12}{'after the changes':>24}{'paid, million':>17}"
    for payer, part, was, work, paid in words.payer_rows(result):
        yield f"  {payer:<14}{part:>9}{was:>12}{work:>24}{paid:>17}"
    for line in words.changes(result):
        yield ""
        yield line
    for offer in (result.current, *result.offers):
        yield ""
        yield f"{offer.name}, in million {result.currency}"
        yield f"  {'':<19}" + "".join(f"{year.year:>18}" for year in offer.years)
        for name, amounts in words.year_rows(offer):
            yield f"  {name:<19}" + "".join(f"{amount:>18}" for amount in amounts)
        for goal in offer.goals:
            yield ""
            yield f"  {words.goal_heading(goal)}"
            for each in goal.lines:
                yield f"    - {words.line(each)}"
    yield ""
    for note in (words.stars(result), words.RANGES, words.BOTH_SIDES, *result.notes):
        yield f"  - {note}"
    yield f"  - Reading: {result.reading.title}. What it takes for each claim: tideover claims"
    if out is not None:
        yield ""
        yield f"Written to {out}: report.html to read, budget.json for programs."
