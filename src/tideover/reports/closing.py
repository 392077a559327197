"""The folder and the page of a closing: who goes where, how full the clinics become, and the proof."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tideover.cases.closing import ClosingResult
from tideover.impact import FEWEST_PEOPLE
from tideover.readers import whole_folder
from tideover.reports import folder, svg, words
from tideover.reports.pages import draw_page
from tideover.reports.parts import Table
from tideover.travel import rows_used

MARK = "plan.json"
VISITS = "visits"
TABLES = ("transfers.parquet", "load.parquet", "letters.parquet", "duals.parquet")
OUTPUTS = (MARK, *TABLES, "report.html", VISITS, *folder.OUTPUTS)
TERM_WORDS = {
    "added_travel": "added minutes of journey",
    "continuity_broken": "another than the own clinician",
    "language_not_shared": "language not shared, no interpreter",
    "interpreter_needed": "an interpreter needed",
    "beyond_standard": "journey beyond the standard",
    "over_target": "panels over target",
}


def write_closing(result: ClosingResult, out: Path) -> None:
    """Write the folder ``out``; it appears whole, or what was there before stays.

    All but the page speak of single patients: only their owner may read them (mode 600). The plan of booked
    visits, where there is one, is a folder of its own in it. ``OutputError`` if it cannot be written.
    """
    with whole_folder(out, MARK, OUTPUTS, folders=True) as draft:
        for name, frame in zip(
            TABLES, (result.transfers, result.load, result.letters, result.duals), strict=True
        ):
            frame.write_parquet(draft / name)
        if result.scenario.network.travel is not None:
            rows_used(result.scenario.network, result.transfers).write_parquet(draft / "travel.parquet")
        (draft / "report.html").write_text(closing_page(result), encoding="utf-8")
        files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(draft.iterdir())}
        text = json.dumps({**result.facts, "files": files}, indent=1, ensure_ascii=False)
        (draft / MARK).write_text(text + "\n", encoding="utf-8")
        for path in draft.iterdir():
            path.chmod(0o644 if path.name == "report.html" else 0o600)
        if result.visits is not None:
            folder.write_strike(result.visits, draft / VISITS)


def closing_page(result: ClosingResult) -> str:
    """Return the page as one HTML document: counts of people and loads of clinics, no person."""
    facts = result.facts
    return draw_page(
        "closing.html",
        title="Closing clinics: where everybody goes",
        synthetic=facts["network"]["synthetic"],
        dateline=f"{facts['network']['name'] or 'Clinic network'} \u00b7 {_closings(facts)}",
        headline=headline(facts),
        keys=_keys(result),
        where=_where(result),
        load=_load(result),
        terms=_terms(facts),
        lacking=lacking(facts),
        moves=moved(facts),
        facts=facts,
        bound=proof(facts),
        payers=_payers(result),
        notes=facts["notes"],
        patterns=svg.patterns(),
    )


def _closings(facts: Mapping[str, Any]) -> str:
    said = [
        f"{words.plural(len(change['clinics']), 'clinic')} closing on {words.plain_day(_date(change['on']))}"
        for change in facts["changes"]
        if change["kind"] == "closure"
    ]
    return "; ".join(said) or "posts that end"


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def headline(facts: Mapping[str, Any]) -> str:
    """Return what happens to the patients, in one sentence."""
    counts = facts["counts"]
    lost = counts["unplaced"]
    place = "all have one" if not lost else f"{words.count(lost)} have none"
    return (
        f"Of {words.plural(counts['patients'], 'patient')} who need a new place, {place}; "
        f"{words.count(counts['own_kept'])} keep their own clinician, and "
        f"{words.count(counts['beyond_standard'])} travel further than the standard allows."
    )


def lacking(facts: Mapping[str, Any]) -> list[str]:
    """Return sentences about people without a place, and what would suffice; none where all have one."""
    short = facts["shortfall"]
    if not short["people"]:
        return []
    said = []
    room, unknown = short["people"] - short["nowhere"], facts["counts"]["journey_unknown"]
    if short["nowhere"]:
        said.append(
            f"{words.plural(short['nowhere'], 'person', 'people')}: no clinic may take them, by the longest "
            f"journey ({facts['policy']['transfer_limit_minutes']} minutes), payers that contracts exclude, "
            "and age."
        )
    if unknown:
        who = words.plural(unknown, "person", "people")
        said.append(f"Of {who} no journey to a clinic that stays open is known.")
    if room:
        wanted = ", ".join(f"{one['places']:,} at {one['clinic_id']}" for one in short["places"])
        said.append(
            f"{words.plural(room, 'person has', 'people have')} no place for want of room. "
            f"Panel places that would suffice: {wanted}."
        )
    return said


def moved(facts: Mapping[str, Any]) -> list[str]:
    """Return sentences about the clinicians who move to openings."""
    chosen = facts["choices"][facts["chosen"]]
    if not chosen:
        return []
    tried = len(facts["choices"])
    who = [f"{one['clinician_id']} moves to {one['clinic_id']}" for one in chosen]
    how = (
        f"best of all {tried} choices"
        if facts["all_choices"]
        else "one choice; there are too many to try each"
    )
    return [f"{words.listed(who)} ({how})."]


def proof(facts: Mapping[str, Any]) -> str:
    """Return what is proved of the plan, in one sentence."""
    first, second = facts["levels"]
    left = "proved fewest" if not first["gap"] else f"at least {words.count(first['bound'])} whatever is done"
    return (
        f"People without a place: {left}. Points: at most {words.count(second['gap'])} "
        f"({words.share(facts['gap'], 2)}) could be saved. {facts['scope']}"
    )


def _keys(result: ClosingResult) -> list[dict[str, Any]]:
    counts = result.facts["counts"]
    known = result.transfers.drop_nulls(["minutes_before", "minutes_after"])
    more: Any = (known["minutes_after"] - known["minutes_before"]).mean()
    clinics = result.load.filter(pl.col("level") == "clinic")
    full = clinics.filter(pl.col("panel_after") > pl.col("panel_target")).height
    return [
        {"words": "without a place", "number": words.count(counts["unplaced"]),
         "alert": counts["unplaced"] > 0, "remark": f"of {words.count(counts['patients'])}"},
        {"words": "more minutes, mean", "number": words.UNKNOWN if more is None else f"{more:+.1f}",
         "alert": False, "remark": "from home to the clinic"},
        {"words": "receiving clinics over target", "number": words.count(full), "alert": False,
         "remark": f"of {clinics.height}"},
        {"words": "keep their clinician", "number": words.count(counts["own_kept"]), "alert": False,
         "remark": ""},
    ]  # fmt: skip


def _where(result: ClosingResult) -> Table:
    pairs = (
        result.transfers.drop_nulls("new_clinic_id")
        .group_by("clinic_id", "new_clinic_id")
        .agg(pl.len(), (pl.col("minutes_after") - pl.col("minutes_before")).mean().alias("more"))
        .sort("clinic_id", "len", "new_clinic_id", descending=[False, True, False])
    )
    names = _names(result)
    rows = tuple(
        (names[old], names[new], words.count(people), words.UNKNOWN if more is None else f"{more:+.1f}")
        for old, new, people, more in pairs.iter_rows()
        if people >= FEWEST_PEOPLE
    )
    return Table("From clinic to clinic", ("From", "To", "People", "Minutes more"), rows, frozenset({0, 1}))


def _names(result: ClosingResult) -> dict[str, str]:
    rows = result.scenario.network.clinics.select("clinic_id", pl.coalesce("name", "clinic_id"))
    return dict(rows.iter_rows())


def _load(result: ClosingResult) -> Table:
    names = _names(result)
    rows = result.load.filter(
        (pl.col("level") == "clinic") & (pl.col("panel_after") != pl.col("panel_before"))
    )
    lines = []
    for row in rows.sort("panel_after", "clinic_id", descending=[True, False]).iter_rows(named=True):
        cells = [
            f"{_number(row[f'{key}_before'], digits)} \u2192 {_number(row[f'{key}_after'], digits)}"
            for key, digits in (
                ("panel_per_fte", 0), ("visits_per_day", 0), ("hours_per_day", 0),
                ("assistants_per_clinician", 2),
            )
        ]  # fmt: skip
        short = "short" if row["short_of_assistants_after"] else ""
        lines.append((names[row["clinic_id"]], *cells, short))
    least = f"under {result.policy.assistants_per_clinician:g} assistants"
    heads = ("Clinic", "Patients per full-time post", "Visits a weekday", "Hours a weekday",
             "Assistants per clinician", least)  # fmt: skip
    return Table("Receiving clinics, before and after", heads, tuple(lines))


def _number(value: float | None, digits: int) -> str:
    return words.UNKNOWN if value is None else f"{value:,.{digits}f}"


def _terms(facts: Mapping[str, Any]) -> Table:
    rows = tuple((TERM_WORDS[name], words.count(facts["terms"][name])) for name in TERM_WORDS)
    return Table("What it costs, in points", ("Term", "Points"), rows)


def _payers(result: ClosingResult) -> str:
    rows = result.scenario.network.clinics.filter(pl.col("payers_excluded").list.len() > 0)
    if rows.is_empty():
        return (
            "No clinic states a payer that its contracts exclude: payers play no part in where anybody goes."
        )
    said = [
        f"{name} ({', '.join(payers)})"
        for name, payers in rows.select("clinic_id", "payers_excluded").iter_rows()
    ]
    return f"Payers limit where people go only at clinics whose contracts exclude them: {words.listed(said)}."
