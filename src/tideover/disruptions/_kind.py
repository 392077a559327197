"""The register of disruptions: changes that take capacity away, each in a file of its own."""

from __future__ import annotations

from tideover.nouns.change import RecordedChange
from tideover.registry import Registry

#: Every disruption by its kind, such as ``strike``.
DISRUPTIONS: Registry[type[RecordedChange]] = Registry("disruption", "tideover.disruptions")
