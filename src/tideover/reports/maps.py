"""Maps drawn on the server: clinics, who moves where, access by area. One plane, no tiles, nothing fetched.

A report uses ``map_of_clinics``, ``map_of_moves`` and ``map_of_access``, each for a wide and a narrow
screen, with the ``ground_of`` its areas, and ``clinic_legend`` or ``shade_legend`` beside them. What differs
in colour differs in shape or in lightness too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from tideover.reports.ground import Floats, Ground, Plane
from tideover.reports.labels import Labels
from tideover.reports.shapes import INK, PAPER, QUIET, chart, line, px, text

#: What a clinic is on a map, and in a legend.
STATES = {
    "closed": "closes",
    "receiving": "receives people",
    "opening": "opens",
    "open": "stays open",
}
_BLUE, _OCHRE, _RED, _GREEN, _LAND, _EDGE = "#1f5a85", "#e5a93c", "#8f2410", "#1d6b58", "#f4f1ea", "#b9b4a6"
#: Shades from near to far (or from little to much): lightness alone tells them apart.
SHADES = ("#e6f0f7", "#b9d3e6", "#7fb0d1", "#3f83b0", "#123f62")
#: Shades of what is lost, and what stands for areas of which nothing is told.
LOSSES = ("#f1eee6", "#f6deac", "#e5a93c", "#b86f14", "#6d3a05")
NOTHING = "#fbfaf7"
_KM_PER_MILE = 1.609344
_SMALLEST_KM = 6.0


@dataclass(frozen=True)
class Site:
    """A clinic on the map: ``state`` is one of ``STATES``; people and name are for its label."""

    clinic_id: str
    name: str
    lat: float
    lon: float
    state: str = "open"


@dataclass(frozen=True)
class Move:
    """People who go from one clinic to another."""

    from_id: str
    to_id: str
    people: int


@dataclass(frozen=True)
class View:
    """A window on a plane: ``left`` and ``top`` in km, ``scale`` in pixels for each km, size in pixels."""

    plane: Plane
    left: float
    top: float
    scale: float
    width: float
    height: float

    @classmethod
    def on(cls, lat: Floats, lon: Floats, width: float, plane: Plane | None = None) -> View:
        """Return the window of this width that shows all places (n,), with room around them."""
        made = plane or Plane.around(lat, lon)
        at = made.km(lat, lon)
        low, high = at.min(axis=0), at.max(axis=0)
        size = np.maximum(high - low, _SMALLEST_KM) * 1.16
        height = float(np.clip(width * size[1] / size[0], 0.55 * width, 1.1 * width))
        scale = float(min(width / size[0], height / size[1]))
        middle = (low + high) / 2
        return cls(
            made,
            float(middle[0] - width / scale / 2),
            float(middle[1] + height / scale / 2),
            scale,
            width,
            height,
        )

    def pixels(self, km: Floats) -> Floats:
        """Return (n, 2) pixels of places in km; north is up."""
        return np.stack(
            ((km[..., 0] - self.left) * self.scale, (self.top - km[..., 1]) * self.scale), axis=-1
        )

    def at(self, lat: Sequence[float], lon: Sequence[float]) -> Floats:
        """Return (n, 2) pixels of places in degrees."""
        return self.pixels(self.plane.km(np.array(lat, np.float64), np.array(lon, np.float64)))

    def shows(self, pixels: Floats) -> bool:
        """Return whether the box around ``pixels`` (k, 2) is in the window, in part at least."""
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        return bool((high >= 0).all() and low[0] <= self.width and low[1] <= self.height)


def view_of(sites: Iterable[Site], width: float, ground: Ground | None = None) -> View:
    """Return the window of ``width`` pixels that shows these sites, on the plane of ``ground`` if any."""
    places = [(site.lat, site.lon) for site in sites]
    lat, lon = np.array(places, np.float64).T
    return View.on(lat, lon, width, None if ground is None else ground.plane)


def map_of_clinics(
    sites: Sequence[Site],
    ground: Ground | None,
    *,
    key: str,
    width: float,
    around: Sequence[Site] | None = None,
) -> Markup:
    """Return the clinics as a map of ``width`` pixels; ``around``: sites that fill the window (default all).

    Closing clinics and those that receive are named where there is room, the others where room is left; every
    mark says its name to a pointer. ``key`` makes identifiers unique on the page.
    """
    view = view_of(around or sites, width, ground)
    labels = Labels(view.width, view.height)
    drawn = [*_land(view, ground), *_marks(view, sites, labels), *_scale_bar(view)]
    desc = f"{_counted(sites)}. North is up. {_lines_told(ground)}"
    return _framed(drawn, view, key, "Map of the clinics", desc)


def map_of_moves(
    sites: Sequence[Site],
    moves: Sequence[Move],
    ground: Ground | None,
    *,
    key: str,
    width: float,
    around: Sequence[Site] | None = None,
    fewest: int,
) -> Markup:
    """Return who moves where: an arrow for each move, as wide as many people go, over the clinics.

    Moves of fewer than ``fewest`` people, or to or from a clinic that is no site here, are not drawn.
    Arrows of most people carry their number where there is room.
    """
    there = {site.clinic_id: site for site in sites}
    shown = [m for m in moves if m.people >= fewest and m.from_id in there and m.to_id in there]
    used = [there[name] for move in shown for name in (move.from_id, move.to_id)]
    view = view_of(around or used or sites, width, ground)
    labels = Labels(view.width, view.height)
    marks = list(_marks(view, sites, labels))
    drawn = [*_land(view, ground), *_arrows(view, there, shown, labels), *marks, *_scale_bar(view)]
    told = ", ".join(
        f"{move.people:,} from {there[move.from_id].name} to {there[move.to_id].name}"
        for move in sorted(shown, key=lambda move: -move.people)[:8]
    )
    desc = f"Arrows from clinic to clinic. Most people: {told or 'none'}. {_lines_told(ground)}"
    return _framed(drawn, view, key, "Map of who moves where", desc)


def map_of_access(
    shade: Sequence[int],
    shades: Sequence[str],
    sites: Sequence[Site],
    ground: Ground,
    *,
    key: str,
    width: float,
    title: str,
    desc: str,
    around: Sequence[Site] | None = None,
) -> Markup:
    """Return the areas of ``ground`` filled by ``shade``: a row of ``shades`` for each, -1: not told.

    The darkest shade is hatched too. Clinics are marked, closing ones named.
    """
    view = view_of(around or sites, width, ground)
    labels = Labels(view.width, view.height)
    drawn = [
        *_filled(view, ground, shade, shades),
        *_land(view, ground, over=True),
        *_marks(view, sites, labels, named=("closed",), small=True),
        *_scale_bar(view),
    ]
    return _framed(drawn, view, key, title, f"{desc} {_lines_told(ground)}")


def clinic_legend(states: Iterable[str]) -> tuple[tuple[Markup, str], ...]:
    """Return swatch and words of each state of clinics that is there, in the order of ``STATES``."""
    there = set(states)
    frame = Markup('<svg width="18" height="16" aria-hidden="true" focusable="false">{}</svg>')
    return tuple(
        (frame.format(_mark(9, 8, state, 1.0)), words) for state, words in STATES.items() if state in there
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


def _framed(drawn: Sequence[Markup], view: View, key: str, title: str, desc: str) -> Markup:
    frame = Markup('<rect x=".5" y=".5" width="{}" height="{}" fill="none" stroke="{}"/>').format(
        px(view.width - 1), px(view.height - 1), _EDGE
    )
    sea = Markup('<rect width="{}" height="{}" fill="{}"/>').format(px(view.width), px(view.height), NOTHING)
    return chart([sea, *drawn, frame], title=title, desc=desc, key=key, width=view.width, height=view.height)


def _land(view: View, ground: Ground | None, *, over: bool = False) -> Iterator[Markup]:
    """Yield the land (unless it is filled already: ``over``) and the lines on it."""
    if ground is None:
        return
    if not over:
        path = _cells(view, ground, range(len(ground.cells)))
        yield Markup('<path d="{}" fill="{}" stroke="{}"/>').format(path, _LAND, _LAND)
    for segments, ink, thick in (
        (ground.counties, _EDGE, 0.8),
        (ground.coast, QUIET, 1),
        (ground.states, QUIET, 1.8),
    ):
        path = _segments(view, segments)
        if path:
            shape = Markup('<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linecap="round"/>')
            yield shape.format(path, ink, px(thick))


def _filled(view: View, ground: Ground, shade: Sequence[int], shades: Sequence[str]) -> Iterator[Markup]:
    for number, colour in ((-1, _LAND), *enumerate(shades)):
        path = _cells(view, ground, [at for at, one in enumerate(shade) if one == number])
        if not path:
            continue
        yield Markup('<path d="{}" fill="{}" stroke="{}" stroke-width=".6"/>').format(path, colour, colour)
        if number == len(shades) - 1:
            yield Markup('<path d="{}" fill="url(#hatched)"/>').format(path)


def hatching() -> Markup:
    """Return the hidden drawing that holds the hatching of the darkest shade, once in a page."""
    return Markup(
        '<svg width="0" height="0" aria-hidden="true" focusable="false" class="defs"><defs>'
        '<pattern id="hatched" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2" '
        'stroke="#ffffff" stroke-width="1"/></pattern></defs></svg>'
    )


def _cells(view: View, ground: Ground, which: Iterable[int]) -> str:
    """Return the path of these cells, those outside the window left out."""
    made = []
    for at in which:
        corners = view.pixels(ground.cells[at])
        if view.shows(corners):
            steps = np.round(corners, 1)
            jumps = np.round(np.diff(steps, axis=0), 1)
            first = f"M{px(steps[0, 0])},{px(steps[0, 1])}l"
            made.append(first + " ".join(f"{px(x)},{px(y)}" for x, y in jumps) + "z")
    return "".join(made)


def _segments(view: View, segments: Floats) -> str:
    ends = view.pixels(segments.reshape(-1, 2, 2))
    return "".join(
        f"M{px(one[0])},{px(one[1])}L{px(other[0])},{px(other[1])}"
        for one, other in ends
        if view.shows(np.stack((one, other)))
    )


def _marks(
    view: View,
    sites: Sequence[Site],
    labels: Labels,
    *,
    named: Sequence[str] = tuple(STATES),
    small: bool = False,
) -> Iterator[Markup]:
    """Yield the marks, open clinics first so that closing ones lie on top, then the labels."""
    places = view.at([site.lat for site in sites], [site.lon for site in sites])
    seen = [
        (site, x, y) for site, (x, y) in zip(sites, places, strict=True) if view.shows(np.array([[x, y]]))
    ]
    size = (0.8 if small else 1.0) * (0.8 if view.width < 500 else 1.0)
    rank = list(STATES)
    for site, x, y in sorted(seen, key=lambda each: -rank.index(each[0].state)):
        labels.take(x, y, 7 * size)
        tip = Markup("<g><title>{}: {}</title>{}</g>")
        yield tip.format(site.name, STATES[site.state], _mark(x, y, site.state, size))
    for site, x, y in sorted(seen, key=lambda each: rank.index(each[0].state)):
        if site.state in named:
            yield labels.place(x, y, site.name, 9 * size, bold=site.state == "closed")


def _mark(x: float, y: float, state: str, size: float) -> Markup:
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


def _arrows(view: View, there: dict[str, Site], moves: Sequence[Move], labels: Labels) -> Iterator[Markup]:
    """Yield bent arrows, the widest first so that narrow ones lie on top, then numbers of most people."""
    most = max((move.people for move in moves), default=1)
    numbers = []
    for move in sorted(moves, key=lambda each: (-each.people, each.from_id, each.to_id)):
        one, other = there[move.from_id], there[move.to_id]
        start, end = view.at([one.lat, other.lat], [one.lon, other.lon])
        shape, middle = _arrow(start, end, 1.4 + 7.6 * move.people / most)
        tip = Markup("<g><title>{:,}: {} to {}</title>{}</g>")
        yield tip.format(move.people, one.name, other.name, shape)
        numbers.append((middle, move.people))
    for (x, y), people in numbers[:12]:
        yield labels.place(x, y, f"{people:,}", 4)


def _arrow(start: Floats, end: Floats, thick: float) -> tuple[Markup, tuple[float, float]]:
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
        c="#a85a12",
        w=px(thick),
    )
    middle = start * 0.25 + bend * 0.5 + tip * 0.25
    return shape, (float(middle[0]), float(middle[1]))


def _at(point: Floats) -> str:
    return f"{px(float(point[0]))},{px(float(point[1]))}"


def _scale_bar(view: View) -> Iterator[Markup]:
    """Yield a bar of a round number of kilometres, with the miles, at the lower left."""
    longest = view.width / view.scale / 4
    power = 10 ** math.floor(math.log10(longest))
    km = max(power * factor for factor in (1, 2, 5) if power * factor <= longest)
    x, y, wide = 12.0, view.height - 14.0, km * view.scale
    words = f"{km:g} km ({km / _KM_PER_MILE:.2g} mi)"
    room = Markup('<rect x="{}" y="{}" width="{}" height="30" fill="{}" fill-opacity=".85"/>')
    yield room.format(px(x - 6), px(y - 19), px(max(wide, len(words) * 6.6) + 14), PAPER)
    yield line(x, y, x + wide, y, ink=INK, thick=2)
    for end in (x, x + wide):
        yield line(end, y - 4, end, y + 4, ink=INK, thick=2)
    yield text(x, y - 6, words)


def _counted(sites: Sequence[Site]) -> str:
    parts = []
    for state, words in STATES.items():
        names = [site.name for site in sites if site.state == state]
        if names:
            listed = f": {', '.join(names)}" if state != "open" and len(names) <= 12 else ""
            parts.append(f"{len(names)} {words}{listed}")
    return "; ".join(parts) or "No clinics"


def _lines_told(ground: Ground | None) -> str:
    return (
        "" if ground is None else "Lines of counties and states are half-way between centres of population."
    )
