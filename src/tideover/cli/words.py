"""The sentences of the command line, and the JSON that other programs rely on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tideover.cases import StrikeResult
from tideover.nouns import Network, Note
from tideover.reports import again, calls
from tideover.reports.book import book
from tideover.reports.days import sentences
from tideover.reports.headline import headline, next_steps
from tideover.reports.travel import gaps, licences, source
from tideover.reports.words import GAP, UNKNOWN, listed, plural, term
from tideover.verify import Verdict

_FILES = {
    "report.html": "the page to read first; holds counts, no persons",
    "cover.html": "safe cover for two sides to sign; cover.csv has all of it",
    "calls.csv": "who must be told, in what order, by when, and what to offer",
    "decisions.csv": "what happens to each booked visit (.parquet: the same)",
    "scorecard.json": "before, after and difference, by group",
    "plan.json": "inputs, choices, costs and bounds; duals.parquet proves them",
}
#: More notes than this about one thing are only counted.
_NOTES = 3
SYNTHETIC = "Synthetic people, clinics, rosters, books and pay. Says nothing about any real organisation."


def size_of(network: Network) -> str:
    """Return one sentence about how large the network is."""
    days = network.visits["start"].dt.date()
    name = f"{network.name}: " if network.name else ""
    return (
        f"{name}{network.visits.height:,} visits from {days.min()!s} to {days.max()!s} at "
        f"{network.clinics.height:,} clinics, {network.sessions.height:,} sessions, "
        f"{network.patients.height:,} patients."
    )


def note_lines(notes: Iterable[Note]) -> list[str]:
    """Return the notes as items of a list; many about one thing are one item that counts them."""
    by_thing: dict[tuple[str, str], list[Note]] = {}
    for found in notes:
        by_thing.setdefault((found.kind, found.about), []).append(found)
    lines = []
    for (kind, about), some in by_thing.items():
        if len(some) > _NOTES:
            rows = sum(found.rows or 0 for found in some)
            lines.append(f"  - {kind}: {about} ({rows:,}): {len(some)} notes; --json lists them")
            continue
        lines += [f"  - {kind}: {about}{_rows(found)}: {found.text}" for found in some]
    return lines


def _rows(found: Note) -> str:
    return "" if found.rows is None else f" ({found.rows:,})"


def strike_json(result: StrikeResult, out: Path) -> dict[str, Any]:
    """Return the keys of ``strike --json``."""
    facts = result.plan.facts
    keys = ("name", "cost", "bound", "first_come")
    return {
        **facts["counts"],
        "sites": facts["sites"],
        "minimum_safe_cover": facts["minimum_safe_cover"],
        "cost": facts["cost"],
        "bound": facts["bound"],
        "gap": facts["gap"],
        "levels": [{key: level[key] for key in keys} for level in facts["levels"]],
        "later": facts["later"],
        "reading": facts["reading"],
        "told": facts["told"],
        "travel": facts["travel"],
        "kept_from_video": facts["kept_from_video"],
        "out": str(out),
    }


def strike_lines(result: StrikeResult, out: Path) -> list[str]:
    """Return what a planner reads after a run: the day, what to do now, the proof, the files."""
    facts = result.plan.facts
    lines = [SYNTHETIC, ""] if facts["network"]["synthetic"] else []
    seen = book(result.plan, result.scenario)
    lines += [plain(headline(seen)), "", *_outcomes(facts["counts"])]
    since = [text for text in (*again.sentences(facts), again.in_vain(facts)) if text]
    lines += ["", *map(plain, since)] if since else []
    steps = next_steps(seen, calls(result.plan, result.scenario, result.policy))
    lines += ["", "What to do now", *(f"  {n}. {plain(step)}" for n, step in enumerate(steps, start=1))]
    lines += [
        "",
        *_levels(facts["levels"]),
        *days_lines(facts["days"]),
        *_later(facts),
        "",
        *reading_line(facts),
        f"{source(facts)}; {gaps(facts)}.",
        *licences(facts),
        *_taken(facts["notes"]),
    ]
    lines += ["", f"Written to {out}", *(f"  {name:<15} {text}" for name, text in _written(facts))]
    return [*lines, "All but report and cover are personal health data: written for you alone to read."]


def reading_line(facts: Mapping[str, Any]) -> list[str]:
    """Return the line that names the reading of a result and what was asked of it; none where it has none."""
    reading = facts.get("reading")
    if not reading:
        return []
    claims = ", ".join(f"{claim['id']} {claim['says']}" for claim in reading["claims"])
    asked = f"; asked of it: {claims}" if claims else ""
    return [f"Reading {reading['id']}: {reading['title']}{asked}."]


def _written(facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield from _FILES.items()
    if facts["previous"] is not None:
        yield "told.parquet", "what patients were told before, and what they answered"
    if facts["travel"]["source"] != "distance":
        yield "travel.parquet", "the journeys that were used, by which it can be checked"


def plain(text: str) -> str:
    """Return text of a page as a terminal shows it: without narrow spaces."""
    return text.replace(GAP, "").replace("\u00a0", " ")


def _outcomes(count: Mapping[str, int]) -> list[str]:
    told = {
        "stand": "stand: attend unless contacted",
        "another_site": "are seen at another site, at their time",
        "standby": "wait on standby, decided on the morning",
        "moved": "move to another time",
        "video": "are held by video",
        "urgent_care": "go to urgent care",
        "waitlist": "are left without a date, on the wait-list",
    }
    rows = [f"  {count[key]:>7,}  {text}" for key, text in told.items() if count[key] or key == "waitlist"]
    struck = "all" if count["affected"] == count["booked"] else f"{count['affected']:,}"
    return [*rows, f"  {count['booked']:>7,}  visits booked, {struck} of them in struck sessions"]


def _levels(levels: list[dict[str, Any]]) -> list[str]:
    lines = [
        "How good it is, in points: fewer are better, and level 1 comes first",
        f"  {'':<42}{'this plan':>10}{'at best':>10}{'first come*':>13}",
    ]
    for number, level in enumerate(levels, start=1):
        *above, last = _columns(f"{number}. {listed([term(name) for name in level['terms']])}")
        lines += [f"  {part}" for part in above]
        lines.append(f"  {last:<42}{level['cost']:>10,}{level['bound']:>10,}{_first_come(level):>13}")
    return [*lines, f"  {_proof(levels)}", "  * if visits were re-booked first come, first served"]


def _columns(text: str) -> list[str]:
    """Return ``text`` in lines of at most 41 letters; the further ones are indented."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + 1 + len(word) > 41:
            lines.append("  ")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines


def _first_come(level: Mapping[str, Any]) -> str:
    return UNKNOWN if level.get("first_come") is None else f"{level['first_come']:,}"


def _proof(levels: list[dict[str, Any]]) -> str:
    best = [str(number) for number, level in enumerate(levels, start=1) if level["gap"] == 0]
    open_ = [
        f"on level {number} at most {plural(level['gap'], 'point')}"
        + ("" if level["gap_share"] is None else f" ({level['gap_share']:.2%})")
        for number, level in enumerate(levels, start=1)
        if level["gap"]
    ]
    told = [f"level{'s' if len(best) > 1 else ''} {listed(best)} proved best"] if best else []
    told += [f"{listed(open_)} could be saved"] if open_ else []
    return f"Proof: {'; '.join(told)}."


def days_lines(found: Mapping[str, Any] | None) -> list[str]:
    """Return what the tried days say of each date, where any were tried."""
    if found is None:
        return []
    lines = ["", f"How the day may go, on {found['chances']['days']:,} days tried under chance"]
    for one in found["dates"]:
        if len(found["dates"]) > 1:
            lines.append(f"  {one['date']}")
        lines += [f"  - {plain(sentence)}" for sentence in sentences(found, one)]
    return lines


def _later(facts: Mapping[str, Any]) -> list[str]:
    later = facts["later"]
    if later is None:
        return []
    return [
        "",
        f"The book also holds visits booked after {facts['as_of']}, unseen by the plan:",
        _kept_free(later["strike_day"], "in struck sessions"),
        _kept_free(later["other_days"], "in other sessions"),
    ]


def _kept_free(part: Mapping[str, int], where: str) -> str:
    return (
        f"  {part['visits']:>7,}  {where}: {part['met']:,} fit what was kept free, {part['not_met']:,} do not"
    )


def _taken(notes: list[dict[str, Any]]) -> list[str]:
    taken = sum(each["kind"] in {"assumed", "derived"} for each in notes)
    return [f"{plural(taken, 'thing')} assumed or derived, listed in the report."] if taken else []


def verdict_lines(verdict: Verdict) -> list[str]:
    """Return what a reader of a verdict needs: yes or no, why not, and how far it goes."""
    if not verdict.ok:
        count = plural(len(verdict.differences), "difference")
        return [f"{verdict.path}: NOT confirmed, {count}.", *(f"  - {text}" for text in verdict.differences)]
    if verdict.kind == "shared":
        told = "capacities, each visit once, and the cost and bound of every level follow from its tables"
        return [
            f"{verdict.path}: confirmed, as far as an instance without people can be: {told}.",
            verdict.scope,
            verdict.warning,
            f"Fingerprint, to compare with the one that its writer told: {verdict.fingerprint}",
        ]
    return [
        f"{verdict.path}: confirmed. Separate code found every rule, cost and bound again from the inputs.",
        f"{_not_checked(verdict)} All limits: --json.",
    ]


def _not_checked(verdict: Verdict) -> str:
    """Return what is not checked: of a strike in short, of a closing or a choice as its scope has it."""
    if verdict.kind == "strike":
        return "Not checked: scorecard, report, wording of calls, or whether the book is true."
    start = verdict.scope.index("Not checked:")
    return verdict.scope[start : verdict.scope.index(".", start) + 1]
