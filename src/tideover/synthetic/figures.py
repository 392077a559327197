"""Figures of a network: what a planner wants to know of it at a glance."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
import polars as pl

from tideover.nouns import Network
from tideover.nouns.place import kilometres

Figures = dict[str, Any]


def figures(network: Network) -> Figures:
    """Return the figures of a network with own clinicians, sessions and homes, as plain JSON values.

    Shares are of 1. Spreads have the keys p10, median and p90. ``sites`` and ``posts`` count by kind, state
    and role; ``panels`` are patients by own clinician and by full-time post; ``journey_km`` is the straight
    line from home to the own clinician's clinic; ``fill`` is booked over bookable minutes of the sessions,
    ``lead_days`` the calendar days from booking to visit.
    """
    return {
        "sites": _sites(network),
        "posts": _posts(network),
        "patients": _patients(network),
        "panels": _panels(network),
        "journey_km": _journeys(network),
        "book": _book(network),
        "fill": _fill(network),
        "lead_days": _leads(network),
    }


def _sites(network: Network) -> Figures:
    return {
        "by_kind": _counts(network.clinics["kind"]),
        "by_state": _counts(network.clinics["state"]),
    }


def _posts(network: Network) -> Figures:
    posts = network.clinicians
    per_site = posts["clinic_id"].value_counts(sort=True)["count"]
    return {
        "count": posts.height,
        "by_role": _counts(posts["role"]),
        "full_time": round(float(posts["fte"].sum()), 1),
        "in_a_unit": int(posts["unit"].is_not_null().sum()),
        "licensed_in_both_states": int((posts["states_licensed"].list.len() > 1).sum()),
        "per_site": _spread(per_site),
        "support_full_time": round(float(network.support_staff["fte"].sum()), 1),
    }


def _patients(network: Network) -> Figures:
    people = network.patients
    return {
        "count": people.height,
        "by_state": _counts(network.homes()["state"]),
        "across_the_line": _share(_crossing(network)),
        "other_language": _share(people["language"] != "en"),
        "interpreter": _share(people["interpreter"]),
        "no_car": _share(~people["has_car"]),
        "by_payer": _shares(people["payer"]),
        "households": people["household_id"].n_unique(),
    }


def _own_clinic(network: Network) -> pl.DataFrame:
    """Return the home and the own clinician's clinic of each patient who has both."""
    clinics = network.clinics.select("clinic_id", site_lat="lat", site_lon="lon", site_state="state")
    posts = network.clinicians.select("clinician_id", "clinic_id").join(clinics, on="clinic_id")
    homes = network.homes().with_columns(network.patients["clinician_id"])
    return homes.join(posts, on="clinician_id", maintain_order="left").drop_nulls("lat")


def _crossing(network: Network) -> pl.Series:
    held = _own_clinic(network)
    return held["state"] != held["site_state"]


def _panels(network: Network) -> Figures:
    counts = network.patients["clinician_id"].drop_nulls().value_counts(name="panel")
    held = network.clinicians.join(counts, on="clinician_id")
    full_time = held.filter(pl.col("fte") > 0)
    return {
        "per_clinician": _spread(held["panel"]),
        "per_full_time_post": _spread(full_time["panel"] / full_time["fte"]),
    }


def _journeys(network: Network) -> Figures:
    held = _own_clinic(network)
    ends = (held[name].to_numpy() for name in ("lat", "lon", "site_lat", "site_lon"))
    return _spread(pl.Series(kilometres(*ends)))


def _book(network: Network) -> Figures:
    visits, days = network.visits, network.visits["start"].dt.date()
    held = _with_kind(network)
    weeks = ceil((np.ptp(days.to_physical().to_numpy()) + 1) / 7)
    per_session = held.group_by("site_kind").agg(pl.len() / pl.col("session_id").n_unique()).sort("site_kind")
    at_clinics = held.filter(pl.col("site_kind") == "primary").height
    return {
        "visits": visits.height,
        "first": str(days.min()),
        "last": str(days.max()),
        "sessions": network.sessions.height,
        "by_video": _share(network.sessions["mode"] == "video"),
        "visits_per_session": {kind: round(mean, 1) for kind, mean in per_session.iter_rows()},
        "visits_per_patient_year": round(at_clinics / network.patients.height / weeks * 52, 2),
        "with_own_clinician": _share(_with_own(network)),
        "by_kind": _shares(visits["kind"]),
        "by_urgency": _shares(visits["urgency"]),
    }


def _with_kind(network: Network) -> pl.DataFrame:
    return network.visits.join(network.clinics.select("clinic_id", site_kind="kind"), on="clinic_id")


def _with_own(network: Network) -> pl.Series:
    """Return, for each visit at a clinic by a patient with an own clinician, whether it is with that one."""
    own = network.patients.select("patient_id", own="clinician_id")
    held = network.sessions.select("session_id", "clinician_id")
    visits = _with_kind(network).filter(pl.col("site_kind") == "primary")
    joined = visits.join(own, on="patient_id").join(held, on="session_id").drop_nulls("own")
    return joined["own"] == joined["clinician_id"]


def _fill(network: Network) -> Figures:
    length = (pl.col("end") - pl.col("start")).dt.total_minutes() * pl.col("posts")
    bookable = network.sessions.select(
        "session_id", "clinic_id", pl.coalesce("open_minutes", length).alias("open")
    )
    booked = network.visits.group_by("session_id").agg(pl.col("minutes").sum())
    held = bookable.join(booked, on="session_id", how="left").with_columns(pl.col("minutes").fill_null(0))
    held = held.join(network.clinics.select("clinic_id", "kind"), on="clinic_id").sort("kind")
    whole = pl.col("minutes").sum() / pl.col("open").sum()
    found: Figures = {"all": round(held.select(whole).item(), 4)}
    for (kind,), part in held.group_by("kind", maintain_order=True):
        of_kind = {"all": round(part.select(whole).item(), 4)}
        found[str(kind)] = of_kind | _spread(part["minutes"] / part["open"], 2)
    return found


def _leads(network: Network) -> Figures:
    visits = _with_kind(network).filter(pl.col("site_kind") == "primary")
    visits = visits.with_columns(
        (pl.col("start").dt.date() - pl.col("booked_on")).dt.total_days().alias("lead")
    )
    by_kind = {
        str(kind): _spread(part["lead"], 0)
        for (kind,), part in visits.sort("kind").group_by("kind", maintain_order=True)
    }
    return {**_spread(visits["lead"], 0), "same_day": _share(visits["lead"] == 0), "by_kind": by_kind}


def _counts(column: pl.Series) -> dict[str, int]:
    counts = column.value_counts(name="rows").sort(column.name)
    return {str(key): rows for key, rows in counts.iter_rows()}


def _shares(column: pl.Series) -> dict[str, float]:
    return {key: round(rows / len(column), 4) for key, rows in _counts(column).items()}


def _share(column: pl.Series) -> float | None:
    known = column.drop_nulls()
    return round(int(known.sum()) / len(known), 4) if len(known) else None


def _spread(column: pl.Series, digits: int = 1) -> Figures:
    if column.is_empty():
        return {"p10": None, "median": None, "p90": None}
    tenth, half, ninth = np.round(np.quantile(column.to_numpy(), [0.1, 0.5, 0.9]), digits).tolist()
    return {"p10": tenth, "median": half, "p90": ninth}
