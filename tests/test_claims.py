"""Claim files: what is accepted, how two entries disagree, and that every fault is listed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tideover.claims import Claim, Entry, disagree, read_ledger, turning
from tideover.claims.words import written
from tideover.errors import InputError

GOOD = """
id = "{id}"
question = "How many?"
unit = "site"
kind = "parameter"
affects = ["recipe.clinics"]
[[entry]]
who = "press-b"
value = 4
source = "a report"
date = 2025-11-07
"""


def written_to(folder: Path, text: str, name: str = "own-claim") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text.replace("{id}", name), encoding="utf-8")
    return path


def faults_of(folder: Path, text: str) -> list[tuple[str | None, int | None, str]]:
    path = written_to(folder, text)
    with pytest.raises(InputError) as caught:
        read_ledger([path])
    assert all(fault.remedy and fault.expected for fault in caught.value.faults)
    return [(fault.column, fault.row, fault.found) for fault in caught.value.faults]


def entry(value: object, **more: object) -> Entry:
    return Entry(who="other", value=value, source="s", date="undated", **more)  # type: ignore[arg-type]


def test_own_claims_stand_beside_the_ledger(tmp_path):
    """A claim file, or a folder of them, is read beside what ships."""
    shipped = read_ledger()
    ledger = read_ledger([written_to(tmp_path, GOOD)])
    assert len(ledger) == len(shipped) + 1
    claim = ledger["own-claim"]
    assert (claim.entries[0].value, claim.entries[0].date) == (4, "2025-11-07")
    assert read_ledger([tmp_path])["own-claim"] == claim
    assert "own-claim" not in shipped
    assert claim in ledger.affecting("recipe.clinics")


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('source = "a report"', "", "entry[1].source"),
        ('source = "a report"', 'source = " "', "entry[1].source"),
        ("date = 2025-11-07", "", "entry[1].date"),
        ("date = 2025-11-07", 'date = "2025-13"', "entry[1].date"),
        ("date = 2025-11-07", 'date = "last week"', "entry[1].date"),
        ("date = 2025-11-07", 'date = "1899"', "entry[1].date"),
        ("date = 2025-11-07", 'date = "2101-01"', "entry[1].date"),
        ("date = 2025-11-07", "date = 2025", "entry[1].date"),
        ("date = 2025-11-07", "date = 2025-11-07T08:00:00", "entry[1].date"),
        ("value = 4", "", "entry[1].value"),
        ("value = 4", 'value = "four"', "entry[1].value"),
        ("value = 4", "value = -1", "entry[1].value"),
        ("value = 4", "value = nan", "entry[1].value"),
        ("value = 4", "value = true", "entry[1].value"),
        ("value = 4", "value = 2025-11-01", "entry[1].value"),
        ("value = 4", "value = {}", "entry[1].value"),
        ("value = 4", 'value = { a = 1, b = "x" }', "entry[1].value.b"),
        ("value = 4", "value = 4\nlow = 6\nhigh = 5", "entry[1].low"),
        ("value = 4", "value = 4\nlow = 5", "entry[1].value"),
        ("value = 4", "value = 4\nhigh = 3", "entry[1].value"),
        ("value = 4", "value = { a = 1 }\nlow = 0", "entry[1].low"),
        ("value = 4", 'value = 4\nunit = "person"', "entry[1].unit"),
        ("value = 4", "value = 4\nabout = 1", "entry[1].about"),
        ("value = 4", "value = 4\nwords = 5", "entry[1].words"),
        ("value = 4", 'value = 4\nconfidence = "sure"', "entry[1].confidence"),
        ("value = 4", "value = 4\nvalu = 5", "entry[1].valu"),
        ("value = 4", f'value = 4\nwords = "{"x" * 71}"', "entry[1].words"),
        ('who = "press-b"', 'who = "pres-b"', "entry[1].who"),
        ('who = "press-b"', "", "entry[1].who"),
        ('unit = "site"', 'unit = "sites"', "unit"),
        ('unit = "site"', "", "unit"),
        ('kind = "parameter"', 'kind = "truth"', "kind"),
        ('kind = "parameter"', 'kind = "fact"', "dispute"),
        ('kind = "parameter"', 'kind = "parameter"\ndispute = "x"', "dispute"),
        ('question = "How many?"', 'question = "So many"', "question"),
        ('id = "{id}"', 'id = "another"', "id"),
        ('id = "{id}"', 'id = "{id}"\nrank = "first"', "rank"),
        ('id = "{id}"', 'id = "{id}"\ncolour = 1', "colour"),
        ('affects = ["recipe.clinics"]', "", "affects"),
        ('affects = ["recipe.clinics"]', 'affects = ["clinics"]', "affects"),
        ('affects = ["recipe.clinics"]', 'affects = ["recipe.clinics"]\ncontext = "c"', "affects"),
    ],
)
def test_each_fault_of_a_claim_is_named(tmp_path, old, new, column):
    """What is missing, unknown, of another unit or out of order is one fault, at its key."""
    assert old in GOOD
    found = faults_of(tmp_path, GOOD.replace(old, new))
    assert [place for place, _, _ in found] == [column]


def test_all_faults_are_listed_together_with_their_lines(tmp_path):
    """Several files and several faults make one report; each says the line."""
    again = GOOD.replace("{id}", "strike-date")
    (tmp_path / "strike-date.toml").write_text(again, encoding="utf-8")
    (tmp_path / "broken.toml").write_text("id = ", encoding="utf-8")
    (tmp_path / "bytes.toml").write_bytes(b"id = '\xff'")
    twice = GOOD + '[[entry]]\nwho = "press-b"\nvalue = "x"\nsource = ""\ndate = "undated"\n'
    found = faults_of(tmp_path, twice)
    assert found == [
        ("entry[2].value", 14, "'x'"),
        ("entry[2].source", 15, "no source"),
        ("entry[2].who", 13, "press-b"),
    ]
    with pytest.raises(InputError) as caught:
        read_ledger([tmp_path, tmp_path / "absent.toml"])
    columns = [(Path(fault.file).name, fault.column) for fault in caught.value.faults]
    assert len(columns) == 7
    assert {name for name, _ in columns} == {
        "strike-date.toml", "broken.toml", "bytes.toml", "own-claim.toml", "absent.toml",
    }  # fmt: skip
    assert ("strike-date.toml", "id") in columns


def test_no_entry_is_a_fault(tmp_path):
    """A claim needs a side that says something, written as a table of its own."""
    head = GOOD[: GOOD.index("[[entry]]")]
    assert [place for place, _, _ in faults_of(tmp_path, head)] == ["entry"]
    assert [place for place, _, _ in faults_of(tmp_path, head + "entry = 4\n")] == ["entry"]


def test_per_cent_is_explained(tmp_path):
    """25 for a share is refused, with the way to write it."""
    path = written_to(tmp_path, GOOD.replace('"site"', '"share"').replace("value = 4", "value = 25"))
    with pytest.raises(InputError, match=r"25 % is 0\.25"):
        read_ledger([path])


JANUARY = entry(dt.date(2026, 1, 1), low=dt.date(2026, 1, 1), high=dt.date(2026, 1, 31))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (entry(0.25, low=0.25), entry(0.0, high=0.0), True),
        (entry(600, low=600), entry(600, about=True), False),
        (entry(600, about=True), entry(650), False),
        (entry(600, about=True), entry(661), True),
        (entry(600), entry(601), True),
        (entry(3, low=1, high=6), entry(6), False),
        (JANUARY, entry(dt.date(2026, 2, 1)), True),
        (JANUARY, entry(dt.date(2026, 1, 31)), False),
        (entry(dt.date(2025, 11, 1)), entry(dt.date(2025, 11, 1)), False),
        (entry("clinics"), entry("Clinics"), False),
        (entry("clinics"), entry("all"), True),
        (entry({"a": 1, "b": 2}), entry({"b": 2, "c": 3}), False),
        (entry({"a": 1, "b": 2}), entry({"a": 1, "b": 3}), True),
        (entry({"a": 1.0}, about=True), entry({"a": 1.1}), False),
    ],
)  # fmt: skip
def test_when_entries_disagree(one, other, apart):
    """Stretches that touch agree, words and tables are compared part by part; whoever speaks first."""
    assert disagree(one, other) is apart
    assert disagree(other, one) is apart


WIDER = st.integers(0, 20)


@given(st.integers(-50, 50), st.integers(-80, 80), WIDER, WIDER, WIDER, WIDER, st.booleans(), st.booleans())
def test_a_wider_statement_disagrees_with_no_more(value, one, below, above, lower, higher, no_low, no_high):
    """Whoever lies in a stretch agrees with it, nobody else does; and so with every wider or open one."""
    inside = value - below <= one <= value + above
    assert disagree(entry(value, low=value - below, high=value + above), entry(one)) is not inside
    low = None if no_low else value - below - lower
    high = None if no_high else value + above + higher
    if inside and (low, high) != (None, None):  # without both ends it is the value alone
        assert not disagree(entry(value, low=low, high=high), entry(one))


@given(st.integers(-200, 200), st.integers(-30, 30))
def test_a_rounded_value_agrees_with_a_tenth_around_it(value, off):
    """About so many, of either sign, agrees with what lies up to a tenth of it away, and with no other."""
    assume(10 * abs(off) != abs(value))  # the edge itself is as doubles round it
    assert disagree(entry(value, about=True), entry(value + off)) is (10 * abs(off) > abs(value))


def test_values_in_words():
    """Shares are per cent, one end is at least or at most, dates are written out, one is not many."""
    assert written(0.25, "share", low=0.25) == "at least 25 %"
    assert written(0.0, "share", high=0.0) == "at most 0 %"
    assert written(36.2, "minute", 28.9, 45.7) == "36.2 minutes (28.9 to 45.7)"
    assert written(5, "site", 5, 5) == "5 sites"
    assert written(600, "person", about=True) == "about 600 people"
    assert written(1, "day") == "1 day"
    assert written(dt.date(2025, 11, 5), "date") == "5 November 2025"
    assert written({"np": 63.92, "pa": 65.07}, "USD per hour") == "np: 63.92, pa: 65.07 USD per hour"
    assert written(1234567, "USD") == "1,234,567 USD"
    assert written(-0.05, "change") == "-5 %"
    assert (
        turning(("strike.dates", "strike.roles", "visits.minutes"))
        == "the strike (dates, roles); built in (minutes)"
    )


def test_an_unknown_claim_is_a_lookup_error():
    """Asking the ledger for what it has not is an error with the name."""
    with pytest.raises(LookupError, match="no claim named 'x'"):
        read_ledger()["x"]


def test_a_claim_as_plain_values():
    """The JSON form holds every entry with its words, and dates as text."""
    claim = Claim(id="c", question="When?", unit="date", kind="parameter", context="x",
                  entries=(entry(dt.date(2025, 1, 2), low=dt.date(2025, 1, 1)),))  # fmt: skip
    plain = claim.as_dict()
    assert plain["entries"][0]["value"] == "2025-01-02"
    assert plain["entries"][0]["low"] == "2025-01-01"
    assert plain["disputed"] is False


def test_an_unknown_unit_hides_no_other_fault(tmp_path):
    """A unit that nobody knows, no source and two entries of one side are told together."""
    path = tmp_path / "how-many.toml"
    path.write_text(
        'id = "how-many"\nquestion = "How many?"\nunit = "people"\nkind = "assumption"\n'
        'context = "A trial"\n\n[[entry]]\nwho = "union"\nvalue = 5\ndate = "2025"\n\n'
        '[[entry]]\nwho = "union"\nvalue = 6\nsource = "A letter"\ndate = "2025"\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_ledger([path])
    assert [fault.column for fault in caught.value.faults] == ["unit", "entry[1].source", "entry[2].who"]
