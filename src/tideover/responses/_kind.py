"""The register of responses: changes that give capacity, each in a file of its own."""

from __future__ import annotations

from tideover.nouns.change import RecordedChange
from tideover.registry import Registry

#: Every response by its kind, such as ``extra_sessions``.
RESPONSES: Registry[type[RecordedChange]] = Registry("response", "tideover.responses")
