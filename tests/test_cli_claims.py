"""The command claims: conflicts first, each side beside the other, and every wrong word explained."""

from __future__ import annotations

import pytest

from cli_run import Runner
from tideover.claims import read_ledger


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command in this process."""
    return Runner(capsys)


def test_conflicts_come_first_with_both_sides(run):
    """The first question is who worked; both sides' words and what rests on it stand beneath."""
    shown = run("claims")
    assert shown.code == 0
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    head = shown.out[: shown.out.index(" 2. ")]
    assert "working-share" in head
    assert "more than 25 %" in head
    assert '"more than 600" carried it out' in head
    assert "rests on it: the strike (working)" in head
    assert shown.out.index("strike-date") < shown.out.index("last-closure-on") < shown.out.index("hospitals")
    assert all(claim.id in shown.out for claim in read_ledger())


def test_only_conflicts(run):
    """--conflicts leaves out what nobody disputes."""
    shown = run("claims", "--conflicts").out
    assert "strike-date" in shown
    assert "hospital-pay" not in shown
    document = run("claims", "--conflicts", "--json").document
    assert {claim["id"] for claim in document["claims"]} == {claim.id for claim in read_ledger().conflicts}


def test_the_document_has_claims_and_conflicts(run):
    """--json holds every claim with its entries, and the conflicts with what each reading takes."""
    document = run("claims", "--json").document
    assert set(document) == {"claims", "conflicts"}
    assert len(document["claims"]) == len(read_ledger())
    first = document["conflicts"][0]
    assert first["id"] == "working-share"
    assert {entry["who"] for entry in first["entries"]} == {"employer", "press-b"}
    assert first["readings"]["employer"]["who"] == "employer"
    assert first["readings"]["literature"]["how"] == "own"
    assert all(claim["disputed"] for claim in document["conflicts"])


def test_a_claim_in_full(run):
    """--claim shows sources, dates, notes and what the readings take."""
    shown = run("claims", "--claim", "strike-date", "--claim", "detour-factor").out
    for words in (
        "Becker's",
        "2025-11-07",
        "a Sunday",
        "reading press-a: 9 November 2025",
        "to be confirmed",
    ):
        assert words in shown
    assert run("claims", "--claim", "strike-date", "--json").document["conflicts"][0]["id"] == "strike-date"


def test_one_reading(run):
    """--reading shows what that one takes, shipped or in a file."""
    shown = run("claims", "--conflicts", "--reading", "union").out
    assert "[union]" in shown
    assert "[employer]" not in shown
    assert "reading union: 45 km/h" in run("claims", "--claim", "travel-speed", "--reading", "union").out


def test_own_claims_are_shown(run, tmp_path):
    """--own puts claims of one's own beside the ledger; nothing is written."""
    text = (
        'id = "beds"\nquestion = "How many beds?"\nunit = "site"\nkind = "parameter"\ncontext = "a test"\n'
        '[[entry]]\nwho = "union"\nvalue = 3\nsource = "s"\ndate = "undated"\n'
    )
    (tmp_path / "beds.toml").write_text(text, encoding="utf-8")
    assert "How many beds?" in run("claims", "--own", tmp_path, "--claim", "beds").out
    assert [path.name for path in tmp_path.iterdir()] == ["beds.toml"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--claim", "worling-share"), "Did you mean working-share?"),
        (("--reading", "emploier"), "Did you mean employer?"),
        (("--reading", "none.toml"), "Check the path."),
        (("--own", "none.toml"), "Check the path."),
        (("--claim", ""), "See: tideover claims"),
    ],
)
def test_wrong_words_are_explained(run, words, found):
    """An unknown claim or reading, or a file that is not there, is a fault with what to do; exit 1."""
    shown = run("claims", *words)
    assert (shown.code, shown.out) == (1, "")
    assert found in shown.err
    assert run("claims", *words, "--json").document["faults"]


def test_all_faults_come_together(run):
    """A wrong claim and a wrong reading are one report."""
    document = run("claims", "--claim", "x", "--claim", "y", "--reading", "z", "--json").document
    assert [fault["column"] for fault in document["faults"]] == ["--claim", "--claim", "--reading"]


def test_a_reading_that_leaves_a_claim_open(run, tmp_path):
    """Each disputed claim that a file leaves open is named with what the sides say."""
    path = tmp_path / "open.toml"
    path.write_text('id = "open"\ntitle = "Open"\norder = ["employer"]\n', encoding="utf-8")
    faults = run("claims", "--reading", path, "--json").document["faults"]
    named = {fault["column"] for fault in faults}
    assert "claim strike-date" in named
    assert "claim working-share" not in named
    assert all("left open" in fault["found"] for fault in faults)


def test_wrong_usage_is_exit_two(run):
    """An unknown option is wrong usage."""
    assert run("claims", "--sides").code == 2
