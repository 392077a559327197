"""The page and the folder of access: who reaches a clinic how soon, before and after."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tideover.access import COUNTY_TYPES, MEASURES
from tideover.access.standards import ADEQUACY_SHARE, MINNESOTA_MILES, adequacy
from tideover.cases.access import AccessResult
from tideover.impact import FEWEST_PEOPLE
from tideover.nouns import Policy
from tideover.readers import whole_folder
from tideover.reports import svg, words
from tideover.reports.access_maps import maps_of
from tideover.reports.grounds import told_of
from tideover.reports.map_marks import hatching
from tideover.reports.pages import draw_page
from tideover.reports.parts import Table

MARK = "access.json"
OUTPUTS = (MARK, "access.csv", "access.parquet", "moved.csv", "report.html")
_TYPE_WORDS = {
    "large_metro": "large metro", "metro": "metro", "micro": "micro", "rural": "rural",
    "ceac": "CEAC",
}  # fmt: skip
_SUPPLY = {
    "two_step": "2SFCA: within 30 minutes, all alike",
    "enhanced_two_step": "E2SFCA: nearer counts more",
    "three_step": "3SFCA: to 60 minutes, people spread",
}
GROUP_WORDS = {
    "age": "age", "language": "language", "car": "car in the household",
    "deprivation": "deprivation of the area", "county": "county", "area": "area",
}  # fmt: skip
#: The measures of the tables by group; all are in the files.
IN_GROUPS = ("nearest_minutes", "within_30_minutes", "enhanced_two_step")
HIDDEN = "\u00b7"


def measure_words(policy: Policy) -> dict[str, str]:
    """Return what each measure is called; limits are those of the policy and of the regulation."""
    return {
        "nearest_minutes": "minutes to the nearest open clinic",
        "within_30_minutes": "with an open clinic within 30 minutes",
        "within_minnesota": f"in Minnesota: within {policy.adequacy_minutes} minutes and "
        f"{MINNESOTA_MILES:g} miles",
        "within_adequacy": "within the standard of their county's type",
        **{
            f"within_{kind}": f"within {rule.minutes:g} minutes and {rule.miles:g} miles ({word})"
            for (kind, rule), word in zip(adequacy(policy).items(), _TYPE_WORDS.values(), strict=True)
        },
        **_SUPPLY,
    }


def value(measure: str, number: float | None) -> str:
    """Return a value as tables write it: minutes and supply to a tenth, shares in per cent to a tenth."""
    if number is None:
        return words.UNKNOWN
    return words.share(number, 1) if MEASURES[measure].unit == "share" else f"{number:,.1f}"


def change(measure: str, number: float | None) -> str:
    """Return a difference with its sign; of shares in percentage points; one that rounds to none is ``0``."""
    if number is None:
        return words.UNKNOWN
    shown = 100 * number if MEASURES[measure].unit == "share" else number
    text = f"{shown:+,.1f}".replace("-", "\u2212")
    return "0" if round(shown, 1) == 0 else text + (" points" if MEASURES[measure].unit == "share" else "")


def cells(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return before, after and difference of a row as a table shows them; a dot where they are withheld."""
    if row["suppressed"]:
        return HIDDEN, HIDDEN, HIDDEN
    measure = row["measure"]
    return value(measure, row["before"]), value(measure, row["after"]), change(measure, row["difference"])


def headline(facts: Mapping[str, Any]) -> str:
    """Return what happens to access, in one sentence."""
    row = next(each for each in facts["measures"] if each["measure"] == "nearest_minutes")
    beyond = next(each for each in facts["measures"] if each["measure"] == "within_30_minutes")
    people = facts["people"] if facts["people"] == "patients" else "people"
    if row["difference"] is None:
        return f"No way leads any of the {people} to an open clinic both before and after."
    if not facts["closed"] and not facts["opened"]:
        return (
            f"The nearest open clinic is {row['before']:.1f} minutes away on average, for "
            f"{words.count(facts['counted'])} {people}; nothing closes or opens between the dates."
        )
    lost = round(beyond["people"] * (beyond["before"] - beyond["after"]))
    part = [
        words.plural(len(facts[key]), f"clinic {verb}", f"clinics {several}")
        for key, verb, several in (("closed", "closes", "close"), ("opened", "opens", "open"))
        if facts[key]
    ]
    reach = (
        f"{_people(lost, people)} more have none within 30 minutes"
        if lost >= FEWEST_PEOPLE
        else "hardly anybody loses the last one within 30 minutes"
    )
    return (
        f"{words.listed(part)}: the nearest open clinic is {row['before']:.1f} minutes away before and "
        f"{row['after']:.1f} after, on average, and {reach}."
    )


def _people(number: int, people: str) -> str:
    return words.plural(number, "patient" if people == "patients" else "person", people)


def spread_rows(facts: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield words, before, after and difference of how evenly access is spread, as far as measured."""
    before, after = facts["spread"]["before"], facts["spread"]["after"]
    names = {
        "worst_tenth_minutes": ("minutes of the tenth with the longest way", 1),
        "worst_tenth_supply": ("E2SFCA of the tenth with the least", 1),
        "gini": ("Gini coefficient of E2SFCA (0 is even)", 3),
    }
    for key, (text, digits) in names.items():
        if key not in before:
            continue
        first, last = before[key], after[key]
        if first is None or last is None:
            yield text, _plain(first, digits), _plain(last, digits), words.UNKNOWN
            continue
        gap = f"{last - first:+,.{digits}f}".replace("-", "\u2212")
        yield (
            text,
            _plain(first, digits),
            _plain(last, digits),
            "0" if round(last - first, digits) == 0 else gap,
        )


def _plain(number: float | None, digits: int) -> str:
    return words.UNKNOWN if number is None else f"{number:,.{digits}f}"


def write_access(result: AccessResult, out: Path) -> None:
    """Write the folder ``out``; it appears whole or not at all. ``OutputError`` if it cannot be written."""
    with whole_folder(out, MARK, OUTPUTS) as draft:
        text = json.dumps(result.facts, indent=1, ensure_ascii=False)
        (draft / MARK).write_text(text + "\n", encoding="utf-8")
        result.rows.write_csv(draft / "access.csv")
        result.rows.write_parquet(draft / "access.parquet")
        shown_moves(result).write_csv(draft / "moved.csv")
        (draft / "report.html").write_text(access_page(result), encoding="utf-8")
        for path in draft.iterdir():
            path.chmod(0o644)


def shown_moves(result: AccessResult) -> pl.DataFrame:
    """Return whose nearest clinic changes, without pairs of clinics about fewer than 11 people."""
    return result.moved.filter(pl.col("people") >= FEWEST_PEOPLE)


def access_page(result: AccessResult) -> str:
    """Return the page as one HTML document: shares and means of groups, no person."""
    facts, policy = result.facts, result.problem.policy
    names = measure_words(policy)
    return draw_page(
        "access.html",
        title=f"Access to {words.listed([kind.replace('_', ' ') for kind in facts['kinds']])} clinics",
        rests=told_of(facts),
        synthetic=facts["synthetic"],
        dateline=_dateline(facts),
        headline=headline(facts),
        keys=_keys(facts),
        first=_first_table(result, names),
        standards=_standards(result, names),
        spreads=_spreads(facts),
        groups=[_group_table(result, group) for group in _groups_shown(result)],
        notes=facts["notes"],
        facts=facts,
        words=words,
        patterns=svg.patterns() + hatching(),
        maps=maps_of(result),
        counties_known="within_adequacy" in _measured(result),
    )


def _dateline(facts: Mapping[str, Any]) -> str:
    before, on = (words.plain_day(dt.date.fromisoformat(facts[key])) for key in ("before_on", "on"))
    clinics = facts["clinics"]
    return (
        f"{words.plural(clinics['before'], 'clinic')} open on {before}, {clinics['after']} on {on}; "
        f"{words.count(facts['counted'])} {'patients' if facts['people'] == 'patients' else 'people'}"
    )


def _keys(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = {row["measure"]: row for row in facts["measures"]}
    chosen = ("nearest_minutes", "within_30_minutes", "enhanced_two_step")
    heads = ("minutes to the nearest", "within 30 minutes", "full-time clinicians per 100,000 people")
    keys = [
        {"words": head, "number": value(name, rows[name]["after"]), "alert": False,
         "remark": f"{value(name, rows[name]['before'])} before"}
        for name, head in zip(chosen, heads, strict=True) if name in rows
    ]  # fmt: skip
    longest = facts["spread"]["after"]["worst_tenth_minutes"]
    if longest is not None:
        first = facts["spread"]["before"]["worst_tenth_minutes"]
        remark = f"{_plain(first, 1)} before; the tenth of people with the longest way"
        keys.append({"words": "minutes, longest tenth", "number": f"{longest:,.1f}", "alert": False,
                     "remark": remark})  # fmt: skip
    return keys


def _measured(result: AccessResult) -> set[str]:
    return set(result.rows.filter(pl.col("group") == "all")["measure"])


def _first_table(result: AccessResult, names: Mapping[str, str]) -> Table:
    shown = ("nearest_minutes", "within_30_minutes", "within_minnesota", "within_adequacy", *_SUPPLY)
    rows = {row["measure"]: row for row in result.rows.filter(pl.col("group") == "all").iter_rows(named=True)}
    lines = tuple((names[name], *cells(rows[name])) for name in shown if name in rows)
    return Table("Everybody", ("", "Before", "After", "Difference"), lines)


def _standards(result: AccessResult, names: Mapping[str, str]) -> Table:
    rows = {row["measure"]: row for row in result.rows.filter(pl.col("group") == "all").iter_rows(named=True)}
    lines = tuple(
        (names[f"within_{kind}"], words.share(ADEQUACY_SHARE[kind]), *cells(rows[f"within_{kind}"]))
        for kind in COUNTY_TYPES
    )
    return Table(
        "Everybody against each standard", ("Standard", "Asked for", "Before", "After", "Difference"), lines
    )


def _spreads(facts: Mapping[str, Any]) -> Table:
    return Table("How evenly", ("", "Before", "After", "Difference"), tuple(spread_rows(facts)))


def _groups_shown(result: AccessResult) -> list[str]:
    there = set(result.rows["group"])
    return [group for group in GROUP_WORDS if group in there and group != "area"]


def _group_table(result: AccessResult, group: str) -> Table:
    used = [name for name in IN_GROUPS if name in _measured(result)]
    heads = {
        "nearest_minutes": "Minutes",
        "within_30_minutes": "Within 30 minutes",
        "enhanced_two_step": "E2SFCA",
    }
    rows = result.rows.filter(pl.col("group") == group)
    by_member: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        by_member.setdefault(row["member"], {})[row["measure"]] = row
    lines = []
    for member, found in by_member.items():
        if not any(name in found for name in used):
            continue
        people = found[used[0]]["people"] if used[0] in found else None
        shown = [_three(found.get(name)) for name in used]
        lines.append(
            (member, HIDDEN if people is None else words.count(people), *(c for s in shown for c in s))
        )
    names = [text for name in used for text in (f"{heads[name]} before", "after", "difference")]
    return Table(f"By {GROUP_WORDS[group]}", ("", "People", *names), tuple(lines))


def _three(row: Mapping[str, Any] | None) -> tuple[str, str, str]:
    return (words.UNKNOWN,) * 3 if row is None else cells(row)
