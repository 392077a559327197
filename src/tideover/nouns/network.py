"""The network of clinics: its tables, and what was derived to complete them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from tideover import schema

if TYPE_CHECKING:
    from tideover.nouns.travel import Travel


@dataclass(frozen=True)
class Note:
    """Something a reader of the result must know: what was derived, assumed or found in the data.

    ``kind`` is ``derived``, ``assumed`` or ``found``; ``rows`` counts the rows it is about, if any.
    """

    kind: str
    about: str
    text: str
    rows: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the note as a mapping."""
        return asdict(self)


def _table(name: str) -> Any:
    return field(default_factory=lambda: schema.empty(name))


@dataclass(frozen=True)
class Network:
    """The tables of one clinic network, each complete as the schema says, and never written into.

    ``files`` maps each input file to its SHA-256, ``source`` says where they lie. ``synthetic`` is true when
    the people and the book are made up; every page then says so. ``travel`` is a matrix of journeys;
    ``None`` means that journeys are reckoned by distance.
    """

    clinics: pl.DataFrame = _table("clinics")
    clinicians: pl.DataFrame = _table("clinicians")
    support_staff: pl.DataFrame = _table("support_staff")
    sessions: pl.DataFrame = _table("sessions")
    patients: pl.DataFrame = _table("patients")
    visits: pl.DataFrame = _table("visits")
    areas: pl.DataFrame = _table("areas")
    roster: pl.DataFrame = _table("roster")
    payers: pl.DataFrame = _table("payers")
    notes: tuple[Note, ...] = ()
    synthetic: bool = False
    name: str = ""
    source: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    travel: Travel | None = None

    @classmethod
    def of(cls, tables: Mapping[str, pl.DataFrame], **facts: Any) -> Network:
        """Return the network of ``tables``, each completed by the schema's defaults.

        Unknown table names raise ``TypeError``; the contents are not checked here (see ``readers.check``).
        """
        whole: dict[str, Any] = {name: schema.complete(name, frame) for name, frame in tables.items()}
        return cls(**whole, **facts)

    def replace(self, **changes: Any) -> Network:
        """Return a network with some tables or facts exchanged; all others are shared, not copied."""
        return replace(self, **changes)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables by name."""
        return {name: getattr(self, name) for name in schema.tables()}

    @property
    def has_coordinates(self) -> bool:
        """Whether any clinic has a place on the map."""
        return bool(self.clinics["lat"].is_not_null().any())

    def homes(self) -> pl.DataFrame:
        """Return patient_id, lat, lon and state of each patient's home, as far as known; rows as in patients.

        What the patient's own row does not say is taken from the patient's area: its centre, its state.
        """
        centre = self.areas.select("area_id", area_lat="lat", area_lon="lon", area_state="state")
        people = self.patients.select("patient_id", "area_id", "lat", "lon", "state")
        known = pl.col("lat").is_not_null() & pl.col("lon").is_not_null()
        return people.join(centre, on="area_id", how="left", maintain_order="left").select(
            "patient_id",
            pl.when(known).then("lat").otherwise("area_lat").alias("lat"),
            pl.when(known).then("lon").otherwise("area_lon").alias("lon"),
            pl.coalesce("state", "area_state"),
        )
