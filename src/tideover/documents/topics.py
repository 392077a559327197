"""Topics: which question a statement answers, by the words around it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from tideover.documents.finding import Finding
from tideover.documents.lexicon import Pattern, whole_words
from tideover.documents.proposal import Proposal

#: Letters to each side of a statement that count as its clause, at most.
_CLAUSE = 75
_FALL = re.compile(
    r"\b(?:lower\w*|less|cuts?|cutting|reduc\w+|decreas\w+|lose|loses|drop\w*|fall\w*|fell|below)\b",
    re.IGNORECASE,
)
_RISE = re.compile(r"\b(?:raises?|rise\w*|rose|increas\w+|higher|more|gain\w*|bump)\b", re.IGNORECASE)
_LISTS = ("near", "sentence", "never", "before")


@dataclass(frozen=True)
class Topic:
    """One question: the statements that answer it, by kind, event and words."""

    id: str
    question: str
    unit: str
    kinds: frozenset[str]
    events: frozenset[str]
    words: dict[str, Pattern | None] = field(default_factory=dict)
    noun: Pattern | None = None
    value: Pattern | None = None
    at_most: float = float("inf")
    sign: int = 1
    also: tuple[str, ...] = ()
    both: bool = False
    partial: bool = False


@cache
def topics() -> tuple[Topic, ...]:
    """Return the topics that ship with Tideover, in the order in which they are tried."""
    page = tomllib.loads((files(__package__) / "topics.toml").read_text(encoding="utf-8"))
    return tuple(_topic(given) for given in page["topic"])


def _topic(given: dict[str, Any]) -> Topic:
    return Topic(
        id=given["id"],
        question=given["question"],
        unit=given["unit"],
        kinds=frozenset(given["kind"]),
        events=frozenset(given.get("event", ())),
        words={name: whole_words(given[name]) if given.get(name) else None for name in _LISTS},
        noun=re.compile(given["noun"], re.IGNORECASE) if "noun" in given else None,
        value=re.compile(given["value"], re.IGNORECASE) if "value" in given else None,
        at_most=given.get("at_most", float("inf")),
        sign=given.get("sign", 1),
        also=tuple(given.get("also", ())),
        both=given.get("both", False),
        partial=given.get("partial", False),
    )


def topic_of(proposal: Proposal) -> Topic | None:
    """Return the first topic whose words fit a proposal, or ``None``."""
    return next((topic for topic in topics() if _fits(topic, proposal)), None)


def fall(proposal: Proposal) -> int:
    """Return -1 where the words nearest a percentage make it a fall, else 1."""
    clause, place = _clause(proposal)
    nearest = {
        sign: min((abs(match.start() - place) for match in pattern.finditer(clause)), default=10**6)
        for sign, pattern in ((-1, _FALL), (1, _RISE))
    }
    return -1 if nearest[-1] < nearest[1] else 1


def _fits(topic: Topic, proposal: Proposal) -> bool:
    found = proposal.finding
    if found.kind not in topic.kinds or (topic.events and found.event not in topic.events):
        return False
    if not _value_fits(topic, found):
        return False
    clause, place = _clause(proposal)
    words = topic.words
    before = words["before"]
    if before is not None and not re.search(rf"{before.pattern}[^;]{{0,40}}$", clause[:place], re.IGNORECASE):
        return False
    never = words["never"]
    if never is not None and never.search(clause):
        return False
    if topic.partial and not re.match(r"[\w,.-]+ of (?:our|its|the)\b", clause[place:]):
        return False
    near, sentence = words["near"], words["sentence"]
    hits = [near.search(clause) is not None] if near is not None else []
    hits += [sentence.search(proposal.quote) is not None] if sentence is not None else []
    return not hits or (all(hits) if topic.both or topic.partial else any(hits))


def _value_fits(topic: Topic, found: Finding) -> bool:
    if topic.noun is not None and not topic.noun.fullmatch(found.noun):
        return False
    if isinstance(found.value, tuple):
        return topic.value is None or all(topic.value.fullmatch(name) for name in found.value)
    return not isinstance(found.value, int | float) or found.value <= topic.at_most


def _clause(proposal: Proposal) -> tuple[str, int]:
    """Return the words around a statement in its sentence, and where among them it begins."""
    place = proposal.finding.start - proposal.quote_start
    end = proposal.finding.end - proposal.quote_start
    first, last = max(0, place - _CLAUSE), min(len(proposal.quote), end + _CLAUSE)
    before = re.split(r"[;—]|, (?:and|while|but) | and (?:will|plans|is|are) ", proposal.quote[first:place])[
        -1
    ]
    after = re.split(
        r"[;—]|, (?:and|while|but|an increase) | and (?:will|plans|is|are) ", proposal.quote[end:last]
    )[0]
    clause = before + proposal.quote[place:end] + after
    return " ".join(clause.split("\n")), len(before)
