"""The verdict on one plan, and the list of differences while it grows."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

#: How many differences a verdict shows in all, and how many of one topic; the rest is counted.
SHOWN = 20
SHOWN_OF_ONE_TOPIC = 5

#: What a verdict does not speak about; printed with it, so that nobody reads more into it.
SCOPE = (
    "Made again from the inputs: who is seen, affected and booked, which sites open, every rule and cost "
    "term, the totals, and the bound of every level. The bound holds however posts are sent to the sites of "
    "their pool, given this policy, these changes, these pins, and what patients were told: "
    "told.parquet, which is held against the previous plan only while that is there. A morning's "
    "cover is taken as stated, and summed again only from the file of what is held. "
    "Of the minimum safe cover: that its sessions are enough for the urgent visits, and its bounds. "
    "Not checked: the first-come figures, what becomes of other visits with safe cover, the shares, the "
    "tried days, the visits booked later, the notes, the scorecard, the order and texts of calls.csv, the "
    "report, and whether the book or the matrix of journeys is true; the matrix is held against one's own "
    "with --travel. "
    "The readers, the changes and the formula of the distance are the planner's own code."
)


@dataclass(frozen=True)
class Verdict:
    """What checking one plan folder found.

    ``cost``, ``bound`` and ``gap`` (share of the cost) are those recomputed here, ``None`` where a
    difference stood in the way. ``differences`` are sentences: where, found, expected; ``scope`` says what
    was checked and what was not. ``kind`` is that of the plan: ``strike``, or ``shared`` for an instance
    without people, which has a ``fingerprint`` (the SHA-256 of its plan.json) and a ``warning``.
    """

    path: str
    ok: bool
    cost: int | None
    bound: int | None
    gap: float | None
    differences: tuple[str, ...]
    scope: str = SCOPE
    kind: str = "strike"
    fingerprint: str | None = None
    warning: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        return asdict(self) | {"differences": list(self.differences)}


class Findings:
    """The differences found so far; all are counted, the first of each topic are kept."""

    def __init__(self) -> None:
        self._kept: dict[str, list[str]] = {}
        self._counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._counts.total()

    def add(self, topic: str, sentence: str) -> None:
        """Enter one difference under its topic."""
        self._counts[topic] += 1
        kept = self._kept.setdefault(topic, [])
        if len(kept) < SHOWN_OF_ONE_TOPIC:
            kept.append(sentence)

    def compare(self, topic: str, where: str, found: Any, expected: Any) -> bool:
        """Enter a difference if ``found`` is not ``expected``, and say whether they were the same."""
        same = type(found) is type(expected) and bool(found == expected)
        if not same:
            self.add(topic, f"{where}: found {_said(found)}; expected {_said(expected)}")
        return same

    def sentences(self) -> tuple[str, ...]:
        """Return the differences to show, and a last line that counts those left out."""
        shown: list[str] = []
        for topic, kept in self._kept.items():
            more = self._counts[topic] - len(kept)
            last = f" (and {more:,} more about: {topic})" if more else ""
            # a lone surrogate out of a damaged file could not be printed
            shown += [text.encode("utf-8", "replace").decode() for text in (*kept[:-1], kept[-1] + last)]
        if len(shown) > SHOWN:
            return (*shown[:SHOWN], f"the first {SHOWN} of {len(self):,} differences are listed")
        return tuple(shown)


def _said(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 120 else text[:117] + "..."
