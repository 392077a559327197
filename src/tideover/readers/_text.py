"""Text to cells: what must be right about the file before any cell is looked at."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io

import numpy as np
import polars as pl

from tideover.errors import Fault
from tideover.readers._kind import RawTable, quoted
from tideover.readers._layout import Layout

#: A longer line is taken for a fault of the export, not for data.
LONGEST_LINE = 1_000_000
_NEWLINE = 10
_AGAIN = "Export the file again."


def read_text(file: str, data: bytes, separator: str = ",", encoding: str = "utf-8") -> RawTable:
    """Return the cells of ``data`` as text, empty cells as null, with every fault of the file's form.

    Faults: no bytes, wrong encoding, NUL bytes, line ends of old Macs, lines over ``LONGEST_LINE`` bytes,
    quotes out of place, a column without a name or named twice, rows with more or fewer cells than the
    heading. Where cells can still be told apart, they are returned for further checks.
    """
    digest = hashlib.sha256(data).hexdigest()
    text, faults = _decoded(file, data, encoding)
    faults = faults or _long_lines(file, text)
    if faults:
        return _nothing(file, digest, faults)
    if b'"' not in text:
        heading = _names(text.partition(b"\n")[0], separator)
        if even := _even_cells(text, heading, separator):
            return RawTable(file, digest, even[0], tuple(_heading(file, heading)), plain=even[1])
    return _with_layout(file, digest, text, separator)


def _nothing(file: str, digest: str, faults: list[Fault]) -> RawTable:
    return RawTable(file, digest, pl.DataFrame(), tuple(faults), whole=False)


def _with_layout(file: str, digest: str, text: bytes, separator: str) -> RawTable:
    """Return the cells of a text with quotes, or with rows of other lengths than the heading."""
    layout = Layout.of(text, separator)
    if faults := layout.quote_faults(file, text, separator):
        return _nothing(file, digest, faults)
    heading = _names(text[: int(layout.ends[0])], separator)
    faults = [*_heading(file, heading), *layout.ragged_faults(file, len(heading))]
    try:
        frame = _cells(text, heading, separator, lenient=True)
    except pl.exceptions.PolarsError as error:
        return _nothing(
            file, digest, [*faults, _about(file, quoted(error), "comma-separated values", _AGAIN)]
        )
    if len(layout.lines) - 1 != frame.height:
        found = f"{frame.height:,} rows on {len(layout.lines) - 1:,} lines"
        return _nothing(
            file, digest, [*faults, _about(file, found, "one row for each line", "Mend the quotes.")]
        )
    sound = layout.cells[1:] == len(heading)
    whole = bool(sound.all())
    lines = layout.lines[1:] if whole else layout.lines[1:][sound]
    frame = frame if whole else frame.filter(pl.Series(sound))
    return RawTable(file, digest, frame, tuple(faults), whole=whole, lines=lines)


def _decoded(file: str, data: bytes, encoding: str) -> tuple[bytes, list[Fault]]:
    """Return the text in UTF-8, without byte-order mark and empty lines at its end, or what forbids it."""
    text = data.removeprefix(codecs.BOM_UTF8)
    if not text.strip():
        return b"", [_about(file, "no text", "a heading and rows", _AGAIN)]
    try:
        decoded = text.decode(encoding)
    except UnicodeDecodeError as error:
        offset = error.start + len(data) - len(text)
        found = f"byte {data[offset]:#04x} at offset {offset:,}"
        line = data.count(b"\n", 0, offset) + 1
        expected = f"text in {encoding.upper()}"
        return b"", [Fault(file, line, None, found, expected, _encoding_remedy(data, encoding))]
    if encoding != "utf-8":
        text = decoded.encode("utf-8")
    if (place := text.find(b"\0")) >= 0:
        line = text.count(b"\n", 0, place) + 1
        found = f"a NUL byte at offset {place + len(data) - len(text):,}"
        return b"", [Fault(file, line, None, found, "text without NUL bytes", _AGAIN)]
    if b"\r" in text and b"\n" not in text:
        remedy = "Save the file with line ends of LF or CR LF."
        return b"", [_about(file, "line ends of CR alone", "line ends of LF or CR LF", remedy)]
    return _without_empty_end(text), []


def _without_empty_end(text: bytes) -> bytes:
    if text.endswith((b"\n\n", b"\n\r\n")):
        return text.rstrip(b"\r\n") + b"\n"
    return text


def _encoding_remedy(data: bytes, encoding: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "The file is UTF-16; save it as UTF-8."
    return (
        "Save the file as UTF-8." if encoding == "utf-8" else "State the file's own encoding in the mapping."
    )


def _about(file: str, found: str, expected: str, remedy: str) -> Fault:
    return Fault(file, None, None, found, expected, remedy)


def _long_lines(file: str, text: bytes) -> list[Fault]:
    """Return the first line that is too long; it leaps from line end to line end, so it costs little."""
    place = 0
    while len(text) - place > LONGEST_LINE:
        leap = text.rfind(b"\n", place, place + LONGEST_LINE + 1)
        if leap < 0:
            end = text.find(b"\n", place)
            length = (end if end >= 0 else len(text)) - place
            line = text.count(b"\n", 0, place) + 1
            expected = f"at most {LONGEST_LINE:,} bytes in a line"
            remedy = "Look for a quote that is never closed, or export the file again."
            return [Fault(file, line, None, f"a line of {length:,} bytes", expected, remedy)]
        place = leap + 1
    return []


def _names(line: bytes, separator: str) -> list[str]:
    """Return the names in the heading, in order."""
    words = line.decode("utf-8").rstrip("\r")
    return next(csv.reader(io.StringIO(words, newline=""), delimiter=separator), [""])


def _heading(file: str, heading: list[str]) -> list[Fault]:
    found = [
        Fault(file, 1, None, f"column {place} without a name", "a name", "Name the column or remove it.")
        for place, name in enumerate(heading, start=1)
        if not name.strip()
    ]
    for name in dict.fromkeys(name for name in heading if name.strip() and heading.count(name) > 1):
        expected = "each column once"
        found.append(
            Fault(file, 1, name, f"{heading.count(name)} columns of this name", expected, "Keep one.")
        )
    return found


def _even_cells(text: bytes, heading: list[str], separator: str) -> tuple[pl.DataFrame, bool] | None:
    """Return the cells of a text without quotes if every row has as many as the heading, else ``None``.

    The parser refuses rows with more cells; so if the separators add up, no row has fewer. Beside the cells:
    whether the text is plain, so that no cell can hold a control character.
    """
    newlines, separators, controls = _tally(text, ord(separator))
    lines = newlines + (not text.endswith(b"\n"))
    if separators != lines * (len(heading) - 1):
        return None
    try:
        frame = _cells(text, heading, separator, lenient=False)
    except pl.exceptions.PolarsError:
        return None
    returns = text.count(b"\r\n") if controls > newlines else 0
    return (frame, text.isascii() and controls == newlines + returns) if frame.height == lines - 1 else None


def _tally(text: bytes, separator: int, block: int = 1 << 20) -> tuple[int, int, int]:
    """Return the numbers of line ends, separators and control characters; in blocks, to stay in cache."""
    codes = np.frombuffer(text, np.uint8)
    newlines = separators = controls = 0
    for place in range(0, len(codes), block):
        part = codes[place : place + block]
        newlines += int(np.count_nonzero(part == _NEWLINE))
        separators += int(np.count_nonzero(part == separator))
        controls += int(np.count_nonzero((part < 32) | (part == 127)))
    return newlines, separators, controls


def _cells(text: bytes, heading: list[str], separator: str, *, lenient: bool) -> pl.DataFrame:
    """Return the rows under the heading; of columns with one name the first is kept."""
    places = [str(place) for place in range(len(heading))]
    frame = pl.read_csv(
        text,
        separator=separator,
        has_header=False,
        skip_rows=1,
        schema=dict.fromkeys(places, pl.String()),
        truncate_ragged_lines=lenient,
        raise_if_empty=False,
    )
    if b'""' in text:
        frame = frame.with_columns(pl.all().replace("", None))
    names = dict.fromkeys(name for name in heading if name.strip())
    return frame.select(pl.col(str(heading.index(name))).alias(name) for name in names)
