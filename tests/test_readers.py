"""Network folders that are read: types, notes, what is derived, both forms, and the way back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readers_factory import CLINICS, GOOD, PATIENTS, VISITS, folder_of, replaced
from tideover.nouns import Network
from tideover.readers import READERS, check_network, read_network, write_network
from tideover.readers._crowding import beyond_posts


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


@pytest.mark.parametrize(
    "form", [str.encode, lambda t: b"\xef\xbb\xbf" + t.encode(), lambda t: t.replace("\n", "\r\n").encode()]
)
def test_byte_order_mark_and_windows_line_ends_are_read(tmp_path, form):
    """A byte-order mark and line ends of CR LF change nothing."""
    plain = read_network(folder_of(tmp_path / "a", GOOD))
    other = read_network(folder_of(tmp_path / "b", {name: form(text) for name, text in GOOD.items()}))
    for name, frame in plain.tables().items():
        assert frame.equals(other.tables()[name])


def test_groups_are_read(tmp_path):
    """Columns that begin with group_ are kept as text."""
    lines = PATIENTS.splitlines()
    text = f"{lines[0]},group_area\n{lines[1]},west\n{lines[2]},\n"
    network = read_network(folder_of(tmp_path, GOOD | {"patients.csv": text}))
    assert network.patients["group_area"].to_list() == ["west", None]


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
