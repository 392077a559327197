"""The maps of the page on a closing: clinics that close and that receive, who moves where, access."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from markupsafe import Markup

from tideover.cases.closing import ClosingResult
from tideover.impact import FEWEST_PEOPLE
from tideover.reports.access_maps import access_figures, moves_figure, short_name, two_widths
from tideover.reports.ground import Ground, ground_of
from tideover.reports.map_marks import ARROW, clinic_legend
from tideover.reports.maps import Move, Site, map_of_clinics
from tideover.reports.parts import Figure, Table

#: A map draws the moves of at least this part (one in so many) of those who need a new place.
ARROWS = 100


def pairs(result: ClosingResult) -> pl.DataFrame:
    """Return from, to, people, more (mean added minutes) of each pair of clinics with 11 people or more."""
    found = (
        result.transfers.drop_nulls("new_clinic_id")
        .group_by(pl.col("clinic_id").alias("from"), pl.col("new_clinic_id").alias("to"))
        .agg(
            pl.len().alias("people"),
            (pl.col("minutes_after") - pl.col("minutes_before")).mean().alias("more"),
        )
        .sort("from", "people", "to", descending=[False, True, False])
    )  # fmt: skip
    return found.filter(pl.col("people") >= FEWEST_PEOPLE, pl.col("from") != pl.col("to"))


def maps_of(result: ClosingResult, key: str = "moves") -> dict[str, list[Figure]]:
    """Return figures: ``moves`` and ``clinics``, one each, and ``access``; empty without places to draw.

    ``key`` makes the map of moves unique on its page.
    """
    moves = pairs(result)
    sites = _sites(result, moves)
    if not sites:
        return {"moves": [], "clinics": [], "access": []}
    ground = ground_of(result.scenario.network.areas)
    closed = [site for site in sites if site.state == "closed"]
    least = max(FEWEST_PEOPLE, -(-result.transfers.height // ARROWS))
    arrows = [Move(*row) for row in moves.select("from", "to", "people").iter_rows() if row[2] >= least]
    used = {name for move in arrows for name in (move.from_id, move.to_id)}
    focus = [site for site in sites if site.clinic_id in used or site in closed] if closed else sites
    access = result.access
    return {
        "moves": [_moves(sites, arrows, ground, focus, key, least)] if arrows else [],
        "clinics": [_clinics(sites, ground)],
        "access": access_figures(access, sites, ground, focus) if access and ground is not None else [],
    }


def _moves(
    sites: list[Site], arrows: list[Move], ground: Ground | None, focus: list[Site], key: str, least: int
) -> Figure:
    figure = moves_figure("Who goes where", sites, arrows, ground, focus, key)
    swatch = Markup(
        '<svg width="22" height="16" aria-hidden="true" focusable="false">'
        '<path d="M1,8h18m-5,-4l5,4l-5,4" fill="none" stroke="{}" stroke-width="2"/></svg>'
    ).format(ARROW)
    return replace(figure, legend=(*figure.legend, (swatch, f"{least:,} people or more go")))


def _clinics(sites: list[Site], ground: Ground | None) -> Figure:
    wide, narrow = two_widths(
        lambda key, width: map_of_clinics(sites, ground, key=f"closing-sites-{key}", width=width)
    )
    states = {"closed": "Close", "receiving": "Receive people", "open": "Receive nobody, or fewer than 11"}
    rows = tuple(
        (word, ", ".join(sorted(site.name for site in sites if site.state == state)))
        for state, word in states.items()
        if any(site.state == state for site in sites)
    )  # fmt: skip
    table = Table("The clinics", ("", "Clinics"), rows, frozenset({0, 1}))
    legend = clinic_legend(site.state for site in sites)
    return Figure("The clinics", wide, narrow, table, legend, table_folded=True)


def _sites(result: ClosingResult, moves: pl.DataFrame) -> list[Site]:
    """Return the primary-care clinics that are placed, and what becomes of each."""
    closing = pl.col("closes_on").is_not_null()
    clinics = result.scenario.network.clinics.filter((pl.col("kind") == "primary") | closing)
    receiving = set(moves["to"])
    return [
        Site(clinic, short_name(name or clinic), lat, lon,
             "closed" if closes is not None else "receiving" if clinic in receiving else "open")
        for clinic, name, lat, lon, closes in clinics.drop_nulls(["lat", "lon"])
        .select("clinic_id", "name", "lat", "lon", "closes_on")
        .iter_rows()
    ]  # fmt: skip
