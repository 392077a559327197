"""Scores of what is read in the test documents against answers written by hand."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tideover.documents.page import read_pages
from tideover.documents.proposal import Proposal, read

HERE = Path(__file__).resolve().parent / "documents"
FOLDERS = {
    "Texts on which the rules were written": HERE,
    "Texts written afterwards, never used to change the rules": HERE / "held_out",
}


@dataclass(frozen=True)
class Score:
    """Statements said, proposals found, those that are right; of these, with the right side and bounds."""

    said: int = 0
    found: int = 0
    right: int = 0
    recalled: int = 0
    side: int = 0
    bounds: int = 0

    def __add__(self, other: Score) -> Score:
        names = ("said", "found", "right", "recalled", "side", "bounds")
        return Score(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def precision(self) -> float:
        """The part of the proposals that is right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The part of the statements that was found."""
        return self.recalled / self.said if self.said else 1.0

    def line(self) -> str:
        """The score as columns of a table."""
        sides, bounds = (
            f"{part / self.right:.0%}" if self.right else "-" for part in (self.side, self.bounds)
        )
        counts = f"{self.said:>6}{self.found:>7}{self.right:>7}"
        return f"{counts}{self.precision:>11.0%}{self.recall:>8.0%}{sides:>7}{bounds:>8}"


def texts(folder: Path) -> list[Path]:
    """Return the documents of a folder that have answers beside them."""
    return sorted(path for path in folder.glob("*.*") if path.suffix in {".txt", ".html"})


def answers(path: Path) -> list[dict[str, Any]]:
    """Return what a document says, as written by hand beside it."""
    return list(tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))["claims"])


def score_text(path: Path) -> tuple[dict[str, Score], list[str], list[str]]:
    """Return the score of a document by kind, the wrong proposals and the missed statements in words."""
    page = read_pages([path])[0]
    proposals = list(read(page).proposals)
    said = answers(path)
    places = [_place(page.text, each["at"], path) for each in said]
    taken: dict[int, int] = {}
    for number, proposal in enumerate(proposals):
        for index, answer in enumerate(said):
            if index not in taken.values() and _same(proposal, answer) and _in_quote(proposal, places[index]):
                taken[number] = index
                break
    # the same statement told again by the same side is joined to the first: it counts as found
    again = {
        index
        for index, answer in enumerate(said)
        if index not in taken.values()
        and any(_same(p, answer) and _in_quote(p, places[index]) for p in proposals)
    }
    scores: dict[str, Score] = {}
    for index, answer in enumerate(said):
        hit = index in taken.values() or index in again
        scores[answer["kind"]] = scores.get(answer["kind"], Score()) + Score(said=1, recalled=int(hit))
    wrong = []
    for number, proposal in enumerate(proposals):
        kind = proposal.finding.kind
        if number in taken:
            answer = said[taken[number]]
            side, bounds = answer["side"] == proposal.speaker.side, _bounds(proposal, answer)
            scores[kind] = scores.get(kind, Score()) + Score(
                found=1, right=1, side=int(side), bounds=int(bounds)
            )
            if not side:
                wrong.append(f"side {proposal.speaker} for {answer['side']}: {_words(proposal)}")
            if not bounds:
                wrong.append(f"bounds {proposal.finding.low} {proposal.finding.high}: {_words(proposal)}")
        else:
            scores[kind] = scores.get(kind, Score()) + Score(found=1)
            wrong.append(_words(proposal))
    missed = [
        f"{a['kind']} {a['value']} {a.get('event', '')} at {a['at']!r}"
        for i, a in enumerate(said)
        if i not in taken.values() and i not in again
    ]
    return scores, wrong, missed


def _words(proposal: Proposal) -> str:
    found = proposal.finding
    quote = " ".join(proposal.quote.split())[:150]
    return f"{found.kind} {found.value} {found.unit} {found.event} {found.noun!r} in {quote!r}"


def _place(text: str, words: str, path: Path) -> int:
    plain = text.replace("\u00a0", " ")
    place = plain.find(words)
    assert place >= 0, f"{path.name} does not hold {words!r}"
    return place


def _in_quote(proposal: Proposal, place: int) -> bool:
    spans = [(proposal.quote_start, proposal.quote_end), *proposal.also]
    return any(start <= place < end for start, end in spans)


def _same(proposal: Proposal, answer: dict[str, Any]) -> bool:
    found = proposal.finding
    if found.kind != answer["kind"]:
        return False
    value = answer["value"]
    if found.kind == "date":
        return found.value == value and found.event == answer["event"]
    if found.kind == "place":
        return isinstance(found.value, tuple) and list(found.value) == value
    unit = answer.get("unit")
    assert isinstance(found.value, int | float)
    return abs(found.value - value) < 1e-6 * max(1, abs(value)) and (
        unit is None or found.unit.split("/")[0] == unit
    )


def _bounds(proposal: Proposal, answer: dict[str, Any]) -> bool:
    """Return whether the bounds that were written by hand are those that were read."""
    found = proposal.finding
    return all(getattr(found, name) == answer[name] for name in ("low", "high") if name in answer)
