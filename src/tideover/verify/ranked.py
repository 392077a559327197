"""The place of a set of closings among all, made again; (C5) to (C7)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tideover.verify.facts import Figures
from tideover.verify.residents import Array, Residents, all_costs, numbered
from tideover.verify.verdict import Findings

#: All sets are looked at again if there are at most so many; by load, where each is summed alone, fewer.
ALL_SETS, ALL_LOADS = 2_000_000, 10_000
#: Else so many drawn sets; a rank may then be off by so many standard deviations.
DRAWN, DEVIATIONS = 1_000, 5.0
_BEST = 1_000
_SHARED = (
    "Not checked: the means by group, the notes, the report, and whether the book, the panels or the "
    "journeys are true. The readers and the formula of the distance are the planner's own code."
)
_MADE = "Made again from the inputs: people, journeys, harm and rooms"
SCOPES = {
    "all": f"{_MADE}, and every set's cost, from tables of each clinic's people by what closes with it. "
    f"{_SHARED}",
    "drawn": f"{_MADE}, the costs of the sets named, and those of {DRAWN:,} drawn sets, with which rank or "
    f"bound must agree: there are too many sets to look at all. {_SHARED}",
}


@dataclass(frozen=True)
class Again:
    """What was made again, beside what the file says."""

    facts: Mapping[str, Any]
    people: Residents
    may: list[int]
    findings: Findings

    def places(self, names: list[str], where: str) -> list[int] | None:
        """Return the places of a stated set, or None with a difference."""
        known = [self.people.clinics.index(name) for name in names if name in self.people.clinics]
        if len(set(known)) != len(names) or not set(known) <= set(self.may):
            self.findings.add("sets", f"{where}: found {', '.join(names)}; expected clinics that may close")
            return None
        return known


def costs_of(again: Again, count: int, load: bool) -> tuple[Array, Array, str]:  # noqa: FBT001
    """Return sets and their costs: all of them, or drawn ones; and which."""
    total = math.comb(len(again.may), count)
    if not load and total <= ALL_SETS:
        return *all_costs(again.people, again.may, count), "all"
    one = again.people.load if load else again.people.cost
    if load and total <= ALL_LOADS:
        sets = all_costs(again.people, again.may, count)[0]
        return sets, np.array([one(some) for some in sets.tolist()]), "all"
    rng = np.random.default_rng(total)
    sets = np.array([rng.choice(again.may, count, replace=False) for _ in range(DRAWN)])
    return sets, np.array([one(some) for some in sets.tolist()]), "drawn"


def check_rank(again: Again, people: Residents) -> tuple[Figures | None, str]:
    """Check a rank; return its figures as made again, and what was checked."""
    facts, findings = again.facts, again.findings
    load, count = facts["measure"] == "load", len(facts["announced"])
    named = {"announced": (facts["announced"], facts["cost"])}
    named |= {which: (facts[which]["clinics"], facts[which]["cost"]) for which in ("best", "worst")}
    for which, (clinics, cost) in named.items():
        closed = again.places(clinics, f"rank.json, {which}")
        if closed is None or len(closed) != count:
            findings.compare("sets", f"rank.json, {which}, clinics", len(clinics), count)
            return None, SCOPES["all"]
        findings.compare(
            "sets", f"rank.json, {which}, cost", cost, (people.load if load else people.cost)(closed)
        )
    findings.compare("rank", "rank.json, of", facts["of"], math.comb(len(again.may), count))
    sets, costs, scope = costs_of(again, count, load)
    mine = facts["cost"]
    if scope == "all":
        _check_place(again, costs)
        _check_room(again, sets, costs)
    else:
        if costs.min() < facts["best"]["cost"] or costs.max() > facts["worst"]["cost"]:
            found = f"found none beyond; expected {costs.min()} to {costs.max()} within them"
            findings.add("rank", f"rank.json, best and worst: {found}")
        share = (facts["rank"] - 1) / facts["of"]
        wide = DEVIATIONS * math.sqrt(max(share * (1 - share), 1 / DRAWN) / DRAWN)
        drawn = float((costs < mine).mean())
        if abs(drawn - share) > wide:
            expected = f"expected a share of about {drawn:.2f}, as of drawn sets"
            findings.add("rank", f"rank.json, rank: found {facts['rank']} of {facts['of']}; {expected}")
    return Figures(cost=mine, bound=facts["best"]["cost"], gap=0.0), SCOPES[scope]


def _check_place(again: Again, costs: Array) -> None:
    facts, findings = again.facts, again.findings
    mine = facts["cost"]
    counts, edges = np.histogram(costs, bins=len(facts["histogram"]["counts"]))
    for name, expected in (
        ("rank", 1 + int((costs < mine).sum())),
        ("equal", int((costs == mine).sum()) - 1),
        ("median", float(np.median(costs))),
    ):
        findings.compare("rank", f"rank.json, {name}", type(expected)(facts[name]), expected)
    findings.compare("rank", "rank.json, best, cost", facts["best"]["cost"], int(costs.min()))
    findings.compare("rank", "rank.json, worst, cost", facts["worst"]["cost"], int(costs.max()))
    findings.compare("rank", "rank.json, histogram, counts", facts["histogram"]["counts"], counts.tolist())
    if not np.allclose(facts["histogram"]["edges"], edges):
        findings.add(
            "rank", "rank.json, histogram, edges: found others; expected even steps from best to worst"
        )


def _check_room(again: Again, sets: Array, costs: Array) -> None:
    """Check the place by load among the sets of least minutes, where these were just summed."""
    facts, people = again.facts, again.people
    said = facts["with_room"]
    announced = sorted(people.clinics.index(name) for name in facts["announced"])
    again.findings.compare("rank", "rank.json, with_room, load", said["load"], people.load(announced))
    if facts["measure"] != "minutes":
        return
    first = np.lexsort((np.array(numbered(sets.tolist())), costs))[:_BEST]
    best = sets[first].tolist()
    below = sum(people.load(some) < said["load"] for some in best)
    among = announced in [sorted(some) for some in best]
    for name, expected in (("of", len(best)), ("rank", 1 + below), ("among", among)):
        again.findings.compare("rank", f"rank.json, with_room, {name}", said[name], expected)
