"""Charts of the page on offers: the distribution of changes, and pay since the pandemic."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tideover.pay.history import Point
from tideover.reports.shapes import GRID, INK, QUIET, chart, line, rect, text

_LOSS, _GAIN = "#a85a12", "#1f5a85"
_WIDE, _ROW, _LEFT = 640, 26, 150


def distribution(rows: Sequence[tuple[str, int]], key: str, name: str) -> Markup:
    """Return bars: how many clinicians change by how much, losses in another colour and marked by words."""
    most = max((count for _, count in rows), default=1) or 1
    drawn = []
    for number, (label, count) in enumerate(rows):
        top = number * _ROW + 4
        wide = (_WIDE - _LEFT - 70) * count / most
        loss = label.startswith(("-", "below -"))
        drawn += [
            text(_LEFT - 8, top + 15, label, anchor="end"),
            rect(_LEFT, top, max(wide, 1), _ROW - 7, paint=_LOSS if loss else _GAIN),
            text(_LEFT + wide + 6, top + 15, f"{count:,}"),
        ]
    desc = "; ".join(f"{label}: {count}" for label, count in rows)
    return chart(
        drawn,
        title=f"Change of pay under {name}",
        desc=desc,
        key=key,
        width=_WIDE,
        height=len(rows) * _ROW + 8,
    )


def history(points: Sequence[Point], executive: float) -> Markup:
    """Return the index of pay by year as bands: nominal and in real terms, with the executive's end level."""
    wide, tall, left, foot = 640, 280, 46, 30
    low = min(80.0, *(point.real.low for point in points))
    high = max(executive, *(point.nominal.high for point in points)) * 1.03
    across = [left + (wide - left - 150) * number / (len(points) - 1) for number in range(len(points))]

    def up(value: float) -> float:
        """Return the height of a value in the picture."""
        return (tall - foot) * (high - value) / (high - low) + 6

    drawn = []
    for level in range(int(low // 20 + 1) * 20, int(high) + 1, 20):
        drawn += [
            line(left, up(level), wide - 150, up(level), ink=GRID),
            text(left - 6, up(level) + 4, str(level), anchor="end", ink=QUIET),
        ]
    for place, point in zip(across, points, strict=True):
        drawn.append(text(place, tall - 4, str(point.year), anchor="middle", ink=QUIET))
    for name, colour in (("nominal", _GAIN), ("real", _LOSS)):
        spans = [getattr(point, name) for point in points]
        for place, span in zip(across, spans, strict=True):
            drawn.append(
                rect(place - 4, up(span.high), 8, max(up(span.low) - up(span.high), 2), paint=colour)
            )
        drawn.append(
            text(
                across[-1] + 12,
                up((spans[-1].low + spans[-1].high) / 2) + 4,
                f"clinicians, {name}",
                ink=colour,
            )
        )
    drawn += [
        line(left, up(executive), wide - 150, up(executive), ink=INK, thick=2),
        text(across[-1] + 12, up(executive) + 4, "chief executive", ink=INK),
    ]
    desc = "; ".join(
        f"{p.year}: nominal {p.nominal.low:.0f} to {p.nominal.high:.0f}, "
        f"real {p.real.low:.0f} to {p.real.high:.0f}"
        for p in points
    )
    return chart(
        drawn, title=f"Pay, {points[0].year} = 100", desc=desc, key="history", width=wide, height=tall
    )
