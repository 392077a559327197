"""The command ``offer``: what offers pay and cost, in words; or one clinician's slip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tideover.cases.offer import Asked, OffersResult, Outcome, offers_json, run_offers
from tideover.cases.packages import search_packages
from tideover.claims import read_ledger, read_reading
from tideover.cli.offer_packages import packages_lines
from tideover.cli.say import progress, say, say_json
from tideover.cli.words import SYNTHETIC
from tideover.errors import Fault, InputError
from tideover.pay.real import cpi, in_prices_of
from tideover.pay.why import why
from tideover.readers import check_target, read_series
from tideover.reports import offer_words as words
from tideover.reports.offer import OFFER_MARK, OFFER_OUTPUTS, write_offers
from tideover.reports.words import plural
from tideover.reports.workbook import check_workbook, write_workbook

_BAR = 40


@dataclass(frozen=True)
class More:
    """What is asked beside the offers: reading, one clinician, a series and its base year, out, packages."""

    reading: str
    why: str | None = None
    series: Path | None = None
    base_year: int | None = None
    out: Path | None = None
    packages: bool = False


def offer(asked: Asked, more: More, *, as_json: bool) -> int:
    """Print what the offers come to; write them where a folder is named."""
    reading = read_reading(more.reading, read_ledger())
    told = _real_series(more)
    if more.out is not None:
        _check_target(more.out)
    with progress(3 + len(asked.offers)) as report:
        result = run_offers(asked, reading, report)
        found_packages = None
        if more.packages and more.why is None:
            report("searching packages")
            found_packages = search_packages(result)
        if more.out is not None and more.why is None:
            report("writing")
            (write_workbook if _is_workbook(more.out) else write_offers)(result, more.out)
    slips = [] if more.why is None else _slips(result, more.why)
    if as_json:
        found = offers_json(result, more.out if more.why is None else None)
        found |= {"series": told} if told else {}
        found |= {"packages": asdict(found_packages)} if found_packages else {}
        say_json({**found, "why": slips} if slips else found)
        return 0
    for line in _slip_lines(slips, result) if slips else _lines(result, told, more.out):
        say(line)
    for line in packages_lines(found_packages, result) if found_packages else ():
        say(line)
    return 0


def _is_workbook(out: Path) -> bool:
    return out.suffix.lower() == ".xlsx"


def _check_target(out: Path) -> None:
    """Raise for what cannot be written: before the work, not after it."""
    if out.suffix.lower() in {".xls", ".xlsm", ".ods", ".csv"}:
        remedy = "Name a workbook that ends in .xlsx, or a folder for the tables and the report."
        raise InputError(
            [Fault("command line", None, "--out", str(out), "a folder or an .xlsx file", remedy)]
        )
    if _is_workbook(out):
        check_workbook(out)
    else:
        check_target(out, OFFER_MARK, OFFER_OUTPUTS)


def _real_series(more: More) -> dict[str, Any]:
    """Return the series in real terms, or nothing where none is named; raises ``InputError``."""
    if more.series is None:
        if more.base_year is not None:
            remedy = "Name the file of the series with --series."
            fault = Fault("command line", None, "--base-year", str(more.base_year), "a series", remedy)
            raise InputError([fault])
        return {}
    series, prices = read_series(more.series), cpi()
    base = more.base_year or min(series)
    faults = []
    for year in sorted({base, *series}):
        try:
            prices.year(year)
        except LookupError as error:
            faults.append(Fault(more.series.name, None, "year", str(year), str(error), "Leave the year out."))
    if faults:
        raise InputError(faults)
    real = in_prices_of(base, series, prices)
    return {
        "base_year": base,
        "years": [
            {"year": year, "pay": pay, "real": round(real[year], 2), "index": real[year] / real[min(series)]}
            for year, pay in series.items()
        ],
        "notes": prices.notes(min(series), max(series)),
    }


def _slips(result: OffersResult, clinician: str) -> list[dict[str, Any]]:
    try:
        return [why(one, clinician) for one in (result.current, *(o.payroll for o in result.outcomes))]
    except LookupError as error:
        fault = Fault(
            "command line", None, "--why", repr(clinician), "a clinician_id of the roster", str(error)
        )
        raise InputError([fault]) from error


def _banners(result: OffersResult) -> list[str]:
    offers = [result.current.offer, *(outcome.payroll.offer for outcome in result.outcomes)]
    said = [SYNTHETIC] if result.roster.synthetic else []
    return list(dict.fromkeys(said + [offer.banner for offer in offers if offer.banner]))


def _lines(result: OffersResult, told: Mapping[str, Any], out: Path | None) -> Iterator[str]:
    yield from _banners(result)
    first, last = result.current.offer.start, result.current.offer.end
    yield ""
    yield (
        f"{plural(result.roster.table.height, 'clinician')} of {result.roster.name}, {first} to {last}, "
        f"beside: {result.current.offer.name}. Amounts in {result.current.offer.currency}."
    )
    for outcome in result.outcomes:
        yield ""
        yield words.sentence(outcome, result)
        yield ""
        yield from _offer_lines(outcome, result)
    yield from _series_lines(told)
    yield ""
    for note in result.notes:
        yield f"  - {note}"
    yield f"  - Reading: {result.reading.title}. What it takes for each claim: tideover claims"
    if out is not None:
        yield ""
        yield _written(out)


def _written(out: Path) -> str:
    if _is_workbook(out):
        return f"Written to {out}: live formulas, one row for each clinician; for the roster's owner."
    return f"Written to {out}: report.html to read; the other files are for the roster's owner."


def _offer_lines(outcome: Outcome, result: OffersResult) -> Iterator[str]:
    rows = words.classes(outcome)
    most = max(count for _, count in rows) if rows else 1
    yield f"  {'change of pay':<18}{'clinicians':>10}"
    for name, count in rows:
        yield f"  {name:<18}{count:>10,}  {'#' * max(1 if count else 0, round(_BAR * count / most))}"
    yield ""
    for line in words.losers(outcome) + words.hardest(outcome):
        yield f"  - {line}"
    yield ""
    yield f"  {'year':<8}{'cost now':>16}{'cost then':>16}{'difference':>16}{'pay buys':>12}"
    for year, now, then, over, left in words.cost_rows(outcome, result):
        yield f"  {year:<8}{now:>16}{then:>16}{over:>16}{left:>12}"
    yield f"  Present value of the differences: {words.money(outcome.present_value)}. What pay buys is told"
    yield "  in first-year prices, beside the pay of that year now."
    yield ""
    for line in words.stretches(outcome) + words.hours(outcome, result) + words.debts(outcome, result):
        yield f"  - {line}"
    for name, found in (
        ("Benefits", words.promised(outcome)),
        ("Beside the comparator", words.gaps(outcome)),
    ):
        listed = list(found)
        if listed:
            yield f"  - {name}: {'; '.join(listed)}."


def _series_lines(told: Mapping[str, Any]) -> Iterator[str]:
    if not told:
        return
    yield ""
    yield f"The series in prices of {told['base_year']} (CPI-U)"
    yield f"  {'year':<8}{'pay':>16}{'real':>16}{'index':>10}"
    for row in told["years"]:
        yield f"  {row['year']:<8}{row['pay']:>16,.2f}{row['real']:>16,.2f}{row['index'] * 100:>10.1f}"
    for note in told["notes"]:
        yield f"  - {note}."


def _slip_lines(slips: list[dict[str, Any]], result: OffersResult) -> Iterator[str]:
    yield from _banners(result)
    yield "About one person: for the roster's owner, and for nobody else without that person's consent."
    for slip in slips:
        yield ""
        yield (
            f"{slip['clinician_id']} under {slip['offer']}: {slip['role']}, step "
            f"{'unknown' if slip['step'] is None else slip['step']}, FTE {slip['fte']:g}"
        )
        yield f"  {'':<33}" + "".join(f"{year:>13}" for year in slip["years"])
        for line in slip["lines"]:
            amounts = "".join(f"{cents / 100:>13,.2f}" for cents in line["cents"])
            yield f"  {line['title'] + _side(line['side']):<33}{amounts}"
            used = ", ".join(f"{name} {value}" for name, value in line["from_roster"].items())
            yield f"      {line['rule']}{f' [{used}]' if used else ''}"
        for side, cents in slip["totals"].items():
            yield f"  {f'Sum: {side}':<33}" + "".join(f"{part / 100:>13,.2f}" for part in cents)
        for words_only in slip["words"]:
            yield f"  - {words_only}"


def _side(side: str) -> str:
    return {"pay": "", "benefit": " (benefit)", "deduction": " (own part)", "employer": " (employer's part)"}[
        side
    ]
