"""Variants of a case: what of them must be measured, what is known, and the processes that measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from tideover.cases.case import Case, Inputs, Stage
from tideover.cases.days import Chances
from tideover.cases.measured import (
    OffersTask,
    Task,
    dated,
    figures_of_closing,
    figures_of_offers,
    figures_of_result,
    figures_with,
    measure,
    offers_key,
    plan_key,
    policy_of,
)
from tideover.cases.run_case import NETWORK, CaseResult, Outcome, scenario_of
from tideover.claims import Answer, Entry, Reading
from tideover.errors import InputError

Report = Callable[[str], None]
Figures = dict[str, float]
#: Figures, or what is wrong with the inputs of which they were to be measured.
Found = Figures | str
#: What is measured, by what it rests on: a plan and its chances, or all offers and the number of one.
Known = dict[tuple[str, str], Found]


def offer_id(number: int) -> str:
    """Return the id of an offer of a case, from 1; no scenario has such a name."""
    return f"offers/{number}"


@dataclass(frozen=True)
class Pending:
    """A case under a reading, or with one claim answered otherwise, whose figures are yet to be measured.

    ``inputs`` are ``None`` where they do not fit; ``fault`` then says why.
    """

    reading: Reading
    answer: Answer | None
    entry: Entry | None
    inputs: Inputs | None
    fault: str = ""

    @classmethod
    def of(
        cls, case: Case, reading: Reading, answer: Answer | None = None, entry: Entry | None = None
    ) -> Pending:
        """Return the variant with its inputs, or with what is wrong with them."""
        try:
            return cls(reading, answer, entry, case.under(reading))
        except InputError as error:
            return cls(reading, answer, entry, None, str(error.faults[0]))


def measured(
    result: CaseResult, pending: Sequence[Pending], folder: Path, workers: int, report: Report
) -> tuple[list[dict[str, Found]], int]:
    """Return the figures of each variant by scenario and offer, and how many plans were made for them.

    What the case itself has planned, or another variant, is not planned again. The network of the case lies
    in ``folder``.
    """
    known = _of_case(result)
    known |= _tried_again(result, pending, known)
    tasks = _tasks(result, pending, known, folder)
    plans = sum(isinstance(task, Task) for task in tasks.values())
    report(f"{plans} more plans for all readings and claims")
    for key, rows in _made(tasks, workers):
        task = tasks[key]
        marks = map(str, task.chances if isinstance(task, Task) else range(1, len(rows) + 1))
        known |= {(key, mark): row for mark, row in zip(marks, rows, strict=True)}
    return [_of_variant(result, one, known) for one in pending], plans


def _of_variant(result: CaseResult, one: Pending, known: Known) -> dict[str, Found]:
    if one.inputs is None:
        return {}
    found: dict[str, Found] = {}
    for stage, key, chances in _plans(result.case, one.inputs):
        figures = known[key, str(chances)]
        if stage.closes and not isinstance(figures, str):
            figures = _closings(result, one.inputs, stage, figures)
        found[stage.id] = figures
    if result.offers is not None:
        key = offers_key(result.offers, one.inputs, one.reading)
        numbers = range(1, len(result.offers.outcomes) + 1)
        found |= {offer_id(number): known[key, str(number)] for number in numbers}
    return found


def _closings(result: CaseResult, inputs: Inputs, stage: Stage, figures: Figures) -> Found:
    """Return the figures of closings with those of their dates; or what is wrong with the dates."""
    changes = inputs.changes[stage.id]
    if inputs.recipe == result.inputs.recipe and changes != result.inputs.changes[stage.id]:
        try:
            scenario_of(result.network, changes)
        except InputError as error:
            return str(error.faults[0])
    return figures | dated(changes)


def _plans(case: Case, inputs: Inputs) -> Iterator[tuple[Stage, str, Chances | None]]:
    """Yield each scenario, the key of its plan, and with which chances its days are tried."""
    for stage in case.stages:
        tried = "days" in case.results and "days" in stage.results and not stage.closes
        yield stage, plan_key(inputs, stage), inputs.chances if tried else None


def _of_case(result: CaseResult) -> Known:
    """Return the figures of the case's own plans and offers."""
    known: Known = {}
    for outcome, (_, key, chances) in zip(result.outcomes, _plans(result.case, result.inputs), strict=True):
        known[key, str(chances)] = _figures(outcome, chances)
    if result.offers is not None:
        key = offers_key(result.offers, result.inputs, result.reading)
        rows = enumerate(figures_of_offers(result.offers), start=1)
        known |= {(key, str(number)): row for number, row in rows}
    return known


def _figures(outcome: Outcome, chances: Chances | None) -> Figures:
    closing = outcome.closing
    if closing is None:
        return figures_of_result(outcome.result, chances)
    return figures_of_closing(closing, outcome.ranked)


def _tried_again(result: CaseResult, pending: Sequence[Pending], known: Known) -> Known:
    """Return the figures of the case's own plans, tried with the chances of the variants."""
    own = {key: outcome.result for outcome, (stage, key, _) in zip(
        result.outcomes, _plans(result.case, result.inputs), strict=True) if not stage.closes}  # fmt: skip
    asked = {
        (key, str(chances)): chances
        for one in pending
        if one.inputs is not None
        for _, key, chances in _plans(result.case, one.inputs)
        if key in own and (key, str(chances)) not in known
    }
    return {(key, mark): figures_with(own[key], chances) for (key, mark), chances in asked.items()}


def _tasks(
    result: CaseResult, pending: Sequence[Pending], known: Known, folder: Path
) -> dict[str, Task | OffersTask]:
    """Return what must be measured, each plan once with all its chances."""
    own = result.inputs.recipe
    place = folder / NETWORK if own is not None else result.inputs.folder or Path()
    tasks: dict[str, Task | OffersTask] = {}
    for one in pending:
        if one.inputs is None:
            continue
        recipe = None if one.inputs.recipe == own else one.inputs.recipe
        for stage, key, chances in _plans(result.case, one.inputs):
            if (key, str(chances)) in known:
                continue
            policy = policy_of(one.inputs, stage)
            new = Task(place, recipe, one.inputs.changes[stage.id], policy, stage.closes)
            task = tasks.setdefault(key, new)
            if isinstance(task, Task) and chances not in task.chances:
                task.chances.append(chances)
        if result.offers is not None and result.case.offers is not None:
            key = offers_key(result.offers, one.inputs, one.reading)
            if (key, "1") not in known:
                tasks.setdefault(key, OffersTask(place, recipe, result.case.offers, one.reading.fresh()))
    return tasks


def _made(tasks: dict[str, Task | OffersTask], workers: int) -> Iterator[tuple[str, list[Found]]]:
    """Yield the rows of each task by its key."""
    bundles = _bundles(tasks)
    work = [[tasks[key] for key in keys] for keys in bundles]
    if workers == 1 or len(bundles) < 2:
        done = [measure(one) for one in work]
    else:
        # a process that is begun anew: a copy of one with threads can wait for ever
        with ProcessPoolExecutor(min(workers, len(work)), mp_context=get_context("spawn")) as crew:
            done = list(crew.map(measure, work))
    for keys, rows in zip(bundles, done, strict=True):
        yield from zip(keys, rows, strict=True)


def _bundles(tasks: dict[str, Task | OffersTask]) -> list[list[str]]:
    """Return the keys of tasks that one process does: those of a network that is made, together.

    The longest come first, so that no process waits for another at the end.
    """
    made: dict[str, list[str]] = {}
    for key, task in tasks.items():
        made.setdefault(key if task.recipe is None else str(task.recipe), []).append(key)

    def length(keys: list[str]) -> tuple[int, int]:
        """Return how long a bundle takes, in order: its plans, those of closings first."""
        plans = [tasks[key] for key in keys]
        return len(keys), sum(isinstance(task, Task) and task.closes for task in plans)

    return sorted(made.values(), key=length, reverse=True)
