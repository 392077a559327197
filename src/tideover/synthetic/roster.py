"""The roster: steps, work, hours, leave, cover, debt and non-competes of made-up clinicians."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from tideover.synthetic.draws import Draws, Floats, Ints, picked
from tideover.synthetic.recipe import Recipe

#: Longest career, years on a step, and the last step of the grid; nobody begins younger.
_CAREER = {"longest": 34, "years on a step": 2, "last step": 12, "youngest": 30}
#: Work RVUs of a full-time year in the middle, and how far they spread to either side.
_WORK_RVU = {"physician": 4_900, "pa": 3_900, "np": 3_700}
_WORK_RVU_SPREAD = 0.35
#: Paid hours a week of a full-time post.
_PAID_HOURS = 40
#: Minutes after hours of a full-time weekday (Arndt 2017); they spread from a half to one and a half.
_AFTER_MINUTES = 86
#: Most shifts on call, and most hours of leave that a full-time clinician takes in a year.
_SHIFTS = 24
_LEAVE_HOURS = {"sick": 60, "pto": 200}
#: Shares of pay that are saved, and how many save so much; covers taken.
_SAVED = (0.0, 0.03, 0.05, 0.08)
_SAVERS = (0.1, 0.2, 0.4, 0.3)
_COVERS = {"none": 0.12, "single": 0.33, "family": 0.55}
#: Debt at the start (AAMC 2019), the share who owe it, and the years after which nobody does.
_DEBT = 200_000
_INDEBTED = 0.8
_DEBT_YEARS = 22
#: Non-competes: share bound, miles, years, share measured from all sites; void in Minnesota from the day on.
_BOUND = 0.41
_MILES = 10
_YEARS = 2
_ALL_SITES = 0.5
_VOID_FROM = date(2023, 7, 1)


def make_roster(
    recipe: Recipe, sites: pl.DataFrame, posts: pl.DataFrame, people: pl.DataFrame, draws: Draws
) -> pl.DataFrame:
    """Return the columns of ``roster``, one row for each post; its pay is left to the grid of an offer.

    Its draws are streams of its own: no other table hangs on them. Panels are those of ``people``.
    """
    count = posts.height
    fte = posts["fte"].to_numpy()
    career = np.floor(_CAREER["longest"] * draws.uniform("roster.career", count) ** 1.3).astype(np.int64)
    age = _CAREER["youngest"] + career + draws.whole("roster.age", 0, 6, count)
    step = np.minimum(career // _CAREER["years on a step"] + 1, _CAREER["last step"])
    hired = _hired(recipe.start, career, draws)
    panel = people.group_by("clinician_id").len("patients")
    return posts.select(
        "clinician_id",
        "role",
        "clinic_id",
        pl.Series("step", step),
        "fte",
        pl.Series("work_rvu_per_year", _work_rvu(posts["role"], fte, draws)),
        posts.join(panel, on="clinician_id", how="left", maintain_order="left")["patients"]
        .fill_null(0)
        .cast(pl.Int64)
        .alias("panel"),
        pl.Series("quality_share", np.round(0.4 + 0.6 * draws.uniform("roster.quality", count), 2)),
        pl.Series("paid_hours_per_week", np.round(_PAID_HOURS * fte, 2)),
        pl.Series("after_hours_per_week", _after_hours(fte, draws)),
        pl.Series("call_shifts_per_year", draws.whole("roster.shifts", 0, _SHIFTS, count)),
        pl.Series("sick_hours_per_year", _leave("sick", fte, draws)),
        pl.Series("pto_hours_per_year", _leave("pto", fte, draws)),
        pl.Series("retirement_share", np.array(_SAVED)[draws.pick("roster.saved", _SAVERS, count)]),
        pl.Series(
            "health_cover", _named(list(_COVERS), draws.pick("roster.cover", list(_COVERS.values()), count))
        ),
        pl.Series("hired_on", hired),
        pl.Series("birth_year", recipe.start.year - age),
        pl.Series("debt", _debt(posts["role"], career, draws)),
    ).with_columns(_non_competes(sites["state"].gather(posts["site"]).to_list(), hired, draws))


def _named(names: list[str], places: Ints) -> list[str]:
    return [names[place] for place in places.tolist()]


def _hired(start: date, career: Ints, draws: Draws) -> list[date]:
    """Return days of hiring: somewhere within the career, at least a month ago."""
    days = 30 + draws.uniform("roster.hired", career.size) * career * 365
    return [start - timedelta(days=int(back)) for back in days.tolist()]


def _work_rvu(role: pl.Series, fte: Floats, draws: Draws) -> Floats:
    middle = np.array([_WORK_RVU[name] for name in role])
    # the sum of two draws has a middle: most are near it, a few far off
    lot = draws.uniform("roster.work-rvu", 2, role.len()).sum(axis=0) - 1
    return np.asarray(np.round(middle * fte * (1 + _WORK_RVU_SPREAD * lot), 1), np.float64)


def _after_hours(fte: Floats, draws: Draws) -> Floats:
    hours = _AFTER_MINUTES * 5 / 60 * fte * (0.5 + draws.uniform("roster.after-hours", fte.size))
    return np.asarray(np.round(hours, 1), np.float64)


def _leave(name: str, fte: Floats, draws: Draws) -> Floats:
    taken = _LEAVE_HOURS[name] * fte * draws.uniform(f"roster.leave.{name}", fte.size)
    return np.asarray(np.round(taken), np.float64)


def _debt(role: pl.Series, career: Ints, draws: Draws) -> Floats:
    """Return what is owed, in whole thousands: less with every year, and of other roles half as much."""
    left = np.maximum(1 - career / _DEBT_YEARS, 0)
    size = np.where((role == "physician").to_numpy(), 1.0, 0.5)
    owed = draws.uniform("roster.indebted", career.size) < _INDEBTED
    lot = 0.5 + draws.uniform("roster.debt", career.size)
    return np.asarray(np.round(_DEBT * size * left * lot * owed, -3), np.float64)


def _non_competes(state: list[str], hired: list[date], draws: Draws) -> list[pl.Series]:
    """Return the columns on non-competes: empty for those who are not bound."""
    lot = draws.uniform("roster.bound", len(state)).tolist()
    bound = [
        chance < _BOUND and not (home == "MN" and day >= _VOID_FROM)
        for chance, home, day in zip(lot, state, hired, strict=True)
    ]
    scope = picked(draws.uniform("roster.scope", len(state)), (_ALL_SITES, 1 - _ALL_SITES)).tolist()
    words = ("all", "home")
    rows = list(zip(bound, scope, hired, state, strict=True))
    return [
        pl.Series("non_compete_miles", [float(_MILES) if held else None for held in bound], pl.Float64),
        pl.Series("non_compete_years", [float(_YEARS) if held else None for held in bound], pl.Float64),
        pl.Series("non_compete_scope", [words[at] if held else None for held, at, _, _ in rows], pl.String),
        pl.Series("non_compete_signed_on", [day if held else None for held, _, day, _ in rows], pl.Date),
        pl.Series("signed_state", [home if held else None for held, _, _, home in rows], pl.String),
    ]
