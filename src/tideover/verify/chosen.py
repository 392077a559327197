"""The choice of closings with least harm, made again; (C8) to (C11)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from tideover.verify.facts import Figures
from tideover.verify.files import read_parquet
from tideover.verify.ranked import SCOPES, Again, costs_of
from tideover.verify.residents import Residents

TRIED = {"tried": pl.Int64(), "closed": pl.String(), "bound": pl.Int64(), "clinic_id": pl.String(),
         "price": pl.Int64()}  # fmt: skip
#: Dollars a year that an hour may weigh.
RATES = (1, 1_000_000_000)
PLACED = dict.fromkeys(("patient_id", "clinic_id", "new_clinic_id"), pl.String())


def check_chosen(folder: Path, again: Again) -> tuple[Figures | None, str]:
    """Check a choice, who goes where and its bound; return its figures and what was checked."""
    facts, findings = again.facts, again.findings
    files = facts["files"]
    tried = read_parquet(folder / "tried.parquet", TRIED, files.get("tried.parquet"), findings)
    placed = read_parquet(folder / "placed.parquet", PLACED, files.get("placed.parquet"), findings)
    closed = again.places(facts["clinics"], "choice.json, clinics")
    count = facts["count"]
    if tried is None or placed is None or closed is None:
        return None, SCOPES["all"]
    findings.compare("sets", "choice.json, clinics", len(closed), count)
    findings.compare("sets", "choice.json, of", facts["of"], math.comb(len(again.may), count))
    costs = _open_costs(again)
    if costs is None:
        return None, SCOPES["all"]
    harm = _check_placed(again, placed, closed)
    cost = harm + _standing(costs, closed)
    _check_money(again, costs, closed, harm)
    bounds, seen = _check_tried(again, tried, costs)
    scope = _check_rest(again, seen, costs)
    bound = min([*bounds, cost, *([] if facts["rest"] is None else [facts["rest"]])])
    findings.compare("bound", "choice.json, cost", facts["cost"], cost)
    findings.compare("bound", "choice.json, bound", facts["bound"], bound)
    gap = (cost - bound) / cost if cost else 0.0
    findings.compare("bound", "choice.json, gap", float(facts["gap"]), gap)
    return Figures(cost=cost, bound=bound, gap=gap), scope


def _open_costs(again: Again) -> dict[int, int] | None:
    """Return the minutes that each clinic that may close counts while open; None with a difference."""
    money, people = again.facts["money"], again.people
    if money is None:
        return {}
    rate = money["per_hour"]
    if not RATES[0] <= rate <= RATES[1] or again.facts["objective"] != "minutes":
        expected = f"dollars from {RATES[0]:,} to {RATES[1]:,}, by minutes"
        again.findings.add(
            "money", f"choice.json, per_hour: found {rate} by {again.facts['objective']}; expected {expected}"
        )
        return None
    lacking = [people.clinics[at] for at in again.may if people.yearly[at] is None]
    if lacking:
        found = f"found it without costs of {', '.join(lacking)}"
        again.findings.add("money", f"choice.json, money: {found}; expected a cost of each that may close")
        return None
    return {at: math.floor(round(60 * (people.yearly[at] or 0.0) / rate, 6) + 0.5) for at in again.may}


def _standing(costs: dict[int, int], closed: Iterable[int]) -> int:
    return sum(one for at, one in costs.items() if at not in closed)


def _check_money(again: Again, costs: dict[int, int], closed: list[int], harm: int) -> None:
    """Check what of the cost is minutes, and what is money."""
    money, yearly = again.facts["money"], again.people.yearly
    if money is None:
        return
    for name, expected in (
        ("harm", harm),
        ("standing", _standing(costs, closed)),
        ("saved_per_year", math.fsum(yearly[at] or 0.0 for at in closed)),
        ("open_per_year", math.fsum(yearly[at] or 0.0 for at in again.may if at not in closed)),
    ):
        again.findings.compare("money", f"choice.json, money, {name}", type(expected)(money[name]), expected)


def _check_placed(again: Again, placed: pl.DataFrame, closed: list[int]) -> int:
    """Check who goes where, and the rooms; return what it costs."""
    people, findings = again.people, again.findings
    names = {people.clinics[at] for at in closed}
    wanted = {who for who, one in people.residents.items() if one.clinic_id in names and one.row >= 0}
    said = dict(placed.select("patient_id", "new_clinic_id").iter_rows())
    if placed.height != len(said) or said.keys() != wanted:
        findings.add(
            "placed",
            f"placed.parquet: found {placed.height} rows; expected one for each of {len(wanted)} people",
        )
        return 0
    cost, lost, taken = 0, 0, [0] * len(people.clinics)
    for who, clinic in said.items():
        one = people.residents[who]
        if clinic is None:
            cost, lost = cost + int(people.nowhere[one.row]), lost + 1
            continue
        at = people.clinics.index(clinic) if clinic in people.clinics else -1
        if at < 0 or at in closed or not people.reach[one.row, at]:
            findings.add("placed", f"placed.parquet, {who}: found {clinic}; expected an open clinic in reach")
            continue
        cost += int(people.harm[one.row, at])
        taken[at] += one.size
    for at, units in enumerate(taken):
        if units > people.rooms["cap"][at]:
            room = people.rooms["cap"][at]
            findings.add(
                "placed",
                f"placed.parquet, {people.clinics[at]}: found {units} tenths; expected at most {room}",
            )
    findings.compare("placed", "choice.json, unplaced", again.facts["unplaced"], lost)
    findings.compare("placed", "choice.json, people", again.facts["people"], len(wanted))
    return cost


def _check_tried(
    again: Again, tried: pl.DataFrame, costs: dict[int, int]
) -> tuple[list[int], set[tuple[int, ...]]]:
    """Return what the prices of each tried set prove (C9), and the sets."""
    bounds, seen = [], set()
    for (number,), part in tried.sort("tried").group_by("tried", maintain_order=True):
        where = f"tried.parquet, {number}"
        closed = again.places(part["closed"][0].split(","), where)
        prices = dict(part.select("clinic_id", "price").iter_rows())
        if closed is None or part["closed"].n_unique() != 1 or len(prices) != part.height:
            again.findings.add("bound", f"{where}: found no set with a price for each clinic; expected one")
            continue
        if not prices.keys() <= set(again.people.clinics) or min(prices.values()) < 0:
            again.findings.add(
                "bound", f"{where}: found a price below 0 or of no clinic; expected at least 0"
            )
            continue
        bound = _proved(again.people, closed, [prices.get(name, 0) for name in again.people.clinics])
        bound += _standing(costs, closed)
        again.findings.compare("bound", f"{where}, bound", part["bound"][0], bound)
        bounds.append(bound)
        seen.add(tuple(sorted(closed)))
    return bounds, seen


def _proved(people: Residents, closed: list[int], prices: list[int]) -> int:
    left = [at for at in range(len(people.clinics)) if at not in closed]
    price = np.array(prices, np.int64)[left]
    who = [one for one in people.residents.values() if one.row >= 0 and people.own[one.row] in closed]
    row, size = np.array([one.row for one in who], np.int64), np.array([one.size for one in who], np.int64)
    each = 16 * people.harm[row][:, left] + size[:, None] * price
    each = np.where(people.reach[row][:, left], each, np.iinfo(np.int64).max)
    whole = int(np.minimum(each.min(axis=1), 16 * people.nowhere[row]).sum())
    whole -= sum(int(p) * people.rooms["cap"][at] for p, at in zip(price, left, strict=True))
    return -(-whole // 16)


def _check_rest(again: Again, seen: set[tuple[int, ...]], open_costs: dict[int, int]) -> str:
    """Check what all sets that were not tried cost at least; return the scope."""
    facts = again.facts
    few, count = facts["smaller"], facts["count"]
    if not 1 <= few <= count:
        again.findings.add("bound", f"choice.json, smaller: found {few}; expected 1 to {count}")
        return SCOPES["all"]
    sets, costs, scope = costs_of(again, few, load=False)
    saved = np.array([open_costs.get(at, 0) for at in range(len(again.people.clinics))], np.int64)
    plain, costs = int(costs.min()), costs - saved[sets].sum(axis=1)
    if few < count:
        jointly, apart = (-(-harm * count // few) for harm in (int(costs.min()), plain))
        least, others = max(jointly, apart - int(np.sort(saved)[::-1][:count].sum())), True
    else:
        other = np.array([tuple(sorted(some)) not in seen for some in sets.tolist()])
        others = bool(other.any())
        least = int(costs[other].min()) if others else 0
    least += int(saved.sum()) if others else 0
    if facts["rest"] is None:
        again.findings.compare("bound", "choice.json, rest", others and scope == "all", False)  # noqa: FBT003
    elif scope == "all":
        again.findings.compare("bound", "choice.json, rest", facts["rest"], least)
    elif least < facts["rest"]:
        again.findings.add("bound", f"choice.json, rest: found {facts['rest']}; expected at most {least}")
    return SCOPES[scope]
