"""Shapes of SVG as text: lines, rectangles, dots, words, and the frame that holds them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

INK, QUIET, GRID, PAPER = "#1b2730", "#52606b", "#dcdad4", "#ffffff"


def chart(drawn: Sequence[Markup], *, title: str, desc: str, key: str, width: float, height: float) -> Markup:
    """Return what was ``drawn`` as one picture; ``key`` makes its identifiers unique."""
    frame = Markup(
        '<svg role="img" aria-labelledby="{key}-t" aria-describedby="{key}-d" width="{w}" height="{h}" '
        'viewBox="0 0 {w} {h}" font-size="13"><title id="{key}-t">{title}</title>'
        '<desc id="{key}-d">{desc}</desc>{drawn}</svg>'
    )
    return frame.format(
        key=key, w=px(width), h=px(height), title=title, desc=desc, drawn=Markup("").join(drawn)
    )


def rect(x: float, y: float, wide: float, tall: float, *, paint: str, stroke: str | None = None) -> Markup:
    """Return a rectangle."""
    line = Markup(' stroke="{}"').format(stroke) if stroke else Markup("")
    shape = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"{}/>')
    return shape.format(px(x), px(y), px(wide), px(tall), paint, line)


def line(x1: float, y1: float, x2: float, y2: float, *, ink: str, thick: float = 1) -> Markup:
    """Return a line."""
    shape = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"/>')
    return shape.format(px(x1), px(y1), px(x2), px(y2), ink, px(thick))


def text(
    x: float, y: float, words: str, *, anchor: str = "start", ink: str = INK, bold: bool = False
) -> Markup:
    """Return words that begin, end or have their middle at ``x``."""
    weight = Markup(' font-weight="650"') if bold else Markup("")
    shape = Markup('<text x="{}" y="{}" text-anchor="{}" fill="{}"{}>{}</text>')
    return shape.format(px(x), px(y), anchor, ink, weight, escape(words))


def dot(x: float, y: float, radius: float, *, fill: str, stroke: str) -> Markup:
    """Return a dot with a rim."""
    shape = Markup('<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="{}" stroke-width="2.5"/>')
    return shape.format(px(x), px(y), px(radius), fill, stroke)


def px(number: float) -> str:
    """Return a length as SVG writes it, to a tenth."""
    return f"{number:.1f}".removesuffix(".0")
