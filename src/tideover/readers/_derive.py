"""What an export lacks (urgency, sessions, times, years of birth), derived as its mapping states."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.nouns import Note
from tideover.readers._fields import field_values, plain
from tideover.readers._kind import RawTable
from tideover.readers._mapping import ExportMapping, Field
from tideover.readers._rules import LEAD, UrgencyRule, urgency_of
from tideover.readers._spread import spread
from tideover.readers._teams import derived_sessions, session_names, team_notes

_ORDERS = {
    "booked": "in the order in which they were booked",
    "mixed": "in a fixed order that has nothing to do with their booking",
}


def with_urgency(
    export: RawTable, mapping: ExportMapping, visits: pl.DataFrame
) -> tuple[pl.DataFrame, list[Note]]:
    """Return the visits with the urgency that the rules derive, and a note with the count for each rule.

    Raises ``InputError`` where a rule compares a cell with a number that is none.
    """
    rules = mapping.urgency
    if not rules:
        if "urgency" in mapping.fields["visits"]:
            return visits, []
        text = "The source has no urgency and the mapping no rules: every visit has the schema's default"
        return visits, [Note("assumed", "visits.urgency", text, visits.height)]
    facts = _facts(export, rules)
    facts[LEAD] = (visits["start"].dt.date() - visits["booked_on"]).dt.total_days().cast(pl.Float64)
    levels, counts = urgency_of(rules, facts, visits.height)
    notes = [
        Note("derived", "visits.urgency", rule.sentence, count)
        for rule, count in zip(rules, counts, strict=True)
    ]
    return visits.with_columns(levels), notes


def _facts(export: RawTable, rules: tuple[UrgencyRule, ...]) -> dict[str, pl.Series]:
    """Return the columns of the export that the rules compare: numbers, or texts for names in quotes."""
    facts: dict[str, pl.Series] = {}
    faults: list[Fault] = []
    kinds = {t.name: "string" if isinstance(t.value, str) else "number" for rule in rules for t in rule.terms}
    for name, kind in kinds.items():
        if name != LEAD:
            facts[name], wrong = field_values(export, Field(column=name), plain(name, kind))
            faults += wrong
    if faults:
        raise InputError(faults)
    return facts


def with_sessions(
    mapping: ExportMapping, visits: pl.DataFrame, columns: Mapping[str, pl.Series]
) -> tuple[pl.DataFrame, pl.DataFrame, list[Note]]:
    """Return the visits in derived sessions, these sessions, and the notes that say so.

    Where the export has a day but no time, the visits are spread over the session.
    """
    team = mapping.team
    sessions = derived_sessions(visits, team)
    visits = visits.with_columns(session_id=session_names(pl.col("start").dt.date()))
    notes = team_notes(team, sessions)
    if "day" not in columns:
        return visits, sessions, notes
    booked = columns.get("booked_at", visits["booked_on"])
    order = booked if team.order == "booked" else _scrambled(visits["visit_id"])
    text = (
        f"The source has no time of day: visits are spread over their session {_ORDERS[team.order]}, "
        f"in slots of {team.slot_minutes} minutes, those of one patient one after the other"
    )
    notes.append(Note("derived", "visits.start", text, visits.height))
    return _spread_out(visits, sessions, order, team.slot_minutes), sessions, notes


def _scrambled(identifiers: pl.Series) -> pl.Series:
    """Return a number for each identifier that is the same on every machine and says nothing."""
    return pl.Series([zlib.crc32(text.encode()) for text in identifiers.to_list()], dtype=pl.Int64)


def _spread_out(visits: pl.DataFrame, sessions: pl.DataFrame, order: pl.Series, slot: int) -> pl.DataFrame:
    """Return the visits with a time of day; see ``spread`` for how. All sessions have the same length."""
    numbered = sessions.select("session_id", "posts", "end", opens="start").with_row_index("session")
    patient = pl.col("patient_id").rank("dense").fill_null(0).cast(pl.Int64) - 1
    placed = (
        visits.with_row_index("row")
        .with_columns(order.alias("order"), patient.alias("patient"))
        .join(numbered, on="session_id", how="left", maintain_order="left")
        .sort("order", "row", nulls_last=False)
    )
    offsets = spread(
        placed["session"].to_list(),
        placed["patient"].to_list(),
        placed["minutes"].to_list(),
        lanes=sessions["posts"].to_list(),
        length=int((placed["end"][0] - placed["opens"][0]).total_seconds()) // 60,
        slot=slot,
    )
    begin = pl.col("opens") + pl.duration(minutes="offset")
    return visits.with_columns(
        placed.with_columns(offset=offsets).select("row", start=begin).sort("row").get_column("start")
    )


def birth_years(export: RawTable, source: Field, day: pl.Series) -> tuple[pl.Series, list[Fault]]:
    """Return the year of the visit less the age in years, right to within a year, and the faults of the ages.

    Years outside the schema's bounds become null; a note counts them.
    """
    age, faults = field_values(export, replace(source, age=False), plain("age", "integer"))
    bounds = next(c.limits for c in schema.tables()["patients"] if c.column == "birth_year")
    year = day.dt.year().cast(pl.Int64) - age
    low, high = bounds or (-1.0, 10_000.0)
    return year.set(((year < low) | (year > high)).fill_null(value=False), None), faults


def entities(
    table: str, keys: pl.Series, columns: Mapping[str, pl.Series]
) -> tuple[pl.DataFrame, list[Note]]:
    """Return one row for each key, sorted, with the first value given for it; notes where rows disagree."""
    key, names = keys.name, list(columns)
    rows = pl.DataFrame({key: keys, **columns}).filter(pl.col(key).is_not_null())
    given = [pl.col(name).drop_nulls() for name in names]
    frame = rows.group_by(key, maintain_order=True).agg(one.first() for one in given).sort(key)
    many = rows.group_by(key).agg(one.n_unique() for one in given)
    counts = {name: int((many[name] > 1).sum()) for name in names}
    text = "Rows of the source disagree about {}; the first one counts"
    notes = [Note("found", f"{table}.{name}", text.format(name), n) for name, n in counts.items() if n]
    return frame, notes
