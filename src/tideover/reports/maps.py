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

from tideover.reports.ground import Floats, Ground, View
from tideover.reports.labels import Labels
from tideover.reports.map_marks import EDGE, LAND, NOTHING, STATES, arrow, mark
from tideover.reports.shapes import INK, PAPER, QUIET, chart, line, px, text

_KM_PER_MILE = 1.609344


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


def _framed(drawn: Sequence[Markup], view: View, key: str, title: str, desc: str) -> Markup:
    frame = Markup('<rect x=".5" y=".5" width="{}" height="{}" fill="none" stroke="{}"/>').format(
        px(view.width - 1), px(view.height - 1), EDGE
    )
    sea = Markup('<rect width="{}" height="{}" fill="{}"/>').format(px(view.width), px(view.height), NOTHING)
    return chart([sea, *drawn, frame], title=title, desc=desc, key=key, width=view.width, height=view.height)


def _land(view: View, ground: Ground | None, *, over: bool = False) -> Iterator[Markup]:
    """Yield the land (unless it is filled already: ``over``) and the lines on it."""
    if ground is None:
        return
    if not over:
        path = _cells(view, ground, range(len(ground.cells)))
        yield Markup('<path d="{}" fill="{}" stroke="{}"/>').format(path, LAND, LAND)
    for segments, ink, thick in (
        (ground.counties, EDGE, 0.8),
        (ground.coast, QUIET, 1),
        (ground.states, QUIET, 1.8),
    ):
        path = _segments(view, segments)
        if path:
            shape = Markup('<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linecap="round"/>')
            yield shape.format(path, ink, px(thick))


def _filled(view: View, ground: Ground, shade: Sequence[int], shades: Sequence[str]) -> Iterator[Markup]:
    for number, colour in ((-1, "url(#untold)"), *enumerate(shades)):
        path = _cells(view, ground, [at for at, one in enumerate(shade) if one == number])
        if not path:
            continue
        yield Markup('<path d="{}" fill="{}" stroke="{}" stroke-width=".6"/>').format(path, colour, colour)
        if number == len(shades) - 1:
            yield Markup('<path d="{}" fill="url(#hatched)"/>').format(path)


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
        yield tip.format(site.name, STATES[site.state], mark(x, y, site.state, size))
    for site, x, y in sorted(seen, key=lambda each: rank.index(each[0].state)):
        if site.state in named:
            yield labels.place(x, y, site.name, 9 * size, bold=site.state == "closed")


def _arrows(view: View, there: dict[str, Site], moves: Sequence[Move], labels: Labels) -> Iterator[Markup]:
    """Yield bent arrows, the widest first so that narrow ones lie on top, then numbers of most people."""
    most = max((move.people for move in moves), default=1)
    numbers = []
    for move in sorted(moves, key=lambda each: (-each.people, each.from_id, each.to_id)):
        one, other = there[move.from_id], there[move.to_id]
        start, end = view.at([one.lat, other.lat], [one.lon, other.lon])
        shape, middle = arrow(start, end, 1.4 + 7.6 * move.people / most)
        tip = Markup("<g><title>{:,}: {} to {}</title>{}</g>")
        yield tip.format(move.people, one.name, other.name, shape)
        numbers.append((middle, move.people))
    for (x, y), people in numbers[:12]:
        yield labels.place(x, y, f"{people:,}", 4)


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
