"""Documents: the rules by which numbers, dates, events and speakers are read, one hand-worked case each."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tideover.documents.amounts import amounts
from tideover.documents.dates import Known, mentions
from tideover.documents.page import Page, read_pages
from tideover.documents.passages import Passages
from tideover.documents.proposal import Proposal, Reading, read
from tideover.errors import InputError

KNOWN = Known(dt.date(2025, 11, 6), 2025, "the test")


def reading(text: str, stated: dt.date | None = None) -> Reading:
    """Read a plain text."""
    return read(Page("test.txt", "text", text, "0" * 64, "utf-8"), stated=stated)


def proposals(text: str, kind: str) -> list[Proposal]:
    """Return the proposals of one kind in a plain text."""
    return [each for each in reading(text).proposals if each.finding.kind == kind]


@pytest.mark.parametrize(
    ("text", "value", "low", "high", "sign"),
    [
        ("more than 600 doctors", 600, 600, None, ""),
        ("fewer than 600 doctors", 600, None, 600, ""),
        ("nearly 500 doctors", 500, 450, 500, ""),
        ("about 600 doctors", 600, 540, 660, ""),
        ("an estimated 600 doctors", 600, 540, 660, ""),
        ("up to 4 million people", 4_000_000, None, 4_000_000, ""),
        ("60-plus clinics", 60, 60, None, ""),
        ("600+ doctors", 600, 600, None, ""),
        ("15-20 percent", 17.5, 15, 20, "percent"),
        ("between one and two percent", 1.5, 1, 2, "percent"),
        ("between $200,000 and $300,000", 250_000, 200_000, 300_000, "USD"),
        ("$1.2 to $1.5 million", 1_350_000, 1_200_000, 1_500_000, "USD"),
        ("$75-80 million", 77_500_000, 75_000_000, 80_000_000, "USD"),
        ("$1.2 million", 1_200_000, None, None, "USD"),
        ("$30k+", 30_000, 30_000, None, "USD"),
        ("80 cents", 0.8, None, None, "USD"),
        ("half a million dollars", 500_000, None, None, "USD"),
        ("a quarter of them", 25, None, None, "percent"),
        ("two-thirds of them", 66.7, None, None, "percent"),
        ("1 in 5 residents", 20, None, None, "percent"),
        ("less than half full", 50, None, 50, "percent"),
        ("three hundred and ninety people", 390, None, None, ""),
        ("twenty-three (23) facilities", 23, None, None, ""),
        ("a dozen clinics", 12, None, None, ""),
        ("two and a half years", 2.5, None, None, ""),
    ],
)
def test_an_amount_is_read_with_its_hedge(text, value, low, high, sign):
    """Digits, words, fractions, ranges and money give the value and the bounds that the words allow."""
    (found,) = amounts(text)
    assert (found.value, found.low, found.high, found.sign) == (value, low, high, sign)


@pytest.mark.parametrize(
    "text",
    [
        "founded in 1907 and based at 2200 Harbor Drive",
        "Section 8(g) of the Act, 29 U.S.C. § 158(g)",
        "Local 31",
        "call 612-555-0148",
        "Suite 300",
        "the 1970s",
        "a 54-year-old",
        "at 7:40",
        "11/5",
        "half an hour",
        "the first half of the year",
        "a fifth, in Wexford",
        "Highway 61",
        "million-dollar salaries",
        "COVID-19",
    ],
)
def test_years_streets_labels_and_clocks_are_no_amounts(text):
    """What only looks like a quantity is none."""
    assert amounts(text) == []


@given(number=st.integers(1, 999_999_999), hedge=st.sampled_from(["", "about ", "more than ", "nearly "]))
def test_a_number_written_with_commas_is_read_back(number, hedge):
    """Any whole number with its thousands set apart gives itself; a bound never excludes it."""
    if 1900 <= number <= 2100:
        number += 1000
    (found,) = amounts(f"{hedge}{number:,} doctors")
    assert found.value == number
    assert found.low is None or found.low <= number
    assert found.high is None or found.high >= number


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("will strike Wednesday, Nov. 5, the union said", ["2025-11-05"]),
        ("5 November 2025", ["2025-11-05"]),
        ("on 24 and 25 November", ["2025-11-24", "2025-11-25"]),
        ("Dec. 5, 9 and 12", ["2025-12-05", "2025-12-09", "2025-12-12"]),
        ("voted in June to strike", ["2025-06"]),
        ("will shut in January", ["2026-01"]),
        ("January 2026", ["2026-01"]),
        ("the session planned for next Tuesday", ["2025-11-11"]),
        ("walked out yesterday", ["2025-11-05"]),
        ("closed last week", ["2025-10-27/2025-11-02"]),
        ("On Wed 11/5 we walk", ["2025-11-05"]),
        ("since October twenty-eighth", ["2025-10-28"]),
        ("they may strike and march on", []),
        ("3/6 They closed", []),
        ("Feb. 30", []),
    ],
)
def test_a_date_is_read_from_the_documents_day(text, values):
    """Each form of a date gives its days; the year that is left unsaid follows the tense."""
    assert [each.value for each in mentions(text, KNOWN)] == values


def test_an_inferred_year_and_a_wrong_weekday_are_said():
    """A year that the text does not state is noted with its source; a weekday that does not fit, too."""
    right, wrong = (mentions(f"on {day}, Nov. 5", KNOWN)[0] for day in ("Wednesday", "Monday"))
    assert right.notes == ("year 2025 inferred from the test",)
    assert "2025-11-05 is a Wednesday, not a Monday as written" in wrong.notes
    (stated,) = mentions("on Monday, Nov. 5, 2025", Known())
    assert stated.notes == ("2025-11-05 is a Wednesday, not a Monday as written",)


def test_without_any_date_the_year_stays_open():
    """A document that names no year gets none; the weekday tells in which years it would be right."""
    (date,) = [each.finding for each in proposals("The strike is set for Sunday, Nov. 9.", "date")]
    assert date.value == "XXXX-11-09"
    assert "a Sunday in 2014, 2025, 2031" in date.notes[0]


@pytest.mark.parametrize(
    ("text", "how", "day"),
    [
        ("Posted: Nov. 2, 2025\n\nThe strike is Nov. 5.", "the document's own date", "2025-11-02"),
        ("ALDER, Minn. — Oct. 27, 2025 — The strike is Nov. 5.", "the document's own date", "2025-10-27"),
        ("https://news.example/2025/10/27/strike\n\nThe strike is Nov. 5.", "address", "2025-10-27"),
        ("The strike is Nov. 5. Four clinics closed on Nov. 1, 2025.", "other dates in it", None),
        ("The strike is Wednesday, Nov. 5. They voted in June 2024.", "its weekdays", None),
        ("The strike is Nov. 5. © 2025 Herald", "its copyright line", None),
    ],
)
def test_the_day_of_a_document_is_found_and_how_is_said(text, how, day):
    """Label, dateline, address, other dates, weekdays and copyright date a document, in this order."""
    found = reading(text)
    assert how in found.known.how
    assert found.known.year == 2025
    assert (found.known.day and found.known.day.isoformat()) == day
    assert "2025-11-05" in [each.finding.value for each in found.proposals]


def test_the_stated_day_comes_before_all_others():
    """A day that the user states dates the document, whatever it says of itself."""
    found = reading("Posted: Nov. 2, 2025\n\nThe strike is Nov. 5.", dt.date(2024, 10, 1))
    assert [each.finding.value for each in found.proposals] == ["2024-11-05"]


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("Doctors walked off the job on Nov. 5, 2025.", "strike"),
        ("Four clinics closed on Nov. 1, 2025.", "closing"),
        ("The last bargaining session before the strike is Nov. 3, 2025.", "session"),
        ("The union filed a 10-day notice on Oct. 24, 2025.", "notice"),
        ("Members voted on June 3, 2025, to authorize a strike.", "vote"),
        ("Doctors voted to unionize on Oct. 12, 2023.", "election"),
        ("The interim agreement expired on Sept. 30, 2025.", "contract"),
    ],
)
def test_a_date_belongs_to_the_event_that_is_nearest(text, event):
    """Each date is of the event that its clause names; a vote on a strike is no strike."""
    assert [each.finding.event for each in proposals(text, "date")] == [event]


def test_a_date_of_something_else_is_left_out():
    """The day on which somebody said it, was born or founded a firm is no date of the dispute."""
    text = (
        "The clinic, founded on May 3, 1951, is small. The union said Monday, Nov. 3, 2025, that it is ready."
    )
    assert proposals(text, "date") == []


def test_counts_name_what_is_counted_and_parts_share_it():
    """ "44 of our 61 clinics" are two numbers of clinics; urgent cares and hospitals are told apart."""
    text = "The union says it struck 44 of our 61 clinics, 3 urgent care centers and 2 hospitals."
    found = [(each.finding.kind, each.finding.value) for each in reading(text).proposals]
    assert found == [("clinics", 44), ("clinics", 61), ("clinics", 3), ("hospitals", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "He, 54, has practiced here for 31 years.",
        "The doctor's two children, 6 and 9, were asleep.",
        "It is a 20-minute drive from the clinic.",
        "Subscribe to the clinic newsletter for $1 a week.",
        "Save 20% on your next visit.",
        "The town has 4,200 people.",
        "It is 31 degrees at the picket line; 28 in the valley.",
    ],
)
def test_numbers_beside_the_dispute_are_left_out(text):
    """Ages, careers, journeys, advertisements and towns give no proposal."""
    assert reading(text).proposals == ()


@pytest.mark.parametrize(
    ("text", "side", "name"),
    [
        ("About 600 doctors will strike, the union said.", "union", "the union"),
        ("According to the company, 150 doctors came to work.", "employer", "the company"),
        ('"We lost 40 doctors," said Carol Ny, vice president for human resources.', "employer", "Carol Ny"),
        ("Dr. Ann Bo, president of Local 44, said 600 doctors will strike.", "union", "Dr. Ann Bo"),
        ("Sen. Bill Marsh said 9,000 patients lost their clinic.", "politician", "Sen. Bill Marsh"),
        ("About 600 doctors will strike.", "press", ""),
        ("About 600 doctors will strike; the company said it is sorry.", "press", ""),
    ],
)
def test_a_statement_is_attributed_to_its_speaker(text, side, name):
    """Who says it stands before, behind or between; without a cue the report itself says it."""
    (found,) = proposals(text, "people")
    assert found.speaker.side == side
    assert found.speaker.name.startswith(name)
    assert bool(found.speaker.name) == bool(name)


def test_a_member_of_a_union_is_a_clinician_unless_an_office_is_named():
    """A person's membership is taken from no text: only who holds an office of a union speaks for it."""
    text = (
        'By Ed Ho\n\n"We lost 40 doctors," said Dr. Ann Bo, {}.\n\nThe doctors are in the Lake Doctors Union.'
    )
    for who, side in [
        ("a member of the union", "clinician"),
        ("a pediatrician and union member", "clinician"),
        ("a member of the union's bargaining team", "union"),
    ]:
        (found,) = proposals(text.format(who), "people")
        assert found.speaker.side == side, who


def test_a_pronoun_is_followed_back_and_a_quotation_goes_on():
    """ "She said" is whoever was named before, and what follows in quotation marks is hers too."""
    text = (
        "By Ed Ho\n\nCarol Ny, vice president for human resources, met reporters.\n\n"
        '"We offered 3 percent," she said. "The union wants raises of 9 percent."'
    )
    assert [(each.finding.value, each.speaker.side) for each in proposals(text, "percent")] == [
        (3, "employer"),
        (9, "employer"),
    ]


def test_positions_count_letters_of_the_text_that_was_read():
    """The quote of every proposal stands at its place, with typographic marks, line ends and all."""
    for path in sorted((Path(__file__).parent / "documents").glob("*.*")):
        if path.suffix not in {".txt", ".html"}:
            continue
        (page,) = read_pages([path])
        found = read(page).proposals
        assert found
        for each in found:
            assert page.text[each.quote_start : each.quote_end] == each.quote
            assert each.quote_start <= each.finding.start < each.finding.end <= each.quote_end


@given(st.text(max_size=400))
def test_any_text_is_read_without_failing(text):
    """Whatever letters come, reading ends well, and sentences cover only what is there."""
    passages = Passages(text)
    assert len(passages.plain) == len(text)
    assert all(0 <= each.start < each.end <= len(text) for each in passages.sentences)
    reading(text)


TELLING = [
    *(
        "Nov.",
        "5",
        "600",
        "doctors",
        "strike",
        "said",
        "$3",
        "million",
        "percent",
        "to",
        "the",
        "union",
        "of",
    ),
    *(",", ";", '"', "'", "(", ")", "-", "and"),
]


@given(st.lists(st.sampled_from(TELLING), max_size=40))
def test_any_order_of_telling_words_is_read_without_failing(words):
    """Words that the rules look for, in any order: reading ends well, and each quote stands at its place."""
    text = " ".join(words)
    for each in reading(text).proposals:
        assert text[each.quote_start : each.quote_end] == each.quote
        assert each.quote_start <= each.finding.start < each.finding.end <= each.quote_end


def test_files_that_cannot_be_read_are_all_reported(tmp_path):
    """Missing, empty, binary, too large, folder and a page without text: one fault for each."""
    made = {
        "empty.txt": b"  \n",
        "picture.png": b"\x89PNG\r\n\x1a\n\x00\x00",
        "paper.pdf": b"%PDF-1.7 ...",
        "noise.bin": bytes(range(256)) * 40,
        "large.txt": b"strike " * 2_000_000,
        "bare.html": b"<html><head><script>var a = 600;</script></head><body></body></html>",
    }
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    paths = [tmp_path / name for name in (*made, "folder", "missing.txt")]
    with pytest.raises(InputError) as raised:
        read_pages(paths)
    assert [Path(fault.file).name for fault in raised.value.faults] == [path.name for path in paths]
    assert all(fault.remedy and fault.expected for fault in raised.value.faults)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_recognised(tmp_path, encoding):
    """Byte-order marks, UTF-8 and the old code page of Windows give the same text."""
    said = "\u201cAbout 600 doctors will strike on Nov. 5, 2025,\u201d the union\u2019s chair said"
    text = f"{said} in Coteau \u2013 caf\u00e9 or not."
    path = tmp_path / "said.txt"
    path.write_bytes(text.encode(encoding))
    (page,) = read_pages([path])
    assert page.text == text


def test_scripts_and_menus_of_a_page_are_not_read(tmp_path):
    """Numbers in scripts, styles, menus and footers give no proposal."""
    path = tmp_path / "page.html"
    path.write_text(
        "<html><head><title>Strike</title><script>var doctors = '999 doctors strike';</script></head><body>"
        "<nav><a href='/'>777 doctors strike here</a></nav><article><h1>Strike</h1>"
        + "<p>About 600 doctors will strike at 61 clinics, the union said on Monday in the city hall.</p>" * 3
        + "</article><footer>888 doctors strike</footer></body></html>",
        encoding="utf-8",
    )
    values = {each.finding.value for each in read(read_pages([path])[0]).proposals}
    assert values == {600, 61}
