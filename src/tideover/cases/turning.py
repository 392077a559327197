"""What turns on whom one believes: a case under every reading, and one claim after the other exchanged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tideover.cases.run_case import CaseResult
from tideover.cases.variants import Pending, measured, offer_id
from tideover.claims import Answer, Entry, Reading, alternatives, read_reading, reading_names

Report = Callable[[str], None]
Figures = dict[str, float]


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
    Conclusion("cheaper", "The offer costs the employer less than the current contract",
               lambda f: f["cost_more"] < 0, "cost_more"),
    Conclusion("real", "In the last year all pay buys less than in the first of the current contract",
               lambda f: f["real_pay"] < 0, "real_pay"),
)  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """The case with one thing believed otherwise: a whole reading, or another answer to one claim.

    ``figures`` has the figures of each scenario by its id, and of each offer by ``offer_id``; where the
    inputs do not fit, ``fault`` says why.
    """

    reading: Reading
    answer: Answer | None
    entry: Entry | None
    figures: dict[str, Figures]
    fault: str = ""


@dataclass(frozen=True)
class Turning:
    """A case under every reading (the first is its own), and with each claim exchanged by itself.

    ``plans`` counts the plans that had to be made for it, beside those of the case itself. ``titles`` names
    what has figures: scenarios and offers, by id.
    """

    base: Variant
    readings: tuple[Variant, ...]
    exchanged: tuple[Variant, ...]
    plans: int
    titles: dict[str, str]

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
                    "title": self.titles[stage],
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
    pending = [Pending.of(case, reading) for reading in readings]
    pending += [
        Pending.of(case, base.exchanged(answer.claim.id, entry), answer, entry)
        for answer in _turned(result)
        for entry in map(partial(_spoken, answer), alternatives(answer))
    ]
    figures, plans = measured(result, pending, folder, workers, report)
    found = [_variant_of(one, each) for one, each in zip(pending, figures, strict=True)]
    count = len(readings)
    titles = {stage.id: stage.title for stage in case.stages}
    if result.offers is not None:
        offers = enumerate(result.offers.outcomes, start=1)
        titles |= {offer_id(number): f"Offer: {one.payroll.offer.name}" for number, one in offers}
    return Turning(found[0], tuple(found[:count]), tuple(found[count:]), plans, titles)


def _variant_of(one: Pending, found: dict[str, Figures | str]) -> Variant:
    """Return a variant with its figures, or with the first thing that is wrong with it."""
    figures = {name: each for name, each in found.items() if not isinstance(each, str)}
    faults = [one.fault, *(each for each in found.values() if isinstance(each, str))]
    fault = next(filter(None, faults), "")
    return Variant(one.reading, one.answer, one.entry, {} if fault else figures, fault)


def _turned(result: CaseResult) -> list[Answer]:
    """Return the answers that are exchanged, each claim once: those on which any figure rests."""
    parts = [name for name in ("plan", "days", "transfers", "offers") if name in result.results]
    return list({answer.claim.id: answer for name in parts for answer in result.rests_on(name)}.values())


def _spoken(answer: Answer, entry: Entry) -> Entry:
    """Return the entry of a side that says the same as ``entry``, else ``entry``: the end of some stretch."""
    return next((other for other in answer.others if other.value == entry.value), entry)
