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


#: Facts of the reference dispute are those of the claims ledger; a network of the default recipe has its size.
PUBLISHED = (
    Published(
        "clinics", "sites.by_kind.primary", "{:,}", "more than 60, urgent cares among the 61 struck sites or not",
        "Becker's; Doctors Council SEIU",
    ),
    Published("urgent cares", "sites.by_kind.urgent_care", "{:,}", "20", "Becker's"),
    Published("hospitals", "sites.by_kind.hospital", "{:,}", "12", "WSWS; Becker's"),
    Published("sites in Wisconsin", "sites.by_state.WI", "{:,}", "at least one struck clinic", "Doctors Council SEIU"),
    Published("posts in the unit", "posts.in_a_unit", "{:,}", "about 600", "Doctors Council SEIU; Becker's"),
    Published(
        "patients to a clinician, median", "panels.per_clinician.median", "{:,.0f}", "1,200 to 1,900",
        "Raffoul 2016",
    ),
    Published(
        "patients to a full-time post, median", "panels.per_full_time_post.median", "{:,.0f}",
        "1,000 to 1,400 (veterans' clinics) to 2,500 (a theoretical panel)", "VHA; Porter 2023",
    ),
)  # fmt: skip


def generated(found: dict[str, Any], row: Published) -> str:
    """Return the generated figure of ``row`` in words; ``found`` is what ``figures`` returns."""
    value: Any = reduce(lambda part, key: part[key], row.path.split("."), found)
    return row.form.format(value)
