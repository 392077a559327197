"""Readings: which entry is taken, what is recorded, and that nothing disputed stays open."""

from __future__ import annotations

import datetime as dt
import pickle
from itertools import product
from pathlib import Path

import pytest

from tideover.claims import (
    SIDES,
    Claim,
    Entry,
    Ledger,
    Reading,
    alternatives,
    disagree,
    read_ledger,
    read_reading,
    reading_names,
)
from tideover.errors import InputError

LEDGER = read_ledger()
SHIPPED = ("custom", "employer", "literature", "press-a", "press-b", "union")


def reading(name: str) -> Reading:
    return read_reading(name, LEDGER)


def faults_of(folder: Path, text: str) -> list[str | None]:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_reading(path, LEDGER)
    return [fault.column for fault in caught.value.faults]


def custom() -> str:
    """The text of the reading that ships to be copied."""
    return (Path(__file__).parent.parent / "src/tideover/claims/readings/custom.toml").read_text("utf-8")


def naive(claim: Claim, order: tuple[str, ...]) -> Entry | None:
    """Which entry is taken, by the sentences of the README alone."""
    entries = [e for e in claim.entries if e.confidence != "unconfirmed"]
    entries = entries if entries else list(claim.entries)
    ranked = sorted((order.index(e.who), n) for n, e in enumerate(entries) if e.who in order)
    if ranked:
        return entries[ranked[0][1]]
    return None if any(disagree(a, b) for a, b in product(entries, entries)) else entries[0]


def test_what_ships():
    """The readings have the names that the handbook says."""
    assert tuple(reading_names()) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_reading_takes_what_its_order_says(name):
    """Every claim on which something rests has an answer, the one that naive code finds too."""
    given = reading(name)
    assert given.open() == ()
    for claim in LEDGER:
        if claim.affects and claim.id not in given.named:
            assert given.answer(claim.id).entry == naive(claim, given.order), claim.id


def test_the_parties_differ_where_they_speak():
    """Each party's reading takes its own word, and the other's only where nobody disagrees with it."""
    for mine, theirs in (("employer", "union"), ("union", "employer")):
        given = reading(mine)
        for claim in LEDGER:
            if not claim.affects:
                continue
            taken = given.answer(claim.id).entry
            if claim.entry(mine) is not None:
                assert taken.who == mine
            assert taken.who != theirs or not claim.disputed


def test_at_least_five_disputed_claims_are_answered_differently():
    """By hand: between them, the readings take both sides of the claims that two sides dispute."""
    takes = {
        claim.id: {str(reading(name).answer(claim.id).entry.value) for name in SHIPPED}
        for claim in LEDGER.conflicts
        if claim.affects
    }
    turned = {claim_id for claim_id, values in takes.items() if len(values) > 1}
    assert {"working-share", "strike-date", "last-closure-on", "struck-site-kinds", "unit-roles"} <= turned
    assert takes["working-share"] == {"0.25", "0.0", "0.125"}
    assert takes["strike-date"] == {"2025-11-05", "2025-11-09"}


def test_the_default_takes_neither_partys_word_on_who_worked():
    """Law and studies say nothing of it: the stretch between the two statements is taken."""
    taken = reading("literature").answer("working-share")
    employer, report = (LEDGER["working-share"].entry(who) for who in ("employer", "press-b"))
    assert employer is not None
    assert report is not None
    assert (taken.how, taken.entry.low, taken.entry.high) == ("own", report.value, employer.value)
    assert taken.number == (report.value + employer.value) / 2  # type: ignore[operator]


def test_what_is_asked_is_recorded_once_and_in_order():
    """The record holds each claim that was asked, its answer and the others'; showing leaves no trace."""
    given = reading("union")
    given.answer("hospitals")
    assert given.asked == ()
    assert given.ask("strike-date").day == dt.date(2025, 11, 5)
    assert given.ask("working-share").number == 0
    given.ask("strike-date")
    assert [answer.claim.id for answer in given.asked] == ["strike-date", "working-share"]
    assert [entry.who for entry in given.asked[1].others] == ["employer"]
    assert given.fresh().asked == ()
    assert [row["id"] for row in given.as_dict()["asked"]] == ["strike-date", "working-share"]
    copy = pickle.loads(pickle.dumps(given))  # noqa: S301 -- made here, as for another process
    assert copy.asked == given.asked


def test_an_exchanged_claim_alone_changes():
    """Another answer to one claim leaves every other answer, and the first reading, as they were.

    It starts with nothing asked, whatever the first reading was asked before.
    """
    given = reading("employer")
    given.ask("strike-date")
    other = LEDGER["working-share"].entry("press-b")
    assert other is not None
    turned = given.exchanged("working-share", other)
    assert turned.asked == ()
    assert turned.ask("working-share").number == 0
    assert given.ask("working-share").number == 0.25
    assert [answer.claim.id for answer in turned.asked] == ["working-share"]
    assert turned.asked[0].entry == other
    for claim in LEDGER:
        if claim.affects and claim.id != "working-share":
            assert turned.answer(claim.id) == given.answer(claim.id)


def test_alternatives_are_each_other_value_once():
    """By hand: the other side's value and the ends of every stretch, never the answer itself."""
    given = reading("literature")
    assert [e.value for e in alternatives(given.answer("working-share"))] == [0.0, 0.25]
    assert [e.value for e in alternatives(given.answer("detour-factor"))] == [1.2, 1.5, 1.417]
    assert [e.value for e in alternatives(given.answer("strike-date"))] == [dt.date(2025, 11, 9)]
    assert alternatives(given.answer("hospitals")) == ()


def test_an_answer_is_of_one_type():
    """A date asked for as a number is an error, and so on."""
    given = reading("literature")
    for claim_id, wrong in (("strike-date", "number"), ("working-share", "day"), ("working-share", "word")):
        with pytest.raises(TypeError, match=claim_id):
            getattr(given.answer(claim_id), wrong)
    assert given.answer("unit-roles").word == "physician;pa;np"


def test_an_unconfirmed_entry_gives_way():
    """An entry yet to be confirmed is passed over while another stands, and taken where none does."""
    given = reading("literature")
    assert given.answer("detour-factor").entry.who == "tideover"
    assert given.answer("months-to-fill").entry.confidence == "unconfirmed"


def test_a_side_out_of_the_order_is_not_believed_against_anybody():
    """Where two sides outside the order disagree, the claim stays open, and asking is an error."""
    entries = tuple(
        Entry(who=who, value=value, source="s", date="undated")
        for who, value in (("employer", 1), ("union", 2))
    )
    claim = Claim(id="c", question="?", unit="site", kind="parameter", entries=entries, affects=("a.b",))
    none = Reading("r", "t", ("law",), Ledger({"c": claim}))
    assert none.open() == (claim,)
    with pytest.raises(InputError, match="left open"):
        none.ask("c")
    assert Reading("r", "t", ("law", "union"), none.ledger).ask("c").number == 2


def test_the_template_answers_every_disputed_claim_and_no_other(tmp_path):
    """Without any one of its answers, the reading to be copied leaves that claim open."""
    text = custom()
    blocks = text.split("\n[[answer]]")
    named = [claim.id for claim in LEDGER.conflicts if claim.affects]
    assert len(blocks) == len(named) + 1
    for number in range(1, len(blocks)):
        left = "\n[[answer]]".join(block for n, block in enumerate(blocks) if n != number)
        (column,) = faults_of(tmp_path, left)
        assert column in {f"claim {claim_id}" for claim_id in named}


@pytest.mark.parametrize(
    ("added", "columns"),
    [
        ('claim = "hospital"\nwho = "union"\n', ["answer[8].claim"]),
        ('who = "union"\n', ["answer[8].claim"]),
        ('claim = "hospitals"\n', ["answer[8].who"]),
        ('claim = "hospitals"\nwho = "union"\n', ["answer[8].who"]),
        ('claim = "hospitals"\nwho = "press-b"\nlow = 2\n', ["answer[8].low"]),
        ('claim = "hospitals"\nvalue = 3\ndate = "undated"\n', ["answer[8].source"]),
        ('claim = "hospitals"\nvalue = 3\nsource = "s"\n', ["answer[8].date"]),
        ('claim = "hospitals"\nvalue = 3\nwho = "union"\nSD', ["answer[8].who"]),
        ('claim = "hospitals"\nvalue = 3\nunit = "person"\nSD', ["answer[8].unit"]),
        ('claim = "hospitals"\nvalue = "3"\nSD', ["answer[8].value"]),
        ('claim = "hospitals"\nvalue = 3\nSDcolour = 1\n', ["answer[8].colour"]),
        ('claim = "no-shows"\nwho = "literature-2"\n', ["answer[8].claim"]),
        (
            'claim = "hospital"\n[[answer]]\nclaim = "hospitals"\nwho = "law"\n',
            ["answer[8].claim", "answer[9].who"],
        ),
        ("\n[[answers]]\n", ["answers", "answer[8].claim"]),
    ],
)  # fmt: skip
def test_each_fault_of_an_answer_is_named(tmp_path, added, columns):
    """Unknown claims, silent sides, own values without source or of another unit: all named, all together."""
    answer = added.replace("SD", 'source = "s"\ndate = "2025"\n')
    assert faults_of(tmp_path, f"{custom()}\n[[answer]]\n{answer}") == columns


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('id = "custom"', 'id = "My own"', "id"),
        ('title = "Each', 'titel = "Each', "titel"),
        ("order = []", 'order = ["emploier"]', "order[1]"),
        ("order = []", 'order = ["law", "law"]', "order[2]"),
        ("order = []", 'order = "law"', "order"),
        ("order = []", "order = [1]", "order"),
    ],
)
def test_each_fault_of_a_head_is_named(tmp_path, old, new, column):
    """Name, title and order are checked."""
    assert old in custom()
    assert column in faults_of(tmp_path, custom().replace(old, new))


def test_unknown_names_and_files_that_cannot_be_read(tmp_path):
    """A name that is near one that ships is asked back; a file that is absent or no TOML is a fault."""
    with pytest.raises(InputError, match="Did you mean employer"):
        read_reading("emploier", LEDGER)
    with pytest.raises(InputError, match="Check the path"):
        read_reading(tmp_path / "none.toml", LEDGER)
    (tmp_path / "bad.toml").write_text("order = [", encoding="utf-8")
    with pytest.raises(InputError, match="TOML"):
        read_reading(tmp_path / "bad.toml", LEDGER)


def test_every_side_is_somewhere_in_the_default_order_but_the_parties():
    """The default's order leaves out the two parties and those who speak for one, nobody else."""
    assert set(SIDES) - set(reading("literature").order) == {"employer", "union", "clinicians"}
