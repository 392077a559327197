"""A network written as a folder that ``read_network`` reads back."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tideover import schema
from tideover.nouns import Network
from tideover.readers._package import PACKAGE, package_of
from tideover.readers._whole import check_target, whole_folder

FORMS = ("csv", "parquet")
#: Tables about pay are written for their owner only.
OWNERS = ("roster",)
#: Every name that a written network may have, in any form.
OURS = frozenset({PACKAGE, *(f"{table}.{form}" for table in schema.tables() for form in FORMS)})


def write_network(network: Network, folder: Path | str, form: str = "csv") -> None:
    """Write ``network`` as a folder: one file in ``form`` (csv or parquet) per table with rows, described.

    Whole or not at all; a folder that Tideover wrote before is replaced, any other raises ``OutputError``.
    Law: ``read_network(folder)`` gives equal tables. Same network, same bytes.
    """
    if form not in FORMS:
        raise ValueError(f"form is one of {', '.join(FORMS)}, not {form!r}")
    tables = {name: frame for name, frame in network.tables().items() if frame.height}
    with whole_folder(folder, PACKAGE, OURS) as draft:
        for name, frame in tables.items():
            if form == "csv":
                as_text(frame).write_csv(draft / f"{name}.csv")
            else:
                frame.write_parquet(draft / f"{name}.parquet")
            if name in OWNERS:
                (draft / f"{name}.{form}").chmod(0o600)
        (draft / PACKAGE).write_text(package_of(network, form, tables), encoding="utf-8")


def network_files() -> frozenset[str]:
    """Return every name that a file of a written network may have."""
    return OURS


def check_network_target(folder: Path | str) -> None:
    """Raise the ``OutputError`` that ``write_network`` would raise now: ask before the work, not after it."""
    check_target(folder, PACKAGE, OURS)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return ``frame`` with lists and times as the schema writes them in CSV."""
    made = []
    for name, dtype in frame.schema.items():
        cell = pl.col(name)
        if isinstance(dtype, pl.List):
            cell = cell.list.join(";").replace("", None)
        elif isinstance(dtype, pl.Datetime):
            cell = cell.dt.strftime("%Y-%m-%dT%H:%M")
        made.append(cell)
    return frame.select(made)
