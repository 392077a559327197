"""Labels on a map that do not run into each other: each in the first free place around its mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from tideover.reports.shapes import INK, PAPER, line, px

_LETTER, _LINE, _SIZE = 6.3, 14.0, 12
Box = tuple[float, float, float, float]


@dataclass
class Labels:
    """The free room of one drawing: boxes (left, top, right, bottom) that are taken, in pixels."""

    width: float
    height: float
    taken: list[Box] = field(default_factory=list)

    def take(self, x: float, y: float, radius: float) -> None:
        """Keep the room of a mark free of labels."""
        self.taken.append((x - radius, y - radius, x + radius, y + radius))

    def place(self, x: float, y: float, words: str, away: float, *, bold: bool = False) -> Markup:
        """Return the label beside (x, y), ``away`` from it; nothing where no place around it is free.

        A ``bold`` one looks further away too, and is then led to its mark by a line.
        """
        wide = len(words) * _LETTER * (1.06 if bold else 1.0)
        for far in (0.0, 14.0, 30.0, 48.0) if bold else (0.0,):
            for left, top in _around(x, y, wide, away + far):
                box = (left, top, left + wide, top + _LINE)
                if self._inside(box) and not any(_meet(box, other) for other in self.taken):
                    self.taken.append(box)
                    lead = _lead(x, y, box) if far else Markup("")
                    return lead + _words(left, top + _LINE - 3.5, words, bold=bold)
        return Markup("")

    def _inside(self, box: Box) -> bool:
        return box[0] >= 2 and box[1] >= 2 and box[2] <= self.width - 2 and box[3] <= self.height - 2


def _around(x: float, y: float, wide: float, away: float) -> Iterator[tuple[float, float]]:
    """Yield the left and top of a label right, left, above, below and at the corners of a mark."""
    middle = y - _LINE / 2
    yield x + away, middle
    yield x - away - wide, middle
    yield x - wide / 2, y - away - _LINE
    yield x - wide / 2, y + away
    for dx in (away * 0.7, -away * 0.7 - wide):
        yield x + dx, y - away * 0.7 - _LINE
        yield x + dx, y + away * 0.7


def _lead(x: float, y: float, box: Box) -> Markup:
    """Return a thin line from a mark to the nearest point of its label."""
    end = min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])
    return line(x, y, *end, ink=INK, thick=0.8)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _words(x: float, y: float, words: str, *, bold: bool) -> Markup:
    shape = Markup(
        '<text x="{}" y="{}" font-size="{}" fill="{}" stroke="{}" stroke-width="3.5" stroke-linejoin="round" '
        'paint-order="stroke"{}>{}</text>'
    )
    weight = Markup(' font-weight="650"') if bold else Markup("")
    return shape.format(px(x), px(y), _SIZE, INK, PAPER, weight, escape(words))
