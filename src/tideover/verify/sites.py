"""Which sites of a pool may open on a strike day, with how many posts, and the room in them; (16), (16b)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tideover.verify.case import Case, Row
from tideover.verify.cover import Cover, Pool, pinned_units, pools, stand_units
from tideover.verify.reserve import Reserve
from tideover.verify.verdict import Findings

#: The posts that a plan sends to each site, by pool and date.
Sent = Mapping[tuple[str, date], Mapping[str, int]]


@dataclass(frozen=True)
class Site:
    """A clinic of a pool on one date.

    ``fewest`` clinicians open it, ``outside`` are there anyway; ``numbers`` are the posts that it may get, 0
    among them unless visits are pinned to stand there; ``taken`` (hours) is what these take. ``may_get`` says
    whether it has struck posts, and the support staff to open with.
    """

    clinic_id: str
    fewest: int
    outside: int
    numbers: tuple[int, ...]
    taken: tuple[int, ...]
    may_get: bool = True


@dataclass(frozen=True)
class Desk:
    """A pool on one date: the posts that it has to send, its stand units in each hour, and its sites."""

    pool_id: str
    date: date
    posts: int
    hours: tuple[int, ...]
    units: tuple[int, ...]
    sites: tuple[Site, ...]

    def room(self, site: Site, posts: int) -> list[int]:
        """Return the units left in each hour at a site that gets so many posts; (16b)."""
        held = shares(self.units, posts, self.posts)
        return [max(0, units - taken) for units, taken in zip(held, site.taken, strict=True)]

    def widest(self, site: Site) -> list[int]:
        """Return the most units that are left in each hour, whatever posts the site gets."""
        rooms = [self.room(site, number) for number in (0, *site.numbers)]
        return [max(of_hour) for of_hour in zip(*rooms, strict=True)]


def shares(units: Sequence[int], posts: int, whole: int) -> list[int]:
    """Return what ``posts`` of ``whole`` posts hold of the units of each hour, sums rounded down; (16b)."""
    so_far, before, found = 0, 0, []
    for number in units:
        so_far += number
        now = so_far * posts // whole if whole else 0
        found.append(now - before)
        before = now
    return found


def desks_of(case: Case, reserve: Reserve) -> list[Desk]:
    """Return every pool and date with hours to cover, by (pool_id, date)."""
    pinned = pinned_units(case, "stand")
    found = []
    for pool in sorted(pools(case), key=lambda pool: (pool.pool_id, pool.date)):
        by_hour = stand_units(case, pool, reserve)
        if by_hour:
            hours, units = tuple(by_hour), tuple(by_hour.values())
            posts = pool.stand_posts or int(any(units))
            whole = tuple(stand_units(case, pool, None).values())
            sites = []
            for clinic_id in pool.clinics:
                taken = tuple(pinned.get((pool.pool_id, pool.date, hour, clinic_id), 0) for hour in hours)
                sites.append(_site(case, pool, clinic_id, posts, (units, whole), taken))
            found.append(Desk(pool.pool_id, pool.date, posts, hours, units, tuple(sites)))
    return found


def _site(
    case: Case,
    pool: Pool,
    clinic_id: str,
    posts: int,
    units: tuple[Sequence[int], Sequence[int]],
    taken: tuple[int, ...],
) -> Site:
    clinic = case.clinics[clinic_id]
    outside = _posts(_whole_sessions(case, clinic_id, pool.date))
    struck = _posts(_struck_sessions(case, pool, clinic_id)) if _enough_support(case, clinic) else 0
    most = min(posts, struck)
    fewest = clinic["min_clinicians"]
    numbers = [
        number
        for number in range(max(1, fewest - outside), most + 1)
        if _is_enough([shares(some, number, posts) for some in units], taken)
    ]
    none = () if any(taken) else (0,)
    return Site(clinic_id, fewest, outside, (*none, *numbers), taken, struck > 0)


def _is_enough(rooms: Sequence[Sequence[int]], taken: Sequence[int]) -> bool:
    """Whether in every hour one of the rooms, with or without the reserve, has what pinned visits take."""
    return all(not wanted or max(held) >= wanted for wanted, *held in zip(taken, *rooms, strict=True))


def _enough_support(case: Case, clinic: Row) -> bool:
    there = case.scenario.network.support_staff.filter(clinic_id=clinic["clinic_id"])["fte"].to_list()
    wanted = clinic["min_support_fte"]
    return wanted is None or not there or round(sum(there), 6) >= wanted


def _of_date(case: Case, clinic_id: str, day: date) -> list[Row]:
    return [session for session in case.at_clinic.get(clinic_id, ()) if session["start"].date() == day]


def _whole_sessions(case: Case, clinic_id: str, day: date) -> list[Row]:
    """Return the sessions in person of which nothing is lost."""
    return [
        session
        for session in _of_date(case, clinic_id, day)
        if session["mode"] == "in_person" and session["session_id"] not in case.lost
    ]


def _struck_sessions(case: Case, pool: Pool, clinic_id: str) -> list[Row]:
    """Return the sessions with a stretch that is lost to the pool."""
    return [
        session
        for session in _of_date(case, clinic_id, pool.date)
        if any(pool_id == pool.pool_id for _, _, pool_id in case.lost.get(session["session_id"], ()))
    ]


def _posts(sessions: Sequence[Row]) -> int:
    """Return the posts of sessions: each clinician once, of a unit's pooled team its largest session."""
    clinicians = {session["clinician_id"] for session in sessions} - {None}
    teams: dict[str | None, int] = {}
    for session in sessions:
        if session["clinician_id"] is None:
            teams[session["unit"]] = max(session["posts"], teams.get(session["unit"], 0))
    return len(clinicians) + sum(teams.values())


def check_sites(desks: Sequence[Desk], facts: Mapping[str, Any], findings: Findings) -> Sent:
    """Check ``sites`` of ``plan.json`` and return the posts as stated, at sites that are there; (16)."""
    expected = [(d.pool_id, d.date.isoformat(), site.clinic_id) for d in desks for site in d.sites]
    found = {(row["pool_id"], row["date"], row["clinic_id"]): row for row in facts["sites"]}
    listed = [(row["pool_id"], row["date"], row["clinic_id"]) for row in facts["sites"]]
    if listed != expected:
        wrong = next((one for one in listed if one not in expected), None) or next(
            (one for one in expected if one not in listed), "another order, or a site twice"
        )
        findings.add("sites", f"plan.json, sites: found {len(listed)}, with or without {wrong}; "
                     f"expected the {len(expected)} sites of all pools, each once and in order")  # fmt: skip
    sent = {}
    for desk in desks:
        rows = {site: found.get((desk.pool_id, desk.date.isoformat(), site.clinic_id)) for site in desk.sites}
        posts = {site.clinic_id: row["posts"] for site, row in rows.items() if row is not None}
        for site, row in rows.items():
            if row is not None:
                _check_site(desk, site, row, findings)
        if sum(posts.values()) > desk.posts:
            findings.add(
                "sites",
                f"plan.json, sites, pool {desk.pool_id} on {desk.date}: found {sum(posts.values())} posts; "
                f"expected at most {desk.posts} to be sent",
            )
        sent[desk.pool_id, desk.date] = posts
    return sent


def _check_site(desk: Desk, site: Site, row: Mapping[str, Any], findings: Findings) -> None:
    where = f"plan.json, sites, {site.clinic_id} on {desk.date}"
    if row["posts"] not in site.numbers:
        may = ", ".join(map(str, site.numbers)) or "none: no number is enough for what is pinned there"
        findings.add("sites", f"{where}, posts: found {row['posts']}; expected one of {may}")
    opens = row["posts"] > 0 or site.outside >= site.fewest
    for name, value in (("outside", site.outside), ("fewest", site.fewest), ("opens", opens)):
        findings.compare("sites", f"{where}, {name}", row[name], value)


def stands(desks: Sequence[Desk], sent: Sent) -> list[Cover]:
    """Return the units of each site and hour with the posts sent, without what pinned visits take; (16b)."""
    found = []
    for desk in desks:
        for site in desk.sites:
            rooms = desk.room(site, sent[desk.pool_id, desk.date].get(site.clinic_id, 0))
            found += [
                Cover(desk.pool_id, desk.date, hour, "stand", units, site.clinic_id)
                for hour, units in zip(desk.hours, rooms, strict=True)
                if units > 0
            ]
    return found


def most_gained(posts: int, worth: Sequence[Mapping[int, int]]) -> int:
    """Return the greatest sum over sites of what each is worth, over all ways to send ``posts`` posts; (17).

    ``worth[s][a]`` is what site s is worth with a posts, for every number that it may get. ``ValueError`` if
    sites that must open need more posts than there are.
    """
    best: dict[int, int] = {0: 0}  # the posts sent so far, and the most that is gained with them
    for of_site in worth:
        after: dict[int, int] = {}
        for used, gained in best.items():
            for number, gain in of_site.items():
                if used + number <= posts:
                    after[used + number] = max(gained + gain, after.get(used + number, gained + gain))
        best = after
    if not best:
        raise ValueError(f"sites with pinned visits need more than the {posts} posts of their pool")
    return max(best.values())
