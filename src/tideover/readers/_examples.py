"""Where the examples are that ship with the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def example_folder(name: str = "tiny") -> Path:
    """Return the network folder of a shipped example; ``LookupError`` names those that exist."""
    root = Path(str(files("tideover"))) / "examples"
    if not (root / name).is_dir():
        known = ", ".join(sorted(path.name for path in root.iterdir() if path.is_dir()))
        raise LookupError(f"there is no example named {name!r}; known: {known}")
    return root / name
