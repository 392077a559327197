"""Exports by a mapping: what becomes of each column, what is derived, and that every fault is found."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.errors import Fault, InputError
from tideover.nouns import Network
from tideover.readers import import_csv, read_network, write_network
from tideover.readers._fields import slug
from tideover.readers._rules import Term, parse_condition
from tideover.readers._spread import spread

ROOT = Path(__file__).resolve().parent.parent
VITORIA = ROOT / "examples" / "vitoria-2016" / "mapping.toml"

EXPORT = """Id;Who;Site;Asked;Day;Age;Flag;Remark
1;a;São Pedro;28/02/2026;02/03/2026;3;Y;x
2;b;São Pedro;02/03/2026;02/03/2026;70;N;
3;a;São Pedro;01/02/2026;02/03/2026;3;Y;
4;c;Centro;05/03/2026;03/03/2026;102;N;
5;d;Centro;01/03/2026;03/03/2026;40;?;
"""
MAPPING = """
[file]
separator = ";"
[network]
name = "Test"
[visits]
visit_id = { column = "Id" }
patient_id = { column = "Who" }
clinic_id = { column = "Site", slug = true }
day = { column = "Day", format = "%d/%m/%Y" }
booked_on = { column = "Asked", format = "%d/%m/%Y" }
minutes = { value = 20 }
video_ok = { column = "Flag", values = { Y = true, N = false }, empty = ["?"] }
[clinics]
name = { column = "Site" }
[patients]
birth_year = { column = "Age", age = true }
group_flag = { column = "Flag", values = { Y = "yes" }, otherwise = "no" }
[sessions]
quantile = 0.5
from = "08:00"
to = "09:00"
slot_minutes = 10
[[urgency]]
is = 2
when = "lead_days = 0 and Age >= 65"
[[urgency]]
is = 3
when = "lead_days <= 7 and Flag = 'Y'"
why = "flagged"
[[urgency]]
is = 5
"""


def imported(folder: Path, export: str | bytes = EXPORT, mapping: str = MAPPING) -> Network:
    (folder / "export.csv").write_bytes(export.encode() if isinstance(export, str) else export)
    (folder / "map.toml").write_text(mapping, encoding="utf-8")
    return import_csv(folder / "export.csv", folder / "map.toml")


def faults_of(folder: Path, export: str | bytes = EXPORT, mapping: str = MAPPING) -> list[Fault]:
    with pytest.raises(InputError) as caught:
        imported(folder, export, mapping)
    return list(caught.value.faults)


def note_rows(network: Network, about: str, word: str) -> int | None:
    return next(n.rows for n in network.notes if n.about == about and word in n.text)


def test_a_small_export_by_hand(tmp_path):
    """Each column of a hand-made export lands where its mapping says."""
    network = imported(tmp_path)
    assert network.name == "Test"
    assert not network.synthetic
    assert network.clinics.select("clinic_id", "name").rows() == [
        ("centro", "Centro"),
        ("sao-pedro", "São Pedro"),
    ]
    visits = network.visits
    assert visits["visit_id"].to_list() == ["1", "2", "3", "4", "5"]
    assert visits["booked_on"][0] == dt.date(2026, 2, 28)
    assert visits["minutes"].to_list() == [20] * 5
    assert visits["video_ok"].to_list() == [True, False, True, False, False]
    assert visits["urgency"].to_list() == [3, 2, 5, 5, 5]
    assert network.patients["birth_year"].to_list() == [2023, 1956, 1924, 1986]
    assert network.patients["group_flag"].to_list() == ["yes", "no", "no", "no"]
    assert network.sessions.select("session_id", "posts", "open_minutes").rows() == [
        ("centro/2026-03-03", 1, 40),
        ("sao-pedro/2026-03-02", 1, 60),
    ]
    # Booked first 3 (1 Feb), then 1 (28 Feb), both of patient a, so one after the other; then 2.
    assert [start.strftime("%H:%M") for start in visits["start"][:3]] == ["08:20", "08:40", "08:00"]


def test_what_is_odd_is_counted_and_kept(tmp_path):
    """Late bookings, odd ages and unused columns are notes with counts; no row is lost."""
    network = imported(tmp_path)
    assert network.visits.height == 5
    assert note_rows(network, "visits.booked_on", "after the day") == 1
    assert note_rows(network, "patients.birth_year", "above 100") == 1
    assert note_rows(network, "source", "Remark") == 1
    assert note_rows(network, "visits.urgency", "Urgency 2") == 1
    assert note_rows(network, "visits.urgency", "flagged") == 1
    assert note_rows(network, "clinics.lat", "travel is not counted") == 2


def test_export_and_mapping_are_hashed(tmp_path):
    """The network names both files that it came from."""
    assert set(imported(tmp_path).files) == {"export.csv", "map.toml"}


def test_an_import_survives_writing_and_reading(tmp_path):
    """What import_csv returns is what comes back from the written folder."""
    network = imported(tmp_path)
    write_network(network, tmp_path / "out")
    again = read_network(tmp_path / "out")
    for name, frame in network.tables().items():
        assert frame.equals(again.tables()[name]), name
    assert again.notes == network.notes


@pytest.mark.parametrize(
    ("old", "new", "row", "column"),
    [
        ("2;b;São Pedro;02/03/2026", "2;b;São Pedro;2026-03-02", 3, "Asked"),
        ("02/03/2026;70", "32/03/2026;70", 3, "Day"),
        ("2;b", ";b", 3, "Id"),
        ("2;b", "1;b", 3, "Id"),
        ("2;b;São Pedro", "2;b;", 3, "Site"),
        (";70;", ";seventy;", 3, "Age"),
        (";102;N;", ";102;M;", 5, "Flag"),
        ("2;b;", "2;b;b;", 3, None),
        ("02/03/2026;70", "02/03/1926;70", 3, "Day"),
    ],
)
def test_a_wrong_cell_of_an_export_is_found(tmp_path, old, new, row, column):
    """Cells that cannot be read are faults with the export's own line and heading."""
    faults = faults_of(tmp_path, EXPORT.replace(old, new, 1))
    assert ("export.csv", row, column) in {(f.file, f.row, f.column) for f in faults}, faults


def test_encodings_are_as_the_mapping_says(tmp_path):
    """An export in Windows-1252 is read by saying so, and refused with the byte's offset otherwise."""
    mapping = MAPPING.replace('separator = ";"', 'separator = ";"\nencoding = "cp1252"')
    assert imported(tmp_path, EXPORT.encode("cp1252"), mapping).clinics["name"][1] == "São Pedro"
    assert "offset" in faults_of(tmp_path, EXPORT.encode("cp1252"))[0].found


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("[visits]", "[visit]", "visit"),
        ("booked_on =", "booked_in =", "visits.booked_in"),
        ("slug = true", "slugg = true", "visits.clinic_id.slugg"),
        ("slug = true", "slug = 1", "visits.clinic_id.slug"),
        ("minutes = { value = 20 }", "minutes = 20", "visits.minutes"),
        ("minutes = { value = 20 }", 'minutes = { value = 20, column = "Id" }', "visits.minutes"),
        ('visit_id = { column = "Id" }', "", "visits.visit_id"),
        ('patient_id = { column = "Who" }', "", "visits.patient_id"),
        ("day =", "start =", None),
        ('day = { column = "Day", format = "%d/%m/%Y" }', "", "visits.start"),
        ('from = "08:00"', 'from = "8 am"', "sessions.from"),
        ('from = "08:00"', 'from = "18:00"', "sessions.from"),
        ('from = "08:00"\nto = "09:00"', "", "sessions.from"),
        ("quantile = 0.5", "quantile = 1.5", "sessions.quantile"),
        ("quantile = 0.5", 'quantile = "half"', "sessions.quantile"),
        ("slot_minutes = 10", "slot_minutes = 0", "sessions.slot_minutes"),
        ("slot_minutes = 10", 'order = "random"', "sessions.order"),
        ('separator = ";"', 'separator = "x"', "file.separator"),
        ('separator = ";"', 'encoding = "ebcdic"', "file.encoding"),
        ("is = 2", "is = 7", "urgency[1].is"),
        ('when = "lead_days = 0 and Age >= 65"', "", "urgency[1].when"),
        ('when = "lead_days = 0 and Age >= 65"', 'when = "Age about 65"', "urgency[1].when"),
        ("is = 5", 'is = 5\nwhen = "Age > 1"', "urgency[3].when"),
        ('why = "flagged"', "wy = 3", "urgency[2].wy"),
        ('{ column = "Site" }', '{ column = "Sight" }', "Sight"),
        ("Age >= 65", "Ages >= 65", "Ages"),
        ('{ column = "Site" }', '{ column = "Phone" }', "Phone"),
        ("group_flag", "group_name", "group_name"),
        ("value = 20", 'value = 20, format = "%d"', "visits.minutes.format"),
        ("slug = true", "age = true", "visits.clinic_id.age"),
        ('empty = ["?"]', "empty = [1]", "visits.video_ok.empty"),
        ("Y = true,", "Y = [1],", "visits.video_ok.values.Y"),
        ("[file]", "[file", None),
    ],
)
def test_a_wrong_mapping_is_explained(tmp_path, old, new, column):
    """Every wrong key of a mapping is a fault that names the key, or the line."""
    assert old in MAPPING
    if new.startswith("start"):
        network = imported(
            tmp_path, mapping=MAPPING.replace(old, new, 1).replace("from", "# from").replace("to =", "# to =")
        )
        assert network.visits["start"][0] == dt.datetime(2026, 3, 2)
        return
    faults = faults_of(tmp_path, mapping=MAPPING.replace(old, new, 1))
    assert {fault.file for fault in faults} == {"map.toml"}
    assert column in {fault.column for fault in faults}, faults


def test_a_clinician_booked_twice_is_a_fault_of_the_export(tmp_path):
    """Where the export names clinicians, two visits at once with one of them are a fault in its line."""
    export = "Id,At,Who,Site\n1,2026-03-02 09:00,k,c\n2,2026-03-02 09:10,k,c\n3,2026-03-02 10:00,k,c\n"
    mapping = """
[visits]
visit_id = { column = "Id" }
clinic_id = { column = "Site" }
clinician_id = { column = "Who" }
start = { column = "At", format = "%Y-%m-%d %H:%M" }
[clinicians]
role = { value = "np" }
"""
    assert [(f.row, f.column) for f in faults_of(tmp_path, export, mapping)] == [(3, "At")]
    network = imported(tmp_path, export.replace("09:10", "09:15"), mapping)
    assert network.sessions.select("session_id", "posts", "open_minutes").rows() == [
        ("c/k/2026-03-02", 1, None)
    ]
    assert network.clinicians.select("clinician_id", "role").rows() == [("k", "np")]


def test_empty_cells_get_the_stated_value(tmp_path):
    """An empty cell, or one that means empty, becomes what the mapping states, dates in their own format."""
    mapping = MAPPING.replace('"Asked",', '"Asked", empty = ["?"], missing = "01/02/2026",')
    network = imported(tmp_path, EXPORT.replace("28/02/2026", "?").replace("05/03/2026", ""), mapping)
    assert network.visits["booked_on"][0] == network.visits["booked_on"][3] == dt.date(2026, 2, 1)


def test_a_clinic_may_have_a_name(tmp_path):
    """A heading that would name a person in other tables names a site in this one."""
    mapping = MAPPING.replace('name = { column = "Site" }', 'name = { column = "Name" }')
    network = imported(tmp_path, EXPORT.replace("Remark", "Name"), mapping)
    assert network.clinics["name"].to_list() == [None, "x"]


def test_slugs_must_stay_apart(tmp_path):
    """Two texts that would get one identifier are a fault, not one clinic."""
    faults = faults_of(tmp_path, EXPORT.replace("3;a;São Pedro", "3;a;SAO PEDRO"))
    assert {fault.column for fault in faults} == {"Site"}


@given(st.text(max_size=20))
def test_a_slug_is_a_word(text):
    """A slug has only small letters, digits and single hyphens, and making it again changes nothing."""
    made = slug(text)
    assert slug(made) == made
    assert all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in made)


def test_conditions_are_parsed_whole():
    """A condition is a list of comparisons; anything left over makes it none."""
    assert parse_condition("`No-show` = 'a and b' and x>=-1.5") == (
        Term("No-show", "=", "a and b"),
        Term("x", ">=", -1.5),
    )
    for text in (
        "",
        "Age",
        "Age = ",
        "Age = 1 or x = 2",
        "Age = 1 and",
        "Age == 1",
        "= 1",
        "Age = 1 andx = 2",
    ):
        assert parse_condition(text) is None


TERMS = st.builds(
    Term,
    st.text(st.characters(exclude_characters="`"), min_size=1, max_size=8),
    st.sampled_from(["<=", ">=", "!=", "=", "<", ">"]),
    st.integers(-999, 999).map(lambda n: n / 4) | st.text(st.characters(exclude_characters="'"), max_size=8),
)


def condition(terms):
    """Return the terms as they are written in a mapping."""
    values = [
        f"'{term.value}'" if isinstance(term.value, str) else f"{Decimal(repr(term.value)):f}"
        for term in terms
    ]
    parts = (f"`{term.name}` {term.sign} {value}" for term, value in zip(terms, values, strict=True))
    return " and ".join(parts)


@given(st.lists(TERMS, min_size=1, max_size=4))
def test_a_condition_comes_back_as_it_was_written(terms):
    """What is written is parsed, whatever stands in backquotes and quotes; a word more makes it none."""
    assert parse_condition(condition(terms)) == tuple(terms)
    assert parse_condition(f"{condition(terms)} and") is None
    assert parse_condition(f"{condition(terms)} or x = 1") is None


@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_none(text):
    """With any text behind it a condition is none, or one that comes back; parsing never fails."""
    terms = parse_condition(f"Age = 1{text}")
    if terms is not None:
        assert (terms[0].name, terms[0].sign) == ("Age", "=")
        assert parse_condition(condition(terms)) == terms


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(-1, 4), st.sampled_from([10, 15, 30])),
        min_size=1,
        max_size=40,
    ),
    st.integers(1, 3),
)
@settings(max_examples=80, deadline=None)
def test_a_spread_keeps_its_laws(visits, posts):
    """Visits lie on slots, nobody is in two rooms, and where all fit no lane holds two at once."""
    sessions, patients, minutes = (list(column) for column in zip(*visits, strict=True))
    starts = spread(sessions, patients, minutes, lanes=[posts, posts], length=120, slot=15)
    rounded = [-(-m // 15) * 15 for m in minutes]
    taken: dict[tuple[int, int], int] = {}
    for (session, _, _), start, length in zip(visits, starts, rounded, strict=True):
        assert start % 15 == 0
        for slot in range(start, start + length, 15):
            taken[session, slot] = taken.get((session, slot), 0) + 1
    loads = [sum(m for s, m in zip(sessions, rounded, strict=True) if s == session) for session in (0, 1)]
    longest = [
        max(
            (
                sum(
                    m for s, p, m in zip(sessions, patients, rounded, strict=True) if (s, p) == (session, who)
                )
                for who in range(5)
            ),
            default=0,
        )
        for session in (0, 1)
    ]
    for session in (0, 1):
        # A block of half a lane finds no room only when every lane is more than half full.
        if max(longest[session], 30) <= 60 and loads[session] <= posts * 60:
            assert max((n for (s, _), n in taken.items() if s == session), default=0) <= posts
    for who in range(5):
        mine = [
            (s, start, start + length)
            for (s, p, _), start, length in zip(visits, starts, rounded, strict=True)
            if p == who
        ]
        total = {s: sum(e - b for x, b, e in mine if x == s) for s in (0, 1)}
        for s in (0, 1):
            spans = sorted((b, e) for x, b, e in mine if x == s)
            if total[s] <= 120:
                assert all(first[1] <= second[0] for first, second in pairwise(spans))


@pytest.fixture(scope="module")
def vitoria(data_dir) -> Network:
    """The real book of Vitória by its shipped mapping."""
    return import_csv(data_dir / "appointments-vitoria-2016.csv", VITORIA)


def test_the_real_book_is_whole(vitoria: Network):
    """All 37,489 appointments of the real book become visits of 80 units on 9 days."""
    assert vitoria.visits.height == 37_489
    assert vitoria.visits["visit_id"].n_unique() == 37_489
    assert vitoria.clinics.height == 80
    assert vitoria.patients.height == 28_171
    assert vitoria.visits["start"].dt.date().n_unique() == 9
    assert vitoria.clinicians.height == 0
    assert not vitoria.synthetic
    assert not vitoria.has_coordinates


def test_the_real_book_tells_what_is_odd(vitoria: Network):
    """Four appointments booked after their day, one age above 100 and the unused columns are counted."""
    assert note_rows(vitoria, "visits.booked_on", "after the day") == 4
    assert note_rows(vitoria, "patients.birth_year", "above 100") == 1
    assert note_rows(vitoria, "source", "No-show") == 3
    assert (note_rows(vitoria, "visits.start", "pooled team") or 0) < 375


def test_the_real_book_has_every_urgency_but_the_first(vitoria: Network):
    """The derived urgencies run from 2 to 6; each rule's count is in a note and they add up."""
    counts = dict(vitoria.visits["urgency"].value_counts().rows())
    assert set(counts) == {2, 3, 4, 5, 6}
    assert min(counts.values()) > 3_000
    assert sum(n.rows or 0 for n in vitoria.notes if n.about == "visits.urgency") == 37_489


def test_the_real_book_agrees_with_a_naive_count(vitoria: Network, data_dir):
    """Capacity and posts of a unit are what plain Python makes of the export."""
    import csv
    import math
    from collections import Counter

    with (data_dir / "appointments-vitoria-2016.csv").open(encoding="utf-8") as lines:
        days = Counter(
            row["AppointmentDay"][:10] for row in csv.DictReader(lines) if row["Neighbourhood"] == "CENTRO"
        )
    second = sorted(days.values())[math.ceil(0.8 * len(days)) - 1]
    session = vitoria.sessions.filter(vitoria.sessions["session_id"] == "centro/2016-05-04").row(
        0, named=True
    )
    assert session["open_minutes"] == second * 15
    assert session["posts"] == math.ceil(second * 15 / 480)


def test_the_real_book_survives_writing_and_reading(vitoria: Network, tmp_path):
    """The planner finds in the written folder exactly what the import returned."""
    write_network(vitoria, tmp_path / "vitoria", "parquet")
    again = read_network(tmp_path / "vitoria")
    for name, frame in vitoria.tables().items():
        assert frame.equals(again.tables()[name]), name
    assert again.notes == vitoria.notes
