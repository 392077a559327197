"""The picture of the frontier: what packages are worth to both sides, no deal, and the named packages."""

from __future__ import annotations

import math

from markupsafe import Markup

from tideover.bargaining import Bargain
from tideover.bargaining.issues import SIDES
from tideover.reports.bargain_words import named
from tideover.reports.shapes import GRID, INK, PAPER, QUIET, chart, dot, line, rect, text

_WIDE, _TALL, _LEFT, _FOOT, _RIGHT = 680, 440, 64, 46, 20
_FRONT, _OPEN = "#1f5a85", "#a85a12"
_MILLION = 1_000_000


def frontier(found: Bargain) -> Markup:
    """Return the picture: both sides' worth in millions, the frontier as dots, named packages by letter."""
    marks = [(name, one) for name, one in named(found) if one is not None]
    floor = tuple(found.no_deal[side] / _MILLION for side in SIDES)
    points = [(a / _MILLION, b / _MILLION) for a, b in zip(found.frontier.a, found.frontier.b, strict=True)]
    placed = [tuple(one.worth[side] / _MILLION for side in SIDES) for _, one in marks]
    across, up = (_scale([each[at] for each in (*points, *placed, floor)], at) for at in (0, 1))
    drawn = [*_axes(across, up)]
    x, y = across.at(floor[0]), up.at(floor[1])
    top, right = 10, _WIDE - _RIGHT
    if x < right and y > top:
        drawn.append(rect(x, top, right - x, y - top, paint="#eef4f8"))
        drawn.append(text(right - 6, top + 16, "better for both", anchor="end", ink=QUIET))
    drawn += [
        line(x, top, x, _TALL - _FOOT, ink=_OPEN, thick=1.5),
        line(_LEFT, y, right, y, ink=_OPEN, thick=1.5),
    ]
    drawn.append(text(x + 4, _TALL - _FOOT - 6, "no deal", ink=_OPEN))
    drawn += [dot(across.at(a), up.at(b), 3, fill=_FRONT, stroke=_FRONT) for a, b in points]
    drawn += _letters([(across.at(a), up.at(b)) for a, b in placed])
    told = "; ".join(f"{name}: {a:.2f}, {b:.2f}" for (name, _), (a, b) in zip(marks, placed, strict=True))
    return chart(
        drawn,
        title="What packages are worth to both sides, millions a year",
        desc=f"Frontier of {len(points)} packages. No deal: {floor[0]:.2f}, {floor[1]:.2f}. {told}",
        key="frontier",
        width=_WIDE,
        height=_TALL,
    )


def _letters(places: list[tuple[float, float]]) -> list[Markup]:
    """Return a ring for each named package, with the letters of all that fall on one place."""
    by_place: dict[tuple[float, float], str] = {}
    for number, place in enumerate(places):
        key = (round(place[0]), round(place[1]))
        by_place[key] = by_place.get(key, "") + chr(ord("A") + number)
    drawn = []
    for (x, y), letters in by_place.items():
        drawn.append(dot(x, y, 5, fill=PAPER, stroke=INK))
        # what lies below and to the left of the frontier is empty
        drawn.append(text(x - 8, y + 17, letters, anchor="end", bold=True))
    return drawn


class _Axis:
    """A scale of one side's worth, with round steps."""

    def __init__(self, low: float, high: float, first: float, last: float) -> None:
        self.low, self.high, self.first, self.last = low, high, first, last

    def at(self, value: float) -> float:
        """Return where a value lies on the picture."""
        return self.first + (self.last - self.first) * (value - self.low) / (self.high - self.low)

    def steps(self) -> list[float]:
        """Return round values on the scale."""
        size = 10 ** math.floor(math.log10((self.high - self.low) / 10))
        size *= next(by for by in (1, 2, 5, 10, 20) if (self.high - self.low) / (size * by) <= 8)
        return [size * n for n in range(math.ceil(self.low / size), math.floor(self.high / size) + 1)]


def _scale(values: list[float], at: int) -> _Axis:
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or 1.0
    ends = (_LEFT, _WIDE - _RIGHT) if at == 0 else (_TALL - _FOOT, 10)
    return _Axis(low - room, high + room, *ends)


def _axes(across: _Axis, up: _Axis) -> list[Markup]:
    drawn = []
    for value in across.steps():
        x = across.at(value)
        drawn += [
            line(x, 10, x, _TALL - _FOOT, ink=GRID),
            text(x, _TALL - _FOOT + 16, f"{value:g}", anchor="middle", ink=QUIET),
        ]
    for value in up.steps():
        y = up.at(value)
        drawn += [
            line(_LEFT, y, _WIDE - _RIGHT, y, ink=GRID),
            text(_LEFT - 6, y + 4, f"{value:g}", anchor="end", ink=QUIET),
        ]
    drawn.append(text(_WIDE - _RIGHT, _TALL - 8, "worth to the employer, millions a year", anchor="end"))
    drawn.append(text(4, _TALL - 8, "up: worth to the union, millions a year"))
    return drawn
