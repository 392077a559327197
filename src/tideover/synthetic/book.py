"""Book: the visits of the weeks, laid into sessions, each with a patient, a kind and a day of booking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover.synthetic.draws import Bools, Draws, Floats, Ints, picked
from tideover.synthetic.posts import nearest_clinics
from tideover.synthetic.recipe import Recipe
from tideover.synthetic.sessions import SLOT


@dataclass(frozen=True)
class Kind:
    """A kind of visit: its share in a clinic's book, its urgencies, when it is booked, and how long it takes.

    ``urgencies`` are shares of the classes 1 to 6. The days from booking to visit are
    ``least + spread * u ** bend`` for u in [0, 1). ``long`` is the share that takes two slots, ``video`` the
    share that may be held by video; ``dated`` of them have a safe-by date 1 to ``dated_days`` days later.
    """

    name: str
    share: float
    urgencies: tuple[float, ...]
    least: int
    spread: int
    bend: float
    long: float
    video: float
    dated: float = 0.0
    dated_days: int = 1


KINDS = (
    Kind("acute", 0.25, (0.02, 0.48, 0.50, 0.0, 0.0, 0.0), 0, 4, 2.5, 0.10, 0.20),
    Kind("follow_up", 0.25, (0.0, 0.08, 0.54, 0.38, 0.0, 0.0), 2, 40, 1.6, 0.20, 0.45, 0.25, 14),
    Kind("chronic", 0.26, (0.0, 0.0, 0.0, 0.65, 0.35, 0.0), 7, 110, 1.5, 0.45, 0.35),
    Kind("preventive", 0.18, (0.0, 0.0, 0.0, 0.0, 0.55, 0.45), 14, 170, 1.3, 0.85, 0.0),
    Kind("procedure", 0.06, (0.0, 0.0, 0.35, 0.65, 0.0, 0.0), 4, 40, 1.5, 0.80, 0.0, 0.60, 10),
)
#: At an urgent care: nearly all booked on the day itself or the day before.
URGENT_CARE = Kind("acute", 1.0, (0.05, 0.55, 0.35, 0.05, 0.0, 0.0), 0, 2, 4.0, 0.10, 0.10)
#: Share of a clinic's visits that are with the patient's own clinician.
OWN = 0.82
#: Urgent cares are booked less full than clinics, by this share.
_URGENT_CARE_FILL = 0.85
#: How much the fill of sessions differs, to either side.
_SPREAD = 0.08
#: An urgent care is for the patients of the clinics nearest to it.
_CLINICS_NEAR = 4
#: The patients of a panel come by ``u ** _OFTEN``: the first tenth of a panel holds a quarter of its visits.
_OFTEN = 1.66
_TRIES = 12
_ALL = (*KINDS, URGENT_CARE)


def make_book(recipe: Recipe, tables: dict[str, pl.DataFrame], draws: Draws) -> pl.DataFrame:
    """Return the columns of ``visits``, by post and start; ``tables`` has the other tables with their rows.

    1. Each session is cut into visits of one or two slots. 2. Each is booked with the chance of the session's
    fill. 3. Patients are drawn, most from the own panel; who would come twice on a day is drawn again, and
    after some tries the slot stays free. 4. The day of booking is drawn by kind.
    """
    sessions, posts = tables["sessions"], tables["clinicians"]
    urgent = (posts["at"] == "urgent_care").to_numpy()[sessions["post"].to_numpy()]
    session, slot, kind, size = _cut(sessions, urgent, draws)
    booked = _is_booked(recipe, urgent[session], session, sessions.height, draws)
    session, slot, kind, size = (part[booked] for part in (session, slot, kind, size))
    patient = _patients(sessions, session, tables, draws)
    known = patient >= 0
    session, slot, kind, size, patient = (part[known] for part in (session, slot, kind, size, patient))
    return _table(sessions, tables["patients"], session, slot, kind, size, patient, draws)


def _cut(sessions: pl.DataFrame, urgent: Bools, draws: Draws) -> tuple[Ints, Ints, Ints, Ints]:
    """Return session, first slot, kind and size in slots of each piece of a session, by session and slot."""
    slots = sessions["slots"].to_numpy()
    most = int(slots.max(initial=0))
    kind = picked(draws.uniform("book.kinds", slots.size, most), [each.share for each in KINDS])
    by_video = picked(
        draws.uniform("book.video-kinds", slots.size, most),
        [each.share if each.video else 0.0 for each in KINDS],
    )
    kind = np.where((sessions["mode"] == "video").to_numpy()[:, None], by_video, kind)
    kind = np.where(urgent[:, None], len(KINDS), kind)
    long = draws.uniform("book.long", slots.size, most) < np.array([each.long for each in _ALL])[kind]
    ends = np.cumsum(long + 1, axis=1)
    begins = ends - long - 1
    inside = begins < slots[:, None]
    size = np.minimum(ends, slots[:, None]) - begins
    session, _ = np.nonzero(inside)
    return session, begins[inside], kind[inside], size[inside]


def _is_booked(recipe: Recipe, urgent: Bools, session: Ints, sessions: int, draws: Draws) -> Bools:
    """Return whether each piece is booked: by the fill of its session, which differs between sessions."""
    fill = np.where(urgent, recipe.fill * _URGENT_CARE_FILL, recipe.fill)
    spread = np.minimum(_SPREAD, np.minimum(fill, 1.0 - fill))
    of_session = draws.uniform("book.fill", sessions)[session] * 2 - 1
    chosen: Bools = draws.uniform("book.booked", session.size) < fill + spread * of_session
    return chosen


def _patients(sessions: pl.DataFrame, session: Ints, tables: dict[str, pl.DataFrame], draws: Draws) -> Ints:
    """Return the patient (row) of each visit, nobody twice on a day; -1 where none was found."""
    pools = _Pools.of(tables, draws)
    post = sessions["post"].to_numpy()[session]
    day = sessions["date"].to_physical().to_numpy()[session].astype(np.int64)
    people = tables["patients"].height
    chosen = np.full(session.size, -1, np.int64)
    open_ = np.arange(session.size)
    for number in range(_TRIES):
        uniform = draws.uniform(f"book.patients.{number}", session.size, 3)[open_]
        chosen[open_] = pools.draw(post[open_], uniform)
        key = day * people + chosen
        key[chosen < 0] = -1 - np.flatnonzero(chosen < 0)
        _, first = np.unique(key, return_index=True)
        again = np.ones(session.size, np.bool_)
        again[first] = False
        chosen[again] = -1
        open_ = np.flatnonzero(again)
        if not open_.size:
            break
    return chosen


@dataclass(frozen=True)
class _Pools:
    """From whom a post's visits come: panels, clinics, clinics near; stretches of one order of patients."""

    order: Ints
    panel: Ints
    panel_size: Ints
    clinic: Ints
    clinic_size: Ints
    near: Ints
    site: Ints
    urgent: Bools

    @classmethod
    def of(cls, tables: dict[str, pl.DataFrame], draws: Draws) -> _Pools:
        """Return the pools; within a panel the old and the very young come first, then by lot."""
        posts, people, sites = tables["clinicians"], tables["patients"], tables["clinics"]
        post, age = people["post"].to_numpy(), people["age"].to_numpy()
        often = np.where(age >= 65, 0.35, np.where(age < 3, 0.25, 0.0))
        lot = np.clip(draws.uniform("book.often", post.size) - often, 0.0, None) / 2
        size = np.bincount(post, minlength=posts.height)
        site = posts["site"].to_numpy()
        at_site = np.bincount(site, size, sites.height).astype(np.int64)
        return cls(
            order=np.argsort(post + lot, kind="stable"),
            panel=np.cumsum(size) - size,
            panel_size=size,
            clinic=np.cumsum(at_site) - at_site,
            clinic_size=at_site,
            near=nearest_clinics(sites, _CLINICS_NEAR),
            site=site,
            urgent=(posts["at"] == "urgent_care").to_numpy(),
        )

    def draw(self, post: Ints, uniform: Floats) -> Ints:
        """Return a patient (row) for a visit with each post; three numbers in [0, 1) for each."""
        near = self.near[self.site[post]]
        which = (uniform[:, 2] * near.shape[1]).astype(np.int64)
        site = np.where(self.urgent[post], near[np.arange(post.size), which], self.site[post])
        anyone = self.clinic[site] + (uniform[:, 0] * self.clinic_size[site]).astype(np.int64)
        panel = self.panel[post] + (uniform[:, 0] ** _OFTEN * self.panel_size[post]).astype(np.int64)
        from_panel = ~self.urgent[post] & (uniform[:, 1] < OWN) & (self.panel_size[post] > 0)
        return self.order[np.where(from_panel, panel, anyone)]


def _table(
    sessions: pl.DataFrame, people: pl.DataFrame, session: Ints, slot: Ints, kind: Ints, size: Ints,
    patient: Ints, draws: Draws,
) -> pl.DataFrame:  # fmt: skip
    held = sessions[session]
    begin = held["start"].to_physical().to_numpy() + slot * (SLOT * 60_000_000)
    days = held["date"].to_physical().to_numpy().astype(np.int64)
    urgency = _by_kind("book.urgency", kind, [each.urgencies for each in _ALL], draws) + 1
    by_video = draws.uniform("book.video", kind.size) < np.array([each.video for each in _ALL])[kind]
    return pl.DataFrame(
        {
            "visit_id": pl.Series(np.arange(1, kind.size + 1))
            .cast(pl.String)
            .str.zfill(7)
            .str.replace("^", "v"),
            "patient_id": people["patient_id"].gather(patient),
            "clinic_id": held["clinic_id"],
            "session_id": held["session_id"],
            "booked_on": _day(days - _leads(kind, days, draws)),
            "start": pl.Series(begin).cast(pl.Datetime("us")),
            "minutes": size * SLOT,
            "kind": pl.Series([each.name for each in _ALL]).gather(kind),
            "urgency": urgency,
            "safe_by": _safe_by(kind, days, draws),
            "video_ok": by_video | (held["mode"] == "video").to_numpy(),
        }
    )


def _by_kind(name: str, kind: Ints, shares: list[tuple[float, ...]], draws: Draws) -> Ints:
    uniform = draws.uniform(name, kind.size)
    found = np.zeros_like(kind)
    for at, of_kind in enumerate(shares):
        mine = kind == at
        found[mine] = picked(uniform[mine], of_kind)
    return found


def _leads(kind: Ints, days: Ints, draws: Draws) -> Ints:
    """Return the days from booking to visit; what falls on a weekend was booked on the Friday before.

    Same-day visits are booked on their day, whatever it is.
    """
    least, spread, bend = (
        np.array([getattr(each, name) for each in _ALL])[kind] for name in ("least", "spread", "bend")
    )
    lead = least + np.floor(spread * draws.uniform("book.leads", kind.size) ** bend).astype(np.int64)
    weekday = (days - lead + 3) % 7  # 1970-01-01 was a Thursday
    return np.where(lead > 0, lead + np.maximum(weekday - 4, 0), 0)


def _safe_by(kind: Ints, days: Ints, draws: Draws) -> pl.Series:
    dated, most = (np.array([getattr(each, name) for each in _ALL])[kind] for name in ("dated", "dated_days"))
    later = 1 + np.floor(draws.uniform("book.safe-days", kind.size) * most).astype(np.int64)
    has = draws.uniform("book.dated", kind.size) < dated
    return _day(days + later).set(pl.Series(~has), None)


def _day(days: Ints) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)
