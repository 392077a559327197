"""Documents as they were read: plain text or the main text of an HTML page, with every fault of all files."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tideover.errors import Fault, InputError, attempt

#: The largest file that is read: a book of 1,500 pages of plain text has about 4 MB.
MOST_BYTES = 8_000_000
_MAGIC = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive or an office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"{\\rtf": "a rich-text document",
}
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_HTML = re.compile(r"<\s*(?:!doctype\s+html|html|head|body|article|main|div|p|table)\b", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{3,20})", re.IGNORECASE)
#: Letters that no text holds but tabs, line ends and page breaks.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_TEXT = "a text or HTML file"
_SAVE = "Save the document as plain text or as a web page, and name that file."


@dataclass(frozen=True)
class Page:
    """A document: its text, in which all positions count characters from 0, and what the file says of itself.

    ``text`` is the whole file for plain text; for HTML it is the title and the main text, without menus,
    scripts and footers. ``published`` is the day in the page's own metadata or address, if any.
    """

    file: str
    media: str
    text: str
    sha256: str
    encoding: str
    url: str = ""
    title: str = ""
    published: dt.date | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what is told of the document as plain JSON values; the text too where it was extracted."""
        plain: dict[str, Any] = {
            "file": self.file,
            "media": self.media,
            "encoding": self.encoding,
            "sha256": self.sha256,
            "characters": len(self.text),
            "title": self.title,
            "url": self.url,
        }
        return plain | ({"text": self.text} if self.media == "html" else {})


def read_pages(paths: Sequence[Path]) -> list[Page]:
    """Return the documents in ``paths``, in their order; the same file named twice is read once.

    Raises ``InputError`` with a fault for every file that cannot be read: missing, too large, empty, not
    text, in no known encoding, or HTML without text.
    """
    faults: list[Fault] = []
    pages = [attempt(faults, partial(_read, path)) for path in dict.fromkeys(paths)]
    if faults:
        raise InputError(faults)
    return [page for page in pages if page is not None]


def _read(path: Path) -> Page:
    raw = _bytes(path)
    text, encoding = _decoded(path, raw)
    digest = hashlib.sha256(raw).hexdigest()
    if path.suffix.lower() in {".html", ".htm", ".xhtml"} or _HTML.search(text[:3000]):
        return _html(path, text, digest, encoding)
    # line ends are left as they are: positions count in the file's own characters
    return Page(str(path), "text", text, digest, encoding)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _fault(path, "a folder", _TEXT, "Name the files in it.")
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)  # a pipe has no size to ask for
    except OSError as error:
        raise _fault(
            path, error.strerror or str(error), "a file that can be read", "Check the path."
        ) from error
    if len(raw) > MOST_BYTES:
        expected = f"at most {MOST_BYTES / 1e6:.0f} MB"
        raise _fault(path, "a larger file", expected, "Cut the document into parts, or keep its text alone.")
    if not raw.strip():
        raise _fault(path, "an empty file", _TEXT, "Save the document again.")
    for magic, what in _MAGIC.items():
        if raw.startswith(magic):
            raise _fault(path, what, _TEXT, _SAVE)
    return raw


def _decoded(path: Path, raw: bytes) -> tuple[str, str]:
    for name in _encodings(raw):
        try:
            text = raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        if len(_CONTROL.findall(text[:100_000])) > len(text[:100_000]) / 200:
            continue
        return text, name.removesuffix("-sig")
    raise _fault(path, "bytes that are no text in any known encoding", _TEXT, _SAVE)


def _encodings(raw: bytes) -> list[str]:
    """Return the encodings to try, the most certain first; the last is guessed from the letters."""
    marked = [name for mark, name in _MARKS.items() if raw.startswith(mark)]
    stated = _META_CHARSET.search(raw[:4000])
    names = [*marked, "utf-8"]
    if stated:
        names.append(stated[1].decode("ascii"))
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        from trafilatura.utils import detect_encoding  # noqa: PLC0415 -- a second to load, seldom needed

        names += [name for name in detect_encoding(raw[:200_000]) if name not in names]
    return names


def _html(path: Path, text: str, digest: str, encoding: str) -> Page:
    # a second to load: only for pages
    from trafilatura import bare_extraction, html2txt  # noqa: PLC0415

    found = bare_extraction(
        text,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        favor_recall=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    body = (getattr(found, "text", None) or html2txt(text) or "").strip()
    if not body:
        raise _fault(path, "a page without text", "a page with an article", _SAVE)
    title = (getattr(found, "title", None) or "").strip()
    whole = body if not title or body.startswith(title) else f"{title}\n\n{body}"
    whole = re.sub(r"(?<!\n)\n(?!\n)", "\n\n", whole)  # one line of what is extracted is one paragraph
    return Page(
        str(path),
        "html",
        whole,
        digest,
        encoding,
        url=getattr(found, "url", None) or "",
        title=title,
        published=_day(getattr(found, "date", None)),
    )


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None


def _fault(path: Path, found: str, expected: str, remedy: str) -> InputError:
    return InputError([Fault(str(path), None, None, found, expected, remedy)])
