"""Network folders with faults: each kind is found where it is, with what was expected and a remedy."""

from __future__ import annotations

import polars as pl
import pytest

from readers_factory import CLINICS, GOOD, PATIENTS, SESSIONS, VISITS, faults_of, folder_of, places, replaced
from tideover.errors import InputError
from tideover.readers import check_network, read_network, write_network
from tideover.readers._kind import SHOWN


@pytest.mark.parametrize(
    ("table", "line", "cells", "column", "expected"),
    [
        ("visits", 3, {"minutes": "-5"}, "minutes", "1 to 480"),
        ("visits", 3, {"minutes": "0"}, "minutes", "1 to 480"),
        ("visits", 3, {"minutes": "fifteen"}, "minutes", "whole number"),
        ("visits", 3, {"minutes": "15.5"}, "minutes", "whole number"),
        ("visits", 4, {"urgency": "7"}, "urgency", "1 to 6"),
        ("visits", 2, {"video_ok": "yes"}, "video_ok", "true or false"),
        ("visits", 2, {"booked_on": "01/02/2026"}, "booked_on", "2026-03-10"),
        ("visits", 2, {"booked_on": "2026-02-30"}, "booked_on", "2026-03-10"),
        ("visits", 2, {"start": "2026-03-10T09:00Z"}, "start", "without a zone"),
        ("visits", 2, {"start": "2026-03-10T09:00:30"}, "start", "whole minute"),
        ("visits", 2, {"start": "1926-03-10T09:00"}, "start", "1990 to 2100"),
        ("visits", 2, {"booked_on": "2206-02-01"}, "booked_on", "1990 to 2100"),
        ("visits", 3, {"visit_id": ""}, "visit_id", "a value"),
        ("visits", 3, {"start": ""}, "start", "a value"),
        ("visits", 3, {"visit_id": "v1"}, "visit_id", "once"),
        ("visits", 3, {"session_id": "s9"}, "session_id", "sessions.csv"),
        ("visits", 3, {"session_id": ""}, "session_id", "a session"),
        ("visits", 3, {"clinic_id": "c9"}, "clinic_id", "clinics.csv"),
        ("visits", 3, {"patient_id": "p9"}, "patient_id", "patients.csv"),
        ("visits", 4, {"clinic_id": "c1"}, "clinic_id", "clinic of the visit's session"),
        ("visits", 4, {"start": "2026-03-10T08:45"}, "start", "within its session"),
        ("visits", 4, {"start": "2026-03-10T11:50"}, "start", "within its session"),
        ("visits", 3, {"start": "2026-03-10T09:10"}, "start", "clinician is free"),
        ("visits", 4, {"start": "2026-03-10T23:50"}, "start", "day of its start"),
        ("sessions", 2, {"end": "2026-03-10T08:00"}, "end", "after the session's start"),
        ("sessions", 2, {"end": "2026-03-11T01:00"}, "end", "day of the start"),
        ("sessions", 2, {"clinician_id": "k9"}, "clinician_id", "clinicians.csv"),
        ("sessions", 3, {"clinician_id": "k1"}, "start", "no other session"),
        ("sessions", 2, {"posts": "0"}, "posts", "1 to 1000"),
        ("clinicians", 3, {"role": "surgeon"}, "role", "physician"),
        ("clinicians", 3, {"clinic_id": "c9"}, "clinic_id", "clinics.csv"),
        ("patients", 3, {"clinician_id": "k9"}, "clinician_id", "clinicians.csv"),
        ("clinics", 2, {"lat": "NaN"}, "lat", "finite"),
        ("clinics", 2, {"lat": "inf"}, "lat", "finite"),
        ("clinics", 2, {"lat": "95"}, "lat", "-90 to 90"),
        ("clinics", 2, {"lon": ""}, "lon", "lon where lat"),
        ("clinics", 3, {"lat": ""}, "lat", "lat where lon"),
        ("clinics", 3, {"name": "T\two"}, "name", "control characters"),
    ],
)
def test_a_wrong_cell_is_found_where_it_is(tmp_path, *, table, line, cells, column, expected):
    """Each kind of wrong cell is reported with its file, line and column."""
    faults = faults_of(tmp_path, **{table: replaced(GOOD[f"{table}.csv"], line, **cells)})
    found = [f for f in faults if (f.file, f.row, f.column) == (f"{table}.csv", line, column)]
    assert any(expected in fault.expected for fault in found), faults
    assert all(fault.remedy for fault in faults)


@pytest.mark.parametrize(
    ("table", "text", "place", "found"),
    [
        ("visits", VISITS.replace("urgency", "urgncy", 1), ("visits.csv", 1, "urgncy"), "unknown column"),
        ("visits", VISITS.replace("start", "begin", 1), ("visits.csv", 1, "start"), "no such column"),
        ("visits", VISITS.replace("safe_by", "minutes", 1), ("visits.csv", 1, "minutes"), "2 columns"),
        ("visits", VISITS.replace("safe_by", "", 1), ("visits.csv", 1, None), "without a name"),
        ("visits", VISITS.replace("v2,", "v2,,", 1), ("visits.csv", 3, None), "11 cells"),
        ("visits", VISITS.replace(",true", "", 1), ("visits.csv", 3, None), "9 cells"),
        ("visits", VISITS.replace("v2,", "\nv2,", 1), ("visits.csv", 3, None), "1 cells"),
        ("visits", VISITS.replace("v2,", 'v"2,', 1), ("visits.csv", 3, None), "quote"),
        ("visits", VISITS.replace("v2,", '"v2,', 1), ("visits.csv", 3, None), "quote"),
        ("visits", VISITS.replace("v2", "v\0", 1), ("visits.csv", 3, None), "NUL"),
        ("visits", VISITS.replace("v2", "v" * 1_500_000, 1), ("visits.csv", 3, None), "1,500"),
        ("visits", VISITS.partition("\n")[0], ("visits.csv", None, None), "no rows"),
        ("visits", "", ("visits.csv", None, None), "no text"),
        ("visits", " \n\n", ("visits.csv", None, None), "no text"),
        ("visits", VISITS.replace("\n", "\r"), ("visits.csv", None, None), "CR alone"),
        ("clinics", "clinic_id\n", ("clinics.csv", None, None), "no rows"),
    ],
)
def test_a_wrong_file_is_found_where_it_is(tmp_path, table, text, place, found):
    """Each fault of a file's form is reported with its line."""
    faults = faults_of(tmp_path, **{table: text})
    assert [f for f in faults if (f.file, f.row, f.column) == place and found in f.found], faults


def test_an_unknown_column_is_answered_with_the_nearest(tmp_path):
    """A misspelt column gets the question that the writer needs."""
    faults = faults_of(tmp_path, visits=VISITS.replace("urgency", "urgncy", 1))
    assert faults[0].remedy == "Did you mean urgency?"


def test_latin_1_is_refused_with_the_byte(tmp_path):
    """Bytes that are not UTF-8 are reported with their offset and line."""
    faults = faults_of(tmp_path, clinics=CLINICS.replace("Two", "Zwö").encode("latin-1"))
    assert places(faults) == {("clinics.csv", 3, None)}
    assert "offset 46" in faults[0].found
    assert "UTF-8" in faults[0].expected


def test_utf_16_is_named(tmp_path):
    """A file in UTF-16 is told so."""
    faults = faults_of(tmp_path, clinics=CLINICS.encode("utf-16"))
    assert "UTF-16" in faults[0].remedy


def test_a_line_of_ten_megabytes_is_one_short_fault(tmp_path):
    """A line of 10 MB is refused in a fault that fits on a line."""
    faults = faults_of(tmp_path, visits=VISITS + "v4," + "x" * 10_000_000)
    assert places(faults) == {("visits.csv", 5, None)}
    assert len(str(faults[0])) < 300


def test_a_long_cell_is_cut_in_the_fault(tmp_path):
    """What was found is quoted only as far as a line can hold it."""
    faults = faults_of(tmp_path, visits=replaced(VISITS, 3, minutes="9" * 5000))
    assert "5,000 characters" in faults[0].found
    assert len(faults[0].found) < 120


def test_rows_are_counted_as_an_editor_counts_them(tmp_path):
    """A line end within quotes does not shift the line of a later fault."""
    text = VISITS.replace("v2,p2", '"v2","p\n2"').replace("2026-03-10T10:00", "ten")
    faults = faults_of(tmp_path, visits=text)
    assert ("visits.csv", 5, "start") in places(faults)
    assert ("visits.csv", 3, "patient_id") in places(faults)


@pytest.mark.parametrize(
    ("column", "word"),
    [
        ("phone", "personal"),
        ("Patient Name", "personal"),
        ("date_of_birth", "personal"),
        ("group_email", "personal"),
        ("SSN", "personal"),
        ("home_address", "personal"),
        ("union_member", "dispute"),
        ("will_strike", "dispute"),
        ("group_on_strike", "dispute"),
    ],
)
def test_columns_about_a_person_are_refused(tmp_path, column, word):
    """Names, ways to reach somebody and a person's part in the dispute are never read."""
    lines = PATIENTS.splitlines()
    text = "\n".join([f"{lines[0]},{column}", *(f"{line},x" for line in lines[1:])])
    faults = faults_of(tmp_path, patients=text)
    assert places(faults) == {("patients.csv", 1, column)}
    assert word in faults[0].found
    assert "Remove the column" in faults[0].remedy


def test_many_faults_of_a_kind_are_grouped(tmp_path):
    """A hundred wrong cells are three faults whose times add up to a hundred."""
    rows = "".join(f"w{n},p1,c2,s3,,2026-03-11T09:00,0,4,,\n" for n in range(100))
    faults = [f for f in faults_of(tmp_path, visits=VISITS + rows) if f.column == "minutes"]
    assert len(faults) == SHOWN
    assert sum(fault.times for fault in faults) == 100
    assert [fault.row for fault in faults] == [5, 6, 7]


def test_every_fault_of_every_file_is_listed(tmp_path):
    """Faults in different files and columns are all found at once."""
    faults = faults_of(
        tmp_path,
        clinics=replaced(CLINICS, 2, lat="north"),
        sessions=replaced(SESSIONS, 4, posts="many"),
        visits=replaced(replaced(VISITS, 2, minutes="x"), 4, urgency="9"),
    )
    assert {("clinics.csv", 2, "lat"), ("sessions.csv", 4, "posts"), ("visits.csv", 2, "minutes")} <= places(
        faults
    )
    assert ("visits.csv", 4, "urgency") in places(faults)


@pytest.mark.parametrize("table", ["clinics", "visits"])
def test_clinics_and_visits_are_needed(tmp_path, table):
    """A folder without clinics or visits cannot be planned."""
    assert (f"{table}.csv", None, None) in places(faults_of(tmp_path, **{table: None}))


def test_a_misnamed_file_is_recognised(tmp_path):
    """A file visit.csv is taken for what it was meant to be."""
    files = {("visit.csv" if name == "visits.csv" else name): text for name, text in GOOD.items()}
    faults = check_network(folder_of(tmp_path, files))
    assert "visit " in faults[0].remedy


def test_no_folder_is_one_fault(tmp_path):
    """A folder that does not exist is one clear fault."""
    faults = check_network(tmp_path / "nowhere")
    assert len(faults) == 1
    with pytest.raises(InputError, match="no such folder"):
        read_network(tmp_path / "nowhere")


def test_a_table_in_both_forms_is_a_fault(tmp_path):
    """CSV and Parquet of one table cannot both count."""
    folder_of(tmp_path, GOOD)
    pl.read_csv(tmp_path / "clinics.csv").write_parquet(tmp_path / "clinics.parquet")
    assert "too" in check_network(tmp_path)[0].found


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"tideover": 3}', b'{"tideover": {"notes": [1]}}', b"\xff"]
)
def test_a_broken_description_is_a_fault(tmp_path, content):
    """A datapackage.json that cannot be understood is a fault of that file."""
    faults = check_network(folder_of(tmp_path, GOOD | {"datapackage.json": content}))
    assert {fault.file for fault in faults} == {"datapackage.json"}


def test_parquet_types_are_checked(tmp_path):
    """A Parquet column of the wrong type is one fault about the column."""
    network = read_network(folder_of(tmp_path / "in", GOOD))
    write_network(network, tmp_path / "out", "parquet")
    wrong = network.visits.with_columns(
        pl.col("minutes").cast(pl.Float64), pl.col("start").dt.replace_time_zone("UTC")
    )
    wrong.write_parquet(tmp_path / "out" / "visits.parquet")
    assert places(check_network(tmp_path / "out")) >= {
        ("visits.parquet", 1, "minutes"),
        ("visits.parquet", 1, "start"),
    }


def test_broken_parquet_is_a_fault(tmp_path):
    """A file that is not Parquet is one fault."""
    files = {name: text for name, text in GOOD.items() if name != "visits.csv"}
    faults = check_network(folder_of(tmp_path, files | {"visits.parquet": b"PAR1 not really PAR1"}))
    assert places(faults) == {("visits.parquet", None, None)}
