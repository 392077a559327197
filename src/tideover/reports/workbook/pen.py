"""The pen of the workbook: sheets, formats, names; text is always written as text, never as a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

Cell = str | float | int | None
_INK = {"font_name": "Arial", "font_size": 9, "valign": "top"}
_INPUT = {"bg_color": "#fff6d5", "border": 1, "border_color": "#d9c98a", "font_color": "#1f3f85"}
_MONEY, _RATE, _COUNT = "#,##0.00", "0.00##%", "#,##0.####"
#: How cells look; those of ``in_...`` may be changed by whoever reads.
FORMATS: dict[str, dict[str, Any]] = {
    "text": {"num_format": "@"},
    "wrap": {"text_wrap": True, "num_format": "@"},
    "title": {"bold": True, "font_size": 14},
    "banner": {"italic": True, "font_color": "#8a3b12"},
    "head": {
        "bold": True,
        "text_wrap": True,
        "bg_color": "#e4ebf2",
        "bottom": 1,
        "align": "center",
        "valign": "vcenter",
    },
    "part": {"bold": True, "font_size": 11, "top": 1},
    "quiet": {"font_color": "#5a5a5a"},
    "money": {"num_format": _MONEY},
    "sum": {"num_format": _MONEY, "bold": True},
    "whole": {"num_format": "#,##0"},
    "count": {"num_format": _COUNT},
    "year": {"num_format": "0"},
    "rate": {"num_format": _RATE},
    "change": {"num_format": "+0.0%;-0.0%;0.0%"},
    "given": {"num_format": _MONEY, "bg_color": "#e8e8e8"},
    "in_money": {"num_format": _MONEY, **_INPUT},
    "in_rate": {"num_format": _RATE, **_INPUT},
    "in_count": {"num_format": _COUNT, **_INPUT},
    "in_text": {"num_format": "@", **_INPUT},
}
PAPER = {"USD": 1}
_A4 = 9
_HEAD_HEIGHT = 38


class _Plain(Worksheet):  # type: ignore[misc]
    """A sheet whose formulas are written as they are: none of them uses functions newer than the format.

    XlsxWriter looks for thirty newer functions in every formula, which takes nine tenths of the whole time.
    """

    def _prepare_formula(self, formula: str, *_options: Any) -> str:
        return formula.removeprefix("=")


@dataclass
class Pen:
    """A workbook in the making: its formats, and the names that its formulas use."""

    book: xlsxwriter.Workbook
    currency: str
    banner: str
    formats: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.formats = {name: self.book.add_format({**_INK, **facts}) for name, facts in FORMATS.items()}

    def sheet(self, name: str, title: str, *, tab: str = "#9aa7b4", pages: int = 0) -> Sheet:
        """Return a new sheet, ready for print: landscape, one page wide, banner and page at the foot.

        It is ``pages`` tall, and as tall as it must be with nought.
        """
        made = self.book.add_worksheet(name, worksheet_class=_Plain)
        made.set_landscape()
        made.set_paper(PAPER.get(self.currency, _A4))
        made.fit_to_pages(1, pages)
        made.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        foot = self.banner.replace("&", "&&")[:180]
        made.set_footer(f"&L&8{foot}&R&8{name}, page &P of &N")
        made.set_tab_color(tab)
        made.hide_gridlines(2)
        sheet = Sheet(self, made, name)
        sheet.text(0, 0, title, "title")
        if self.banner:
            sheet.text(1, 0, self.banner, "banner")
        return sheet

    def define(self, name: str, place: str) -> str:
        """Give a place of the workbook a name, and return the name."""
        self.names[name] = place
        self.book.define_name(name, f"={place}")
        return name


@dataclass
class Sheet:
    """One sheet: cells by row and column, counted from nought."""

    pen: Pen
    sheet: Any
    name: str

    def text(self, row: int, column: int, text: str, look: str = "text") -> None:
        """Write text as text, whatever its first character is."""
        self.sheet.write_string(row, column, text, self.pen.formats[look])

    def number(self, row: int, column: int, value: float | None, look: str) -> None:
        """Write a number; of a missing one, an empty cell in its look."""
        if value is None:
            self.sheet.write_blank(row, column, None, self.pen.formats[look])
        else:
            self.sheet.write_number(row, column, value, self.pen.formats[look])

    def formula(self, row: int, column: int, formula: str, value: Cell, look: str = "money") -> None:
        """Write a formula and the engine's value of it."""
        held: Any = "" if value is None else value
        self.sheet.write_formula(row, column, f"={formula}", self.pen.formats[look], held)

    def heads(self, row: int, column: int, names: Sequence[str]) -> None:
        """Write the heads of columns."""
        self.sheet.set_row(row, _HEAD_HEIGHT)
        for number, name in enumerate(names):
            self.text(row, column + number, name, "head")

    def place(
        self, row: int, column: int, last_row: int | None = None, last_column: int | None = None
    ) -> str:
        """Return the address of a cell or an area, with the sheet's name."""
        first = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        if last_row is None and last_column is None:
            return f"'{self.name}'!{first}"
        end = xl_rowcol_to_cell(
            row if last_row is None else last_row,
            column if last_column is None else last_column,
            row_abs=True,
            col_abs=True,
        )
        return f"'{self.name}'!{first}:{end}"

    def widths(self, *widths: float) -> None:
        """Set the widths of the columns from the first on."""
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)

    def titles(self, row: int, *, columns: int = 0) -> None:
        """Hold the rows up to ``row`` (and first columns) on the screen, and print ``row`` on every page."""
        self.sheet.freeze_panes(row + 1, columns)
        self.sheet.repeat_rows(row)


def column_name(column: int) -> str:
    """Return the letters of a column."""
    return str(xl_col_to_name(column))


def cent(expression: str, mode: str) -> str:
    """Return the formula that rounds an expression (units of the currency, never negative) to the cent.

    The doubles of a sheet err in the 16th digit: what is a half of a cent in decimals may come out a hair
    beside it. So the amount is first brought to a millionth of a cent, and only then to the cent by the
    offer's rule.

    >>> cent("A1*B1", "half_up")
    'INT(ROUND(100*(A1*B1),6)+0.5)/100'
    """
    fine = f"ROUND(100*({expression}),6)"
    if mode == "half_up":
        return f"INT({fine}+0.5)/100"
    return f"(INT({fine}+0.5)-(MOD({fine},2)=0.5))/100"
