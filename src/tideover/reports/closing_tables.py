"""The tables of the page on a closing: people by group, clinics that receive, pairs of clinics, access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from tideover.cases.closing import ClosingResult
from tideover.impact import FEWEST_PEOPLE
from tideover.reports import words
from tideover.reports.access import GROUP_WORDS, HIDDEN, measure_words
from tideover.reports.access import cells as access_cells
from tideover.reports.access_maps import short_name
from tideover.reports.closing_maps import pairs
from tideover.reports.parts import Table

TERM_WORDS = {
    "added_travel": "added minutes of journey",
    "continuity_broken": "another than the own clinician",
    "language_not_shared": "language not shared, no interpreter",
    "interpreter_needed": "an interpreter needed",
    "beyond_standard": "journey beyond the standard",
    "over_target": "panels over target",
}
#: Rows that are shown at once; the others are folded.
_FIRST = 8
_MINUS = "\u2212"
_HEADS = {"clinic": "closing clinic", "age": "age", "language": "language", "car": "car in the household"}
#: What is told of everybody's access.
_ACCESS = ("nearest_minutes", "within_30_minutes", "within_minnesota", "within_adequacy", "enhanced_two_step")


def names_of(result: ClosingResult) -> dict[str, str]:
    """Return what each clinic is called in a table."""
    rows = result.scenario.network.clinics.select("clinic_id", pl.coalesce("name", "clinic_id"))
    return {clinic: short_name(name) for clinic, name in rows.iter_rows()}


def minutes(number: float | None) -> str:
    """Return added minutes in words that leave no doubt about the sign.

    >>> minutes(-3.25), minutes(4.0), minutes(0.01)
    ('3.2 shorter', '4.0 longer', 'as before')
    """
    if number is None:
        return words.UNKNOWN
    if round(number, 1) == 0:
        return "as before"
    return f"{abs(number):.1f} {'longer' if number > 0 else 'shorter'}"


def people_tables(result: ClosingResult) -> list[Table]:
    """Return what happens to those who need a new place: everybody first, then by group."""
    names = names_of(result)
    tables = [_people(result, "all", "Everybody who needs a new place", {"all": "everybody"})]
    there = set(result.people["group"])
    return tables + [
        _people(result, group, f"By {head}", names if group == "clinic" else {})
        for group, head in _HEADS.items()
        if group in there
    ]


def _people(result: ClosingResult, group: str, caption: str, names: Mapping[str, str]) -> Table:
    by_member: dict[str, dict[str, dict[str, Any]]] = {}
    for row in result.people.filter(pl.col("group") == group).iter_rows(named=True):
        by_member.setdefault(row["member"], {})[row["measure"]] = row
    lines = []
    for member, found in by_member.items():
        far, near = found.get("beyond_standard"), found.get("minutes")
        lines.append(
            (
                names.get(member, member),
                _of(found.get("no_place"), "people", words.count),
                _of(near, "before", _tenth), _of(near, "after", _tenth), _of(near, "difference", _signed),
                _of(far, "before", words.share), _of(far, "after", words.share),
                _of(found.get("own_clinician"), "after", words.share),
                _left(found.get("no_place")),
            )
        )  # fmt: skip
    heads = ("", "People", "Minutes to the clinic, before", "after", "difference",
             "Beyond the standard, before", "after", "Keep their clinician", "Without a place")  # fmt: skip
    return Table(caption, heads, tuple(lines))


def _of(row: Mapping[str, Any] | None, key: str, shown: Any) -> str:
    if row is None:
        return words.UNKNOWN
    return HIDDEN if row["suppressed"] else str(shown(row[key]))


def _left(row: Mapping[str, Any] | None) -> str:
    """Return how many of a group have no place; 1 to 10 people only as that."""
    if row is None or row["suppressed"]:
        return _of(row, "after", words.share)
    number = round(row["after"] * row["people"])
    return words.count(number) if number == 0 or number >= FEWEST_PEOPLE else f"fewer than {FEWEST_PEOPLE}"


def _tenth(number: float) -> str:
    return f"{number:,.1f}"


def _signed(number: float) -> str:
    return "0" if round(number, 1) == 0 else f"{number:+,.1f}".replace("-", _MINUS)


def journeys(result: ClosingResult) -> str:
    """Return how many people travel longer and how many shorter than before, in one sentence."""
    known = result.transfers.drop_nulls(["minutes_before", "minutes_after"])
    more = known["minutes_after"] - known["minutes_before"]
    said = [
        f"{words.count(number)} have a journey that is {way} than before (by {mean:.0f} minutes on average)"
        for way, part in (("longer", more.filter(more > 0)), ("shorter", more.filter(more < 0)))
        if (number := part.len()) >= FEWEST_PEOPLE and isinstance(mean := part.abs().mean(), float)
    ]
    if not said:
        return "Hardly anybody's journey changes, as far as it is known."
    why = " Shorter journeys come about because not everybody belonged to the nearest clinic."
    return f"{' and '.join(said)}.{why if 'shorter' in said[-1] else ''}"


def where(result: ClosingResult) -> Table:
    """Return how many people go from which clinic to which, and how much longer their journey is."""
    names = names_of(result)
    rows = tuple(
        (names[old], names[new], words.count(people), minutes(more))
        for old, new, people, more in pairs(result).iter_rows()
    )
    heads = ("From", "To", "People", "Journey in minutes, mean")
    return Table("From clinic to clinic", heads, rows, frozenset({0, 1}))


def load(result: ClosingResult) -> tuple[Table, Table | None]:
    """Return the clinics that receive most, before and after, and the others of 11 more patients or more."""
    names = names_of(result)
    more = (pl.col("panel_after") - pl.col("panel_before")).alias("more")
    rows = result.load.with_columns(more).filter(pl.col("level") == "clinic", pl.col("more") >= FEWEST_PEOPLE)
    lines = []
    for row in rows.sort("more", "clinic_id", descending=[True, False]).iter_rows(named=True):
        over = row["panel_after"] > row["panel_target"]
        lines.append(
            (
                names[row["clinic_id"]], words.count(row["more"]),
                *(_change(row, key, digits) for key, digits in (
                    ("panel_per_fte", 0), ("visits_per_day", 0), ("hours_per_day", 0),
                    ("assistants_per_clinician", 2))),
                "over\u00a0target" if over else "within", "short" if row["short_of_assistants_after"] else "",
            )
        )  # fmt: skip
    heads = ("Clinic", "More patients*", "Patients per full-time post", "Visits a weekday", "Hours a weekday",
             "Assistants per clinician", "Panels",
             f"Under {result.policy.assistants_per_clinician:g} assistants")  # fmt: skip
    whole = Table("Receiving clinics, before and after", heads, tuple(lines), frozenset({0, 6, 7}))
    return whole.fold(_FIRST)


def _change(row: Mapping[str, Any], key: str, digits: int) -> str:
    before, after = (
        words.UNKNOWN if row[f"{key}_{when}"] is None else f"{row[f'{key}_{when}']:,.{digits}f}"
        for when in ("before", "after")
    )
    return before if before == after else f"{before}\u00a0\u2192\u00a0{after}"


def terms(facts: Mapping[str, Any]) -> Table:
    """Return what the plan costs, term by term."""
    rows = tuple((TERM_WORDS[name], words.count(facts["terms"][name])) for name in TERM_WORDS)
    return Table("What it costs, in points", ("Term", "Points"), rows)


def access_tables(result: ClosingResult) -> list[Table]:
    """Return everybody's access before and after, then minutes to the nearest clinic by group."""
    access = result.access
    if access is None:
        return []
    heads = ("", "Before", "After", "Difference")
    named = measure_words(access.problem.policy)
    rows = {row["measure"]: row for row in access.rows.filter(pl.col("group") == "all").iter_rows(named=True)}
    lines = tuple((named[name], *access_cells(rows[name])) for name in _ACCESS if name in rows)
    tables = [Table("Everybody's access", heads, lines)]
    for group in ("deprivation", "age", "language", "car"):
        of_group = access.rows.filter(pl.col("group") == group, pl.col("measure") == "nearest_minutes")
        if of_group.height:
            told = tuple((row["member"], *access_cells(row)) for row in of_group.iter_rows(named=True))
            tables.append(Table(f"Minutes to the nearest, by {GROUP_WORDS[group]}", heads, told))
    return tables
