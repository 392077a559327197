"""The folder and the page of a closing: who goes where, how full the clinics become, and the proof."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from tideover.cases.closing import ClosingResult
from tideover.readers import whole_folder
from tideover.reports import closing_tables as tables
from tideover.reports import folder, svg, words
from tideover.reports.access import headline as access_headline
from tideover.reports.closing_maps import maps_of
from tideover.reports.grounds import told_of
from tideover.reports.map_marks import hatching
from tideover.reports.pages import draw_page
from tideover.travel import rows_used

MARK = "plan.json"
VISITS = "visits"
TABLES = ("transfers.parquet", "load.parquet", "letters.parquet", "duals.parquet")
OUTPUTS = (MARK, *TABLES, "report.html", VISITS, *folder.OUTPUTS)


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
    first, others = tables.load(result)
    maps, where = maps_of(result), tables.where(result)
    return draw_page(
        "closing.html",
        title="Closing clinics: where everybody goes",
        rests=told_of(facts),
        synthetic=facts["network"]["synthetic"],
        dateline=f"{facts['network']['name'] or 'Clinic network'} \u00b7 {closings_said(facts)}",
        headline=headline(facts),
        keys=closing_keys(result),
        maps=maps | {"moves": [replace(one, table=where) for one in maps["moves"]]},
        where=where,
        journeys=tables.journeys(result),
        people=tables.people_tables(result),
        load=first,
        more_load=others,
        terms=tables.terms(facts),
        lacking=lacking(facts),
        access=tables.access_tables(result),
        told_access=None if result.access is None else access_headline(result.access.facts),
        unconfirmed=_unconfirmed(result),
        moves=moved(facts),
        facts=facts,
        bound=proof(facts),
        payers=_payers(result),
        notes=facts["notes"],
        patterns=svg.patterns() + hatching(),
        words=words,
    )


def closings_said(facts: Mapping[str, Any]) -> str:
    """Return how many clinics close when."""
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
    place = "all have one" if not lost else f"{words.count(lost)} {'has' if lost == 1 else 'have'} none"
    kept = counts["own_kept"]
    own = f"{words.count(kept)} keep their own clinician" if kept else "nobody keeps the own clinician"
    return (
        f"Of {words.plural(counts['patients'], 'patient')} who need a new place, {place}; "
        f"{own}, and "
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


def closing_keys(result: ClosingResult) -> list[dict[str, Any]]:
    """Return the key figures: who has no place, how far, how full, who keeps the own clinician."""
    counts = result.facts["counts"]
    journeys = result.people.filter(pl.col("group") == "all", pl.col("measure") == "minutes").to_dicts()
    more = journeys[0] if journeys and not journeys[0]["suppressed"] else None
    clinics = result.load.filter(pl.col("level") == "clinic")
    full = clinics.filter(pl.col("panel_after") > pl.col("panel_target")).height
    before = clinics.filter(pl.col("panel_before") > pl.col("panel_target")).height
    way = "longer" if more is None or more["difference"] >= 0 else "shorter"
    return [
        {"words": "without a place", "number": words.count(counts["unplaced"]),
         "alert": counts["unplaced"] > 0, "remark": f"of {words.count(counts['patients'])}"},
        {"words": f"minutes {way}, mean journey",
         "number": words.UNKNOWN if more is None else f"{abs(more['difference']):.1f}", "alert": False,
         "remark": "" if more is None else f"{more['before']:.1f} before, {more['after']:.1f} after"},
        {"words": "beyond the standard", "number": words.count(counts["beyond_standard"]), "alert": False,
         "remark": "people whose journey is longer than it allows"},
        {"words": "receiving clinics over target", "number": words.count(full), "alert": False,
         "remark": f"of {clinics.height}; {before} before"},
        {"words": "keep their clinician", "number": words.count(counts["own_kept"]), "alert": False,
         "remark": ""},
    ]  # fmt: skip


def _unconfirmed(result: ClosingResult) -> str:
    """Return what a reader must know of the standard of adequacy that the plan heeds."""
    named = ("large_metro", "metro", "micro", "rural", "ceac")
    typed = result.scenario.network.areas["county_type"].drop_nulls().len()
    policy = result.policy
    if not typed:
        return (
            f"The standard is {policy.adequacy_minutes} minutes for everybody (Minnesota Statutes 62K.10); "
            "types of counties, by which federal rules differ, are not known here."
        )
    limits = ", ".join(
        f"{name.replace('_', ' ')} {getattr(policy, f'adequacy_{name}_minutes')}" for name in named
    )
    return (
        f"The standard is in minutes by type of county ({limits}). These figures follow 42 CFR 422.116 and "
        "are yet to be confirmed against its current text: do not quote them as the law before that."
    )


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
