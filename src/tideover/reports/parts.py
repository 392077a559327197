"""What a page is made of: tables and figures, as values that the template writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tideover.reports import svg, words

#: A cell of a table: plain words, or a small drawing.
Cell = str | Markup

#: What may happen to a visit, as charts and tables join it; every fill has its own pattern.
OUTCOMES = ("stand", "another_site", "standby", "moved", "video", "urgent_care", "waitlist")
#: Where a visit that does not keep its time may go.
PLACES = ("own_clinician", "another_clinician", "another_clinic", "video", "urgent_care")


@dataclass(frozen=True)
class Table:
    """A table: the first cell of a row is its heading; the columns in ``text`` are aligned left."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    text: frozenset[int] = frozenset({0})

    def fold(self, first: int) -> tuple[Table, Table | None]:
        """Return the first rows, and the rest where there is any."""
        if len(self.rows) <= first + 3:  # three rows are not worth a fold
            return self, None
        rest = Table(f"{self.caption} (continued)", self.heads, self.rows[first:], self.text)
        return Table(self.caption, self.heads, self.rows[:first], self.text), rest


@dataclass(frozen=True)
class Figure:
    """A chart for wide and one for narrow screens, its legend, and the table with the same numbers."""

    heading: str
    wide: Markup
    narrow: Markup
    table: Table
    legend: tuple[tuple[Markup, str], ...]
    table_folded: bool = False


def legend(fills: Sequence[str]) -> tuple[tuple[Markup, str], ...]:
    """Return the legend of ``fills``: each swatch with its words."""
    return tuple((svg.swatch(fill), words.OPTION_WORDS[fill]) for fill in fills)


def parts_of(counts: dict[str, int], kinds: Sequence[str] = OUTCOMES) -> tuple[svg.Part, ...]:
    """Return the parts of a bar from counts by outcome."""
    return tuple(svg.Part(kind, counts.get(kind, 0), words.OPTION_WORDS[kind]) for kind in kinds)
