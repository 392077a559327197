"""What the page of a case says of several employers: each by itself, the same measures, and what changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tideover.cases import CaseResult, Outcome
from tideover.disruptions.strike import Strike
from tideover.reports import words
from tideover.reports.grounds import Ground
from tideover.reports.parts import Table
from tideover.responses.mutual_aid import MutualAid

_CONCERNS = {"patients": "Patients", "clinicians": "Clinicians", "network": "Networks"}
_FEW = "fewer than 11 people"


@dataclass(frozen=True)
class SeveralView:
    """The section: names, what each lacks, and tables of differences and of values by concern."""

    names: tuple[str, ...]
    shortfalls: Table
    differences: list[Table]
    values: list[Table]
    proof: list[str]


@dataclass(frozen=True)
class Contrast:
    """Two scenarios that differ in one thing, and what that is."""

    heading: str
    before: Outcome
    after: Outcome


def several(result: CaseResult, rests: Ground | None) -> SeveralView | None:
    """Return what the page shows of several employers; ``None`` where the case has one network."""
    outcomes = [one for one in result.outcomes if one.employers is not None]
    if not result.inputs.networks or rests is None or not outcomes:
        return None
    names = {part.id: part.name for part in result.inputs.networks}
    contrasts = contrasts_of(outcomes)
    differences = [
        table for concern in _CONCERNS if (table := _differences(concern, contrasts, names, rests)).rows
    ]
    return SeveralView(
        tuple(names.values()),
        _shortfalls(outcomes, names, rests),
        differences,
        [_values(concern, outcomes, names, rests) for concern in _CONCERNS],
        [*proofs(outcomes), *doubts(contrasts)],
    )


def proofs(outcomes: Sequence[Outcome]) -> list[str]:
    """Return how near each plan is to the least points that any plan can have, of all employers together."""
    return [
        f"{one.stage.title}: at most {words.share(one.result.plan.facts['gap'], 2)} of its points too many."
        for one in outcomes
        if one.result is not None
    ]


def doubts(contrasts: Sequence[Contrast]) -> list[str]:
    """Return a warning for each plan with room lent that is worse, in all, than the one without it.

    The plan without is allowed with it, too: so the planner did not find the best, and no difference follows.
    """
    return [
        f"{each.heading}: no difference follows from these plans. In all there are more points with room "
        "lent than without, though the plan without is allowed as well: the planner did not find the best."
        for each in contrasts
        if _lent(each.after) and not _lent(each.before) and _points(each.after) > _points(each.before)
    ]


def _points(outcome: Outcome) -> list[int]:
    levels = [] if outcome.result is None else outcome.result.plan.facts["levels"]
    return [level["cost"] for level in levels]


def _dates(outcome: Outcome) -> dict[tuple[str, ...], tuple[Any, ...]]:
    return {change.employers: change.dates for change in outcome.changes if isinstance(change, Strike)}


def _lent(outcome: Outcome) -> tuple[str, ...]:
    return tuple(sorted(str(one.facts()) for one in outcome.changes if isinstance(one, MutualAid)))


def _rest(outcome: Outcome) -> tuple[str, ...]:
    others = (one for one in outcome.changes if not isinstance(one, MutualAid | Strike))
    return tuple(sorted(str(one.facts()) for one in others))


def _joint(outcome: Outcome) -> bool:
    """Whether all strikes have a date in common."""
    every = [set(days) for days in _dates(outcome).values()]
    return len(every) > 1 and bool(set.intersection(*every))


def contrasts_of(outcomes: Sequence[Outcome]) -> list[Contrast]:
    """Return the pairs of scenarios of which one lends room and the other does not, or the dates differ.

    All else is the same in both. Room that is lent is held against none, separate dates against a joint one.
    """
    found = []
    for one in outcomes:
        for other in outcomes:
            alike = _rest(one) == _rest(other)
            if alike and not _lent(one) and _lent(other) and _dates(one) == _dates(other):
                where = "on one date" if _joint(one) else "on separate dates"
                found.append(Contrast(f"Room lent, {where}", one, other))
            if alike and _lent(one) == _lent(other) and _joint(one) and not _joint(other):
                how = "with room lent" if _lent(one) else "apart"
                found.append(Contrast(f"Separate dates, {how}", one, other))
    heads = [one.heading for one in found]
    return [
        one
        if heads.count(one.heading) == 1
        else Contrast(f"{one.after.stage.title} after {one.before.stage.title}", one.before, one.after)
        for one in sorted(found, key=lambda each: each.heading)
    ]


#: What is short, and its words.
_SHORTFALL = {
    "visits_waitlist": "Visits left without a date",
    "unsafe_urgent": "Urgent visits too late or without a date",
    "cover_needed": "Sessions of cover that booked urgent visits need more",
}
#: What is said of a contrast first.
_SAID = {
    "days_longer_mean": "days waited longer",
    "continuity_kept": "visits with the patient's own clinician",
    "visits_standby": "visits on standby",
    "visits_waitlist": "visits without a date",
}


def _shortfalls(outcomes: Sequence[Outcome], names: dict[str, str], rests: Ground) -> Table:
    """Return what each employer lacks in each scenario, and when it is struck."""
    rows = []
    for outcome in outcomes:
        days = {who: when for employers, when in _dates(outcome).items() for who in employers}
        by = _by(outcome)
        for who, name in names.items():
            when = ", ".join(map(words.short_day, days[who])) if who in days else "not struck"
            found = (by[measure, who] for measure in _SHORTFALL)
            rows.append(
                (outcome.stage.title, name, when, *(_cell(one, one["after"], rests) for one in found))
            )
    heads = ("Scenario", "Employer", "Struck on", *_SHORTFALL.values())
    return Table("What each lacks", heads, tuple(rows), frozenset({0, 1, 2}))


def several_follows(result: CaseResult, rests: Ground | None) -> list[Markup]:
    """Return a sentence for each contrast: the same differences of each employer; none for one network."""
    outcomes = [one for one in result.outcomes if one.employers is not None]
    if rests is None:
        return []
    names = {part.id: part.name for part in result.inputs.networks}
    return [rests.mark_up(_sentence(each, names)) for each in contrasts_of(outcomes)]


def _sentence(contrast: Contrast, names: dict[str, str]) -> str:
    before, after = _by(contrast.before), _by(contrast.after)
    told = []
    for measure, said in _SAID.items():
        each = {who: _change(before[measure, who], after[measure, who]) for who in names}
        if set(each.values()) != {"0"}:
            told.append(f"{said} {', '.join(f'{each[who]} at {names[who]}' for who in names)}")
    same = f"the same {', '.join(_SAID.values())} at each of them"
    return f"{contrast.heading}: {'; '.join(told) if told else same}."


def _change(old: dict[str, Any], new: dict[str, Any]) -> str:
    if old["suppressed"] or new["suppressed"]:
        return f"({_FEW})"
    return words.difference(_less(new["after"], old["after"]), new["unit"])


def _less(new: float | None, old: float | None) -> float | None:
    return None if new is None or old is None else new - old


def _by(outcome: Outcome) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the rows of an outcome by measure and employer."""
    rows = [] if outcome.employers is None else outcome.employers.rows.to_dicts()
    return {(row["measure"], row["member"]): row for row in rows}


def _measures(outcome: Outcome, concern: str) -> list[str]:
    return list(dict.fromkeys(row["measure"] for row in _by(outcome).values() if row["concern"] == concern))


def _values(concern: str, outcomes: Sequence[Outcome], names: dict[str, str], rests: Ground) -> Table:
    """Return a table of values: a row for each measure and employer, a column for each scenario."""
    by = [_by(outcome) for outcome in outcomes]
    rows = []
    for measure in _measures(outcomes[0], concern):
        for who, name in names.items():
            cells = [_cell(one[measure, who], one[measure, who]["after"], rests) for one in by]
            rows.append((words.titled(by[0][measure, who]), name, *cells))
    heads = ("Measure", "Employer", *(outcome.stage.title for outcome in outcomes))
    return Table(f"{_CONCERNS[concern]}: each scenario", heads, tuple(rows), frozenset({0, 1}))


def _differences(concern: str, contrasts: Sequence[Contrast], names: dict[str, str], rests: Ground) -> Table:
    """Return a table of differences; a measure that changes nowhere for anybody is left out."""
    pairs = [(_by(each.before), _by(each.after)) for each in contrasts]
    rows: list[tuple[Any, ...]] = []
    for measure in _measures(contrasts[0].before, concern) if contrasts else ():
        block = []
        for who, name in names.items():
            told = [_change(before[measure, who], after[measure, who]) for before, after in pairs]
            first = pairs[0][0][measure, who]
            block.append((words.titled(first), name, *(_marked(one, rests) for one in told), first["better"]))
        shown = {str(cell) for row in block for cell in row[2:-1]}
        if shown - {str(_marked(same, rests)) for same in ("0", words.UNKNOWN)}:
            rows += block
    heads = ("Measure", "Employer", *(each.heading for each in contrasts), "Better")
    return Table(f"{_CONCERNS[concern]}: what changes", heads, tuple(rows), frozenset({0, 1, len(heads) - 1}))


def _cell(row: dict[str, Any], value: float | None, rests: Ground) -> Markup:
    return _marked(_FEW if row["suppressed"] else words.value(value, row["unit"]), rests)


def _marked(shown: str, rests: Ground) -> Markup:
    return Markup('<span title="{}">{}</span>').format(rests.sentence, shown)
