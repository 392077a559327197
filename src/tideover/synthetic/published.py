"""What is published of networks like this one, beside what is generated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any


@dataclass(frozen=True)
class Published:
    """A figure that a source states: ``path`` finds the generated one in ``figures``, ``form`` writes it."""

    what: str
    path: str
    form: str
    stated: str
    source: str


_ROWS = """\
clinics|sites.by_kind.primary|{:,}|more than 60|Becker's
urgent cares|sites.by_kind.urgent_care|{:,}|20|Becker's
hospitals|sites.by_kind.hospital|{:,}|12|WSWS; Becker's
sites in Wisconsin|sites.by_state.WI|{:,}|at least one struck clinic|Doctors Council SEIU
posts in the unit|posts.in_a_unit|{:,}|about 600|Doctors Council SEIU; Becker's
patients to a clinician, median|panels.per_clinician.median|{:,.0f}|1,200 to 1,900|Raffoul 2016
patients to a full-time post, median|panels.per_full_time_post.median|{:,.0f}|1,000 to 1,400|VHA, adjusted
"""
#: The default recipe has the size of the reference network, whose published facts these are.
PUBLISHED = tuple(Published(*row.split("|")) for row in _ROWS.splitlines())


def generated(found: dict[str, Any], row: Published) -> str:
    """Return the generated figure of ``row`` in words; ``found`` is what ``figures`` returns."""
    value: Any = reduce(lambda part, key: part[key], row.path.split("."), found)
    return row.form.format(value)
