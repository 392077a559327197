"""One file with everything: what it holds, where, what rests on what; it appears whole or not at all."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import zipfile
from pathlib import Path

import xlsxwriter

import tideover
from tideover.cases.offer import OffersResult
from tideover.errors import OutputError
from tideover.pay.employer import Tax
from tideover.pay.money import to_cents
from tideover.pay.years import share
from tideover.reports.workbook.compare import payrolls_of, write_changes, write_comparison, write_distribution
from tideover.reports.workbook.inputs import Blocks, Inputs
from tideover.reports.workbook.pen import Pen, Sheet
from tideover.reports.workbook.people import Page, fill, write_offer, write_roster
from tideover.reports.workbook.rates import Rates

_MADE_BY = "Written by Tideover"
_SYNTHETIC = "Synthetic people, clinics, rosters, books and pay. Says nothing about any real organisation."
_CLAIMS = ("oasdi-rate", "oasdi-base", "oasdi-base-growth", "medicare-rate", "discount-rate")
_WHERE = (
    ("Comparison", "all clinicians together, and what each year costs the employer"),
    ("Distribution", "how many clinicians change by how much, with a chart"),
    ("Inputs", "every rate of every offer; yellow cells may be changed"),
    ("Rates", "the grids, and the full-time rate of each role and step by stretch of days"),
    ("Roster", "the clinicians; yellow cells may be changed"),
    ("Clinicians", "each clinician's pay over the whole contract, and the change"),
)
_NOTES = (
    "Change a yellow cell and every sheet follows, to the cents that Tideover finds for that offer.",
    "Days are not live: change parts of years and steps moved, or the days in the offer's file.",
    "Every line is rounded once, to the cent, by the rule of its offer.",
    "A sheet cannot tell amounts apart that lie within half a millionth of a cent of a half; Tideover can.",
    "The file is about single people: it is for the roster's owner.",
)


def check_workbook(path: Path) -> None:
    """Raise ``OutputError`` where ``path`` cannot become a workbook: ask before the work, not after it."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file")
    if os.path.lexists(path) and not _is_ours(path):
        raise OutputError(f"{path}: is a file that Tideover did not write; name another one")
    place = next(parent for parent in path.resolve().parents if os.path.lexists(parent))
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise OutputError(f"{path}: cannot be written; choose another folder or make room")


def _is_ours(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as whole:
            return _MADE_BY in whole.read("docProps/core.xml").decode("utf-8")
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return False


def write_workbook(result: OffersResult, path: Path) -> None:
    """Write the workbook ``path`` for its owner alone (mode 600); it appears whole, or what was there stays.

    Formulas are live, and each holds the engine's value. Raises ``OutputError`` if it cannot be written.
    """
    check_workbook(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".draft", dir=path.parent)
        os.close(handle)
        draft = Path(name)
        try:
            _write(result, draft)
            draft.chmod(0o600)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise OutputError(
            f"{path}: cannot be written ({error}); choose another folder or make room"
        ) from error


def _write(result: OffersResult, draft: Path) -> None:
    book = xlsxwriter.Workbook(draft, {"strings_to_formulas": False, "strings_to_urls": False})
    first = result.current.offer
    book.set_properties({
        "title": "Offers", "comments": f"{_MADE_BY} {tideover.__version__}",
        "created": dt.datetime.combine(first.start, dt.time()),
    })  # fmt: skip
    book.set_calc_mode("auto")
    pen = Pen(book, first.currency, " ".join(_banners(result)))
    front = pen.sheet("Read me", "Offers: what they pay, what they cost", tab="#d9b23a")
    told = pen.sheet("Comparison", "What the offers come to", tab="#4f7ea8", pages=1)
    spread = pen.sheet("Distribution", "How many clinicians change by how much", tab="#4f7ea8", pages=1)
    payrolls = payrolls_of(result)
    inputs = Inputs.on(pen, payrolls[0].years)
    _general(inputs, result)
    rates = Rates.on(pen, payrolls)
    staff = write_roster(pen, rates, payrolls[0])
    roles = result.roster.table["role"].unique().to_list()
    pages = []
    for number, payroll in enumerate(payrolls):
        label = f"Offer {number}" if number else "Current"
        blocks = Blocks(inputs, payroll.offer, f"o{number}" if number else "cur")
        inputs.part(f"{label}: {payroll.offer.name}")
        roll_up = float(payroll.offer.roll_up or 0)
        inputs.value(
            f"{blocks.prefix}_roll_up", "employer's cost on pay beside payroll tax", roll_up, "in_rate"
        )
        base = rates.offer(blocks, label, roles)
        pages.append(write_offer(blocks, base, payroll, label, result.tax))
        fill(pages[-1], staff)
    changes = write_changes(pen, pages, result)
    write_comparison(told, pages, result, changes)
    write_distribution(pen, spread, result, changes)
    _front(front, pages, result)
    book.close()


def _banners(result: OffersResult) -> list[str]:
    said = [_SYNTHETIC] if result.roster.synthetic else []
    return list(dict.fromkeys(said + [one.offer.banner for one in payrolls_of(result) if one.offer.banner]))


def _general(inputs: Inputs, result: OffersResult) -> None:
    """Write what is common to all offers: lengths of the pay years, payroll tax, the discount rate."""
    years = inputs.years
    inputs.part("All offers")
    lengths = [float(share(year.start, year.end, year)) for year in years]
    inputs.by_year("year_length", "length of the pay year", lengths, "in_count", "Pay years")
    if result.tax is not None:
        _tax(inputs, result.tax)
    discount = result.reading.answer("discount-rate").number
    inputs.value("discount_rate", "discount rate of a year", discount, "in_rate", "Present value")


def _tax(inputs: Inputs, tax: Tax) -> None:
    inputs.value(
        "tax_oasdi", "social security: rate up to the wage base", float(tax.oasdi), "in_rate", "Payroll tax"
    )
    inputs.value("tax_medicare", "Medicare: rate on all pay", float(tax.medicare), "in_rate")
    limits = [
        to_cents(tax.base(year.start.year) * share(year.start, year.end, year), "half_up") / 100
        for year in inputs.years
    ]
    inputs.by_year("tax_base", "social security: wage base", limits, "in_money")


def _front(sheet: Sheet, pages: list[Page], result: OffersResult) -> None:
    """Write the first sheet: what is where, what to know, what is a value only, and the sources."""
    sheet.widths(24, 100)
    row = _list(sheet, 3, "Sheets", [*_WHERE, *map(_of_offer, pages)])
    fixed = [f"{page.sheet.name}: {name}" for page in pages for name in page.only_values]
    fixed += [f"{page.sheet.name}: cost of staff asked for" for page in pages if page.payroll.site_costs]
    row = _list(sheet, row, "To know", [("", note) for note in (*_NOTES, *result.notes)])
    row = _list(sheet, row, "Values without formulas (grey)", [("", one) for one in fixed or ["none"]])
    claims = []
    for name in _CLAIMS:
        entry = result.reading.answer(name).entry
        claims.append((name, f"{entry.source} ({entry.date})"))
    row = _list(sheet, row, f"Sources (reading: {result.reading.title})", claims)
    files = [(name, f"SHA-256 {digest}") for name, digest in result.roster.files.items()]
    _list(sheet, row, f"Roster: {result.roster.name}", files)


def _of_offer(page: Page) -> tuple[str, str]:
    offer = page.payroll.offer
    rounding = f"halves of a cent {offer.rounding.mode.replace('_', ' ')}, at the {offer.rounding.at}"
    return page.sheet.name, f"{offer.name}; {rounding}; {offer.start} to {offer.end}"


def _list(sheet: Sheet, row: int, title: str, rows: list[tuple[str, str]]) -> int:
    sheet.text(row, 0, title, "part")
    for place, (left, right) in enumerate(rows, start=row + 1):
        sheet.text(place, 0, left, "wrap")
        sheet.text(place, 1, right, "wrap")
    return row + len(rows) + 2
