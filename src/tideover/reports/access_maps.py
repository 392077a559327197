"""The maps of the access page, each with its table: clinics, changes of the nearest one, minutes by area."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl
from markupsafe import Markup

from tideover.cases.access import AccessResult
from tideover.impact import FEWEST_PEOPLE
from tideover.reports import words
from tideover.reports.ground import Ground, ground_of
from tideover.reports.map_marks import LOSSES, SHADES, STATES, clinic_legend, shade_legend, untold_swatch
from tideover.reports.maps import Move, Site, map_of_access, map_of_clinics, map_of_moves
from tideover.reports.parts import Figure, Table

#: Widths of a map on wide and on narrow screens.
WIDTHS = (("w", 824.0), ("n", 350.0))
#: Minutes to the nearest clinic up to which an area has each shade, and minutes that are added.
MINUTES, ADDED = (5.0, 10.0, 20.0, 30.0), (0.0, 2.0, 5.0, 10.0)
_WORDS = ("up to 5 minutes", "to 10", "to 20", "to 30", "more than 30, or no way")
_ADDED_WORDS = (
    "no longer",
    "up to 2 minutes more",
    "to 5 more",
    "to 10 more",
    "more than 10 more, or no way",
)


def maps_of(result: AccessResult) -> list[Figure]:
    """Return the maps for which the network has places: clinics always, others where they say something."""
    sites = _sites(result)
    if not sites:
        return []
    ground = ground_of(result.before.areas)
    figures = [_clinics(result, sites, ground)]
    focus = [site for site in sites if site.state != "open"] or sites
    moves = [Move(*row) for row in result.moved.drop_nulls().iter_rows() if row[2] >= FEWEST_PEOPLE]
    if moves:
        figures.append(moves_figure("Whose nearest clinic changes", sites, moves, ground, focus))
    if ground is not None:
        figures += access_figures(result, sites, ground, focus)
    return figures


def short_name(name: str) -> str:
    """Return a clinic's name as a map has room for it: without what stands in brackets.

    >>> short_name("Alder Valley Clinic (Ramsey County)")
    'Alder Valley'
    """
    return name.split(" (", maxsplit=1)[0].removesuffix(" Clinic")


def two_widths(draw: Callable[[str, float], Markup]) -> tuple[Markup, Markup]:
    """Return what ``draw`` makes of a key and a width, for wide and for narrow screens."""
    wide, narrow = (draw(key, width) for key, width in WIDTHS)
    return wide, narrow


def _sites(result: AccessResult) -> list[Site]:
    receiving = set(result.moved.filter(pl.col("people") >= FEWEST_PEOPLE)["to_clinic_id"])
    state = dict.fromkeys(receiving, "receiving")
    state |= dict.fromkeys(result.facts["opened"], "opening") | dict.fromkeys(
        result.facts["closed"], "closed"
    )
    placed = result.problem.sites.drop_nulls(["lat", "lon"])
    return [
        Site(clinic, short_name(name or clinic), lat, lon, state.get(clinic, "open"))
        for clinic, name, lat, lon in placed.select("clinic_id", "name", "lat", "lon").iter_rows()
    ]


def _clinics(result: AccessResult, sites: Sequence[Site], ground: Ground | None) -> Figure:
    wide, narrow = two_widths(
        lambda key, width: map_of_clinics(sites, ground, key=f"sites-{key}", width=width)
    )
    supply = dict(
        zip(result.problem.sites["clinic_id"], zip(*result.problem.supply, strict=True), strict=True)
    )
    order = list(STATES)
    rows = tuple(
        (site.name, STATES[site.state], *(f"{part:,.1f}" for part in supply[site.clinic_id]))
        for site in sorted(sites, key=lambda each: (order.index(each.state), each.name))
    )
    table = Table("Clinics", ("Clinic", "", "Full-time clinicians before", "after"), rows, frozenset({0, 1}))
    legend = clinic_legend(site.state for site in sites)
    return Figure("The clinics", wide, narrow, table, legend, table_folded=True)


def moves_figure(
    heading: str,
    sites: Sequence[Site],
    moves: Sequence[Move],
    ground: Ground | None,
    focus: Sequence[Site],
    name: str = "moves",
) -> Figure:
    """Return who moves where as a map with its table; ``focus`` are the sites that fill the window.

    Moves of fewer than 11 people are neither drawn nor listed. ``name`` makes it unique on its page.
    """
    shown = [move for move in moves if move.people >= FEWEST_PEOPLE]
    wide, narrow = two_widths(
        lambda key, width: map_of_moves(
            sites, shown, ground, key=f"{name}-{key}", width=width, around=focus, fewest=FEWEST_PEOPLE
        )
    )
    names = {site.clinic_id: site.name for site in sites}
    rows = tuple(
        (names.get(move.from_id, move.from_id), names.get(move.to_id, move.to_id), words.count(move.people))
        for move in shown
    )
    table = Table(heading, ("Before", "After", "People"), rows, frozenset({0, 1}))
    return Figure(
        heading, wide, narrow, table, clinic_legend(site.state for site in sites), table_folded=True
    )


def access_figures(
    result: AccessResult, sites: Sequence[Site], ground: Ground, focus: Sequence[Site]
) -> list[Figure]:
    """Return minutes to the nearest clinic by area before and after, and the minutes that are added."""
    areas = _by_area(result)
    before, after = (_shades(areas, f"{when}_nearest_minutes", MINUTES) for when in ("before", "after"))
    table = _banded("People by minutes to the nearest open clinic", areas, (before, after))
    made = (
        [("before", before), ("after", after)]
        if result.facts["closed"] or result.facts["opened"]
        else [("after", after)]
    )
    figures = [
        _shaded(
            f"Minutes to the nearest open clinic, {when}",
            shade,
            (SHADES, _WORDS),
            table,
            sites,
            ground,
            focus,
        )
        for when, shade in made
    ]
    if len(made) > 1:
        added = _shades(areas, "added", ADDED)
        rows = _counts(areas, added, _ADDED_WORDS)
        told = Table("People by added minutes", ("", "People"), tuple(rows))
        figures.append(
            _shaded("Minutes that are added", added, (LOSSES, _ADDED_WORDS), told, sites, ground, focus)
        )
    return figures


def _shaded(
    heading: str,
    shade: Mapping[str, int],
    scale: tuple[Sequence[str], Sequence[str]],
    table: Table,
    sites: Sequence[Site],
    ground: Ground,
    focus: Sequence[Site],
) -> Figure:
    rows = [shade.get(area, -1) for area in ground.area_ids]
    name = heading.lower().replace(" ", "-").replace(",", "")
    steps = "; ".join(scale[1])
    desc = f"Areas shaded by minutes: {steps}. Areas of fewer than {FEWEST_PEOPLE} people are left out."
    wide, narrow = two_widths(
        lambda key, width: map_of_access(
            rows,
            scale[0],
            sites,
            ground,
            key=f"{name}-{key}",
            width=width,
            title=heading,
            desc=desc,
            around=focus,
        )
    )
    untold = ((untold_swatch(), f"fewer than {FEWEST_PEOPLE} people"),)
    legend = (*shade_legend(*scale), *untold, *clinic_legend(site.state for site in sites))
    return Figure(heading, wide, narrow, table, legend, table_folded=True)


def _by_area(result: AccessResult) -> pl.DataFrame:
    """Return area_id, people, before and after minutes and what is added: means over its people.

    Where no way leads to any open clinic they are infinite. Areas of fewer than 11 people are left out.
    """
    columns = ["before_nearest_minutes", "after_nearest_minutes"]
    held = result.points.drop_nulls("area_id").filter(pl.col("demand") > 0)
    weight = pl.col("demand")
    made = held.with_columns(pl.col(columns).fill_null(np.inf)).group_by("area_id", maintain_order=True)
    areas = made.agg(
        weight.sum().alias("people"), *((pl.col(c) * weight).sum() / weight.sum() for c in columns)
    )
    added = pl.col(columns[1]) - pl.col(columns[0])
    return areas.filter(pl.col("people") >= FEWEST_PEOPLE).with_columns(added.fill_nan(0.0).alias("added"))


def _shades(areas: pl.DataFrame, column: str, bounds: Sequence[float]) -> dict[str, int]:
    rows = np.searchsorted(np.array(bounds), areas[column].to_numpy(), side="left")
    return dict(zip(areas["area_id"], rows.tolist(), strict=True))


def _counts(areas: pl.DataFrame, shade: Mapping[str, int], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the people of each shade; an area that counts has 11 or more."""
    people = np.zeros(len(names))
    for area, count in areas.select("area_id", "people").iter_rows():
        people[shade[area]] += count
    return [(name, words.count(count)) for name, count in zip(names, people.tolist(), strict=True)]


def _banded(caption: str, areas: pl.DataFrame, shades: tuple[Mapping[str, int], Mapping[str, int]]) -> Table:
    before, after = (_counts(areas, shade, _WORDS) for shade in shades)
    rows = tuple((name, first, last) for (name, first), (_, last) in zip(before, after, strict=True))
    return Table(caption, ("", "People before", "People after"), rows)
