"""The files of a plan folder, read with a sentence for everything that is wrong with them."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from tideover.verify.verdict import Findings

#: What reading a damaged file may raise. A damaged Parquet file can also make the reader panic.
DAMAGE = (OSError, ValueError, RecursionError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
PRICES = {"level": pl.Int64(), "visit_id": pl.String(), "price": pl.Int64()}


def plan_folders(folder: Path) -> list[Path]:
    """Return every folder in ``folder``, itself included, with a plan, or a rank or choice of closings."""
    marks = ("plan.json", "rank.json", "choice.json")
    return sorted({path.parent for mark in marks for path in folder.rglob(mark)})


def read_json(path: Path, findings: Findings) -> Any:
    """Return what the JSON file says, or ``None`` with a difference."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except DAMAGE as error:
        findings.add("files", f"{path.name}: cannot be read as JSON ({_first_line(error)})")
        return None


def read_parquet(
    path: Path, columns: Mapping[str, Any], digest: str | None, findings: Findings
) -> pl.DataFrame | None:
    """Return the table if it can be read and has exactly these columns, else ``None`` with a difference.

    A file that is not the one of which ``digest`` is the SHA-256 is first tried by a process of its own: a
    damaged one can ask for so much memory that whoever reads it is ended, which no program can catch.
    """
    if (digest is None or sha256_of(path) != digest) and _ends_the_reader(path):
        findings.add("files", f"{path.name}: cannot be read as Parquet (it ends the program that reads it)")
        return None
    try:
        frame = pl.read_parquet(path.read_bytes())
    except DAMAGE as error:
        findings.add("files", f"{path.name}: cannot be read as Parquet ({_first_line(error)})")
        return None
    same = findings.compare("files", f"{path.name}, columns", frame.columns, list(columns))
    for name in columns if same else ():
        same &= findings.compare(
            "files", f"{path.name}, type of {name}", str(frame[name].dtype), str(columns[name])
        )
    return frame if same else None


def _ends_the_reader(path: Path) -> bool:
    program = "import sys, polars; polars.read_parquet(sys.argv[1])"
    tried = subprocess.run(  # noqa: S603 -- this Python, a fixed program
        [sys.executable, "-c", program, str(path)], capture_output=True, check=False
    )
    return tried.returncode not in (0, 1)


def read_csv(path: Path, findings: Findings) -> list[dict[str, str]] | None:
    """Return the rows of a CSV file as text, or ``None`` with a difference."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, strict=True, restval="", restkey="beyond the last column"))
    except (*DAMAGE, csv.Error) as error:
        findings.add("files", f"{path.name}: cannot be read as CSV ({_first_line(error)})")
        return None
    return rows


def sha256_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, or ``None`` if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def compare_csv(frame: pl.DataFrame, path: Path, findings: Findings) -> None:
    """Check that the CSV file says cell by cell what the table says; empty text and nothing are the same."""
    rows = read_csv(path, findings)
    if rows is None or not findings.compare("files", f"{path.name}, rows", len(rows), frame.height):
        return
    for number, (said, row) in enumerate(zip(rows, frame.iter_rows(named=True), strict=True), start=2):
        if said.keys() != row.keys():
            findings.compare("files", f"{path.name}, row {number}, columns", list(said), list(row))
            return
        for name, value in row.items():
            if not _same(said[name], value):
                expected = "nothing" if value is None else value
                findings.add(
                    "decisions.csv",
                    f"{path.name}, row {number}, {name}: found {said[name] or 'nothing'}; "
                    f"expected {expected}, as in decisions.parquet",
                )


def _same(text: str, value: Any) -> bool:
    read: dict[type, Callable[[str], Any]] = {
        bool: lambda said: said.lower() == "true" if said.lower() in ("true", "false") else None,
        int: int,
        datetime: datetime.fromisoformat,
        date: date.fromisoformat,
    }
    try:
        return bool(read.get(type(value), str)(text) == ("" if value is None else value))
    except ValueError:
        return False


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
