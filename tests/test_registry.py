"""A register finds its members by name and loads the files of its folder by itself."""

from __future__ import annotations

import sys

import pytest

from tideover.registry import Registry

MEMBER = """
from shelf_{n}._kind import SHELF

@SHELF.register({name!r})
class Member:
    pass
"""


@pytest.fixture
def shelf(tmp_path, monkeypatch, request):
    """Return the register of a folder with the modules ``apple`` and ``pear``."""
    number = abs(hash(request.node.name))
    folder = tmp_path / f"shelf_{number}"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    kind = f"from tideover.registry import Registry\nSHELF = Registry('fruit', 'shelf_{number}')\n"
    (folder / "_kind.py").write_text(kind, encoding="utf-8")
    for name in ("pear", "apple"):
        (folder / f"{name}.py").write_text(MEMBER.format(n=number, name=name), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__(f"shelf_{number}._kind", fromlist=["SHELF"]).SHELF
    for module in [name for name in sys.modules if name.startswith(f"shelf_{number}")]:
        del sys.modules[module]


def test_it_finds_every_file_of_its_folder(shelf):
    """Members come sorted by name, with nobody importing their files."""
    assert list(shelf) == shelf.names() == ["apple", "pear"]
    assert "pear" in shelf
    assert "plum" not in shelf
    assert shelf["apple"].__module__.endswith(".apple")


def test_an_unknown_name_says_what_is_known(shelf):
    """Asking for what is not there names what is."""
    with pytest.raises(LookupError, match="there is no fruit named 'plum'; known: apple, pear"):
        shelf["plum"]


def test_a_name_is_given_once():
    """Two members cannot have one name."""
    register = Registry[object]("fruit", "tideover.nothing")
    register.register("apple")(object())
    with pytest.raises(ValueError, match="already a fruit named 'apple'"):
        register.register("apple")(object())


def test_a_member_that_cannot_be_loaded_is_not_forgotten(shelf, tmp_path):
    """A file that fails to load fails every time, instead of leaving a register that lacks it."""
    folder = next(tmp_path.glob("shelf_*"))
    (folder / "plum.py").write_text("import tideover.no_such_thing\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError):
            shelf.names()
