"""Whatever the bytes: readers answer with a result or with the project's own errors."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from readers_factory import GOOD, folder_of
from test_readers_import import EXPORT, MAPPING
from tideover.errors import InputError
from tideover.readers import check_network, import_csv, read_network, read_pins, read_policy

POLICY = """approved_by = "x"
horizon_days = 3
safe_days = [0, 1, 2, 3, 4, 5]
levels = [
  ["past_safe_by", "not_placed"],
  ["days_moved", "continuity_broken", "added_travel", "told", "told_again", "standby"],
]
[weights]
told = 3
[scope]
procedure = ["physician"]
"""
PINS = "visit_id,option,session_id,start\nv1,stand,,\nv2,video,s1,2026-03-10T09:00\n"
ODD = [
    b"\0",
    b'"',
    b"\n",
    b"\r",
    b",",
    b";",
    b"\xff",
    b"\xef\xbb\xbf",
    b"-",
    b"9" * 30,
    b"nan",
    b"1e400",
    b"=",
    b"{",
    b"[",
    b"'",
]


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Path:
    """One folder in which every example is written over the last."""
    return tmp_path_factory.mktemp("fuzz")


def mutated(text: bytes, seed: int) -> bytes:
    """Return ``text`` with a few bytes cut, doubled, exchanged or made odd."""
    chance = random.Random(seed)  # noqa: S311 (a fuzzer needs no secrets)
    for _ in range(chance.randint(1, 6)):
        at, to = sorted(chance.randint(0, len(text)) for _ in range(2))
        to = min(to, at + 12)
        piece = chance.choice([b"", text[at:to] * 2, chance.choice(ODD), bytes([chance.randrange(256)])])
        text = text[:at] + piece + text[to:]
    return text


def only_own_errors(action, *arguments) -> None:
    """Run ``action``; where it refuses, it does so with faults that can be shown."""
    try:
        action(*arguments)
    except InputError as error:
        refused = error
    else:
        return
    assert refused.faults
    assert str(refused)


seeds = st.integers(0, 2**32)


@given(st.sampled_from(sorted(GOOD)), seeds)
@settings(max_examples=80, deadline=None)
def test_mutated_tables(room, name, seed):
    """A table with a few bytes changed is read, or refused with faults; check and read agree."""
    files = GOOD | {name: mutated(GOOD[name].encode(), seed)}
    folder = folder_of(room / "net", files)
    faults = check_network(folder)
    assert all(str(fault) and len(str(fault)) < 2_000 for fault in faults)
    if faults:
        with pytest.raises(InputError):
            read_network(folder)
    else:
        read_network(folder)


@given(st.sampled_from(sorted(GOOD)), st.binary(max_size=300))
@example("visits.csv", b'"')
@example("visits.csv", b"\n")
@example("clinics.csv", b"clinic_id\n\n\n")
@settings(max_examples=80, deadline=None)
def test_arbitrary_bytes_as_a_table(room, name, data):
    """Any bytes at all as a table give faults or a network."""
    only_own_errors(read_network, folder_of(room / "any", GOOD | {name: data}))


@given(st.binary(max_size=200), seeds)
@settings(max_examples=60, deadline=None)
def test_bytes_as_parquet(room, tiny, data, seed):
    """Any bytes, and Parquet with a few bytes changed, give faults or a network."""
    good = room / "good.parquet"
    if not good.exists():
        tiny.clinics.write_parquet(good)
    files = {name: text for name, text in GOOD.items() if name != "clinics.csv"}
    for content in (data, mutated(good.read_bytes(), seed)):
        only_own_errors(read_network, folder_of(room / "parquet", files | {"clinics.parquet": content}))


@given(seeds, st.binary(max_size=200), st.booleans())
@settings(max_examples=120, deadline=None)
def test_mutated_policies(room, seed, data, changed):
    """A policy with a few bytes changed, or any bytes, is read or refused with faults."""
    path = room / "policy.toml"
    path.write_bytes(mutated(POLICY.encode(), seed) if changed else data)
    only_own_errors(read_policy, path)


@given(seeds, st.binary(max_size=200), st.booleans())
@settings(max_examples=80, deadline=None)
def test_mutated_pins(room, seed, data, changed):
    """Pins with a few bytes changed, or any bytes, are read or refused with faults."""
    path = room / "pins.csv"
    path.write_bytes(mutated(PINS.encode(), seed) if changed else data)
    only_own_errors(read_pins, path)


@given(seeds, st.sampled_from(["export", "mapping", "both"]))
@settings(max_examples=200, deadline=None)
def test_mutated_imports(room, seed, which):
    """An export or a mapping with a few bytes changed becomes a network or is refused with faults."""
    export, mapping = EXPORT.encode(), MAPPING.encode()
    (room / "export.csv").write_bytes(export if which == "mapping" else mutated(export, seed))
    (room / "map.toml").write_bytes(mapping if which == "export" else mutated(mapping, seed + 1))
    only_own_errors(import_csv, room / "export.csv", room / "map.toml")


@given(seeds, st.binary(max_size=100), st.booleans())
@settings(max_examples=60, deadline=None)
def test_mutated_descriptions(room, tiny_folder, seed, data, changed):
    """A datapackage.json with a few bytes changed, or any bytes, is understood or a fault."""
    note = b'{"kind": "a", "about": "b", "text": "c", "rows": null}'
    good = b'{"tideover": {"name": "x", "synthetic": true, "notes": [' + note + b"]}}"
    content = mutated(good, seed) if changed else data
    only_own_errors(read_network, folder_of(room / "pack", GOOD | {"datapackage.json": content}))
