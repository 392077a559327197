"""Any appointment export as a network, by a mapping that says which column is what."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.nouns import Network, Note
from tideover.readers._book import Loaded, check_book
from tideover.readers._crowding import book_notes
from tideover.readers._derive import birth_years, entities, with_sessions, with_urgency
from tideover.readers._fields import field_values, plain
from tideover.readers._kind import RawTable, quoted
from tideover.readers._mapping import EXTRA, ExportMapping, Field, read_mapping
from tideover.readers._network import joined
from tideover.readers._tables import check_table, nearest
from tideover.readers._text import read_text

#: The tables whose rows are what the visits name, and by which column.
_NAMED = {"clinics": "clinic_id", "patients": "patient_id", "clinicians": "clinician_id"}

Columns = dict[str, dict[str, pl.Series]]


def import_csv(file: Path | str, mapping: Path | str) -> Network:
    """Return the network that an appointment export becomes by a mapping.

    ``README.md`` beside this module describes the mapping. Every row of the export becomes a visit: odd
    values are kept and counted in a note, cells that cannot be read are faults. What the export lacks
    (sessions, times of day, urgency) is derived as the mapping states and said in notes. Raises
    ``InputError`` with every fault. Laws: as many visits as rows; the same tables come back after
    ``write_network`` and ``read_network``.
    """
    file, mapping = Path(file), Path(mapping)
    rules = read_mapping(mapping)
    try:
        data, digest = file.read_bytes(), hashlib.sha256(mapping.read_bytes()).hexdigest()
    except OSError as error:
        fault = Fault(str(file), None, None, error.strerror or str(error), "a file", "Check the path.")
        raise InputError([fault]) from error
    export = read_text(file.name, data, rules.separator, rules.encoding)
    faults = list(export.faults) or _heading_faults(mapping.name, rules, export)
    if faults:
        raise InputError(faults)
    return _Import(export, rules).network(str(file), {export.file: export.sha256, mapping.name: digest})


def _heading_faults(mapping: str, rules: ExportMapping, export: RawTable) -> list[Fault]:
    """Return the headings that the mapping names and the export does not have."""
    known = {heading.lower(): heading for heading in export.frame.columns}
    faults = []
    for heading in sorted(rules.headings() - set(known.values())):
        close = nearest(heading, list(known))
        for lower, written in known.items():
            close = f"Did you mean {written}?" if close == f"Did you mean {lower}?" else close
        remedy = close or "Its headings are: " + ", ".join(known.values()) + "."
        found = f"no column {quoted(heading)} in {export.file}"
        faults.append(Fault(mapping, None, heading, found, "a heading of the export", remedy))
    if export.frame.is_empty():
        faults.append(
            Fault(export.file, None, None, "no rows", "at least one appointment", "Export it again.")
        )
    return faults


@dataclass(frozen=True)
class _Import:
    """One export under one mapping."""

    export: RawTable
    rules: ExportMapping

    def network(self, source: str, files: dict[str, str]) -> Network:
        """Return the network, or raise every fault found on the way."""
        columns, faults = self._columns()
        visits, wrong = self._visits(columns)
        if faults + wrong:
            raise InputError(dict.fromkeys(faults + wrong))
        visits, notes = with_urgency(self.export, self.rules, visits)
        visits, sessions, more = with_sessions(self.rules, visits, columns["visits"])
        notes += more
        tables = {"visits": visits.drop("clinician_id"), "sessions": sessions}
        for table, key in _NAMED.items():
            tables[table], more = entities(table, visits[key], columns[table])
            notes += more
        tables = {name: schema.complete(name, frame) for name, frame in tables.items()}
        notes += [*self._age_notes(columns), *self._left_out(tables), *self._checked(tables)]
        name = self.rules.name or Path(source).stem
        facts = {"synthetic": self.rules.synthetic, "name": name, "source": source, "files": files}
        return Network.of(tables, notes=joined((), notes), **facts)

    def _columns(self) -> tuple[Columns, list[Fault]]:
        """Return the values of every mapped column by table and column, row for row as in the export."""
        made: Columns = {table: {} for table in self.rules.fields}
        faults: list[Fault] = []
        fields = [(t, name, one) for t, named in self.rules.fields.items() for name, one in named.items()]
        for table, name, source in sorted(fields, key=lambda each: each[2].age):
            if source.age:
                visits = made["visits"]
                day = visits["day"] if "day" in visits else visits["start"]
                made[table][name], wrong = birth_years(self.export, source, day)
            else:
                made[table][name], wrong = field_values(self.export, source, _column(table, name))
            faults += wrong
        return made, faults

    def _visits(self, columns: Columns) -> tuple[pl.DataFrame, list[Fault]]:
        """Return the table of visits, complete but for session, time of day and urgency, and its faults."""
        given = dict(columns["visits"])
        if "day" in given:
            given["start"] = given["day"].cast(pl.Datetime("us"))
        clinician = given.get(
            "clinician_id", pl.repeat(None, self.export.frame.height, dtype=pl.String, eager=True)
        )
        own = {name: values for name, values in given.items() if name not in EXTRA}
        frame, faults = check_table("visits", replace(self.export, frame=pl.DataFrame(own), plain=False))
        return frame.with_columns(clinician.alias("clinician_id")), self._in_its_words(faults)

    def _in_its_words(self, faults: list[Fault]) -> list[Fault]:
        """Return faults of the visits with the export's heading in place of Tideover's column."""
        sources = dict(self.rules.fields["visits"])
        sources["start"] = sources.get("day", sources.get("start", Field()))
        made = []
        for fault in faults:
            source = sources.get(fault.column or "", Field())
            ours = fault.file == self.export.file and source.column
            made.append(replace(fault, column=source.column) if ours else fault)
        return made

    def _age_notes(self, columns: Columns) -> list[Note]:
        notes = []
        for name, source in self.rules.fields["patients"].items():
            if source.age and source.column is not None:
                age = self.export.frame[source.column].cast(pl.Int64, strict=False)
                notes += age_notes(f"patients.{name}", age, columns["patients"][name])
        return notes

    def _left_out(self, tables: Mapping[str, pl.DataFrame]) -> list[Note]:
        """Return the notes on what the export has and is not used, and on what it does not have."""
        notes = []
        if unused := [name for name in self.export.frame.columns if name not in self.rules.headings()]:
            text = "Columns of the source that are left out: " + ", ".join(unused)
            notes.append(Note("found", "source", text, len(unused)))
        for table in ("clinics", "patients"):
            if tables[table].height and not tables[table]["lat"].is_not_null().any():
                text = "The source has no coordinates: travel is not counted"
                notes.append(Note("found", f"{table}.lat", text, tables[table].height))
        if self.rules.fields["visits"].get("minutes", Field()).column is None:
            text = f"The source has no lengths: every visit takes {tables['visits']['minutes'][0]} minutes"
            notes.append(Note("assumed", "visits.minutes", text, tables["visits"].height))
        return notes

    def _checked(self, tables: Mapping[str, pl.DataFrame]) -> list[Note]:
        """Return the notes on the finished book; raises its faults, with the export's lines."""
        loaded = {
            name: Loaded(RawTable(f"{name} (derived)", "", frame), frame) for name, frame in tables.items()
        }
        loaded["visits"] = Loaded(replace(self.export, frame=tables["visits"]), tables["visits"])
        if faults := check_book(loaded):
            raise InputError(self._in_its_words(faults))
        return book_notes(tables)


#: Ages outside these are kept and counted.
AGES = (0, 100)


def age_notes(about: str, age: pl.Series, birth_year: pl.Series) -> list[Note]:
    """Return what is to be said of ages: what birth years they give, how many are odd, how many are lost."""
    odd, lost = (age < AGES[0]) | (age > AGES[1]), birth_year.is_null() & age.is_not_null()
    year = "The year of birth is the year of the visit less the age, so right to within a year"
    strange = f"Ages below {AGES[0]} or above {AGES[1]} years, perhaps wrong; kept as the source has them"
    unfit = "Ages that no year of birth within the schema's bounds can hold; the year is left empty"
    notes = [Note("derived", about, year, int(age.is_not_null().sum()))]
    notes += [Note("found", about, strange, int(odd.sum()))] if odd.any() else []
    return notes + ([Note("found", about, unfit, int(lost.sum()))] if lost.any() else [])


def _column(table: str, name: str) -> schema.Column:
    """Return the schema's column, or one for a group or for what the table of visits does not hold."""
    for column in schema.tables()[table]:
        if column.column == name:
            return column
    return plain(name, "date" if name == "day" else "string")
