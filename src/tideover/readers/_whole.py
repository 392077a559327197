"""Output that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from tideover.errors import OutputError


@contextlib.contextmanager
def whole_folder(
    target: Path | str, mark: str, ours: Collection[str], *, folders: bool = False
) -> Iterator[Path]:
    """Yield an empty folder to fill; when the block ends well it becomes ``target``, else nothing is left.

    A folder that is already there is replaced only if it is empty, or holds the file ``mark`` and nothing
    beside the names in ``ours`` (with ``folders``: in folders below it, too); anything else raises
    ``OutputError`` before and leaves it as it was. The new
    folder is made beside ``target``, written through to the disk, and put in place by renaming: a reader
    finds the old one or the new one, and for the blink between two renames none.
    """
    final = Path(target).resolve()
    check_target(final, mark, ours, folders=folders)
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{final.name}.", suffix=".draft", dir=final.parent))
    except OSError as error:
        raise _cannot(final, error) from error
    try:
        yield draft
        _put(draft, final)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise _cannot(final, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def check_target(target: Path | str, mark: str, ours: Collection[str], *, folders: bool = False) -> None:
    """Raise the ``OutputError`` that ``whole_folder`` would raise now: ask before the work, not after it."""
    final = Path(target).resolve()
    try:
        _may_replace(final, mark, ours, folders=folders)
        place = next(parent for parent in final.parents if os.path.lexists(parent))
        Path(tempfile.mkdtemp(prefix=f".{final.name}.", suffix=".draft", dir=place)).rmdir()
    except OSError as error:
        raise _cannot(final, error) from error


def _cannot(final: Path, error: OSError) -> OutputError:
    if isinstance(error, OutputError):
        return error
    return OutputError(
        f"{final}: cannot be written ({error.strerror or error}); choose another folder or make room"
    )


def _may_replace(final: Path, mark: str, ours: Collection[str], *, folders: bool) -> None:
    if not os.path.lexists(final):
        return
    if not final.is_dir():
        raise OutputError(f"{final}: is a file; name a folder for the output")
    names = sorted(path.name for path in final.iterdir())
    others = [name for name in names if not _is_ours(final / name, ours, folders=folders)]
    if names and (mark not in names or others):
        what = ", ".join(others[:3]) or f"files but no {mark}"
        raise OutputError(
            f"{final}: holds {what}, which Tideover did not write; name an empty or a new folder"
        )


def _is_ours(path: Path, ours: Collection[str], *, folders: bool) -> bool:
    if not path.is_dir():
        return path.name in ours
    return (
        folders
        and not path.is_symlink()
        and all(_is_ours(inside, ours, folders=folders) for inside in path.iterdir())
    )


def _put(draft: Path, final: Path) -> None:
    draft.chmod(0o777 & ~_umask())
    for path in (*draft.rglob("*"), draft):
        _sync(path)
    old = Path(tempfile.mkdtemp(prefix=f".{final.name}.", suffix=".old", dir=final.parent))
    try:
        if final.exists():
            final.rename(old / "was")
        try:
            draft.rename(final)
        except BaseException:  # a stop from the keyboard, too
            if (old / "was").exists() and not os.path.lexists(final):
                (old / "was").rename(final)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
    _sync(final.parent)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
