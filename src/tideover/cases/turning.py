"""What turns on whom one believes: a case under every reading, and one claim after the other exchanged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tideover.cases.case import Case, Inputs, Stage
from tideover.cases.days import Chances
from tideover.cases.measured import (
    Task,
    figures_of_closing,
    figures_of_result,
    measure,
    plan_key,
    policy_of,
)
from tideover.cases.run_case import NETWORK, CaseResult, Outcome
from tideover.claims import Answer, Entry, Reading, alternatives, read_reading, reading_names
from tideover.errors import InputError

Report = Callable[[str], None]
Figures = dict[str, float]
#: Figures, or what is wrong with the inputs of which they were to be measured.
Found = Figures | str


@dataclass(frozen=True)
class Conclusion:
    """A sentence that is true or not of a scenario's figures."""

    id: str
    sentence: str
    holds: Callable[[Figures], bool]
    needs: str = "booked"


#: What the pages say of a scenario in words, so that it can be seen on whom it depends.
CONCLUSIONS = (
    Conclusion("struck", "The strike finds posts to strike", lambda f: f["struck_posts"] > 0),
    Conclusion("stand", "Some visits in struck sessions need not be moved: they can wait on standby",
               lambda f: f["standby"] > 0),
    Conclusion("most_moved", "More than half of the visits booked that day lose their time",
               lambda f: 2 * (f["moved"] + f["waitlist"]) > f["booked"]),
    Conclusion("dated", "No booked visit is left without a date", lambda f: f["waitlist"] == 0),
    Conclusion("safe", "No booked urgent visit becomes unsafe", lambda f: f["unsafe"] == 0),
    Conclusion("cover", "No further cover is needed for booked urgent visits", lambda f: f["cover"] == 0),
    Conclusion("days", "On most tried days every urgent visit is seen, those booked later included",
               lambda f: f["days_with_lost"] < 0.5, "days_with_lost"),
    Conclusion("placed", "Everybody who needs a new place has one", lambda f: f["unplaced"] == 0, "movers"),
    Conclusion("within", "Most of those who move still have a clinic within the standard",
               lambda f: 2 * f["beyond_standard"] < f["movers"], "movers"),
    Conclusion("targets", "No receiving clinic is over its panel targets",
               lambda f: f["over_target"] == 0, "movers"),
)  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """The case with one thing believed otherwise: a whole reading, or another answer to one claim.

    ``figures`` has the figures of each scenario by its id; where the inputs do not fit, ``fault`` says why.
    """

    reading: Reading
    answer: Answer | None
    entry: Entry | None
    figures: dict[str, Figures]
    fault: str = ""


@dataclass(frozen=True)
class Turning:
    """A case under every reading (the first is its own), and with each claim exchanged by itself.

    ``plans`` counts the plans that had to be made for it, beside those of the case itself.
    """

    base: Variant
    readings: tuple[Variant, ...]
    exchanged: tuple[Variant, ...]
    plans: int

    def conclusions(self, stage: str) -> list[Conclusion]:
        """Return the conclusions that the figures of a scenario allow."""
        return [one for one in CONCLUSIONS if one.needs in self.base.figures[stage]]

    def flips(self, stage: str, one: Conclusion) -> list[Variant]:
        """Return the exchanged claims under which a conclusion is another than in the case itself."""
        here = one.holds(self.base.figures[stage])
        return [v for v in self.exchanged if not v.fault and one.holds(v.figures[stage]) != here]

    def flips_with(self, stage: str, one: Conclusion) -> list[str]:
        """Return the ids of the claims of which another answer makes a conclusion another."""
        return sorted({v.answer.claim.id for v in self.flips(stage, one) if v.answer is not None})

    def disputed_that_matter(self, stage: str) -> list[str]:
        """Return the disputed claims of which another answer changes any figure of a scenario."""
        own = self.base.figures[stage]
        changed = [
            v.answer.claim.id
            for v in self.exchanged
            if v.answer is not None and v.answer.claim.disputed and not v.fault and v.figures[stage] != own
        ]
        return list(dict.fromkeys(changed))

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON values."""
        stages = list(self.base.figures)
        return {
            "plans": self.plans,
            "readings": [_variant(variant) for variant in self.readings],
            "exchanged": [_variant(variant) for variant in self.exchanged],
            "scenarios": [
                {
                    "id": stage,
                    "disputed_that_matter": self.disputed_that_matter(stage),
                    "conclusions": [
                        {
                            "id": one.id,
                            "sentence": one.sentence,
                            "holds": {v.reading.id: one.holds(v.figures[stage])
                                      for v in self.readings if not v.fault},
                            "flips_with": self.flips_with(stage, one),
                        }
                        for one in self.conclusions(stage)
                    ],
                }
                for stage in stages
            ],
        }  # fmt: skip


def _variant(variant: Variant) -> dict[str, Any]:
    found: dict[str, Any] = {"reading": variant.reading.id}
    if variant.answer is not None and variant.entry is not None:
        found["claim"] = variant.answer.claim.id
        found["disputed"] = variant.answer.claim.disputed
        found["who"] = variant.entry.who
        found["says"] = variant.entry.says(variant.answer.claim.unit)
    return found | {"figures": variant.figures, "fault": variant.fault}


def turning_of(result: CaseResult, folder: Path, workers: int, report: Report) -> Turning:
    """Return what turns on the readings and claims of a case that was run; its network lies in ``folder``.

    Inputs that are the same are measured once, and a plan is made once for all chances. ``workers`` are
    processes; the result is the same for any number of them.
    """
    case, base = result.case, result.reading
    names = [name for name in reading_names() if name not in {base.id, "custom"}]
    readings = [base, *(read_reading(name, case.ledger) for name in names)]
    pending = [_Pending.of(case, reading) for reading in readings]
    pending += [
        _Pending.of(case, base.exchanged(answer.claim.id, entry), answer, entry)
        for answer in _turned(result)
        for entry in map(partial(_spoken, answer), alternatives(answer))
    ]
    known = _known(result)
    tasks = _tasks(result, pending, known, folder)
    report(f"{len(tasks)} more plans for all readings and claims")
    for (key, task), rows in zip(tasks.items(), _measured(list(tasks.values()), workers), strict=True):
        known |= {(key, str(c)): row for c, row in zip(task.chances, rows, strict=True)}
    found = [one.variant(case, known) for one in pending]
    count = len(readings)
    return Turning(found[0], tuple(found[:count]), tuple(found[count:]), len(tasks))


def _turned(result: CaseResult) -> list[Answer]:
    """Return the answers that are exchanged, each claim once: those on which any plan rests."""
    parts = [name for name in ("plan", "days", "transfers") if name in result.results]
    return list({answer.claim.id: answer for name in parts for answer in result.rests_on(name)}.values())


def _spoken(answer: Answer, entry: Entry) -> Entry:
    """Return the entry of a side that says the same as ``entry``, else ``entry``: the end of some stretch."""
    return next((other for other in answer.others if other.value == entry.value), entry)


def _measured(tasks: Sequence[Task], workers: int) -> list[list[Found]]:
    if workers == 1 or len(tasks) < 2:
        return [measure(task) for task in tasks]
    # a process that is begun anew: a copy of one with threads can wait for ever
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=get_context("spawn")) as crew:
        return list(crew.map(measure, tasks))


@dataclass(frozen=True)
class _Pending:
    """A variant whose figures are yet to be measured."""

    reading: Reading
    answer: Answer | None
    entry: Entry | None
    inputs: Inputs | None
    fault: str = ""

    @classmethod
    def of(
        cls, case: Case, reading: Reading, answer: Answer | None = None, entry: Entry | None = None
    ) -> _Pending:
        """Return the variant with its inputs, or with what is wrong with them."""
        try:
            return cls(reading, answer, entry, case.under(reading))
        except InputError as error:
            return cls(reading, answer, entry, None, str(error.faults[0]))

    def variant(self, case: Case, known: dict[tuple[str, str], Found]) -> Variant:
        """Return the variant with its figures."""
        if self.inputs is None:
            return Variant(self.reading, self.answer, self.entry, {}, self.fault)
        found = {
            stage.id: known[plan_key(self.inputs, stage), str(_chances(case, self.inputs, stage))]
            for stage in case.stages
        }
        faults = [each for each in found.values() if isinstance(each, str)]
        figures = {name: each for name, each in found.items() if not isinstance(each, str)}
        return Variant(self.reading, self.answer, self.entry, {} if faults else figures, "".join(faults[:1]))


def _chances(case: Case, inputs: Inputs, stage: Stage) -> Chances | None:
    tried = "days" in case.results and "days" in stage.results and not stage.closes
    return inputs.chances if tried else None


def _known(result: CaseResult) -> dict[tuple[str, str], Found]:
    """Return the figures of the case's own plans."""
    known: dict[tuple[str, str], Found] = {}
    for outcome in result.outcomes:
        chances = _chances(result.case, result.inputs, outcome.stage)
        known[plan_key(result.inputs, outcome.stage), str(chances)] = _figures(outcome, chances)
    return known


def _figures(outcome: Outcome, chances: Chances | None) -> Figures:
    closing = outcome.closing
    return figures_of_result(outcome.result, chances) if closing is None else figures_of_closing(closing)


def _tasks(
    result: CaseResult, pending: Sequence[_Pending], known: dict[tuple[str, str], Found], folder: Path
) -> dict[str, Task]:
    """Return what must be measured, each plan once with all its chances."""
    own = result.inputs.recipe
    place = folder / NETWORK if own is not None else result.inputs.folder or Path()
    tasks: dict[str, Task] = {}
    for one in pending:
        if one.inputs is None:
            continue
        for stage in result.case.stages:
            chances = _chances(result.case, one.inputs, stage)
            key = plan_key(one.inputs, stage)
            if (key, str(chances)) in known:
                continue
            recipe = None if one.inputs.recipe == own else one.inputs.recipe
            new = Task(
                place, recipe, one.inputs.changes[stage.id], policy_of(one.inputs, stage), stage.closes
            )
            task = tasks.setdefault(key, new)
            if chances not in task.chances:
                task.chances.append(chances)
    return tasks
