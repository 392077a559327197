"""What turns on whom one believes, as tables and charts of a page."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from tideover.cases import FIGURES, Turning, Variant
from tideover.cases.measured import OF_OFFERS
from tideover.claims import SHORT
from tideover.reports import words
from tideover.reports.parts import Table
from tideover.reports.tornado import Swing, draw

#: The figures that are drawn, and those that the table of readings shows.
_DRAWN = ("told", "urgent_lost", "beyond_standard", "more_minutes", "cost_more", "cost_worth")
_SHOWN = ("told", "standby", "waitlist", "unsafe", "urgent_lost", "unplaced", "more_minutes",
          "beyond_standard", "over_target", "days_apart", *OF_OFFERS)  # fmt: skip
#: Figures that are parts of one, shown in per cent.
_SHARES = {"days_with_lost", "pay_change", "pay_worst", "real_pay"}
_WIDE, _NARROW = 824, 350


@dataclass(frozen=True)
class TornadoView:
    """A chart for wide and one for narrow screens, or none where no claim moves the figure."""

    heading: str
    wide: Markup | None
    narrow: Markup | None


@dataclass(frozen=True)
class TurningView:
    """What the page says of one scenario: conclusions and figures by reading, charts, single claims."""

    title: str
    holds: list[str]
    conclusions: Table
    figures: Table
    matter: list[str]
    tornados: list[TornadoView]
    single: Table


def views(turning: Turning) -> list[TurningView]:
    """Return what the page says of each scenario and each offer."""
    return [_view(turning, stage) for stage in turning.titles]


def _view(turning: Turning, stage: str) -> TurningView:
    own = turning.base.figures[stage]
    figures = [name for name in FIGURES if name in own]
    return TurningView(
        turning.titles[stage],
        _firm(turning, stage),
        _conclusions(turning, stage),
        _figures(turning, stage, figures),
        turning.disputed_that_matter(stage),
        [_tornado(turning, stage, name) for name in _DRAWN if name in own],
        _single(turning, stage, figures),
    )


def _firm(turning: Turning, stage: str) -> list[str]:
    """Return the conclusions that are the same whatever of it is believed, as far as it was tried."""
    found = []
    for one in turning.conclusions(stage):
        answers = {one.holds(v.figures[stage]) for v in turning.readings if not v.fault}
        if len(answers) == 1 and not turning.flips(stage, one):
            found.append(one.sentence if answers == {True} else f"It is not so that: {one.sentence}")
    return found


def _conclusions(turning: Turning, stage: str) -> Table:
    rows = []
    for one in turning.conclusions(stage):
        answers = [None if v.fault else one.holds(v.figures[stage]) for v in turning.readings]
        cells = ["-" if answer is None else "yes" if answer else "no" for answer in answers]
        known = {answer for answer in answers if answer is not None}
        verdict = ("yes under all" if known == {True} else "no under all") if len(known) == 1 else "flips"
        by_claim = ", ".join(turning.flips_with(stage, one)) or "no claim by itself"
        rows.append((one.sentence, *cells, verdict, by_claim))
    heads = ("Conclusion", *(v.reading.id for v in turning.readings), "Readings", "Flips with")
    last = len(heads) - 1
    return Table("Conclusions by reading", heads, tuple(rows), frozenset(range(last + 1)))


def _figures(turning: Turning, stage: str, names: list[str]) -> Table:
    rows = []
    for name in names:
        cells = ["-" if v.fault else _value(name, v.figures[stage][name]) for v in turning.readings]
        rows.append((FIGURES[name].capitalize(), *cells))
    heads = ("Figure", *(v.reading.id for v in turning.readings))
    return Table("Figures by reading", heads, tuple(rows))


def _value(name: str, value: float) -> str:
    if name in _SHARES:
        return words.share(value, 1)
    return words.count(value) if value == int(value) else f"{value:,.1f}"


def _tornado(turning: Turning, stage: str, name: str) -> TornadoView:
    base = turning.base.figures[stage][name]
    by_claim: dict[str, list[Variant]] = {}
    for variant in turning.exchanged:
        if variant.answer is not None and not variant.fault:
            by_claim.setdefault(variant.answer.claim.id, []).append(variant)
    swings = [swing for some in by_claim.values() if (swing := _swing(some, stage, name, base)) is not None]
    heading = FIGURES[name].capitalize()
    if not swings:
        return TornadoView(heading, None, None)
    title, key = f"{heading}: one claim at a time", f"tornado-{stage.replace('/', '-')}-{name}"
    wide, narrow = (
        draw(swings, base, title=title, key=f"{key}-{size}", width=width)
        for size, width in (("w", _WIDE), ("n", _NARROW))
    )
    return TornadoView(heading, wide, narrow)


def _swing(some: list[Variant], stage: str, name: str, base: float) -> Swing | None:
    ends = sorted(((v.figures[stage][name], _says(v)) for v in some), key=lambda end: end[0])
    (low, low_says), (high, high_says) = ends[0], ends[-1]
    answer = some[0].answer
    if answer is None or (low == high == base):
        return None
    low, low_says = (low, low_says) if low < base else (base, "")
    high, high_says = (high, high_says) if high > base else (base, "")
    return Swing(answer.claim.question, answer.claim.disputed, low, high, low_says, high_says)


def _says(variant: Variant) -> str:
    if variant.answer is None or variant.entry is None:
        return ""
    return f"{variant.entry.says(variant.answer.claim.unit)} ({SHORT[variant.entry.who]})"


def _single(turning: Turning, stage: str, names: list[str]) -> Table:
    shown = [name for name in _SHOWN if name in names]
    base = ["as here", "", *(_value(name, turning.base.figures[stage][name]) for name in shown), ""]
    rows = [tuple(base)]
    for variant in turning.exchanged:
        answer = variant.answer
        if answer is None:
            continue
        name = f"{answer.claim.id}{' (disputed)' if answer.claim.disputed else ''}"
        if variant.fault:
            rows.append((name, _says(variant), *("-" for _ in shown), f"cannot be run: {variant.fault}"))
            continue
        own = variant.figures[stage]
        same = "changes nothing" if own == turning.base.figures[stage] else ""
        rows.append((name, _says(variant), *(_value(each, own[each]) for each in shown), same))
    heads = ("Claim", "Answer instead", *(FIGURES[name].capitalize() for name in shown), "")
    return Table("One claim at a time", heads, tuple(rows), frozenset({0, 1, len(heads) - 1}))
