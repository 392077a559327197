"""Registers of things that multiply: one file each in a folder, found by name, tested by one suite."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """The members of one kind, by name; the folder's modules are imported when first asked for.

    Adding a member is adding a file to the folder: the file registers its member, nothing else is edited.
    """

    def __init__(self, what: str, package: str) -> None:
        self.what = what
        self._package = package
        self._members: dict[str, T] = {}
        self._loaded = False

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that enters its member under ``name``; a name is given only once."""

        def enter(member: T) -> T:
            """Enter ``member`` under the name and return it; ``ValueError`` if the name is given already."""
            if name in self._members:
                raise ValueError(f"there is already a {self.what} named {name!r}")
            self._members[name] = member
            return member

        return enter

    def _load(self) -> None:
        if self._loaded:
            return
        package = importlib.import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__):
            if not module.name.startswith("_"):
                importlib.import_module(f"{self._package}.{module.name}")
        self._loaded = True  # last, so that a file that fails to load fails every time

    def names(self) -> list[str]:
        """Return the names of all members, sorted."""
        self._load()
        return sorted(self._members)

    def __contains__(self, name: object) -> bool:
        self._load()
        return name in self._members

    def __getitem__(self, name: str) -> T:
        self._load()
        try:
            return self._members[name]
        except KeyError:
            known = ", ".join(self.names())
            raise LookupError(f"there is no {self.what} named {name!r}; known: {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())
