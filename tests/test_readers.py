"""Network folders: what is read, and that every kind of fault is found where it is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.errors import Fault, InputError
from tideover.nouns import Network
from tideover.readers import READERS, check_network, read_network, write_network
from tideover.readers._crowding import beyond_posts
from tideover.readers._kind import SHOWN

CLINICS = "clinic_id,name,lat,lon\nc1,One,45.0,-93.0\nc2,Two,45.1,-93.1\n"
CLINICIANS = "clinician_id,role,clinic_id,unit,languages\nk1,physician,c1,u,en;es\nk2,np,c2,,\n"
SESSIONS = (
    "session_id,clinic_id,clinician_id,start,end,posts\n"
    "s1,c1,k1,2026-03-10T09:00,2026-03-10T12:00,1\n"
    "s2,c2,k2,2026-03-10T09:00,2026-03-10T12:00,1\n"
    "s3,c2,,2026-03-11T09:00,2026-03-11T12:00,2\n"
)
PATIENTS = "patient_id,clinician_id,language,interpreter\np1,k1,en,false\np2,k2,es,TRUE\n"
VISITS = (
    "visit_id,patient_id,clinic_id,session_id,booked_on,start,minutes,urgency,safe_by,video_ok\n"
    "v1,p1,c1,s1,2026-02-01,2026-03-10T09:00,15,4,,false\n"
    "v2,p2,c1,s1,2026-02-02,2026-03-10T09:15,30,2,2026-03-12,true\n"
    "v3,p1,c2,s2,,2026-03-10T10:00,15,3,,\n"
)
GOOD = {
    "clinics.csv": CLINICS,
    "clinicians.csv": CLINICIANS,
    "sessions.csv": SESSIONS,
    "patients.csv": PATIENTS,
    "visits.csv": VISITS,
}


def folder_of(path: Path, files: dict[str, str | bytes]) -> Path:
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def faults_of(path: Path, **changed: str | bytes | None) -> list[Fault]:
    files: dict[str, str | bytes] = dict(GOOD)
    for name, content in changed.items():
        if content is None:
            files.pop(f"{name}.csv")
        else:
            files[f"{name}.csv"] = content
    return check_network(folder_of(path, files))


def places(faults: list[Fault]) -> set[tuple[str, int | None, str | None]]:
    return {(fault.file, fault.row, fault.column) for fault in faults}


def test_a_good_folder_has_no_faults(tmp_path):
    """A folder that keeps every rule is read without a fault, in the schema's types."""
    network = read_network(folder_of(tmp_path, GOOD))
    assert check_network(tmp_path) == []
    assert network.visits["start"][1] == dt.datetime(2026, 3, 10, 9, 15)
    assert network.visits["safe_by"].to_list() == [None, dt.date(2026, 3, 12), None]
    assert network.visits["video_ok"].to_list() == [False, True, False]
    assert network.clinicians["languages"].to_list() == [["en", "es"], None]
    assert network.patients["interpreter"].to_list() == [False, True]
    assert set(network.files) == set(GOOD)
    assert network.source == str(tmp_path)


def test_files_are_hashed_as_they_lie_there(tmp_path):
    """Each file is named with the SHA-256 of its bytes."""
    import hashlib

    network = read_network(folder_of(tmp_path, GOOD))
    for name, digest in network.files.items():
        assert digest == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


def replaced(text: str, line: int, **cells: str) -> str:
    """Return a CSV text with some cells of one line (heading is 1) exchanged."""
    lines = text.splitlines()
    heading = lines[0].split(",")
    row = lines[line - 1].split(",")
    for column, cell in cells.items():
        row[heading.index(column)] = cell
    lines[line - 1] = ",".join(row)
    return "\n".join(lines) + "\n"


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


@pytest.mark.parametrize(
    "form", [str.encode, lambda t: b"\xef\xbb\xbf" + t.encode(), lambda t: t.replace("\n", "\r\n").encode()]
)
def test_byte_order_mark_and_windows_line_ends_are_read(tmp_path, form):
    """A byte-order mark and line ends of CR LF change nothing."""
    plain = read_network(folder_of(tmp_path / "a", GOOD))
    other = read_network(folder_of(tmp_path / "b", {name: form(text) for name, text in GOOD.items()}))
    for name, frame in plain.tables().items():
        assert frame.equals(other.tables()[name])


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


def test_groups_are_read(tmp_path):
    """Columns that begin with group_ are kept as text."""
    lines = PATIENTS.splitlines()
    text = f"{lines[0]},group_area\n{lines[1]},west\n{lines[2]},\n"
    network = read_network(folder_of(tmp_path, GOOD | {"patients.csv": text}))
    assert network.patients["group_area"].to_list() == ["west", None]


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
        sessions=replaced(SESSIONS, 4, mode="x")
        if "mode" in SESSIONS
        else replaced(SESSIONS, 4, posts="many"),
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


def test_forms_may_be_mixed(tmp_path):
    """One table may lie in Parquet beside others in CSV."""
    read_network(folder_of(tmp_path, GOOD)).clinics.write_parquet(tmp_path / "clinics.parquet")
    (tmp_path / "clinics.csv").unlink()
    assert read_network(tmp_path).clinics["name"].to_list() == ["One", "Two"]


def test_other_files_are_noted(tmp_path):
    """A CSV file that is no table is not read, and a note says so."""
    network = read_network(folder_of(tmp_path, GOOD | {"notes.csv": "a,b\n1,2\n"}))
    assert [note.about for note in network.notes] == ["notes.csv"]


def test_a_book_booked_late_is_a_note(tmp_path):
    """A visit booked after its day is kept and counted, since real books have such."""
    network = read_network(
        folder_of(tmp_path, GOOD | {"visits.csv": replaced(VISITS, 2, booked_on="2026-03-20")})
    )
    assert [(n.about, n.rows) for n in network.notes] == [("visits.booked_on", 1)]


def test_a_stored_note_that_no_longer_holds_is_dropped(tmp_path):
    """Where a book was mended after it was written, its old note about late bookings goes."""
    late = GOOD | {"visits.csv": replaced(VISITS, 2, booked_on="2026-03-20")}
    network = read_network(folder_of(tmp_path / "in", late))
    write_network(network, tmp_path / "out")
    assert read_network(tmp_path / "out").notes == network.notes
    (tmp_path / "out" / "visits.csv").write_text(VISITS)
    assert read_network(tmp_path / "out").notes == ()


def test_a_pooled_team_may_be_overbooked(tmp_path):
    """Three visits at once for a team of two posts are a note, not a fault."""
    rows = "".join(f"w{n},p1,c2,s3,,2026-03-11T09:00,15,4,,\n" for n in range(3))
    network = read_network(folder_of(tmp_path, GOOD | {"visits.csv": VISITS + rows}))
    assert [(n.about, n.rows) for n in network.notes] == [("visits.start", 1)]


def test_without_sessions_pooled_teams_are_derived(tmp_path):
    """Where no table of sessions is given, each clinic and day gets a pooled team that holds its visits."""
    visits = (
        "visit_id,clinic_id,start,minutes\na,c1,2026-03-10T09:10,30\nb,c1,2026-03-10T11:00,30\n"
        "c,c1,2026-03-11T10:00,30\nd,c2,2026-03-11T10:00,45\n"
    )
    network = read_network(folder_of(tmp_path, {"clinics.csv": CLINICS, "visits.csv": visits}))
    assert network.sessions.select("session_id", "posts", "open_minutes").rows() == [
        ("c1/2026-03-10", 1, 60),
        ("c1/2026-03-11", 1, 60),
        ("c2/2026-03-11", 1, 45),
    ]
    assert network.sessions["start"][0] == dt.datetime(2026, 3, 10, 9)
    assert network.sessions["end"][0] == dt.datetime(2026, 3, 10, 12)
    assert network.visits["session_id"][0] == "c1/2026-03-10"
    assert {note.about for note in network.notes} == {"sessions", "sessions.posts"}
    write_network(network, tmp_path / "out")
    assert check_network(tmp_path / "out") == []
    assert read_network(tmp_path / "out").notes == network.notes


def test_without_patients_they_are_only_named(tmp_path):
    """Where no table of patients is given, they are known by their identifiers alone, and a note says so."""
    files = {name: text for name, text in GOOD.items() if name != "patients.csv"}
    network = read_network(folder_of(tmp_path, files))
    assert network.patients["patient_id"].to_list() == ["p1", "p2"]
    assert [note.about for note in network.notes] == ["patients"]


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


@st.composite
def stays(draw):
    """Draw stays of a few groups on short days."""
    count = draw(st.integers(1, 25))
    return [
        (draw(st.integers(0, 2)), draw(st.integers(0, 20)), draw(st.integers(1, 8)), draw(st.integers(1, 2)))
        for _ in range(count)
    ]


@given(stays())
@settings(max_examples=60, deadline=None)
def test_crowding_agrees_with_plain_counting(drawn):
    """What two sorts find beyond the posts is what counting stay by stay finds."""
    posts = {0: drawn[0][3], 1: 1, 2: 2}
    day = dt.datetime(2026, 3, 10)
    rows = [
        {
            "row": n,
            "group": g,
            "start": day + dt.timedelta(minutes=s),
            "end": day + dt.timedelta(minutes=s + length),
            "posts": posts[g],
        }
        for n, (g, s, length, _) in enumerate(drawn)
    ]
    naive = []
    for one in rows:
        here = [
            other
            for other in rows
            if other["group"] == one["group"]
            and (other["start"], other["row"]) <= (one["start"], one["row"])
            and other["end"] > one["start"]
        ]
        if len(here) > posts[one["group"]]:
            naive.append(one["row"])
    assert beyond_posts(pl.DataFrame(rows)).tolist() == naive


@pytest.mark.parametrize("kind", sorted(READERS))
def test_every_reader_keeps_the_contract(kind, tiny, tmp_path):
    """Every registered reader finds what is written in its form, and says no to a folder without it."""
    reader = READERS[kind]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert not reader.matches(empty)
    assert not reader.matches(tmp_path / "nowhere")
    write_network(tiny, tmp_path / "net", kind)
    assert reader.matches(tmp_path / "net")
    raws = reader.read(tmp_path / "net")
    assert set(raws) == {name for name, frame in tiny.tables().items() if frame.height}
    for name, raw in raws.items():
        assert raw.frame.height == tiny.tables()[name].height
        assert raw.whole
        assert raw.faults == ()
        assert raw.line(0) == 2
        assert len(raw.sha256) == 64
        (tmp_path / "net" / raw.file).write_bytes(b"\x00\xff")
    for raw in reader.read(tmp_path / "net").values():
        assert raw.faults
        assert not raw.whole


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_written_is_read_back(tiny: Network, tmp_path, form):
    """Writing and reading gives equal tables, notes, name and label; written again, the same bytes."""
    write_network(tiny, tmp_path / "a", form)
    again = read_network(tmp_path / "a")
    for name, frame in tiny.tables().items():
        assert frame.equals(again.tables()[name]), name
    assert (again.notes, again.name, again.synthetic) == (tiny.notes, tiny.name, tiny.synthetic)
    write_network(tiny, tmp_path / "b", form)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), min_size=1, max_size=8
)


@given(
    st.lists(words, min_size=1, max_size=5, unique=True),
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.lists(words.map(lambda w: w.replace(";", "").strip()).filter(bool), max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_odd_texts_and_numbers_come_back(tmp_path_factory, names, lat, lon, languages):
    """Quotes, separators, any script and the last digit of a coordinate survive the round trip in CSV."""
    tables = {
        "clinics": pl.DataFrame({"clinic_id": names, "name": names, "lat": lat, "lon": lon}),
        "clinicians": pl.DataFrame(
            {"clinician_id": ["k"], "languages": [languages or None]},
            schema={"clinician_id": pl.String, "languages": pl.List(pl.String)},
        ),
        "visits": pl.DataFrame(
            {"visit_id": ["v"], "clinic_id": names[:1], "start": [dt.datetime(2026, 3, 10, 9)]}
        ),
        "sessions": pl.DataFrame(
            {
                "session_id": ["s"],
                "clinic_id": names[:1],
                "start": [dt.datetime(2026, 3, 10, 9)],
                "end": [dt.datetime(2026, 3, 10, 12)],
            }
        ),
    }
    tables["visits"] = tables["visits"].with_columns(session_id=pl.lit("s"))
    network = Network.of(tables)
    folder = tmp_path_factory.mktemp("odd") / "net"
    write_network(network, folder)
    again = read_network(folder)
    for name, frame in network.tables().items():
        assert frame.equals(again.tables()[name]), name


def test_the_tiny_network_is_what_its_script_makes(tiny_folder, tmp_path):
    """The shipped files are the script's, byte for byte, and another seed gives others."""
    import runpy

    script = runpy.run_path(str(Path(__file__).parent.parent / "examples" / "make_tiny.py"))
    write_network(script["make"](), tmp_path / "tiny")
    assert {p.name for p in tiny_folder.iterdir()} == {p.name for p in (tmp_path / "tiny").iterdir()}
    for path in tiny_folder.iterdir():
        assert path.read_bytes() == (tmp_path / "tiny" / path.name).read_bytes(), path.name
    assert not script["make"](1).visits.equals(script["make"]().visits)


def test_the_tiny_network_makes_an_interesting_strike(tiny: Network):
    """The tiny network is labelled, has ten struck posts or more, and is booked as a clinic is."""
    assert tiny.synthetic
    day = tiny.sessions.filter(pl.col("start").dt.date() == dt.date(2026, 3, 10))
    struck = day.join(tiny.clinicians.filter(pl.col("unit").is_not_null()), on="clinician_id", how="semi")
    assert struck["clinician_id"].n_unique() >= 10
    length = (tiny.sessions["end"] - tiny.sessions["start"]).dt.total_minutes()
    share = tiny.visits["minutes"].sum() / length.sum()
    assert 0.7 < share < 0.85
    booked = tiny.visits.join(day, on="session_id", how="semi")["minutes"].sum()
    assert booked / (day["end"] - day["start"]).dt.total_minutes().sum() > share
    assert set(tiny.visits["urgency"]) == {1, 2, 3, 4, 5, 6}
    assert tiny.has_coordinates
