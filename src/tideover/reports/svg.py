"""Charts as SVG text, drawn by pure functions: no script, no style sheet, nothing fetched.

Every fill has a pattern of its own, so that colour never carries meaning alone. Patterns are drawn once
per page (``patterns``) and referred to by name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from tideover.reports.shapes import GRID, INK, PAPER, QUIET, chart, line, px, rect, text

_LETTER = 7.1  # width of a letter at 13 px, a little generous


@dataclass(frozen=True)
class Fill:
    """How one kind of thing is drawn: its colour, the strokes of its pattern, the ink that reads on it.

    Fills too pale to be told from paper have an ``edge``.
    """

    name: str
    colour: str
    strokes: str
    ink: str
    edge: str | None = None

    @property
    def paint(self) -> str:
        """The value of the ``fill`` attribute."""
        return f"url(#fill-{self.name})" if self.strokes else self.colour


_DIAGONAL = '<path d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4" stroke="#1f5a85" stroke-width="1.6"/>'
_SLOPES = '<path d="M0,6 l4,-4 l4,4" fill="none" stroke="#e8f1f8" stroke-width="1.2"/>'
_DOTS = '<circle cx="2" cy="2" r="1.1" fill="#6d4a12"/><circle cx="6" cy="6" r="1.1" fill="#6d4a12"/>'
_LEVEL = '<path d="M0,2 h8 M0,6 h8" stroke="#ffd9a8" stroke-width="1.2"/>'
_UPRIGHT = '<path d="M2,0 v8 M6,0 v8" stroke="#1d6b58" stroke-width="1.2"/>'
_RINGS = '<circle cx="4" cy="4" r="2.2" fill="none" stroke="#7b3f78" stroke-width="1.2"/>'
_CROSSES = '<path d="M0,0 l8,8 M8,0 l-8,8" stroke="#8a8f94" stroke-width="1"/>'

#: The fills of the options of a plan; blue, ochre and grey stay apart for the common colour blindnesses.
FILLS = {
    fill.name: fill
    for fill in (
        Fill("stand", "#1f5a85", "", "#ffffff"),
        Fill("another_site", "#5d93bb", _SLOPES, INK),
        Fill("standby", "#c9deec", _DIAGONAL, INK),
        Fill("moved", "#e5a93c", "", INK),
        Fill("own_clinician", "#e5a93c", "", INK),
        Fill("another_clinician", "#f6deac", _DOTS, INK),
        Fill("another_clinic", "#a85a12", _LEVEL, "#ffffff"),
        Fill("video", "#c4e6dc", _UPRIGHT, INK),
        Fill("urgent_care", "#efd9ee", _RINGS, INK),
        Fill("waitlist", "#32383d", _CROSSES, "#ffffff"),
        Fill("booked", "#e4e1d9", "", INK, QUIET),
    )
}


@dataclass(frozen=True)
class Part:
    """A piece of a bar: the name of its fill, its value (not negative), and what it is called."""

    fill: str
    value: float
    words: str


@dataclass(frozen=True)
class Bar:
    """A bar of parts with its label.

    ``note`` stands behind or above it, ``mark`` draws a level across it, ``band`` shades its place and
    names why.
    """

    label: str
    parts: tuple[Part, ...]
    note: str = ""
    mark: float | None = None
    band: str = ""

    @property
    def total(self) -> float:
        """The sum of the parts."""
        return sum(part.value for part in self.parts)


def patterns() -> Markup:
    """Return the hidden drawing that holds every pattern; a page includes it once, before any chart."""
    made = Markup("").join(
        Markup(  # noqa: S704 (fixed strings of this module)
            f'<pattern id="fill-{fill.name}" width="8" height="8" patternUnits="userSpaceOnUse">'
            f'<rect width="8" height="8" fill="{fill.colour}"/>{fill.strokes}</pattern>'
        )
        for fill in FILLS.values()
        if fill.strokes
    )
    hidden = Markup(
        '<svg width="0" height="0" aria-hidden="true" focusable="false" class="defs"><defs>{}</defs></svg>'
    )
    return hidden.format(made)


def swatch(fill: str) -> Markup:
    """Return the small square that a legend shows for ``fill``."""
    frame = Markup('<svg width="16" height="16" aria-hidden="true" focusable="false">{}</svg>')
    return frame.format(rect(0.5, 0.5, 15, 15, paint=FILLS[fill].paint, stroke=QUIET))


def level_swatch() -> Markup:
    """Return what a legend shows for the level that ``Bar.mark`` draws."""
    frame = Markup('<svg width="16" height="16" aria-hidden="true" focusable="false">{}</svg>')
    return frame.format(line(0, 8, 16, 8, ink=INK, thick=2.5))


def bar(parts: Sequence[Part], total: float, title: str, *, width: int = 120, height: int = 14) -> Markup:
    """Return one small bar of ``parts`` drawn to the scale in which ``total`` fills the whole width."""
    scale = width / total if total else 0.0
    drawn, x = [], 0.0
    for part in parts:
        drawn.append(rect(x, 0, part.value * scale, height, paint=FILLS[part.fill].paint))
        x += part.value * scale
    frame = Markup(
        '<svg role="img" width="{w}" height="{h}" viewBox="0 0 {w} {h}" class="mini">'
        "<title>{t}</title>{d}</svg>"
    )
    return frame.format(w=width, h=height, t=title, d=Markup("").join(drawn))


def stacked_bars(
    bars: Sequence[Bar], *, title: str, desc: str, key: str, width: int, label_width: int
) -> Markup:
    """Return horizontal bars, each filling the width, so that they compare shares; notes stand behind them.

    Parts wide enough carry their value. ``key`` makes the identifiers of title and description unique.
    """
    row, thick = 38, 26
    room = max((len(each.note) for each in bars), default=0) * _LETTER + 10
    length = width - label_width - room
    drawn: list[Markup] = []
    for index, each in enumerate(bars):
        y = index * row + 4
        drawn.append(text(label_width - 10, y + thick / 2 + 4.5, each.label, anchor="end"))
        drawn.extend(_pieces(each, label_width, y, length, thick))
        drawn.append(text(label_width + length + 10, y + thick / 2 + 4.5, each.note, ink=QUIET))
    return chart(drawn, title=title, desc=desc, key=key, width=width, height=len(bars) * row + 2)


def _pieces(each: Bar, x: float, y: float, length: float, thick: float) -> Iterator[Markup]:
    scale = length / each.total if each.total else 0.0
    for part in each.parts:
        wide = part.value * scale
        if wide <= 0:
            continue
        fill = FILLS[part.fill]
        # A gap of one pixel keeps neighbours apart for eyes that see no colours.
        yield rect(x, y, max(wide - 1, 0.8), thick, paint=fill.paint)
        words = f"{part.value:,.0f}"
        if wide > len(words) * _LETTER + 10:
            yield _label(x + wide / 2, y + thick / 2 + 4.5, words, fill)
        x += wide


def columns(
    bars: Sequence[Bar], *, title: str, desc: str, key: str, width: int, height: int = 250, unit: str = ""
) -> Markup:
    """Return upright bars over a common scale with a grid; marks are drawn across, notes stand above.

    Labels below are thinned out evenly until they fit. ``unit`` names the scale.
    """
    top = max([each.total for each in bars] + [each.mark or 0.0 for each in bars], default=0.0)
    ticks = _ticks(top)
    left, upper, lower = 10 + _LETTER * max(len(f"{tick:,g}") for tick in ticks), 34.0, height - 30.0
    scale = (lower - upper) / ticks[-1]
    step = (width - left - 4) / max(len(bars), 1)
    drawn = [text(0, 12, unit, ink=QUIET)] if unit else []
    drawn.extend(_bands(bars, left + 2, step, upper, lower))
    for tick in ticks:
        y = lower - tick * scale
        drawn.append(line(left, y, width, y, ink=GRID if tick else QUIET))
        drawn.append(text(left - 6, y + 4.5, f"{tick:,g}", anchor="end", ink=QUIET))
    every = _every([each.label for each in bars], step)
    for index, each in enumerate(bars):
        x = left + 2 + index * step
        drawn.extend(_column(each, x, step, lower, scale))
        if index % every == 0:
            drawn.append(text(x + step / 2, height - 10, each.label, anchor="middle"))
    return chart(drawn, title=title, desc=desc, key=key, width=width, height=height)


def _bands(bars: Sequence[Bar], left: float, step: float, upper: float, lower: float) -> Iterator[Markup]:
    named = ""
    for index, each in enumerate(bars):
        if each.band:
            wide, middle = min(step, 72.0), left + (index + 0.5) * step
            yield rect(middle - wide / 2, upper, wide, lower - upper, paint="#efe6d2")
            if each.band != named:  # neighbours share one name
                yield text(middle, upper - 5, each.band, anchor="middle")
        named = each.band


def _column(each: Bar, x: float, step: float, lower: float, scale: float) -> Iterator[Markup]:
    thick, y = min(step * 0.78, 64.0), lower
    x += (step - thick) / 2
    for part in each.parts:
        tall = part.value * scale
        if tall > 0:
            fill = FILLS[part.fill]
            yield rect(x, y - tall, thick, max(tall - 1, 0.8), paint=fill.paint, stroke=fill.edge)
        y -= tall
    if each.mark is not None:
        level = lower - each.mark * scale
        # Paper on both sides keeps the level visible on dark parts.
        yield line(x - 4, level, x + thick + 4, level, ink=PAPER, thick=6)
        yield line(x - 4, level, x + thick + 4, level, ink=INK, thick=2.5)
    if each.note:
        yield text(x + thick / 2, y - 6, each.note, anchor="middle", bold=True)


def _ticks(top: float) -> list[float]:
    """Return three to six round numbers from 0 to at least ``top``."""
    if top <= 0:
        return [0.0, 1.0]
    raw = top / 4
    power = 10 ** math.floor(math.log10(raw))
    size = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)
    size = max(size, 1.0) if top >= 1 else size
    return [index * size for index in range(math.ceil(top / size - 1e-9) + 1)]


def _every(labels: Sequence[str], step: float) -> int:
    longest = max((len(label) for label in labels), default=0) * _LETTER + 8
    return max(1, math.ceil(longest / step)) if step else 1


def _label(x: float, y: float, words: str, fill: Fill) -> Markup:
    """Return a value on a part; on a pattern it gets a halo, or the strokes would run through it."""
    halo = Markup("")
    if fill.strokes:
        halo = Markup(' stroke="{}" stroke-width="5" paint-order="stroke" stroke-linejoin="round"').format(
            fill.colour
        )
    shape = Markup('<text x="{}" y="{}" text-anchor="middle" fill="{}"{}>{}</text>')
    return shape.format(px(x), px(y), fill.ink, halo, escape(words))
