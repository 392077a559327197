"""The command ``claims read``: what it prints, its JSON, what it writes, and wrong use of it."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

from cli_run import Runner
from tideover.claims import read_ledger

HERE = Path(__file__).resolve().parent / "documents"
PROPOSAL = {"claim", "value", "unit", "speaker", "quote_start", "quote_end", "status", "conflicts_with"}


@pytest.fixture
def run(capsys):
    """A runner of commands in this process."""
    return Runner(capsys)


@pytest.fixture
def report(tmp_path):
    """A short report with a strike, a count that the ledger disputes, and something new."""
    path = tmp_path / "report.txt"
    path.write_text(
        "Posted: Nov. 2, 2025\n\nAbout 430 doctors will strike on Wednesday, Nov. 5, the union said. "
        "The clinics lost $18.4 million last year, according to the company.\n",
        encoding="utf-8",
    )
    return path


def test_proposals_are_shown_with_conflicts_first(run, report):
    """Each statement has its number, sentence, speaker and what it is against; an inferred year is said."""
    done = run("claims", "read", report)
    assert done.code == 0
    order = [done.out.index(head) for head in ("In conflict with the ledger", "New to the ledger")]
    assert order == sorted(order)
    words = " ".join(done.out.split())
    assert 'about 430 people, says the union, "the union"' in words
    assert "against report A: 9 November 2025" in words
    assert "note: year 2025 inferred from the document's own date, 2025-11-02" in words
    assert "$18,400,000, says the employer" in words
    assert "Nothing enters the ledger unless you accept it" in words


def test_json_holds_documents_and_proposals(run, report):
    """The keys that other programs rely on are there, and positions point at the quote in the file."""
    page = HERE / "page.html"
    done = run("claims", "read", report, page, "--json")
    assert done.code == 0
    first, second = done.document["documents"]
    assert first["file"] == str(report)
    assert first["written_on"] == "2025-11-02"
    assert first["dispute"] == "twin-cities-2025"
    texts = {str(report): report.read_text(encoding="utf-8"), str(page): second["text"]}
    found = done.document["proposals"]
    assert found
    assert [each["number"] for each in found] == list(range(1, len(found) + 1))
    for each in found:
        assert each.keys() >= PROPOSAL
        assert texts[each["document"]][each["quote_start"] : each["quote_end"]] == each["quote"]
        assert each["status"] in {"new", "agrees", "conflicts"}
        assert bool(each["conflicts_with"]) == (each["status"] == "conflicts")
    strike = next(each for each in found if each["claim"] == "strike-date")
    assert strike["value"] == "2025-11-05"
    assert strike["inferred"] is True
    assert [other["who"] for other in strike["conflicts_with"]] == ["press-a"]


def test_accepting_writes_claim_files_and_never_over_others(run, report, tmp_path):
    """Only the accepted numbers are written, as claims that the ledger reads; files that are there stay."""
    out = tmp_path / "own"
    done = run("claims", "read", report, "--accept", "1,2", "--out", out, "--json")
    assert done.code == 0
    assert done.document["written"] == ["strike-date-read.toml", "unit-size-read.toml"]
    assert sorted(path.name for path in out.iterdir()) == done.document["written"]
    entry = tomllib.loads((out / "unit-size-read.toml").read_text(encoding="utf-8"))["entry"][0]
    assert (entry["who"], entry["value"], entry["about"], entry["source"]) == (
        "union",
        430,
        True,
        "report.txt",
    )
    assert len(read_ledger([out])) == len(read_ledger()) + 2
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    again = run("claims", "read", report, "--accept", "3", "--out", out, "--json")
    assert again.code == 0
    after = {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(after) == {*before, *again.document["written"]}
    assert {name: after[name] for name in before} == before
    beside = run("claims", "read", report, "--own", out, "--accept", "1", "--out", tmp_path / "other")
    assert beside.code == 1
    assert "accepted before" in beside.err
    assert not (tmp_path / "other").exists()


def test_accepting_extends_what_was_accepted_and_one_side_has_one_word(run, tmp_path):
    """Another side's word joins the claim file; another word of the same side is a fault; files stay."""
    out = tmp_path / "own"

    def accepted(text, number="1"):
        """Accept a proposal of a document that says ``text``."""
        path = tmp_path / "said.txt"
        path.write_text(f"May 7, 2026\n\n{text}\n", encoding="utf-8")
        about = ("--dispute", "twin-cities-2025", "--accept", number)
        return run("claims", "read", path, *about, "--out", out, "--json")

    first = accepted("The union said 430 clinicians walked out in the strike.")
    assert first.code == 0
    (name,) = first.document["written"]
    same = accepted("The union said 430 clinicians walked out in the strike.")
    assert same.code == 0
    assert len(tomllib.loads((out / name).read_text(encoding="utf-8"))["entry"]) == 1
    second = accepted("The hospital said 300 clinicians walked out in the strike.")
    assert second.code == 0, second.err
    entries = tomllib.loads((out / name).read_text(encoding="utf-8"))["entry"]
    assert [(entry["who"], entry["value"]) for entry in entries] == [("union", 430), ("employer", 300)]
    assert len(read_ledger([out])) == len(read_ledger()) + 1
    before = (out / name).read_bytes()
    other = accepted("The union said 410 clinicians walked out in the strike.")
    assert other.code == 1
    assert "410" in other.document["faults"][0]["found"]
    assert (out / name).read_bytes() == before
    (out / "notes.txt").write_text("somebody's", encoding="utf-8")
    assert accepted("The union said 430 clinicians walked out in the strike.").code == 1
    assert (out / name).read_bytes() == before


def test_without_accept_nothing_is_written(run, report, tmp_path):
    """Reading alone leaves every folder as it was."""
    before = sorted(tmp_path.rglob("*"))
    assert run("claims", "read", report).code == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_a_stated_day_dates_the_documents(run, report):
    """With --dated no year is inferred from the document itself."""
    done = run("claims", "read", report, "--dated", "2024-11-02", "--json")
    strike = next(each for each in done.document["proposals"] if each["event"] == "strike")
    assert strike["value"] == "2024-11-05"
    assert "2024-11-05 is a Tuesday, not a Wednesday as written" in strike["notes"]
    assert any("the date stated for it" in note for note in strike["notes"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--accept", "1"], "--accept without --out"),
        (["--out", "OUT"], "--out without --accept"),
        (["--accept", "99", "--out", "OUT"], "from 1 to"),
        (["--accept", "one", "--out", "OUT"], "the number of a proposal"),
        (["--accept", "", "--out", "OUT"], "the number of a proposal"),
        (["--dispute", "nowhere"], "one of twin-cities-2025"),
        (["--own", "missing.toml"], "missing.toml"),
    ],
)
def test_wrong_options_are_faults_and_nothing_is_written(run, report, tmp_path, options, words):
    """Each wrong option is told with what to do; exit 1, and no folder appears."""
    out = tmp_path / "out"
    given = [str(out) if each == "OUT" else each for each in options]
    done = run("claims", "read", report, *given)
    assert done.code == 1
    assert words in " ".join(done.err.split())
    assert not out.exists()
    as_json = run("claims", "read", report, *given, "--json")
    assert as_json.code == 1
    assert as_json.document["ok"] is False


def test_wrong_use_is_told_apart(run, report):
    """A day that is none is wrong usage; no file at all is a fault."""
    assert run("claims", "read", report, "--dated", "yesterday").code == 2
    nothing = run("claims", "read")
    assert nothing.code == 1
    assert "no document" in nothing.err


def test_hostile_files_are_faults(run, report, tmp_path):
    """Binary, empty, unreadable and claimless files are reported together, with exit 1."""
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 50)
    (tmp_path / "empty.html").write_bytes(b"")
    done = run(
        "claims", "read", report, tmp_path / "binary.txt", tmp_path / "empty.html", tmp_path / "gone.txt"
    )
    assert done.code == 1
    assert "3 faults" in done.err
    (tmp_path / "poem.txt").write_text("The gull stands on the roof and looks at the sea.", encoding="utf-8")
    poem = run("claims", "read", tmp_path / "poem.txt")
    assert poem.code == 1
    assert "no statement that could be a claim" in poem.err


def test_fifty_megabytes_are_refused_at_once(run, tmp_path):
    """A file far too large is a fault within a second, and is not read whole."""
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(50_000_000)
    began = time.perf_counter()
    done = run("claims", "read", large)
    assert done.code == 1
    assert "at most 8 MB" in done.err
    assert time.perf_counter() - began < 5


def test_a_document_that_names_a_claim_twice_and_odd_letters_are_safe(run, tmp_path):
    """Control letters, quotes and markup in a quoted sentence come out as text, in TOML and JSON alike."""
    path = tmp_path / 'odd "name".txt'
    odd = '\\ will [bold]strike[/bold] """ at 61 clinics,\u2028 \U0001f9f5'
    path.write_text(f"Posted: Nov. 2, 2025\n\nAbout 640 doctors {odd} the union said.\n", encoding="utf-8")
    out = tmp_path / "own"
    done = run("claims", "read", path, "--accept", "1", "--accept", "2", "--out", out)
    assert done.code == 0
    assert "[bold]" in done.out
    assert len(read_ledger([out])) == len(read_ledger()) + 2
