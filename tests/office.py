"""Workbooks read as files are, changed as a person would change them, and recalculated by LibreOffice."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
#: Everything is reckoned anew when the file is opened, whatever values it holds.
_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""
#: Comma, quotes, UTF-8, from the first row, values as they are, one file for each sheet.
_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"


@dataclass(frozen=True)
class FormulaCell:
    """A cell with a formula: its sheet, its place, and the value that the file holds for it."""

    sheet: str
    row: int
    column: int
    formula: str
    held: str


def soffice() -> str:
    """Return LibreOffice; the test is skipped, or fails where everything is required, if there is none."""
    found = shutil.which("soffice")
    if found is None:
        if os.environ.get("TIDEOVER_REQUIRE_ALL") == "1":
            pytest.fail("no LibreOffice (soffice) found, and TIDEOVER_REQUIRE_ALL=1")
        pytest.skip("no LibreOffice (soffice) found")
    return found


def recalculated(workbook: Path, folder: Path) -> dict[str, list[list[str]]]:
    """Return the cells of every sheet after LibreOffice has reckoned all formulas anew."""
    program = soffice()
    user = folder / "profile" / "user"
    user.mkdir(parents=True, exist_ok=True)
    (user / "registrymodifications.xcu").write_text(_ALWAYS, encoding="utf-8")
    out = folder / f"{workbook.stem}-sheets"
    subprocess.run(  # noqa: S603
        [program, f"-env:UserInstallation={user.parent.as_uri()}", "--headless", "--convert-to", _CSV,
         "--outdir", str(out), str(workbook)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    found = {}
    for path in out.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            found[path.stem.removeprefix(f"{workbook.stem}-")] = list(csv.reader(lines))
    return found


def sheet_files(workbook: Path) -> dict[str, str]:
    """Return the part of the file that holds each sheet."""
    with zipfile.ZipFile(workbook) as whole:
        sheets = ET.fromstring(whole.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")  # noqa: S314
        return {one.attrib["name"]: f"xl/worksheets/sheet{n}.xml" for n, one in enumerate(sheets, start=1)}


def names(workbook: Path) -> dict[str, tuple[str, str]]:
    """Return the sheet and the address of each name."""
    with zipfile.ZipFile(workbook) as whole:
        made = ET.fromstring(whole.read("xl/workbook.xml")).iter(f"{_MAIN}definedName")  # noqa: S314
        found = {}
        for one in made:
            sheet, _, place = (one.text or "").rpartition("!")
            found[one.attrib["name"]] = (sheet.strip("'"), place.replace("$", ""))
        return found


def formulas(workbook: Path) -> Iterator[FormulaCell]:
    """Yield every cell with a formula."""
    with zipfile.ZipFile(workbook) as whole:
        for sheet, part in sheet_files(workbook).items():
            for cell in ET.fromstring(whole.read(part)).iter(f"{_MAIN}c"):  # noqa: S314
                formula, value = cell.find(f"{_MAIN}f"), cell.find(f"{_MAIN}v")
                if formula is None:
                    continue
                row, column = place(cell.attrib["r"])
                held = "" if value is None else value.text or ""
                yield FormulaCell(sheet, row, column, formula.text or "", held)


def place(address: str) -> tuple[int, int]:
    """Return the row and the column of an address, from nought."""
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", address).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits) - 1, column - 1


def changed(workbook: Path, values: Mapping[str, float], target: Path) -> Path:
    """Write a copy in which the cells of these names hold other numbers; formulas keep their old values."""
    known, files = names(workbook), sheet_files(workbook)
    with zipfile.ZipFile(workbook) as whole:
        parts = {info.filename: whole.read(info) for info in whole.infolist()}
    for name, value in values.items():
        sheet, address = known[name]
        text = parts[files[sheet]].decode("utf-8")
        text, count = re.subn(rf'(<c r="{address}"[^>]*><v>)[^<]*(</v>)', rf"\g<1>{value}\g<2>", text)
        assert count == 1, name
        parts[files[sheet]] = text.encode("utf-8")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for part, data in parts.items():
            made.writestr(part, data)
    return target


def number(text: str) -> float:
    """Return a cell as a number; shares come as per cent."""
    return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)


def differing(workbook: Path, sheets: Mapping[str, list[list[str]]]) -> list[tuple[FormulaCell, str]]:
    """Return the cells whose recalculated value is not the one that the file holds."""
    found = []
    for cell in formulas(workbook):
        got = sheets[cell.sheet][cell.row][cell.column]
        if got == cell.held:
            continue
        try:
            held = float(cell.held)
            same = abs(number(got) - held) <= 1e-12 * max(1.0, abs(held))
        except ValueError:
            same = False
        if not same:
            found.append((cell, got))
    return found
