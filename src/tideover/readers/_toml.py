"""TOML files that people write: read, and every key that nobody asked for is a fault."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tideover.errors import Fault, InputError
from tideover.readers._tables import nearest


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file; raises ``InputError``, with the line if known, where it cannot."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        fault = toml_fault(
            path, None, error.strerror or str(error), "a file that can be read", "Check the path."
        )
    except UnicodeDecodeError as error:
        found = f"byte {error.object[error.start]:#04x} at offset {error.start:,}"
        fault = toml_fault(path, None, found, "text in UTF-8", "Save the file as UTF-8.")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        row = int(line.group(1)) if line else None
        fault = Fault(path.name, row, None, str(error) or "nesting too deep", "TOML", "Mend the line.")
    raise InputError([fault])


def toml_fault(path: Path, key: str | None, found: str, expected: str, remedy: str) -> Fault:
    """Return a fault about a key of a TOML file (dotted where it lies in a table)."""
    return Fault(path.name, None, key, found, expected, remedy)


def unknown_keys(path: Path, where: str, given: Mapping[str, Any], known: Iterable[str]) -> list[Fault]:
    """Return a fault for each key of ``given`` that is not ``known``, with the nearest one that is."""
    names = list(known)
    return [
        toml_fault(
            path,
            f"{where}.{key}" if where else key,
            "an unknown key",
            "one of " + ", ".join(names),
            nearest(key, names) or "Remove the key.",
        )
        for key in given
        if key not in names
    ]
