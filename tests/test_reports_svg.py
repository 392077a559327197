"""Charts: right lengths, escaped words, patterns and inks that read without colour."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tideover.reports import svg
from tideover.reports.parts import OUTCOMES, PLACES
from tideover.reports.svg import FILLS, Bar, Part

#: Counts, hours and minutes: nothing, or at least a hundredth.
VALUES = st.just(0.0) | st.floats(0.01, 1e9)


def tree(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)  # noqa: S314


def three(total: float = 1.0) -> Bar:
    return Bar("Urgency 1", (Part("stand", 2 * total, "stand"), Part("moved", total, "move")), "of 3", 1.0)


def stacked(bars: list[Bar], width: int = 400) -> str:
    return svg.stacked_bars(bars, title="T", desc="D", key="k", width=width, label_width=90)


def test_parts_share_the_length_of_their_bar() -> None:
    """A part of two thirds is twice as long as one of a third, but for the gap between them."""
    long, short = (float(rect.get("width", "")) for rect in tree(stacked([three()])).iter("rect"))
    assert (long + 1) / (short + 1) == pytest.approx(2, abs=0.01)


def test_columns_have_a_common_scale() -> None:
    """A column of twice the total is twice as high, whatever its parts."""
    bars = [Bar("a", (Part("stand", 30, ""),)), Bar("b", (Part("stand", 60, ""),))]
    small, large = (
        float(rect.get("height", ""))
        for rect in tree(svg.columns(bars, title="T", desc="D", key="k", width=400)).iter("rect")
    )
    assert (large + 1) / (small + 1) == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize(
    "drawing",
    [
        stacked([Bar("<b>&\"'", (Part("stand", 1, "x"),), "<i>")]),
        svg.columns(
            [Bar("<b>&\"'", (Part("stand", 1, "x"),), "<i>", band="<u>")],
            title="<t>",
            desc="&",
            key="k",
            width=300,
        ),
        svg.bar([Part("stand", 1, "x")], 1, "<b>&\"'"),
    ],
)
def test_words_are_escaped(drawing: str) -> None:
    """Labels, notes, bands and titles cannot bring markup into a drawing."""
    assert not {"b", "i", "u", "t"} & {element.tag for element in tree(drawing).iter()}


def test_a_chart_says_what_it_is() -> None:
    """A chart is an image with a title and a description, tied to it by their identifiers."""
    root = tree(stacked([three()]))
    named = {element.get("id"): element.tag for element in root.iter() if element.get("id")}
    assert root.get("role") == "img"
    assert named == {root.get("aria-labelledby"): "title", root.get("aria-describedby"): "desc"}


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=40), st.integers(300, 900))
def test_any_numbers_are_drawn_inside_the_frame(values: list[tuple[float, float, float]], width: int) -> None:
    """Whatever the values, also all nought, no shape leaves the drawing and no length is negative."""
    bars = [
        Bar(str(n), (Part("stand", a, ""), Part("standby", b, "")), mark=c)
        for n, (a, b, c) in enumerate(values)
    ]
    for drawing in (stacked(bars, width), svg.columns(bars, title="T", desc="D", key="k", width=width)):
        root = tree(drawing)
        wide, tall = float(root.get("width", "")), float(root.get("height", ""))
        for rect in root.iter("rect"):
            x, y, w, h = (float(rect.get(name, "")) for name in ("x", "y", "width", "height"))
            assert w >= 0
            assert h >= 0
            assert x >= -0.2
            assert x + w <= wide + 1
            assert y >= -0.2
            assert y + h <= tall + 0.2


@given(VALUES)
def test_ticks_are_round_and_reach_the_top(top: float) -> None:
    """The scale has two to six ticks from nought, evenly apart, the last of them not below the top."""
    ticks = svg._ticks(top)
    steps = {round((b - a) / ticks[1], 6) for a, b in itertools.pairwise(ticks)}
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 6
    assert ticks[-1] >= top * (1 - 1e-9)
    assert steps == {1.0}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    line = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * line[0] + 0.7152 * line[1] + 0.0722 * line[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("fill", FILLS.values(), ids=lambda fill: fill.name)
def test_values_read_on_every_fill(fill: svg.Fill) -> None:
    """The ink on each fill, and the inks on paper, have a contrast of at least 4.5 to 1 (WCAG AA)."""
    assert contrast(fill.ink, fill.colour) >= 4.5
    assert contrast(svg.QUIET, svg.PAPER) >= 4.5


@pytest.mark.parametrize("kinds", [OUTCOMES, PLACES])
def test_colour_never_carries_meaning_alone(kinds: tuple[str, ...]) -> None:
    """Any two fills of one chart differ in pattern, or, if both are plain, three to one in lightness."""
    for one, other in itertools.combinations([FILLS[kind] for kind in kinds], 2):
        assert one.strokes != other.strokes or contrast(one.colour, other.colour) >= 3


def test_every_pattern_that_is_used_is_drawn_once() -> None:
    """Fills with a pattern refer to one that the page's hidden drawing holds, exactly once."""
    drawn = re.findall(r'pattern id="([^"]+)"', svg.patterns())
    used = {fill.paint.removeprefix("url(#").rstrip(")") for fill in FILLS.values() if fill.strokes}
    assert sorted(drawn) == sorted(used)
