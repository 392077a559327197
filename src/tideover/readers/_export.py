"""Any appointment export as a network, by a mapping that says which column is what."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.nouns import Network, Note
from tideover.readers._book import Loaded, book_notes, check_book
from tideover.readers._fields import field_values
from tideover.readers._kind import RawTable, quoted
from tideover.readers._mapping import ExportMapping, Field, read_mapping
from tideover.readers._network import joined, named_patients
from tideover.readers._rules import LEAD, urgency_of
from tideover.readers._spread import spread
from tideover.readers._tables import check_table, nearest
from tideover.readers._teams import derived_sessions, session_names, team_notes
from tideover.readers._text import read_text

#: Ages outside these are kept and counted.
AGES = (0, 100)
#: Facts beyond the schema; when exactly a visit was booked is only an order, so text will do.
_EXTRA = {"day": "date", "booked_at": "string", "clinician_id": "string"}
_ORDERS = {
    "booked": "in the order in which they were booked",
    "mixed": "in an order that says nothing (a scramble)",
}
_NO_HOME = "The source has no coordinates: travel is not counted"


def import_csv(file: Path | str, mapping: Path | str) -> Network:
    """Return the network that an appointment export becomes by a mapping (see ``README.md`` beside this module).

    Every row of the export becomes a visit: odd values are kept and counted in a note, cells that cannot be read are
    faults. What the export lacks (sessions, times of day, urgency) is derived as the mapping states and said in notes.
    Raises ``InputError`` with every fault of the mapping or the export. Laws: as many visits as rows; the same
    tables come back after ``write_network`` and ``read_network``.
    """
    file, mapping = Path(file), Path(mapping)
    rules = read_mapping(mapping)
    try:
        data = file.read_bytes()
    except OSError as error:
        remedy = "Check the path."
        raise InputError(
            [Fault(file.name, None, None, error.strerror or str(error), "a file", remedy)]
        ) from error
    export = read_text(file.name, data, rules.separator, rules.encoding)
    if export.faults:
        raise InputError(export.faults)
    _check_headings(mapping, rules, export)
    digest = hashlib.sha256(mapping.read_bytes()).hexdigest()
    return _Import(export, rules).network(str(file), {export.file: export.sha256, mapping.name: digest})


def _check_headings(mapping: Path, rules: ExportMapping, export: RawTable) -> None:
    known = export.frame.columns
    faults = [
        Fault(
            mapping.name,
            None,
            heading,
            f"no column {quoted(heading)} in {export.file}",
            "a heading of the export",
            nearest_heading(heading, known) or "Its headings are: " + ", ".join(known) + ".",
        )
        for heading in sorted(rules.headings())
        if heading not in known
    ]
    if export.frame.is_empty():
        faults.append(
            Fault(export.file, None, None, "no rows", "at least one appointment", "Export it again.")
        )
    if faults:
        raise InputError(faults)


def nearest_heading(heading: str, known: list[str]) -> str:
    """Return the question whether a heading that is written alike was meant, or an empty text."""
    written = {name.lower(): name for name in known}
    found = nearest(heading, list(written))
    for small, name in written.items():
        if found == f"Did you mean {small}?":
            return f"Did you mean {name}?"
    return found


@dataclass(frozen=True)
class _Import:
    """One export under one mapping."""

    export: RawTable
    rules: ExportMapping

    def network(self, source: str, files: dict[str, str]) -> Network:
        """Return the network, or raise every fault found on the way."""
        columns, faults = self._columns()
        visits, wrong = self._visits(columns)
        faults += wrong
        if faults:
            raise InputError(faults)
        visits, notes = self._with_urgency(visits, columns)
        visits, sessions, more = self._with_sessions(visits, columns)
        tables = {"visits": visits.drop("clinician_id"), "sessions": sessions}
        for table, key in (
            ("clinics", "clinic_id"),
            ("patients", "patient_id"),
            ("clinicians", "clinician_id"),
        ):
            tables[table], found = self._entities(table, visits[key], columns[table])
            more += found
        tables = {name: schema.complete(name, frame) for name, frame in tables.items()}
        notes += [*self._age_notes(columns), *more, *self._left_out(tables)]
        notes += self._checked(tables)
        name = self.rules.name or Path(source).stem
        facts = {"synthetic": self.rules.synthetic, "name": name, "source": source, "files": files}
        return Network.of(tables, notes=joined((), notes), **facts)

    def _columns(self) -> tuple[dict[str, dict[str, pl.Series]], list[Fault]]:
        """Return the values of every mapped column by table and column, row for row as in the export."""
        made: dict[str, dict[str, pl.Series]] = {}
        faults: list[Fault] = []
        for table, fields in self.rules.fields.items():
            made[table] = {}
            for name, source in fields.items():
                if source.age:
                    continue
                made[table][name], wrong = field_values(self.export, source, _column(table, name))
                faults += wrong
        for table, fields in self.rules.fields.items():
            for name, source in fields.items():
                if source.age:
                    made[table][name], wrong = self._birth_year(source, made["visits"])
                    faults += wrong
        return made, faults

    def _birth_year(self, source: Field, visits: dict[str, pl.Series]) -> tuple[pl.Series, list[Fault]]:
        """Return the year of the visit less the age in years: right to within a year."""
        age, faults = field_values(self.export, replace(source, age=False), _plain("age", "integer"))
        year = (visits["day"] if "day" in visits else visits["start"]).dt.year().cast(pl.Int64) - age
        low, high = _column("patients", "birth_year").limits or (0, 0)
        return year.set(((year < low) | (year > high)).fill_null(value=False), None), faults

    def _visits(self, columns: dict[str, dict[str, pl.Series]]) -> tuple[pl.DataFrame, list[Fault]]:
        """Return the table of visits, complete but for session, time of day and urgency, and its faults."""
        given = dict(columns["visits"])
        if "day" in given:
            given["start"] = given["day"].cast(pl.Datetime("us"))
        named = [column.column for column in schema.tables()["visits"] if column.column in given]
        named += [name for name in given if name.startswith(schema.GROUP_PREFIX)]
        raw = replace(self.export, frame=pl.DataFrame({name: given[name] for name in named}))
        frame, faults = check_table("visits", raw)
        sources = self.rules.fields["visits"] | {"start": self.rules.fields["visits"].get("day", Field())}
        faults = [replace(f, column=_heading(sources, f.column)) for f in faults]
        clinician = given.get(
            "clinician_id", pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
        )
        return frame.with_columns(clinician.alias("clinician_id")), faults

    def _with_urgency(
        self, visits: pl.DataFrame, columns: dict[str, dict[str, pl.Series]]
    ) -> tuple[pl.DataFrame, list[Note]]:
        """Return the visits with the urgency that the rules derive, and a note for each rule."""
        rules = self.rules.urgency
        if not rules:
            if "urgency" in columns["visits"]:
                return visits, []
            text = "The source has no urgency and the mapping no rules: every visit has the schema's default"
            return visits, [Note("assumed", "visits.urgency", text, visits.height)]
        lead = (visits["start"].dt.date() - visits["booked_on"]).dt.total_days().cast(pl.Float64)
        facts = {LEAD: lead}
        faults: list[Fault] = []
        for term in (term for rule in rules for term in rule.terms if term.name != LEAD):
            kind = "string" if isinstance(term.value, str) else "number"
            facts[term.name], wrong = field_values(
                self.export, Field(column=term.name), _plain(term.name, kind)
            )
            faults += wrong
        if faults:
            raise InputError(dict.fromkeys(faults))
        levels, counts = urgency_of(rules, facts, visits.height)
        about = "visits.urgency"
        notes = [
            Note(
                "derived",
                about,
                f"Urgency {rule.level} where {rule.text}" + (f": {rule.why}" if rule.why else ""),
                count,
            )
            for rule, count in zip(rules, counts, strict=True)
        ]
        return visits.with_columns(levels), notes

    def _with_sessions(
        self, visits: pl.DataFrame, columns: dict[str, dict[str, pl.Series]]
    ) -> tuple[pl.DataFrame, pl.DataFrame, list[Note]]:
        """Return the visits in derived sessions, spread over the day where the export has no time, and the notes."""
        team = self.rules.team
        timed = "day" not in columns["visits"]
        sessions = derived_sessions(visits, team)
        visits = visits.with_columns(session_id=session_names(pl.col("start").dt.date()))
        notes = team_notes(team, sessions)
        if (
            "minutes" not in self.rules.fields["visits"]
            or self.rules.fields["visits"]["minutes"].column is None
        ):
            lengths = visits["minutes"].unique().to_list()
            text = f"The source has no lengths: every visit takes {lengths[0]} minutes"
            notes.append(Note("assumed", "visits.minutes", text, visits.height))
        if timed:
            return visits, sessions, notes
        booked = columns["visits"].get("booked_at", visits["booked_on"])
        order = booked if team.order == "booked" else _scrambled(visits["visit_id"])
        text = (
            f"The source has no time of day: the visits of a session are spread over its hours {_ORDERS[team.order]}, in "
            f"slots of {team.slot_minutes} minutes, those of one patient one after the other"
        )
        notes.append(Note("derived", "visits.start", text, visits.height))
        return _spread_out(visits, sessions, order, team.slot_minutes), sessions, notes

    def _entities(
        self, table: str, keys: pl.Series, columns: dict[str, pl.Series]
    ) -> tuple[pl.DataFrame, list[Note]]:
        """Return one row for each key with the first value given for it, and a note where rows disagree."""
        key = keys.name
        rows = pl.DataFrame({key: keys, **columns}).filter(pl.col(key).is_not_null())
        names = list(columns)
        firsts = [pl.col(name).drop_nulls().first().alias(name) for name in names]
        frame = rows.group_by(key, maintain_order=True).agg(firsts).sort(key)
        notes = []
        if table == "patients" and rows.height and "lat" not in columns:
            notes.append(Note("found", "patients.lat", _NO_HOME, frame.height))
        many = rows.group_by(key).agg(pl.col(name).drop_nulls().n_unique() for name in names)
        for name in names:
            if count := int((many[name] > 1).sum()):
                text = f"Rows of the source disagree about {name}; the first one counts"
                notes.append(Note("found", f"{table}.{name}", text, count))
        return frame, notes

    def _age_notes(self, columns: dict[str, dict[str, pl.Series]]) -> list[Note]:
        """Return what is to be said of ages: how birth years come of them, and how many are odd."""
        notes = []
        for name, source in self.rules.fields["patients"].items():
            if not source.age or source.column is None:
                continue
            age = self.export.frame[source.column].cast(pl.Int64, strict=False)
            about = f"patients.{name}"
            text = "The year of birth is the year of the visit less the age, so right to within a year"
            notes.append(Note("derived", about, text, int(age.is_not_null().sum())))
            if odd := int(((age < AGES[0]) | (age > AGES[1])).sum()):
                text = f"Ages below {AGES[0]} or above {AGES[1]} years, perhaps wrong; kept as the source has them"
                notes.append(Note("found", about, text, odd))
            if lost := int((columns["patients"][name].is_null() & age.is_not_null()).sum()):
                text = "Ages that no year of birth in the schema's bounds can hold; the year is left empty"
                notes.append(Note("found", about, text, lost))
        return notes

    def _left_out(self, tables: dict[str, pl.DataFrame]) -> list[Note]:
        """Return the notes on columns of the export that are not used, and on clinics without a place."""
        unused = [name for name in self.export.frame.columns if name not in self.rules.headings()]
        notes = []
        if unused:
            text = "Columns of the source that are left out: " + ", ".join(unused)
            notes.append(Note("found", "visits", text, len(unused)))
        if not tables["clinics"]["lat"].is_not_null().any():
            notes.append(Note("found", "clinics.lat", _NO_HOME, tables["clinics"].height))
        return notes

    def _checked(self, tables: dict[str, pl.DataFrame]) -> list[Note]:
        """Return the notes on the finished book; raises its faults, with the export's lines."""
        loaded = {
            name: Loaded(RawTable(f"{name} (derived)", "", frame), frame) for name, frame in tables.items()
        }
        loaded["visits"] = Loaded(replace(self.export, frame=tables["visits"]), tables["visits"])
        sources = self.rules.fields["visits"]
        faults = [
            replace(fault, column=_heading(sources, fault.column))
            if fault.file == self.export.file
            else fault
            for fault in check_book(loaded)
        ]
        if faults:
            raise InputError(faults)
        return book_notes(loaded)


def _column(table: str, name: str) -> schema.Column:
    if table == "visits" and name in _EXTRA:
        return _plain(name, _EXTRA[name])
    for column in schema.tables()[table]:
        if column.column == name:
            return column
    return _plain(name, "string")


def _plain(name: str, kind: str) -> schema.Column:
    return schema.Column(name, kind, "", "no", "", "", "", "no", "", "", "")


def _heading(sources: dict[str, Field] | object, column: str | None) -> str | None:
    """Return the export's heading behind a column of the visits, or the column itself."""
    source = sources.get(column) if isinstance(sources, dict) and column else None
    return source.column if source is not None and source.column else column


def _scrambled(identifiers: pl.Series) -> pl.Series:
    """Return a number for each identifier, the same on every machine, that has nothing to do with its order."""
    return pl.Series([zlib.crc32(text.encode()) for text in identifiers.to_list()], dtype=pl.Int64)


def _spread_out(visits: pl.DataFrame, sessions: pl.DataFrame, order: pl.Series, slot: int) -> pl.DataFrame:
    """Return the visits with a time of day; see ``spread`` for how."""
    numbered = sessions.with_row_index("session").with_columns(
        opens="start", length=(pl.col("end") - pl.col("start")).dt.total_minutes()
    )
    placed = (
        visits.with_row_index("row")
        .with_columns(
            order.alias("order"), patient=pl.col("patient_id").rank("dense").fill_null(0).cast(pl.Int64) - 1
        )
        .join(
            numbered.select("session_id", "session", "opens"),
            on="session_id",
            how="left",
            maintain_order="left",
        )
        .sort("order", "row", nulls_last=False)
    )
    length = int(numbered["length"][0])
    offsets = spread(
        placed["session"].to_list(),
        placed["patient"].to_list(),
        placed["minutes"].to_list(),
        sessions["posts"].to_list(),
        length,
        slot,
    )
    begin = pl.col("opens") + pl.duration(minutes="offset")
    ordered = placed.with_columns(offset=offsets).select("row", start=begin).sort("row")
    return visits.with_columns(ordered["start"])
