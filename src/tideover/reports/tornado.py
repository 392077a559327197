"""A tornado chart: how far each claim, exchanged by itself, moves one figure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tideover.reports.shapes import GRID, INK, QUIET, chart, line, rect, text

_LESS, _MORE = "#1f5a85", "#e5a93c"
_LETTER, _LINE, _THICK = 7.0, 17, 18


@dataclass(frozen=True)
class Swing:
    """What one claim does to a figure: the question, and the two ends with their answers."""

    question: str
    disputed: bool
    low: float
    high: float
    low_says: str
    high_says: str

    @property
    def width(self) -> float:
        """How far the figure moves."""
        return self.high - self.low


def draw(swings: Sequence[Swing], base: float, *, title: str, key: str, width: int) -> Markup:
    """Return the chart, the widest bar on top; the line is the figure under the case's own reading."""
    swings = sorted(swings, key=lambda one: -one.width)
    room = int((width - 4) / _LETTER)
    low, high = min([base, *(one.low for one in swings)]), max([base, *(one.high for one in swings)])
    edge = 58.0
    scale = (width - 2 * edge) / (high - low) if high > low else 0.0
    middle = edge + (base - low) * scale
    y, drawn = 34.0, []
    for one in swings:
        mark = " (disputed)" if one.disputed else ""
        for words in textwrap.wrap(f"{one.question}{mark}", room):
            drawn.append(text(0, y, words))
            y += _LINE
        left, right = edge + (one.low - low) * scale, edge + (one.high - low) * scale
        y -= 7
        drawn.append(rect(left, y, max(middle - left, 0), _THICK, paint=_LESS))
        drawn.append(rect(middle, y, max(right - middle, 0), _THICK, paint=_MORE))
        if one.low < base:
            drawn.append(text(left - 6, y + 13.5, _number(one.low), anchor="end"))
        if one.high > base:
            drawn.append(text(right + 6, y + 13.5, _number(one.high)))
        y += _THICK + 16
        for words in textwrap.wrap(_ends(one, base), room):
            drawn.append(text(0, y, words, ink=QUIET))
            y += _LINE
        y += 12
    base_line = line(middle, 22, middle, y - 10, ink=GRID, thick=2)
    top = text(min(max(middle, edge), width - edge), 14, f"here {_number(base)}", anchor="middle", bold=True,
               ink=INK)  # fmt: skip
    said = "; ".join(f"{one.question} {_number(one.low)} to {_number(one.high)}" for one in swings)
    return chart([base_line, top, *drawn], title=title, desc=said, key=key, width=width, height=y)


def _ends(one: Swing, base: float) -> str:
    parts = [
        f"{_number(value)}: {says}"
        for value, says in ((one.low, one.low_says), (one.high, one.high_says))
        if value != base
    ]
    return "; ".join(parts)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}"
