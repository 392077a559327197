"""Reader of tables in CSV: UTF-8, comma, one file for each table, the first line names the columns."""

from __future__ import annotations

from pathlib import Path

from tideover import schema
from tideover.readers._kind import READERS, RawTable
from tideover.readers._text import read_text


class CsvTables:
    """The files ``<table>.csv`` of a folder."""

    def matches(self, path: Path) -> bool:
        """Return whether ``path`` holds any table in CSV."""
        return any((path / f"{table}.csv").is_file() for table in schema.tables())

    def read(self, path: Path) -> dict[str, RawTable]:
        """Return the tables in CSV; every cell is text, empty cells are null."""
        files = {table: path / f"{table}.csv" for table in schema.tables()}
        return {
            table: read_text(file.name, file.read_bytes()) for table, file in files.items() if file.is_file()
        }


READERS.register("csv")(CsvTables())
