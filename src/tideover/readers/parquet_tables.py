"""Reader of tables in Parquet: one file for each table, columns in types that hold the schema's."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import polars as pl

from tideover import schema
from tideover.errors import Fault
from tideover.readers._kind import READERS, RawTable, quoted


class ParquetTables:
    """The files ``<table>.parquet`` of a folder; lines are counted as if there were a heading."""

    def matches(self, path: Path) -> bool:
        """Return whether ``path`` holds any table in Parquet."""
        return any((path / f"{table}.parquet").is_file() for table in schema.tables())

    def read(self, path: Path) -> dict[str, RawTable]:
        """Return the tables in Parquet, in the file's own types."""
        files = {table: path / f"{table}.parquet" for table in schema.tables()}
        return {
            table: read_parquet_bytes(file.name, file.read_bytes())
            for table, file in files.items()
            if file.is_file()
        }


def read_parquet_bytes(file: str, data: bytes) -> RawTable:
    """Return the table in the bytes of a Parquet file, in the file's own types, or its faults."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        return RawTable(file, digest, pl.read_parquet(io.BytesIO(data)))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        first = str(error).partition("\n")[0]
        fault = Fault(file, None, None, quoted(first), "a Parquet file", "Write the file again.")
        return RawTable(file, digest, pl.DataFrame(), (fault,), whole=False)


READERS.register("parquet")(ParquetTables())
