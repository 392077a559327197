"""Maps: cells and lines on the ground, windows, marks and labels that keep apart, shades and arrows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.nouns.place import kilometres
from tideover.reports.ground import Plane, View, ground_of
from tideover.reports.labels import Labels
from tideover.reports.map_marks import LOSSES, SHADES, STATES, clinic_legend, hatching, mark, shade_legend
from tideover.reports.maps import Move, Site, map_of_access, map_of_clinics, map_of_moves
from tideover.synthetic import Recipe

SITES = [
    Site("a", "Alder", 45.0, -93.0, "closed"), Site("b", "Birch", 45.1, -93.1, "receiving"),
    Site("c", "Cedar <&> Co", 45.2, -93.0), Site("d", "Dogwood", 44.9, -92.9, "opening"),
]  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"


def grid(side: int = 4) -> pl.DataFrame:
    """Return side x side areas a tenth of a degree apart; the western half is one county and state."""
    rows = [
        {"area_id": f"{i}-{j}", "lat": 45 + 0.1 * i, "lon": -93 + 0.1 * j, "county_fips": str(j * 2 // side),
         "state": "MN" if j * 2 < side else "WI"}
        for i in range(side) for j in range(side)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def parsed(drawn: object) -> ET.Element:
    """Return the drawing as XML: it is well formed, whatever names it holds."""
    return ET.fromstring(str(drawn).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314


def test_cells_share_the_land_and_lines_part_counties():
    """Each area's cell holds its own centre; the one state line runs half-way between the two halves."""
    areas = grid()
    ground = ground_of(areas)
    assert ground is not None
    assert ground.area_ids == tuple(areas["area_id"])
    places = ground.plane.km(areas["lat"].to_numpy(), areas["lon"].to_numpy())
    for place, cell in zip(places, ground.cells, strict=True):
        edge, away = np.roll(cell, -1, axis=0) - cell, place - cell
        turn = edge[:, 0] * away[:, 1] - edge[:, 1] * away[:, 0]
        assert np.all(turn > 0) or np.all(turn < 0)
    middle = ground.plane.km(np.array([45.0]), np.array([-92.85]))[0, 0]
    between = ground.states[:, [0, 2]]
    inside = np.abs(ground.states[:, [1, 3]]).max(axis=1) < 17
    assert inside.any()
    assert between[inside] == pytest.approx(middle, abs=0.6)
    assert not len(ground.counties)  # where it parts two states a line is drawn once
    assert len(ground.coast) > 8


def test_too_few_places_or_a_line_of_them_have_no_ground():
    """Three areas, areas at one place, or all in a row: no cells can be drawn, and none are."""
    assert ground_of(grid(1)) is None
    assert ground_of(grid().with_columns(lon=pl.lit(-93.0))) is None
    assert ground_of(grid().with_columns(lat=pl.lit(45.0), lon=pl.lit(-93.0))) is None


@settings(deadline=None, max_examples=40)
@given(st.floats(-60, 60), st.floats(-180, 180), st.integers(0, 1000))
def test_the_plane_keeps_distances_right_across_180_degrees(lat: float, lon: float, seed: int):
    """Law: within some 50 km distances on the plane are those on the globe to 1 %, anywhere."""
    rng = np.random.default_rng(seed)
    lats = lat + rng.uniform(-0.2, 0.2, 5)
    lons = (lon + rng.uniform(-0.2, 0.2, 5) + 540) % 360 - 180
    km = Plane.around(lats, lons).km(lats, lons)
    flat = np.hypot(*(km[:, None] - km[None]).transpose(2, 0, 1))
    globe = kilometres(lats[:, None], lons[:, None], lats[None], lons[None])
    assert flat == pytest.approx(globe, rel=0.01, abs=0.05)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=9),
    st.sampled_from([350, 824]),
)
def test_a_window_shows_all_its_places_north_up(places: list[tuple[float, float]], width: int):
    """Law: every place is in the window, further north is higher up, and it is neither flat nor endless."""
    lat, lon = (np.array(part) for part in zip(*places, strict=True))
    view = View.on(lat, lon, width)
    at = view.at(lat, lon)
    assert np.all((at >= -1e-6) & (at <= [view.width + 1e-6, view.height + 1e-6]))
    assert 0.5 * width <= view.height <= 1.2 * width
    assert view.at([0.2], [0.0])[0, 1] < view.at([0.1], [0.0])[0, 1]
    assert view.at([0.0], [0.2])[0, 0] > view.at([0.0], [0.1])[0, 0]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), min_size=1, max_size=40))
def test_labels_never_meet(places: list[tuple[float, float]]):
    """Law: no label runs into another, into a mark, or out of the drawing; some find no place."""
    labels = Labels(400, 300)
    for x, y in places:
        labels.take(x, y, 5)
    marks = len(labels.taken)
    drawn = [labels.place(x, y, "Juniper Hollow", 8, bold=n % 2 == 0) for n, (x, y) in enumerate(places)]
    boxes = labels.taken[marks:]
    assert len(boxes) == sum(1 for one in drawn if one)
    for n, box in enumerate(boxes):
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= 400
        assert box[3] <= 300
        for other in [*labels.taken[:marks], *boxes[:n]]:
            assert box[0] >= other[2] or other[0] >= box[2] or box[1] >= other[3] or other[1] >= box[3]


def test_a_map_of_clinics_names_and_explains_itself():
    """Title, description, a tip on every mark, and names as text; nothing of a name becomes mark-up."""
    drawn = parsed(map_of_clinics(SITES, ground_of(grid()), key="k", width=824))
    assert drawn.find(f"{SVG}title").text == "Map of the clinics"
    desc = drawn.find(f"{SVG}desc").text
    assert "1 closes: Alder" in desc
    assert "half-way between centres of population" in desc
    tips = {each.find(f"{SVG}title").text for each in drawn.iter(f"{SVG}g")}
    assert tips == {f"{site.name}: {STATES[site.state]}" for site in SITES}
    words = [each.text for each in drawn.iter(f"{SVG}text")]
    assert {"Alder", "Birch", "Cedar <&> Co", "Dogwood"} <= set(words)
    assert any(re.fullmatch(r"\d+ km \([\d.]+ mi\)", word) for word in words)


def test_states_differ_in_shape():
    """Colour never carries meaning alone: without any colour the four marks still differ."""
    plain = {re.sub(r"#[0-9a-f]{6}", "", str(mark(9, 8, state, 1.0))) for state in STATES}
    assert len(plain) == len(STATES)
    assert len(clinic_legend(STATES)) == len(STATES)
    assert [words for _, words in clinic_legend(["open", "closed"])] == ["closes", "stays open"]


@pytest.mark.parametrize("shades", [SHADES, LOSSES])
def test_shades_grow_darker(shades: tuple[str, ...]):
    """Lightness alone tells the shades apart: each is clearly darker than the one before."""
    light = [0.2126 * int(s[1:3], 16) + 0.7152 * int(s[3:5], 16) + 0.0722 * int(s[5:7], 16) for s in shades]
    assert all(one - other > 15 for one, other in pairwise(light))


def test_moves_are_arrows_as_wide_as_people():
    """By hand: more people, a wider line; fewer than 11 people, or an unknown end: none."""
    moves = [Move("a", "b", 400), Move("a", "c", 100), Move("a", "d", 10), Move("a", "z", 500)]
    drawn = parsed(map_of_moves(SITES, moves, None, key="k", width=824, fewest=11))
    tips = [each.find(f"{SVG}title").text for each in drawn.iter(f"{SVG}g")]
    assert [tip for tip in tips if " to " in tip] == ["400: Alder to Birch", "100: Alder to Cedar <&> Co"]
    curves = [each for each in drawn.iter(f"{SVG}path") if "Q" in each.get("d")]
    assert [float(each.get("stroke-width")) for each in curves] == [9.0, 3.3]
    assert "400 from Alder to Birch" in drawn.find(f"{SVG}desc").text


def test_access_fills_each_area_by_its_shade():
    """By hand: four areas of 16 in the darkest shade, which is hatched; nothing told is dotted."""
    ground = ground_of(grid())
    shade = [4] * 4 + [0] * 10 + [-1] * 2
    drawn = parsed(map_of_access(shade, SHADES, SITES, ground, key="k", width=350, title="T", desc="D."))
    filled = {
        each.get("fill"): each.get("d").count("M") for each in drawn.iter(f"{SVG}path") if each.get("fill")
    }
    view = View.on(np.array([s.lat for s in SITES]), np.array([s.lon for s in SITES]), 350, ground.plane)
    seen = [n for n, cell in enumerate(ground.cells) if view.shows(view.pixels(cell))]
    assert filled[SHADES[4]] == filled["url(#hatched)"] == sum(shade[n] == 4 for n in seen)
    assert filled[SHADES[0]] == sum(shade[n] == 0 for n in seen)
    assert SHADES[2] not in filled
    assert "hatched" in hatching()
    assert len(shade_legend(SHADES, list("abcde"))) == 5


def test_the_same_map_is_drawn_twice():
    """No clock, no chance, no order of a set: the same bytes each time."""
    ground = ground_of(grid())
    one, other = (map_of_clinics(SITES, ground, key="k", width=350) for _ in range(2))
    assert one == other


@pytest.mark.slow
def test_the_access_page_fits_a_phone(tmp_path: Path):
    """In a browser without network, 390 and 1,280 pixels: nothing runs out, nothing is fetched."""
    from test_reports_browser import measure
    from tideover.access import Asked
    from tideover.cases.access import dated, run_access
    from tideover.nouns import Policy
    from tideover.reports.access import access_page
    from tideover.synthetic import synthetic_network

    recipe = Recipe(clinics=12, clinicians=110, patients=20_000, hospitals=2)
    network = synthetic_network(recipe)
    chosen = network.clinics.filter(pl.col("kind") == "primary")["clinic_id"][:2].to_list()
    closed, before, on = dated(network, chosen, None, None)
    page = access_page(run_access(closed, closed, Asked(before, on), Policy.default()))
    for width in (390, 1280):
        found = measure(page, tmp_path, width, opened=True)
        assert found["outside"] == []
        assert found["fetched"] == []
        assert found["shown"] == 5
        assert found["small"] >= 0.9
