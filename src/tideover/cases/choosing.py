"""Which clinics close: a set's place among all, the set with least harm, what one closing costs whom."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tideover.cases.recorded import policy_record, record_of, travel_record
from tideover.disruptions.closure import Closure
from tideover.impact.groups import column, with_groups
from tideover.impact.suppress import FEWEST_PEOPLE, suppressed
from tideover.nouns import Network, Policy
from tideover.nouns.change import RecordedChange
from tideover.panels.choice import Choice, Field, Ranked, choose, most_sets, rank, tried_table
from tideover.panels.harm import wishes_of
from tideover.panels.problem import receiving_clinics

#: What one unit of each measure is.
UNITS = {
    "minutes": "minutes more to the clinic, summed over people",
    "beyond": "people whose journey to the new clinic is longer than the standard",
    "points": "points of the policy for journeys, continuity and the standard",
    "load": "tenths of a usual patient beyond the panels' target",
}
WITH_COSTS = ", and what the fixed costs of the clinics left open weigh in minutes"
RANK_SCOPE = (
    "Exact among all sets of as many clinics, for people who each go alone to the clinic that is best for "
    "them by this measure (by load: to the nearest), whatever room is there. Dates play no part: closings in "
    "several steps are ranked as their union. Clinicians do not move."
)
_APART = "Households, age, language and clinicians who move play no part."
CHOICE_SCOPE = {
    True: "Among all sets of as many clinics, for people who each go alone to a clinic with room up to the "
    f"panels' cap: every set without capacities, the tried ones with them. {_APART}",
    False: "There are too many sets to look at each. The bound follows from all sets of fewer clinics and "
    f"may be far below the cost; the set was found by exchanging one clinic after the other. {_APART}",
}
_LEFT_OUT = ("clinic", "urgency", "date")


@dataclass(frozen=True)
class ChoosingResult:
    """A rank or a choice: ``facts`` as plain JSON values, the tables of a choice, the network.

    ``asked`` has patient_id and clinic_id of everybody whose journeys were asked for.
    """

    network: Network
    policy: Policy
    facts: Mapping[str, Any]
    asked: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]

    @property
    def kind(self) -> str:
        """``rank`` or ``choice``."""
        return str(self.facts["kind"])


def run_rank(
    network: Network,
    policy: Policy,
    announced: Sequence[str],
    measure: str,
    keep: Sequence[str] = (),
    why: Sequence[str] = (),
    reading: Mapping[str, Any] | None = None,
    report: Callable[[str], None] = lambda text: None,
) -> ChoosingResult:
    """Return the place of closing ``announced`` among all sets of as many clinics, less those of ``keep``.

    All clinics named are clinics that may close; the command asks for that before. ``why``: clinics of which
    is said what closing each alone costs whom.
    """
    report("looking where everybody could go")
    field = Field.of(network, policy, keep)
    report(f"ranking all {field.sets(len(announced)):,} sets of {len(announced)}")
    found = rank(field, field.places(announced), measure)
    facts = {
        **_common(network, policy, field, keep, reading, "rank"),
        "measure": measure,
        "unit": UNITS[measure],
        "announced": sorted(announced),
        **_place(field, found),
        "why": [why_of(network, field, name) for name in why],
        "scope": RANK_SCOPE,
    }
    return ChoosingResult(network, policy, facts, _asked(field), {})


def rank_of_closings(
    network: Network,
    changes: Sequence[RecordedChange],
    policy: Policy,
    reading: Mapping[str, Any] | None = None,
    report: Callable[[str], None] = lambda text: None,
) -> ChoosingResult | None:
    """Return the place, by minutes, of all clinics together that close under ``changes``.

    ``None`` where that cannot be asked: no clinic closes, or all do, or one is not of primary care, or there
    are too many sets.
    """
    closing = {name for change in changes if isinstance(change, Closure) for name in change.clinics}
    may = receiving_clinics(network)
    if not closing or not closing < set(may) or math.comb(len(may), len(closing)) > most_sets("minutes"):
        return None
    return run_rank(network, policy, sorted(closing), "minutes", reading=reading, report=report)


def _asked(field: Field) -> pl.DataFrame:
    return field.people.rows.select("patient_id", "clinic_id")


def _place(field: Field, found: Ranked) -> dict[str, Any]:
    ranking = found.ranking
    best, worst = ranking.best, ranking.worst
    return {
        "rank": ranking.rank,
        "of": ranking.of,
        "equal": ranking.equal,
        "cost": int(ranking.cost),
        "best": {"clinics": field.names(best[0]), "cost": int(best[1])},
        "median": ranking.median,
        "worst": {"clinics": field.names(worst[0]), "cost": int(worst[1])},
        "top": [{"clinics": field.names(some), "cost": int(cost)} for some, cost in ranking.top],
        "histogram": {"edges": ranking.edges.tolist(), "counts": ranking.counts.tolist()},
        "with_room": {
            "by": "minutes",
            "of": found.best,
            "measure": "load",
            "load": found.load,
            "rank": found.best_rank,
            "among": found.among,
        },
        "seconds": round(found.seconds, 3),
    }


def run_choice(
    network: Network,
    policy: Policy,
    count: int,
    objective: str,
    keep: Sequence[str] = (),
    why: Sequence[str] = (),
    reading: Mapping[str, Any] | None = None,
    seconds: float = 60.0,
    per_hour: float | None = None,
    report: Callable[[str], None] = lambda text: None,
) -> ChoosingResult:
    """Return the ``count`` clinics, none of ``keep``, whose closing does least harm, with a bound.

    With ``per_hour``, by minutes only, fixed costs count beside the harm: so many dollars a year as one hour.
    """
    report("looking where everybody could go")
    field = Field.of(network, policy, keep, per_hour)
    found = choose(field, count, objective, seconds, report)
    facts = {
        **_common(network, policy, field, keep, reading, "choice"),
        "objective": objective,
        "unit": UNITS[objective] + (WITH_COSTS if per_hour is not None else ""),
        "count": count,
        "of": field.sets(count),
        **_chosen(field, found),
        "money": _money(field, found),
        "why": [why_of(network, field, name) for name in why],
        "scope": CHOICE_SCOPE[found.smaller == count],
    }
    tables = {"tried": tried_table(field, found), "placed": found.placed}
    return ChoosingResult(network, policy, facts, _asked(field), tables)


def _chosen(field: Field, found: Choice) -> dict[str, Any]:
    people = field.people
    placed = int(found.moved.sum())
    return {
        "clinics": field.names(found.closed),
        "cost": found.cost,
        "bound": found.bound,
        "gap": (found.cost - found.bound) / found.cost if found.cost else 0.0,
        "tried": len(found.tried),
        "rest": found.rest,
        "smaller": found.smaller,
        "people": placed + found.unplaced,
        "unplaced": found.unplaced,
        "room": {
            "needed": int(people.size[np.isin(people.own, found.closed)].sum()),
            "there": int(np.delete(field.cap, list(found.closed)).sum()),
        },
        "receiving": [
            {"clinic_id": people.clinics[at], "people": int(found.moved[at])}
            for at in np.argsort(-found.moved, kind="stable")
            if found.moved[at]
        ],
        "seconds": round(found.seconds, 3),
    }


def _money(field: Field, found: Choice) -> dict[str, Any] | None:
    """Return what of the cost is minutes and what is money; None where costs do not count."""
    if field.upkeep is None:
        return None
    standing = field.standing(found.closed)
    return {
        "per_hour": field.upkeep.per_hour,
        "harm": found.cost - standing,
        "standing": standing,
        "saved_per_year": field.upkeep.saved(found.closed),
        "open_per_year": field.upkeep.left(found.closed),
    }


def _common(
    network: Network,
    policy: Policy,
    field: Field,
    keep: Sequence[str],
    reading: Mapping[str, Any] | None,
    kind: str,
) -> dict[str, Any]:
    return {
        **record_of(kind, network),
        **policy_record(policy),
        "reading": reading,
        "travel": travel_record(network),
        "keep": sorted(keep),
        "may_close": field.names(np.flatnonzero(field.may).tolist()),
        "counts": dict(field.people.counts),
        "notes": [note.as_dict() for note in network.notes],
    }


def why_of(network: Network, field: Field, clinic: str) -> dict[str, Any]:
    """Return what closing this clinic alone costs whom: sums, and means by group with small cells withheld.

    Everybody goes to the nearest other clinic within reach, whatever room is there. ``minutes`` of a group is
    the mean journey, ``beyond`` the share whose journey is longer than the standard (nowhere: beyond). Counts
    of 1 to 10 people are withheld: ``nowhere`` is None then.
    """
    people, policy = field.people, field.policy
    at = people.clinics.index(clinic)
    here = np.flatnonzero(people.own == at)
    place = wishes_of(people, 1)[here, 0]
    after = np.where(place < 0, -1, people.minutes[here, place])
    single = field.alone(at) if field.may[at] else None
    rows = pl.DataFrame(
        {"row": here, "before": people.before[here], "after": after, "limit": people.limit[here]}
    )
    each = (
        people.rows.filter(pl.col("clinic_id") == clinic)
        .drop_nulls("row")
        .with_columns(pl.col("row").cast(pl.Int64))
        .join(rows, on="row", how="left")
    )
    lost = int((each["after"] < 0).sum())
    received = np.bincount(place[place >= 0], people.people[here][place >= 0], len(people.clinics))
    to = [(people.clinics[j], int(received[j])) for j in np.argsort(-received, kind="stable") if received[j]]
    return {
        "clinic_id": clinic,
        "people": each.height,
        "nowhere": lost if lost == 0 or lost >= FEWEST_PEOPLE else None,
        "minutes": int(
            (
                np.where(place < 0, policy.transfer_limit_minutes, np.maximum(after - people.before[here], 0))
                * people.people[here]
            ).sum()
        ),
        "rank": None if single is None else {"rank": single.rank, "of": single.of},
        "to": [{"clinic_id": name, "people": number} for name, number in to if number >= FEWEST_PEOPLE],
        "groups": _by_group(network, each),
    }


def _by_group(network: Network, each: pl.DataFrame) -> list[dict[str, Any]]:
    day = network.visits["start"].dt.date().max()
    asked = each.with_columns(
        pl.lit(None, pl.String).alias("visit_id"),
        pl.lit(None, pl.Int64).alias("urgency"),
        pl.lit(day).alias("date"),
    )
    rows, names = with_groups(asked, network)
    placed = pl.col("after") >= 0
    before, after = pl.col("before"), pl.col("after")
    cells = {
        "minutes": (before.filter(placed).mean(), after.filter(placed).mean()),
        "beyond": (
            (before > pl.col("limit")).mean(),
            (~placed | (after > pl.col("limit"))).mean(),
        ),
    }
    made = [
        rows.group_by(pl.col(column(name)).alias("member"))
        .agg(pl.len().cast(pl.Int64).alias("people"), was.cast(pl.Float64).alias("before"),
             now.cast(pl.Float64).alias("after"))
        .select(pl.lit(measure).alias("measure"), pl.lit(name).alias("group"), "member", "people", "before",
                "after", (pl.col("after") - pl.col("before")).alias("difference"))
        for name in names
        if name not in _LEFT_OUT
        for measure, (was, now) in cells.items()
    ]  # fmt: skip
    table = suppressed(pl.concat(made).sort("measure", "group", "member"))
    rounded = table.with_columns(pl.col("before", "after", "difference").round(4))
    return rounded.drop("suppressed").to_dicts()
