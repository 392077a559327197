"""A table service is asked in batches, patiently, each place once, and never twice for the same pair."""

from __future__ import annotations

import json
import math
import sqlite3
import stat
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osrm_fake import Fake, crow, serving
from tideover.errors import InputError, OutputError
from tideover.nouns.travel import UNKNOWN, UNREACHABLE
from tideover.travel import journeys
from tideover.travel.asked import ask
from tideover.travel.cache import FILE, Cache
from tideover.travel.service import Service, _batches, address_of
from visits_factory import network

HOMES = [(4_500_000 + n, -9_300_000) for n in range(7)]
SITES = [(4_510_000, -9_310_000), (4_520_000, -9_310_000), (4_530_000, -9_310_000)]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def fake():
    with serving(Fake()) as server:
        yield server


def service(fake, folder: Path, **how) -> Service:
    """Return the fake as a service that never really waits; what it would wait is in ``waits``."""
    return Service.at(fake.url, Cache(folder), sleep=how.pop("waits", []).append, **how)


def degrees(place):
    return (place[0] / 1e5, place[1] / 1e5)


def test_every_pair_has_its_own_seconds(fake, tmp_path):
    """The table of starts and ends is the service's, pair by pair, whatever the size of a question."""
    fake.seconds = crow
    expected = [[crow(degrees(home), degrees(site)) for site in SITES] for home in HOMES]
    for size in (2, 3, 4, 7, 100):
        found = service(fake, tmp_path / str(size), table_size=size).seconds(HOMES, SITES)
        assert found.tolist() == expected


@settings(max_examples=100)
@given(starts=st.integers(0, 40), ends=st.integers(1, 40), size=st.integers(2, 30))
def test_batches_hold_every_pair_once(starts, ends, size):
    """No question has more places than the service takes, and each pair is in exactly one of them."""
    homes, sites = [(0, n) for n in range(starts)], [(1, n) for n in range(ends)]
    batches = list(_batches(homes, sites, size))
    assert all(len(some) + len(others) <= size for some, others in batches)
    pairs = [(home, site) for some, others in batches for home in some for site in others]
    assert sorted(pairs) == sorted((home, site) for home in homes for site in sites)


def test_a_second_run_asks_nothing(fake, tmp_path):
    """What is in the cache is not asked again, nor is anything but what is new."""
    fake.seconds = lambda start, end: None if end == degrees(SITES[0]) else 90.0
    fake.roadless = frozenset({degrees(HOMES[3])})
    one = service(fake, tmp_path).seconds(HOMES, SITES)
    count = len(fake.questions)
    assert count > 1
    again = service(fake, tmp_path).seconds(HOMES, SITES)
    assert len(fake.questions) == count
    np.testing.assert_array_equal(one, again)
    fake.places.clear()
    more = service(fake, tmp_path).seconds([*HOMES, (4_600_000, -9_300_000)], SITES)
    assert fake.places == [(46.0, -93.0)]
    np.testing.assert_array_equal(more[:-1], one)


def test_another_service_has_other_answers(fake, tmp_path):
    """Answers are kept for the address that gave them."""
    assert service(fake, tmp_path).seconds(HOMES[:1], SITES[:1]) == 60
    with serving(Fake(seconds=lambda start, end: 30.0)) as other:
        assert service(other, tmp_path).seconds(HOMES[:1], SITES[:1]) == 30


def test_no_way_is_not_unknown(fake, tmp_path):
    """A null is no way; NoTable is no way for the pair it fails for; NoSegment leaves the pair unknown."""
    fake.seconds = lambda start, end: None if end == degrees(SITES[1]) else 60.0
    fake.roadless = frozenset({degrees(HOMES[0])})
    fake.islands = frozenset({degrees(HOMES[1])})
    found = service(fake, tmp_path).seconds(HOMES[:3], SITES)
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [math.inf] * 3
    assert found[2].tolist() == [60.0, math.inf, 60.0]


def test_too_big_a_table_is_halved_and_remembered(fake, tmp_path):
    """A service that takes less than it was asked gets smaller questions, and not the large one each time."""
    fake.seconds, fake.most = crow, 2
    homes = [(4_500_000 + n, -9_300_000) for n in range(60)]
    found = service(fake, tmp_path).seconds(homes, SITES)
    assert found.tolist() == [[crow(degrees(home), degrees(site)) for site in SITES] for home in homes]
    refused = [q for q in fake.questions if fake.table(q)[0] != 200]
    assert len(refused) < 10


@pytest.mark.parametrize("trouble", [429, 500, 502, 503, 0.5])
def test_trouble_that_passes_is_waited_for(fake, tmp_path, trouble):
    """Too many requests, a broken server and silence are tried again, each time after a longer while."""
    fake.before, waits = [trouble] * 3, []
    assert service(fake, tmp_path, waits=waits, timeout=0.2).seconds(HOMES[:1], SITES[:1]) == 60
    assert waits == [0.5, 1.0, 2.0]
    assert len(fake.questions) == 4


def test_the_service_says_how_long_to_wait(fake, tmp_path):
    """Retry-After is kept to, up to half a minute; one that is no number of seconds is not."""
    fake.before, waits = [(429, {"Retry-After": t}) for t in ("7", "86400", "Wed, 21 Oct 2026")], []
    service(fake, tmp_path, waits=waits).seconds(HOMES[:1], SITES[:1])
    assert waits == [7.0, 30.0, 2.0]


@pytest.mark.parametrize(
    ("answer", "telling"),
    [
        (404, "HTTP 404"),
        ((302, {"Location": "http://127.0.0.1:1/"}), "HTTP 302"),
        (b"<html>", "HTTP 200"),
        (b"[]", "HTTP 200"),
        (
            b'{"code": "InvalidQuery", "message": "Query string malformed"}',
            "InvalidQuery Query string malformed",
        ),
        (b'{"code": "InvalidOptions"}', "InvalidOptions"),
        (b'{"code": "Ok"}', "without a table"),
        (b'{"code": "Ok", "durations": [[1, 2]]}', "without a table"),
        (b'{"code": "Ok", "durations": [["soon"]]}', "without a table"),
        (b'{"code": "Ok", "durations": [[-1]]}', "without a table"),
        (b'{"code": "Ok", "durations": [[true]]}', "without a table"),
        (b'{"code": "Ok", "durations": [[NaN]]}', "without a table"),
        (b'{"code": "TooBig"}', "TooBig even for one start and one end"),
    ],
)
def test_an_answer_that_is_none_is_reported(fake, tmp_path, answer, telling):
    """Whatever else the service says is one fault that names it, and nothing of it is kept."""
    fake.before = [answer]
    with pytest.raises(InputError) as error:
        service(fake, tmp_path).seconds(HOMES[:1], SITES[:1])
    (fault,) = error.value.faults
    assert fault.file == f"{fake.url}/table/v1/driving"
    assert telling in fault.found
    assert service(fake, tmp_path).seconds(HOMES[:1], SITES[:1]) == 60


@pytest.mark.parametrize("trouble", ["nobody", "silence", "503"])
def test_a_service_that_stays_away_is_given_up(fake, tmp_path, trouble):
    """After five tries the fault says what happened last; what was answered before is kept."""
    asked = service(fake, tmp_path, timeout=0.1)
    asked.seconds(HOMES[:1], SITES)
    if trouble == "nobody":
        asked = Service.at("http://127.0.0.1:9", Cache(tmp_path), sleep=[].append)
    fake.before = {"silence": [0.3] * 5, "503": [503] * 5}.get(trouble, [])
    with pytest.raises(InputError, match="no answer in 5 tries"):
        asked.seconds(HOMES, SITES)
    fake.before.clear()
    fake.questions.clear()
    service(fake, tmp_path).seconds(HOMES[:1], SITES)
    assert fake.questions == []


@pytest.mark.parametrize(
    "url",
    ["", "here", "ftp://a/b", "http://", "http:///x", "http://a b/", "http://me:secret@a/", "http://a/?key=secret",
     "http://a/#x", "http://[::1", "https://a:99999/"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_repeating_it(url):
    """No address, another protocol, passwords and keys: refused, and a secret is not said again."""
    with pytest.raises(InputError) as error:
        address_of(url)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://a", "http://a/table/v1/driving"),
        ("https://a.example/osrm/", "https://a.example/osrm/table/v1/driving"),
        ("http://a:5000/table/v1/car/", "http://a:5000/table/v1/car"),
    ],
)
def test_an_address_is_completed(url, address):
    """An address without a profile gets the usual one; a profile that is named stays."""
    assert address_of(url) == address


def test_runs_side_by_side_do_not_hurt_the_cache(fake, tmp_path):
    """Eight runs that ask at once all get the right table, and the next one asks nothing."""
    fake.seconds = crow
    expected = [[crow(degrees(home), degrees(site)) for site in SITES] for home in HOMES]
    found = []

    def run() -> None:
        found.append(service(fake, tmp_path / "new", table_size=4).seconds(HOMES, SITES).tolist())

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8
    fake.questions.clear()
    service(fake, tmp_path / "new").seconds(HOMES, SITES)
    assert fake.questions == []


def test_the_cache_is_for_its_owner(fake, tmp_path):
    """The folder and the file hold places of homes: nobody else may read them."""
    service(fake, tmp_path / "c").seconds(HOMES[:1], SITES)
    assert stat.S_IMODE((tmp_path / "c").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "c" / FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["text", "other table", "folder", "below a file"])
def test_a_cache_that_cannot_be_used_is_named(fake, tmp_path, damage):
    """A file that is no cache, or a place that is no folder, is an error with its path and the way out."""
    folder = tmp_path / "c"
    folder.mkdir()
    if damage == "text":
        (folder / FILE).write_text("no database, but long enough to look like one" * 10)
    elif damage == "other table":
        with sqlite3.connect(folder / FILE) as database:
            database.execute("create table journey (x)")
        database.close()
    elif damage == "folder":
        (folder / FILE).mkdir()
    else:
        (folder / "file").write_text("")
        folder = folder / "file"
    with pytest.raises(OutputError, match="--travel-cache"):
        service(fake, folder).seconds(HOMES[:1], SITES)


def test_each_home_is_asked_once_and_nobody_is_named(fake, tmp_path):
    """Many patients at one place are one place; where no home is known, the booked clinic is asked."""
    fake.seconds = lambda start, end: None if start == (45.2, -93.0) and end[0] == 45.1 else 61.0
    clinics = [{"clinic_id": "A", "lat": 45.1, "lon": -93.1}, {"clinic_id": "B", "lat": 45.3, "lon": -93.1},
               {"clinic_id": "C"}]  # fmt: skip
    people = [{"patient_id": f"person-{n}", "lat": 45.2, "lon": -93.0} for n in range(50)]
    people += [{"patient_id": "person-x"}, {"patient_id": "person-y", "area_id": "Z"}]
    areas = [{"area_id": "Z", "lat": 45.4, "lon": -93.000001}]
    visits = [{"visit_id": p["patient_id"], "patient_id": p["patient_id"], "clinic_id": "A"} for p in people]
    for row in visits:
        row["start"] = "2025-11-05T08:00"
    made = network(clinics=clinics, patients=people, areas=areas)
    asked = made.patients.select("patient_id").with_columns(clinic_id=np.full(52, "A"))
    travel = ask(made, asked, service(fake, tmp_path))
    assert sorted(fake.places) == [(45.1, -93.1), (45.2, -93.0), (45.4, -93.0)]
    assert not any("person" in question for question in fake.questions)
    found = journeys(made.replace(travel=travel), asked, None)
    to = [found.to(np.arange(52), np.full(52, clinic)).tolist() for clinic in range(3)]
    assert to[0] == [UNREACHABLE] * 50 + [2, 2]
    assert to[1] == [2] * 52
    assert to[2] == [UNKNOWN] * 52
    assert found.from_home.tolist() == [True] * 50 + [False, True]


def test_a_question_reads_as_the_service_wants_it(fake, tmp_path):
    """Longitude comes before latitude, and sources and destinations are numbered from nought."""
    service(fake, tmp_path).seconds([(4_498_000, -9_327_000)], [(4_495_000, -9_309_000)])
    (question,) = fake.questions
    places = "-93.27000,44.98000;-93.09000,44.95000"
    assert question == f"/table/v1/driving/{places}?sources=0&destinations=1&annotations=duration"
    assert json.loads(json.dumps(fake.places)) == [[44.98, -93.27]]
