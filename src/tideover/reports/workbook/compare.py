"""The sheets that compare: each clinician's change, what is told of all of them, cost by year, the chart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tideover.cases.offer import OffersResult
from tideover.nouns.payroll import Payroll
from tideover.pay.compare import CLASSES, LOSSES
from tideover.pay.employer import YearCost
from tideover.reports.workbook.pen import Pen, Sheet, cent, column_name
from tideover.reports.workbook.people import FIRST, HEAD, Page

#: Columns of one offer on the sheet of changes: pay, its change, pay with benefits, its change.
_EACH = 4
_PERSON = 5
_BARS = ("#7a8896", "#a85a12", "#1f5a85", "#6f8f6a", "#7d5a9c", "#b3973b")


def write_changes(pen: Pen, pages: Sequence[Page], result: OffersResult) -> Sheet:
    """Write the sheet with a row for each clinician: pay over the whole contract, and the change."""
    sheet = pen.sheet(
        "Clinicians", "Each clinician: pay over the whole contract, and the change", tab="#6f8f6a"
    )
    heads = ["Clinician", "Role", "Clinic", "Step", "FTE"]
    for page in pages:
        name = page.sheet.name
        heads += [f"{name}: pay", "change", f"{name}: pay, benefits, premiums", "change"]
    sheet.heads(HEAD, 0, heads)
    sheet.widths(22, 10, 20, 6, 6, *[13, 8] * (2 * len(pages)))
    sheet.titles(HEAD, columns=1)
    table = result.roster.table
    letters = "ABCEF"
    for place, row in enumerate(table.select("clinician_id", "role", "clinic_id", "step", "fte").iter_rows()):
        for column, (letter, value) in enumerate(zip(letters, row, strict=True)):
            look = "text" if column < 3 else "count"
            ref = f"Roster!${letter}{FIRST + place + 1}"
            sheet.formula(FIRST + place, column, ref if value is not None else f'{ref}&""', value, look)
    for number, page in enumerate(pages):
        _change_columns(sheet, page, pages[0], _PERSON + number * _EACH)
    return sheet


def _change_columns(sheet: Sheet, page: Page, first: Page, column: int) -> None:
    years = range(len(page.payroll.years))
    for offset, key in ((0, "pay"), (2, "net")):
        after, before = (one.values[key].sum(axis=0).tolist() for one in (page, first))
        now, base = (column_name(at) for at in (column + offset, _PERSON + offset))
        for place, (then, was) in enumerate(zip(after, before, strict=True)):
            row = FIRST + place
            cells = "+".join(page.cell(key, year, place) for year in years)
            sheet.formula(row, column + offset, f"ROUND({cells},2)", then / 100)
            if page is first:
                sheet.text(row, column + offset + 1, "")
                continue
            old, new = (f"ROUND(100*${letter}{row + 1},0)" for letter in (base, now))
            change = f'IF({old}>0,({new}-{old})/{old},"")'
            sheet.formula(row, column + offset + 1, change, (then - was) / was if was > 0 else None, "change")


def _area(changes: Sheet, number: int, offset: int, count: int) -> str:
    return changes.place(FIRST, _PERSON + number * _EACH + offset, FIRST + count - 1)


def write_comparison(sheet: Sheet, pages: Sequence[Page], result: OffersResult, changes: Sheet) -> None:
    """Write what is told of all clinicians and what each year costs, a column for each offer."""
    count = result.roster.table.height
    sheet.heads(HEAD, 0, ["All clinicians", *(page.payroll.offer.name for page in pages)])
    sheet.widths(44, *[19] * len(pages))
    sheet.titles(HEAD, columns=1)
    rows = [("Mean change of pay", 1, "AVERAGE({})"), ("Middle change of pay", 1, "MEDIAN({})"),
            ("Lowest change of pay", 1, "MIN({})"), ("Highest change of pay", 1, "MAX({})"),
            *((_losing(loss), 1, f'COUNTIF({{}},"<{-loss:g}")/COUNT({{}})') for loss in LOSSES),
            ("Mean change with benefits and premiums", 3, "AVERAGE({})")]  # fmt: skip
    for place, (words, offset, formula) in enumerate(rows):
        sheet.text(FIRST + place, 0, words)
        for number, outcome in enumerate(result.outcomes, start=1):
            told, net = outcome.spread, outcome.net
            values = [
                told.mean,
                told.points.get("0.5"),
                told.worst,
                told.best,
                *told.losing.values(),
                net.mean,
            ]
            area = _area(changes, number, offset, count)
            look = "rate" if formula.startswith("COUNTIF") else "change"
            sheet.formula(FIRST + place, number + 1, f"IFERROR({formula.replace('{}', area)},0)",
                          values[place] if values[place] is not None else 0.0, look)  # fmt: skip
    row = FIRST + len(rows)
    sheet.text(row, 0, "Change of all pay taken together")
    base = _area(changes, 0, 0, count)
    for number, outcome in enumerate(result.outcomes, start=1):
        mine = _area(changes, number, 0, count)
        sheet.formula(
            row, number + 1, f"IFERROR(SUM({mine})/SUM({base})-1,0)", outcome.spread.of_payroll, "change"
        )
    _costs(sheet, row + 2, pages, result)


def _losing(loss: float) -> str:
    return "Share whose pay falls" if not loss else f"Share losing more than {loss * 100:g} %"


def _costs(sheet: Sheet, row: int, pages: Sequence[Page], result: OffersResult) -> None:
    """Write the cost of each year by its parts, the difference to the current contract, and its value now."""
    years = len(pages[0].payroll.years)
    sheet.heads(row, 0, ["Cost to the employer", *(page.payroll.offer.name for page in pages)])
    places: dict[tuple[str, int], int] = {}
    row += 1
    for year in range(years):
        for key, words in (("pay", "pay"), ("tax", "payroll tax"), ("roll", "roll-up"),
                           ("benefits", "benefits"),
                           ("staff", "staff asked for (value, no formula)"), ("total", "whole cost"),
                           ("over", "over the current contract")):  # fmt: skip
            sheet.text(row, 0, f"{pages[0].payroll.years[year].name}: {words}")
            places[key, year] = row
            row += 1
    sheet.text(row, 0, "Over the current contract, present value")
    costs = [result.current_costs, *(outcome.costs for outcome in result.outcomes)]
    for number, (page, cost) in enumerate(zip(pages, costs, strict=True)):
        for year in range(years):
            _year_cost(
                sheet,
                page,
                number,
                {key: at for (key, of), at in places.items() if of == year},
                year,
                cost[year],
            )
    for number, outcome in enumerate(result.outcomes, start=1):
        letter = column_name(number + 1)
        for year in range(years):
            now, at = places["total", year] + 1, places["over", year]
            sheet.formula(at, number + 1, f"ROUND({letter}{now}-$B{now},2)",
                          outcome.cost_over_base[year] / 100, "sum")  # fmt: skip
        worth = "+".join(
            f"{letter}{places['over', year] + 1}/(1+discount_rate)^{year + 0.5}" for year in range(years)
        )
        sheet.formula(row, number + 1, worth, outcome.present_value / 100, "sum")


def _year_cost(sheet: Sheet, page: Page, number: int, at: dict[str, int], year: int, cost: YearCost) -> None:
    column, letter = number + 1, column_name(number + 1)
    pay, tax, whole = (
        f"SUM({page.area(key, year)})" if key in page.columns else "0" for key in ("pay", "tax", "cost")
    )
    prefix = "cur" if not number else f"o{number}"
    sheet.formula(at["pay"], column, f"ROUND({pay},2)", cost.pay / 100)
    sheet.formula(at["tax"], column, f"ROUND({tax},2)", cost.payroll_tax / 100)
    roll = cent(f"{letter}{at['pay'] + 1}*{prefix}_roll_up", page.payroll.offer.rounding.mode)
    sheet.formula(at["roll"], column, roll, cost.roll_up / 100)
    sheet.formula(at["benefits"], column, f"ROUND({whole}-{pay}-{tax},2)", cost.benefits / 100)
    sheet.number(at["staff"], column, cost.staffing / 100, "given")
    first, last = at["pay"] + 1, at["staff"] + 1
    sheet.formula(
        at["total"], column, f"ROUND(SUM({letter}{first}:{letter}{last}),2)", cost.total / 100, "sum"
    )


def write_distribution(pen: Pen, sheet: Sheet, result: OffersResult, changes: Sheet) -> None:
    """Write how many clinicians change by how much under each offer, as a table and as a chart."""
    count = result.roster.table.height
    names = [outcome.payroll.offer.name for outcome in result.outcomes]
    sheet.heads(HEAD, 0, ["Change of pay", "from", "below", *names])
    sheet.widths(20, 9, 9, *[18] * len(names))
    sheet.titles(HEAD)
    edges = [None, *CLASSES, None]
    for place in range(len(edges) - 1):
        row, (low, high) = FIRST + place, (edges[place], edges[place + 1])
        sheet.text(row, 0, _class(low, high))
        sheet.number(row, 1, low, "change")
        sheet.number(row, 2, high, "change")
        for number, outcome in enumerate(result.outcomes, start=1):
            area = _area(changes, number, 1, count)
            limits = [f'{area},">="&$B{row + 1}'] * (low is not None) + [f'{area},"<"&$C{row + 1}'] * (
                high is not None
            )
            values = outcome.changes["change"].drop_nulls().to_numpy()
            here = np.count_nonzero(np.searchsorted(CLASSES, values, side="right") == place)
            sheet.formula(row, number + 2, f"COUNTIFS({','.join(limits)})", int(here), "whole")
    _chart(pen, sheet, names, len(edges) - 1)


def _class(low: float | None, high: float | None) -> str:
    if low is None:
        return f"below {_edge(high)} %"
    return f"{_edge(low)} % and above" if high is None else f"{_edge(low)} to {_edge(high)} %"


def _edge(share: float | None) -> str:
    return f"{share * 100:+g}" if share else "0"


def _chart(pen: Pen, sheet: Sheet, names: Sequence[str], rows: int) -> None:
    chart = pen.book.add_chart({"type": "column"})
    last = FIRST + rows - 1
    for number, _ in enumerate(names):
        chart.add_series({
            "name": [sheet.name, HEAD, number + 3],
            "categories": [sheet.name, FIRST, 0, last, 0],
            "values": [sheet.name, FIRST, number + 3, last, number + 3],
            "fill": {"color": _BARS[(number + 1) % len(_BARS)]},
            "gap": 60,
        })  # fmt: skip
    chart.set_title({"name": "Clinicians by change of pay over the whole contract",
                     "name_font": {"size": 11}, "overlay": False})  # fmt: skip
    chart.set_x_axis({"num_font": {"size": 8, "rotation": -45}, "name": "change of pay"})
    chart.set_y_axis({"num_font": {"size": 8}, "name": "clinicians", "major_gridlines": {"visible": True,
                      "line": {"color": "#dddddd"}}})  # fmt: skip
    chart.set_legend({"position": "top"})
    chart.set_size({"width": 860, "height": 400})
    sheet.sheet.insert_chart(
        last + 2, 0, chart, {"description": "Columns of the table above, for each offer"}
    )


def payrolls_of(result: OffersResult) -> list[Payroll]:
    """Return the payrolls in the order of the sheets: the current contract first."""
    return [result.current, *(outcome.payroll for outcome in result.outcomes)]
