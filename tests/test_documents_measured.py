"""Documents: precision and recall on texts of our own with answers by hand, and their place in the ledger."""

from __future__ import annotations

import datetime as dt

import pytest

from documents_scoring import FOLDERS, HERE, Score, answers, score_text, texts
from tideover.claims import SIDES as LEDGER_SIDES
from tideover.claims import UNITS, Claim, Entry, Ledger, read_ledger
from tideover.documents import chosen, claim_files, disputes, match, read
from tideover.documents.convert import WHO
from tideover.documents.finding import KINDS
from tideover.documents.page import Page
from tideover.documents.topics import topics
from tideover.errors import InputError

ROOT = HERE.parent.parent


def total(folder):
    """Return the score over all texts of a folder."""
    return sum((s for path in texts(folder) for s in score_text(path)[0].values()), Score())


def test_the_texts_are_many_and_of_many_styles():
    """At least eight texts of our own, and three that were written when the rules were frozen."""
    written, held_out = (texts(folder) for folder in FOLDERS.values())
    assert len(written) >= 8
    assert len(held_out) >= 3
    assert sum(len(answers(path)) for path in (*written, *held_out)) > 500


@pytest.mark.parametrize(
    ("folder", "precision", "recall", "side"), [("own", 0.95, 0.92, 0.93), ("held out", 0.85, 0.75, 0.85)]
)
def test_precision_and_recall_do_not_fall(folder, precision, recall, side):
    """What is found is right, what is said is found, and by the right side, to the floor stated."""
    score = total(list(FOLDERS.values())[folder == "held out"])
    assert score.precision >= precision
    assert score.recall >= recall
    assert score.side / score.right >= side


@pytest.mark.parametrize(
    ("number", "line"), [(0, "on which the rules were written"), (1, "never used since")]
)
def test_the_readme_states_what_is_measured(number, line):
    """The table in the README of documents holds the figures that are measured now."""
    score = total(list(FOLDERS.values())[number])
    readme = (ROOT / "src" / "tideover" / "documents" / "README.md").read_text(encoding="utf-8")
    (row,) = [each for each in readme.splitlines() if line in each and each.startswith("|")]
    shares = (score.precision, score.recall, score.side / score.right)
    told = [str(score.said), *(f"{share:.0%}".replace("%", " %") for share in shares)]
    assert [cell.strip() for cell in row.strip("|").split("|")][1:] == told


def test_every_kind_is_found_and_hedges_are_kept():
    """Each kind of statement is found in the texts, and its bounds are those written by hand."""
    kinds: dict[str, Score] = {}
    for path in texts(HERE):
        for kind, score in score_text(path)[0].items():
            kinds[kind] = kinds.get(kind, Score()) + score
    assert set(kinds) == set(KINDS)
    assert all(score.recall > 0.6 and score.precision > 0.85 for score in kinds.values())
    assert all(score.bounds == score.right for score in kinds.values())


def test_topics_are_of_the_ledger():
    """Each topic's unit is one of the ledger's, and whoever speaks has a side there."""
    assert {topic.unit for topic in topics()} <= set(UNITS)
    assert set(WHO.values()) <= set(LEDGER_SIDES)
    named = {claim.id for claim in read_ledger()}
    known = [topic.id for topic in topics() if topic.id in named or f"northland-{topic.id}" in named]
    assert len(known) > 25


def claim(name: str, unit: str, *entries: tuple[str, object], dispute: str = "here") -> Claim:
    """Make a claim of a dispute with plain entries."""
    made = tuple(Entry(who=who, value=value, source="test", date="undated") for who, value in entries)
    return Claim(id=name, question=f"What is {name}?", unit=unit, kind="fact", entries=made, dispute=dispute)


LEDGER = Ledger(
    {
        each.id: each
        for each in (
            claim(
                "strike-date", "date", ("press-a", dt.date(2025, 11, 9)), ("press-b", dt.date(2025, 11, 5))
            ),
            claim("unit-size", "person", ("press-b", 600)),
            claim("sites-struck", "site", ("press-b", 61)),
            claim("working-share", "share", ("employer", 0.25), ("press-b", 0.0)),
            claim("offer-wages", "change", ("union", -0.05)),
            claim("strike-length", "day", ("press-a", 1)),
            claim("clinics-closed-names", "word", ("press-a", "Alma; Brill")),
            claim("there-strike-date", "date", ("press-c", dt.date(2025, 7, 10)), dispute="there"),
            claim("there-sites", "site", ("press-c", 69), dispute="there"),
            claim("parking-fee", "USD", ("press-c", 5)),
        )
    }
)


def matched(text: str, **how):
    """Read a text and hold it against the small ledger."""
    reading = read(Page("test.txt", "text", text, "0" * 64, "utf-8"))
    found, dispute = match(reading.proposals, LEDGER, **how)
    return {each.name: each for each in found}, dispute, reading


@pytest.mark.parametrize(
    ("text", "name", "status", "against", "as_said"),
    [
        ("The strike is on Nov. 5, 2025.", "strike-date", "conflicts", ["press-a"], ["press-b"]),
        ("The strike is on Nov. 12, 2025.", "strike-date", "conflicts", ["press-a", "press-b"], []),
        ("More than 600 doctors will strike.", "unit-size", "agrees", [], ["press-b"]),
        ("About 640 doctors will strike.", "unit-size", "agrees", [], ["press-b"]),
        ("Exactly 430 doctors will strike.", "unit-size", "conflicts", ["press-b"], []),
        ("Doctors strike at 61 clinics.", "sites-struck", "agrees", [], ["press-b"]),
        ("Over 25 percent of doctors came to work.", "working-share", "conflicts", ["press-b"], ["employer"]),
        ("The offer would cut pay by 5 percent on average.", "offer-wages", "agrees", [], ["union"]),
        ("The company offers raises of 3 percent.", "offer-wages", "conflicts", ["union"], []),
        ("Doctors struck for 24 hours.", "strike-length", "agrees", [], ["press-a"]),
        ("The two clinics in Alma and Brill closed.", "clinics-closed-names", "agrees", [], ["press-a"]),
        ("The two clinics in Alma and Dale closed.", "clinics-closed-names", "conflicts", ["press-a"], []),
    ],
)  # fmt: skip
def test_a_statement_agrees_or_conflicts_with_each_entry(text, name, status, against, as_said):
    """Against the ledger a statement names every entry that cannot be true beside it, and those that can."""
    found = matched(text, dispute="here")[0][name]
    assert found.status == status
    assert [entry.who for entry in found.conflicts] == against
    assert [entry.who for entry in found.agrees] == as_said


def test_the_same_answer_by_the_same_side_is_told_once():
    """What one side says twice of one question is one proposal; what another side says is its own."""
    text = (
        "Doctors set a one-day strike. It is a one-day strike of all clinics. "
        "According to the union it is a one-day strike."
    )
    reading = read(Page("test.txt", "text", text, "0" * 64, "utf-8"))
    found, _ = match(reading.proposals, LEDGER, dispute="here")
    lengths = [each for each in found if each.name == "strike-length"]
    assert [each.proposal.speaker.side for each in lengths] == ["press", "union"]
    assert len(lengths[0].proposal.also) == 1
    assert [each.number for each in found] == list(range(1, len(found) + 1))


def test_a_number_far_from_the_ledgers_is_about_something_else():
    """31,000 people on strike elsewhere do not contradict 600 here: they are new."""
    found = matched("In all, 31,000 clinicians will strike.", dispute="here")[0]
    assert [each.status for each in found.values()] == ["new"]


def test_the_dispute_is_that_with_whose_facts_most_agree():
    """A document about the other dispute is held against that one; the user may state it otherwise."""
    text = "Clinicians went on strike at 69 clinics on July 10, 2025."
    assert matched(text)[1] == "there"
    assert matched(text, dispute="here")[1] == "here"
    assert matched("It rains at the clinic on Thursday.")[1] == "here"
    assert disputes(LEDGER) == ["here", "there"]


def test_a_year_may_come_from_the_ledgers_strike_and_is_said_so():
    """A document without any year, whose strike is on the ledger's day, is of the ledger's year."""
    found = matched(
        "Doctors will strike on Nov. 5. A bargaining session is set for Oct. 29.", dispute="here"
    )[0]
    dates = {name: each.proposal.finding.value for name, each in found.items()}
    assert dates == {"strike-date": "2025-11-05", "session": "2025-10-29"}
    assert all("inferred from the ledger's strike" in each.notes[0] for each in found.values())
    other = matched("Doctors will strike on May 5.", dispute="here")[0]["strike-date"]
    assert (other.proposal.finding.value, other.status) == ("XXXX-05-05", "new")


def test_accepted_claims_are_read_by_the_ledger(tmp_path):
    """What is accepted becomes claim files that the ledger reads back, with source, date and no name."""
    said = '"More than 610 doctors will strike," said Dr. Ann Bo, the union\'s president.'
    text = f"Posted: Nov. 2, 2025\n\n{said}\n\n"
    found, dispute, reading = matched(text + "The company put $12.5 million on the table.")
    kept = chosen([",".join(str(each.number) for each in found.values())], list(found.values()))
    files = claim_files(kept, [reading], [dispute])
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        assert "Ann" not in content
    own = read_ledger([tmp_path])
    size = own["unit-size-read"].entries[0]
    assert (size.who, size.value, size.low, size.date) == ("union", 610, 610, "2025-11-02")
    assert size.words.endswith("610 doctors")
    assert "sha256" in size.note
    assert len(files) == 2


@pytest.mark.parametrize("numbers", [["0"], ["99"], ["x"], ["1,"], ["-1"], ["1.5"], [""], ["9" * 30]])
def test_wrong_numbers_are_refused(numbers):
    """A number that no proposal has is a fault; nothing is chosen."""
    found = matched("More than 610 doctors will strike.")[0]
    with pytest.raises(InputError):
        chosen(numbers, list(found.values()))


def test_two_entries_of_one_side_and_a_date_without_year_are_refused():
    """One side has one entry in a claim, and a claim's date has a year: both faults are told at once."""
    text = "Doctors strike at 61 clinics. The 64 clinics are on strike. A rally of picketers is on May 9."
    reading = read(Page("test.txt", "text", text, "0" * 64, "utf-8"))
    found, _ = match(reading.proposals, LEDGER, dispute="here")
    assert [each.name for each in found] == ["sites-struck", "sites-struck", "picket"]
    with pytest.raises(InputError) as raised:
        chosen(["1,2,3"], found)
    assert len(raised.value.faults) == 2
