"""TOML files of claims and readings: read, with every fault and the line where it is."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tideover.errors import Fault


class Readable(Protocol):
    """A file, in a folder or in the package."""

    @property
    def name(self) -> str:
        """The name of the file."""

    def read_bytes(self) -> bytes:
        """Return what is in it."""


@dataclass
class Page:
    """A TOML file as it was read, and the faults found in it so far."""

    file: str
    content: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _lines: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: Readable, shown: str | None = None) -> Page:
        """Return the page of a file; one that cannot be read is empty, with the fault."""
        page = cls(shown or path.name)
        try:
            text = path.read_bytes().decode("utf-8-sig")
            page.content, page._lines = tomllib.loads(text), tuple(text.splitlines())
        except OSError as error:
            page.fault(None, error.strerror or str(error), "a file that can be read", "Check the path.")
        except UnicodeDecodeError as error:
            found = f"byte {error.object[error.start]:#04x} at offset {error.start:,}"
            page.fault(None, found, "text in UTF-8", "Save the file as UTF-8.")
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            line = re.search(r"at line (\d+)", str(error))
            row = int(line.group(1)) if line else None
            page.faults.append(
                Fault(page.file, row, None, str(error) or "nesting too deep", "TOML", "Mend the line.")
            )
        return page

    def fault(self, key: str | None, found: str, expected: str, remedy: str) -> None:
        """Note a fault about a key, written ``entry[2].source`` for that of the second ``[[entry]]``."""
        self.faults.append(Fault(self.file, self._row(key), key, found[:120], expected, remedy))

    def unknown(self, where: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
        """Note a fault for each key of ``given`` that is not ``known``, with the nearest one that is."""
        names = list(known)
        for key in given:
            if key not in names:
                place = f"{where}.{key}" if where else key
                remedy = nearest(key, names) or "Remove the key."
                self.fault(place, "an unknown key", "one of " + ", ".join(names), remedy)

    def tables(self, key: str) -> list[tuple[str, dict[str, Any]]]:
        """Return each table ``[[key]]`` with its place; whatever else stands there is a fault."""
        given = self.content.get(key, [])
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            self.fault(key, repr(given), f"tables [[{key}]]", "Write each as a table of its own.")
            return []
        return [(f"{key}[{number}]", each) for number, each in enumerate(given, start=1)]

    def _row(self, key: str | None) -> int | None:
        """Return the line of a key, counted from 1; that of its table where the key is missing."""
        if key is None:
            return None
        table = re.match(r"(\w+)\[(\d+)\]\.?", key)
        start, stop, name = 0, len(self._lines), key.split(".")[-1]
        if table:
            heads = [row for row, line in enumerate(self._lines) if line.strip() == f"[[{table[1]}]]"]
            number = int(table[2])
            if len(heads) < number:
                return None
            start = heads[number - 1]
            stop = heads[number] if len(heads) > number else stop
        for row in range(start, stop):
            if re.match(rf"\s*{re.escape(name)}\s*=", self._lines[row]):
                return row + 1
        return start + 1 if table else None


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the question whether the nearest of ``known`` was meant, or an empty text when none is near."""
    close = difflib.get_close_matches(name.lower(), list(known), n=1)
    return f"Did you mean {close[0]}?" if close else ""
