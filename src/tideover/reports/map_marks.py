"""Marks of maps: clinics by state, arrows, shades, and the legends that explain them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from markupsafe import Markup

from tideover.reports.ground import Floats
from tideover.reports.shapes import INK, PAPER, QUIET, px

#: What a clinic is on a map, and in a legend.
STATES = {
    "closed": "closes",
    "receiving": "receives people",
    "opening": "opens",
    "open": "stays open",
}
_BLUE, _OCHRE, _RED, _GREEN, LAND, EDGE = "#1f5a85", "#e5a93c", "#8f2410", "#1d6b58", "#f4f1ea", "#b9b4a6"
#: Arrows of people who move.
ARROW = "#a85a12"
#: Shades from near to far (or from little to much): lightness alone tells them apart.
SHADES = ("#e6f0f7", "#b9d3e6", "#7fb0d1", "#3f83b0", "#123f62")
#: Shades of what is lost, and what stands for areas of which nothing is told.
LOSSES = ("#fffdf8", "#f6deac", "#e5a93c", "#b86f14", "#6d3a05")
NOTHING = "#fbfaf7"


def clinic_legend(states: Iterable[str]) -> tuple[tuple[Markup, str], ...]:
    """Return swatch and words of each state of clinics that is there, in the order of ``STATES``."""
    there = set(states)
    frame = Markup('<svg width="18" height="16" aria-hidden="true" focusable="false">{}</svg>')
    return tuple(
        (frame.format(mark(9, 8, state, 1.0)), words) for state, words in STATES.items() if state in there
    )


def shade_legend(shades: Sequence[str], words: Sequence[str]) -> tuple[tuple[Markup, str], ...]:
    """Return swatch and words of each shade; the last one is hatched, as on the map."""
    frame = Markup(
        '<svg width="22" height="16" aria-hidden="true" focusable="false">'
        '<rect x=".5" y=".5" width="21" height="15" fill="{}" stroke="{}"/>{}</svg>'
    )
    hatch = Markup('<path d="M2,15 l13,-13 M9,15 l11,-11" stroke="{}" stroke-width="1.2"/>').format(PAPER)
    last = len(shades) - 1
    return tuple(
        (frame.format(shade, QUIET, hatch if at == last else Markup("")), word)
        for at, (shade, word) in enumerate(zip(shades, words, strict=True))
    )


def untold_swatch() -> Markup:
    """Return what a legend shows for areas of which nothing is told."""
    return Markup(
        '<svg width="22" height="16" aria-hidden="true" focusable="false">'
        '<rect x=".5" y=".5" width="21" height="15" fill="url(#untold)" stroke="{}"/></svg>'
    ).format(QUIET)


def hatching() -> Markup:
    """Return the hidden drawing of the patterns of maps, once in a page: darkest shade, and nothing told."""
    return Markup(
        '<svg width="0" height="0" aria-hidden="true" focusable="false" class="defs"><defs>'
        '<pattern id="hatched" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2" stroke="#ffffff" stroke-width="1"/></pattern>'
        '<pattern id="untold" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<rect width="6" height="6" fill="{}"/><circle cx="3" cy="3" r=".9" fill="#8a8f94"/></pattern>'
        "</defs></svg>"
    ).format(LAND)


def mark(x: float, y: float, state: str, size: float) -> Markup:
    """Return the mark of a clinic: a cross, a square, a triangle or a dot."""
    if state == "closed":
        arm = 5.5 * size
        there, back = px(2 * arm), px(-2 * arm)
        d = f"M{px(x - arm)},{px(y - arm)}l{there},{there}m0,{back}l{back},{there}"
        stroke = Markup('<path d="{}" stroke="{}" stroke-width="{}"/>')
        return stroke.format(d, PAPER, 7) + stroke.format(d, _RED, 3.4)
    if state == "receiving":
        side = 10 * size
        shape = Markup(
            '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" stroke-width="1.5"/>'
        )
        return shape.format(px(x - side / 2), px(y - side / 2), px(side), px(side), _OCHRE, INK)
    if state == "opening":
        up = 6 * size
        shape = Markup('<path d="M{},{}l{},{}h{}z" fill="{}" stroke="{}" stroke-width="1.5"/>')
        return shape.format(px(x), px(y - up), px(up), px(up * 1.7), px(-2 * up), _GREEN, PAPER)
    shape = Markup('<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="{}" stroke-width="1.5"/>')
    return shape.format(px(x), px(y), px(4.5 * size), _BLUE, PAPER)


def arrow(start: Floats, end: Floats, thick: float) -> tuple[Markup, tuple[float, float]]:
    """Return an arrow from start to end (pixels) bent to its left, and the middle of its bow."""
    away = end - start
    length = float(np.hypot(*away)) or 1.0
    along = away / length
    left = np.array([along[1], -along[0]])
    bend = start + away / 2 + left * length * 0.16
    head = max(7.0, thick * 1.9)
    tip = end - (end - bend) / (float(np.hypot(*(end - bend))) or 1.0) * 7
    into = (tip - bend) / (float(np.hypot(*(tip - bend))) or 1.0)
    base = tip - into * head
    side = np.array([into[1], -into[0]]) * head * 0.5
    shape = Markup(
        '<path d="M{}Q{} {}" fill="none" stroke="{c}" stroke-width="{w}" stroke-opacity=".82"/>'
        '<path d="M{}L{}L{}z" fill="{c}"/>'
    ).format(
        _at(start),
        _at(bend),
        _at(base),
        _at(tip),
        _at(base + side),
        _at(base - side),
        c=ARROW,
        w=px(thick),
    )
    middle = start * 0.25 + bend * 0.5 + tip * 0.25
    return shape, (float(middle[0]), float(middle[1]))


def _at(point: Floats) -> str:
    return f"{px(float(point[0]))},{px(float(point[1]))}"
