"""Tracing: the claims that a result says it rests on are those that are looked up for it, and no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from case_factory import CLOSING, small_case
from tideover.cases import Case, CaseResult, read_case, run_case
from tideover.cases.budget import Cuts, run_budget
from tideover.cases.offer import HISTORY, run_offers
from tideover.cases.offer import Asked as OffersAsked
from tideover.claims import Answer, Ledger, Reading, alternatives, read_ledger, read_reading
from tideover.reports.case_folder import write_case

LEDGER = read_ledger()
OFFERS = [Path("illustrative-minus-5"), Path("illustrative-demand")]


class Without(Reading):
    """A reading that has lost one claim: whatever looks it up fails, recorded or not."""

    lost = ""

    def answer(self, claim_id: str) -> Answer:
        """Return the answer, unless it is of the lost claim."""
        if claim_id == self.lost:
            raise LookupError(claim_id)
        return super().answer(claim_id)


def needed(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[Reading], object], ledger: Ledger = LEDGER
) -> set[str]:
    """Return every claim of the ledger without which ``make`` fails, each taken away by itself."""
    found = set()
    base = read_reading("literature", ledger)
    for claim in ledger:
        monkeypatch.setattr(Without, "lost", claim.id)
        try:
            make(Without(base.id, base.title, base.order, ledger))
        except LookupError:
            found.add(claim.id)
    return found


def ids(answers: Iterable[Answer]) -> set[str]:
    """Return the ids of the claims of some answers."""
    return {answer.claim.id for answer in answers}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[CaseResult, Path]:
    """The small case with a strike, a closing, both and offers, and the folder of its results."""
    base = tmp_path_factory.mktemp("traced")
    case = read_case(str(small_case(base, more=CLOSING)))
    folder = base / "out"
    folder.mkdir()
    return run_case(case, read_reading("literature", LEDGER), folder, str(folder / "network"), len), folder


@pytest.fixture(scope="module")
def pages(run: tuple[CaseResult, Path]) -> Path:
    """The folder with the pages of the small case."""
    write_case(run[0], run[1])
    return run[1]


def of_case(case: Case) -> set[str]:
    """Return the claims that the inputs of a case record."""
    inputs = case.under(read_reading("literature", case.ledger))
    return ids(inputs.rests_on(*inputs.asked))


@pytest.mark.parametrize("name", ["small", "twin-cities-2025", "northland-2025"])
def test_inputs_record_every_claim_that_they_need(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Each claim of the ledger taken away in turn: the inputs fail for those recorded, and for no other."""
    case = read_case(str(small_case(tmp_path, more=CLOSING)) if name == "small" else name)
    noted = {"unit-roles"} if of_case(case) & {"unit-roles"} else set()
    assert needed(monkeypatch, case.under, case.ledger) | noted == of_case(case)


def test_a_scenario_records_its_own_claims_alone(run: tuple[CaseResult, Path]):
    """By hand: the date of the closing is nothing to the strike, nor the share worked to the closing."""
    result = run[0]
    strike, closing, both = (ids(result.rests_on("plan", stage)) for stage in result.case.stages)
    assert both - strike == {"clinics-closed-on"}
    assert strike - both == set()
    assert {"working-share", "strike-date", "detour-factor"} <= strike
    closing = ids(result.rests_on("transfers", result.case.stages[1]))
    assert "last-closure-on" in closing
    assert not closing & {"working-share", "strike-date", "clinics-closed-on", "no-shows"}
    assert ids(result.rests_on("plan")) == strike | both


def test_plans_say_the_claims_of_their_scenario(run: tuple[CaseResult, Path]):
    """plan.json holds what the scenario records, tried days included where they are tried."""
    result = run[0]
    for outcome in result.outcomes:
        if outcome.result is not None:
            facts, days = outcome.result.plan.facts, outcome.result.plan.facts["days"]
            expected = result.rests_on("plan" if days is None else "days", outcome.stage)
        else:
            assert outcome.closing is not None
            facts, expected = outcome.closing.facts, result.rests_on("transfers", outcome.stage)
        assert {claim["id"] for claim in facts["reading"]["claims"]} == ids(expected)


def test_a_recorded_claim_moves_its_scenario_and_no_other_does(run: tuple[CaseResult, Path]):
    """Each claim exchanged for each other answer: changes, policy, network move for recorded ones alone."""
    result = run[0]
    base, case = result.reading, result.case
    for stage in case.stages:
        recorded = ids(result.rests_on(stage.part, stage))
        moved = set()
        for claim in LEDGER:
            if not claim.affects:
                continue
            for entry in alternatives(base.answer(claim.id)):
                other = case.under(base.exchanged(claim.id, entry))
                policies = [(one.transfers if stage.closes else one.policy) for one in (other, result.inputs)]
                same = other.changes[stage.id] == result.inputs.changes[stage.id]
                same = same and policies[0] == policies[1] and other.recipe == result.inputs.recipe
                moved |= set() if same else {claim.id}
        assert moved <= recorded
        several = {name for name in recorded if alternatives(base.answer(name))}
        assert several - moved <= {"no-shows", "walk-ins", "daily-rest", "unit-roles"}


@pytest.mark.slow
def test_offers_and_budget_record_what_they_need(
    run: tuple[CaseResult, Path], monkeypatch: pytest.MonkeyPatch
):
    """Each claim of the ledger taken away in turn; what is told of history stands on the page of offers."""
    network = run[1] / "network"
    asked = OffersAsked(network, OFFERS)
    paid = ids(run_offers(asked, read_reading("literature", LEDGER)).reading.asked)
    lost = needed(monkeypatch, lambda reading: run_offers(asked, reading))
    assert lost == paid | set(HISTORY)
    assert ids(run[0].rests_on("offers")) - {"synthetic-fill"} == paid
    cuts = Cuts({"medicaid": 0.1}, {})
    told = run_budget(asked, cuts, read_reading("literature", LEDGER))
    assert needed(monkeypatch, lambda reading: run_budget(asked, cuts, reading)) - set(HISTORY) == ids(
        told.reading.asked
    )


def test_nothing_is_looked_up_for_the_pages_that_no_result_records(
    run: tuple[CaseResult, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """While pages are written, a claim is shown only if a result or the timeline records it."""
    result = run[0]
    looked: set[str] = set()
    before = Reading.answer

    def spied(self: Reading, claim_id: str) -> Answer:
        """Note what is looked up."""
        looked.add(claim_id)
        return before(self, claim_id)

    monkeypatch.setattr(Reading, "answer", spied)
    write_case(result, tmp_path)
    recorded = {name for part in (*result.results, "timeline") for name in ids(result.rests_on(part))}
    assert looked <= recorded


#: Parts of the index that hold results; the others tell of claims themselves.
SECTIONS = {"follows", "keys", "timeline", "scorecard", "closings", "offers", "sites", "turns"}
#: Elements whose text is a name or words to type, no result.
NAMES = {"style", "code", "pre", "title", "th"}


class Traced(HTMLParser):
    """Numbers of a page that stand under no element whose title names claims, by section."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str, str]] = []
        self.bare: dict[str, list[str]] = {}
        self.seen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element with its id and title."""
        if tag not in {"br", "meta", "link", "img", "hr", "path", "rect", "line", "circle", "use", "polygon"}:
            known = dict(attrs)
            name = known.get("id") if tag == "section" else known.get("class")
            self.open.append((tag, name or "", known.get("title") or ""))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element of this name."""
        for at in reversed(range(len(self.open))):
            if self.open[at][0] == tag:
                del self.open[at:]
                return

    def handle_data(self, data: str) -> None:
        """Note a number without a trace."""
        if not re.search(r"\d", data) or any(tag in NAMES for tag, *_ in self.open):
            return
        self.seen += 1
        if not any(title.startswith("Rests on") for *_, title in self.open):
            section = next((name for _, name, _ in reversed(self.open) if name in SECTIONS), "top")
            self.bare.setdefault(section, []).append(data.strip())


def test_every_number_of_the_index_names_its_claims(pages: Path):
    """Hovering over any number of a result says on which claims it rests."""
    page = Traced()
    page.feed((pages / "index.html").read_text(encoding="utf-8"))
    page.bare.pop("top", None)
    assert page.bare == {}
    assert page.seen > 150


@pytest.mark.parametrize("name", ["strike/report.html", "closing/report.html", "offers/report.html"])
def test_every_number_of_a_report_names_its_claims(run: tuple[CaseResult, Path], pages: Path, name: str):
    """The reports of the case name the claims of their own result, and list them."""
    text = (pages / name).read_text(encoding="utf-8")
    page = Traced()
    page.feed(text)
    assert set(page.bare) <= {"top"}
    stage = next((one for one in run[0].case.stages if name.startswith(one.id)), None)
    result = "offers" if stage is None else "transfers" if stage.closes else "days"
    found = re.search(r'<main title="Rests on \d+ claims: ([^"]*)"', text)
    assert found is not None
    named = set(found.group(1).split(", "))
    expected = ids(run[0].rests_on(result, stage))
    assert named == (expected if stage is not None else (expected - {"synthetic-fill"}) | set(HISTORY))
