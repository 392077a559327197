"""Sites, posts and cover elsewhere: a right plan is confirmed, and whatever is changed in it is caught."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from again_factory import Step, log
from sites_factory import BOOKED, NEAR, ONE, TWO, drawn, policy, sites, urgent, visit
from tideover.cases import run_strike
from tideover.cases import strike as strike_case
from tideover.disruptions.strike import Strike
from tideover.nouns import Scenario
from tideover.readers import read_network, write_network
from tideover.reports import write_strike
from tideover.verify import Verdict, share, verify
from tideover.verify.sites import most_gained, shares
from tideover.visits import plan_strike_day
from verify_factory import seal
from visits_factory import AS_OF, STRIKE, moment, session

#: A and B are near each other and a pool; C has a pool of its own, which F is counted to, an hour away.
PLACES = {**NEAR, "C": (44.99, -93.12), "F": (45.60, -93.90)}
POSTS = {"A": 5, "B": 5, "C": 12, "F": 2}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of two pools and its plan: B opens with one post, an urgent visit of A is seen there."""
    visits = [*(urgent(f"b{n}", "B") for n in range(3)), urgent("a", "A"), visit("a2", "A"), visit("c", "C")]
    visits.append(visit("f", "F", start=moment(STRIKE, "09:00")))
    rules = {"A": {"min_clinicians": 2}, "F": {"min_support_fte": 2.0}}
    later = session("L", 6, "08:00", "09:00", clinic_id="A")
    network = sites(visits, places=PLACES, posts=POSTS, rules=rules, sessions=[later], support={"F": 1.0})
    folder = tmp_path_factory.mktemp("sites")
    write_network(network, folder / "network")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strike_case, "WORKING_SHARES", ())
        change = Strike(dates=(STRIKE,), working=0.1)
        result = run_strike(read_network(folder / "network"), [change], policy(), AS_OF)
    write_strike(result, folder / "plan")
    seal(folder / "plan")
    share(folder / "plan", folder / "shared", salt="a salt for tests only")
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A copy of the plan that a test may spoil."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def verdict(folder: Path) -> Verdict:
    (found,) = verify(folder / "plan", folder / "network")
    return found


def caught(found: Verdict, telling: str) -> None:
    assert not found.ok
    assert any(telling in sentence for sentence in found.differences), found.differences


def test_the_plan_is_right(made: Path) -> None:
    """The posts of both pools, who opens and the visit seen elsewhere are found again."""
    assert verdict(made).differences == ()
    facts = json.loads((made / "plan" / "plan.json").read_text(encoding="utf-8"))
    found = {row["clinic_id"]: (row["posts"], row["outside"], row["opens"]) for row in facts["sites"]}
    assert found == {"A": (0, 0, False), "B": (1, 0, True), "C": (1, 0, True), "F": (0, 0, False)}
    option = dict(
        pl.read_parquet(made / "plan" / "decisions.parquet").select("visit_id", "option").iter_rows()
    )
    assert option["a"] == "another_site"
    assert option["c"] == "stand"


def site(folder: Path, clinic: str, **values: Any) -> None:
    facts = json.loads((folder / "plan" / "plan.json").read_text(encoding="utf-8"))
    (row,) = [row for row in facts["sites"] if row["clinic_id"] == clinic]
    row.update(values)
    (folder / "plan" / "plan.json").write_text(json.dumps(facts), encoding="utf-8")


def rows(folder: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    facts = json.loads((folder / "plan" / "plan.json").read_text(encoding="utf-8"))
    change(facts["sites"])
    (folder / "plan" / "plan.json").write_text(json.dumps(facts), encoding="utf-8")


def level(folder: Path, number: int, **more: int) -> None:
    facts = json.loads((folder / "plan" / "plan.json").read_text(encoding="utf-8"))
    for name, value in more.items():
        facts["levels"][number][name] += value
    (folder / "plan" / "plan.json").write_text(json.dumps(facts), encoding="utf-8")


def decision(folder: Path, visit_id: str, **values: Any) -> None:
    frame = pl.read_parquet(folder / "plan" / "decisions.parquet")
    here = pl.col("visit_id") == visit_id
    changed = [
        pl.when(here).then(pl.lit(value, frame.schema[name])).otherwise(name).alias(name)
        for name, value in values.items()
    ]
    frame = frame.with_columns(changed)
    frame.write_parquet(folder / "plan" / "decisions.parquet")
    frame.write_csv(folder / "plan" / "decisions.csv")
    seal(folder / "plan")


def elsewhere(folder: Path, visit_id: str, clinic: str, **more: Any) -> None:
    place = {"new_clinic_id": clinic, "new_session_id": None, "new_clinician_id": None}
    decision(folder, visit_id, option="another_site", **place, **more)


def stands(folder: Path, visit_id: str, clinic: str) -> None:
    place = {"new_clinic_id": clinic, "new_session_id": f"Z{clinic}", "new_start": moment(STRIKE, "08:00")}
    decision(folder, visit_id, option="stand", **place)


TAMPERINGS: dict[str, tuple[Callable[[Path], object], str]] = {
    "one post more than there are": (
        lambda f: site(f, "B", posts=2),
        "sites, B on 2025-11-05, posts: found 2; expected one of 0, 1",
    ),
    "one post less": (
        lambda f: site(f, "B", posts=0, opens=False),
        "pool-A at B on 2025-11-05, hour 8, stand: found 4 units; expected at most 0",
    ),
    "fewer than open a site": (
        lambda f: (site(f, "B", posts=0, opens=False), site(f, "A", posts=1, opens=True)),
        "sites, A on 2025-11-05, posts: found 1; expected one of 0",
    ),
    "a post without support staff": (
        lambda f: (site(f, "B", posts=0, opens=False), site(f, "F", posts=1, opens=True)),
        "sites, F on 2025-11-05, posts: found 1; expected one of 0",
    ),
    "two sites with the one post": (
        lambda f: site(f, "A", posts=1, opens=True),
        "found 2 posts",
    ),
    "a post below nothing": (lambda f: site(f, "A", posts=-1), "posts: found -1"),
    "a post of no number": (lambda f: site(f, "A", posts="1"), "plan.json.sites[0].posts: found str"),
    "open and yet closed": (lambda f: site(f, "A", opens=True), "sites, A on 2025-11-05, opens: found True"),
    "posts outside": (lambda f: site(f, "B", outside=1), "B on 2025-11-05, outside: found 1; expected 0"),
    "the fewest": (lambda f: site(f, "A", fewest=1), "A on 2025-11-05, fewest: found 1; expected 2"),
    "a site left out": (lambda f: rows(f, lambda found: found.pop()), "found 3, with or without"),
    "a site twice": (lambda f: rows(f, lambda found: found.append(found[-1])), "or a site twice"),
    "another site's name": (lambda f: site(f, "A", clinic_id="X"), "sites: found 4, with or without"),
    "a visit stands where nobody is": (
        lambda f: stands(f, "a2", "A"),
        "pool-A at A on 2025-11-05, hour 8, stand: found 1 units; expected at most 0",
    ),
    "one more than the post can see": (
        lambda f: elsewhere(f, "a2", "B", new_start=moment(STRIKE, "08:00")),
        "pool-A at B on 2025-11-05, hour 8, stand: found 5 units; expected at most 4",
    ),
    "a site of another pool": (lambda f: elsewhere(f, "a", "C"), "expected another site of its own pool"),
    "a clinic of nowhere": (lambda f: elsewhere(f, "a", "X"), "expected another site of its own pool"),
    "another site that is its own": (lambda f: elsewhere(f, "b0", "B"), "another site of its own pool"),
    "a site out of reach": (
        lambda f: elsewhere(f, "f", "C", new_start=moment(STRIKE, "09:00")),
        "visit f at C: found a broken rule; expected R6 in_reach",
    ),
    "at another hour": (
        lambda f: decision(f, "a", new_start=moment(STRIKE, "09:00")),
        "visit a, new_start: found 2025-11-05 09:00:00; expected 2025-11-05 08:00:00",
    ),
    "in a session": (lambda f: decision(f, "a", new_session_id="ZB"), "visit a, new_session_id: found ZB"),
    "the journey left out": (lambda f: decision(f, "a", added_travel=0), "visit a, added_travel: found 0"),
    "nobody told": (lambda f: decision(f, "a", told=0), "visit a, told: found 0; expected 40"),
    "a bound of one more": (lambda f: level(f, -1, bound=1, gap=-1), "levels[3].bound"),
    "a count": (
        lambda f: (f / "plan" / "calls.csv").write_text(
            "\n".join(
                line for line in (f / "plan" / "calls.csv").read_text().splitlines() if not line.count(",a,")
            )
        ),
        "calls.csv",
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_is_caught(copy: Path, what: str) -> None:
    """Whatever is changed about sites and posts, the verdict is no, with a sentence that says where."""
    tamper, telling = TAMPERINGS[what]
    tamper(copy)
    caught(verdict(copy), telling)


def test_a_pin_to_another_site_is_no_pin(copy: Path) -> None:
    """A plan whose pins name another site is not confirmed: pinned visits fill no cover, so all would fit."""
    path = copy / "plan" / "plan.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["pins"] = [{"visit_id": "a", "option": "another_site", "session_id": None, "start": None}]
    path.write_text(json.dumps(facts), encoding="utf-8")
    caught(verdict(copy), "pins[0].option: found another_site")


def spoil(folder: Path, table: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Verdict:
    """Return the verdict on the shared instance with one table changed and all hashes made again."""
    path = folder / "shared" / f"{table}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)
    seal(folder / "shared")
    (found,) = verify(folder / "shared")
    return found


def test_the_shared_instance_has_both_pools(made: Path) -> None:
    """One post for two sites each; the rooms of each number of posts that a site may get."""
    (found,) = verify(made / "shared")
    assert found.ok, found.differences
    frames = {
        name: pl.read_parquet(made / "shared" / f"{name}.parquet") for name in ("teams", "sites", "rooms")
    }
    assert frames["teams"]["posts"].to_list() == [1, 1]
    assert sorted(frames["sites"]["posts"].to_list()) == [0, 0, 1, 1]
    by_site = frames["rooms"].group_by("site").agg(pl.col("posts").max(), pl.col("units").sum())
    # A and F may get no post; B and C one, with four units in each of two hours
    assert sorted(by_site.select("posts", "units").rows()) == [(0, 0), (0, 0), (1, 8), (1, 8)]


ROOMS: dict[str, tuple[str, Callable[[pl.DataFrame], pl.DataFrame], str]] = {
    "a post more": ("sites", lambda f: f.with_columns(posts=pl.lit(1, pl.Int64)), "not among those of rooms"),
    "a team of fewer": ("teams", lambda f: f.with_columns(posts=pl.lit(0, pl.Int64)), "posts sent by team"),
    "a room more": (
        "rooms",
        lambda f: f.with_columns(units=pl.col("units") + (pl.col("posts") > 0)),
        "bins.parquet, capacity of bin",
    ),
    "a room twice": ("rooms", lambda f: pl.concat([f, f.tail(1)]), "once with each number"),
    "a room left out": ("rooms", lambda f: f.head(-1), "once with each number"),
    "units without posts": (
        "rooms",
        lambda f: f.with_columns(units=pl.lit(4, pl.Int64)),
        "units at a site without posts",
    ),
    "a site of no team": ("sites", lambda f: f.with_columns(team=pl.lit(9, pl.Int64)), "sites.parquet, team"),
    "no site at all": ("rooms", lambda f: f.head(0), "not among those of rooms"),
}


@pytest.mark.parametrize("what", ROOMS)
def test_a_spoilt_instance_is_caught(copy: Path, what: str) -> None:
    """Posts, teams and rooms of a shared instance hang together, and with its bins."""
    table, change, telling = ROOMS[what]
    caught(spoil(copy, table, change), telling)


def test_shares_by_hand() -> None:
    """Of 3, 3 and 2 units on two posts one post holds floor(3/2), floor(6/2) - 1, floor(8/2) - 3: 1, 2, 1."""
    assert shares((3, 3, 2), 1, 2) == [1, 2, 1]
    assert shares((3, 3, 2), 2, 2) == [3, 3, 2]
    assert shares((3, 3, 2), 0, 2) == [0, 0, 0]
    assert shares((0, 0), 0, 0) == [0, 0]


def test_most_gained_by_hand() -> None:
    """Three posts for two sites, the second of which opens with two: 1 + 2 beats 3 + 0 and 2 + 0."""
    worth = [{0: 0, 1: 5, 2: 6, 3: 7}, {0: 0, 2: 4, 3: 9}]
    assert most_gained(3, worth) == 9
    assert most_gained(2, worth) == 6
    assert most_gained(0, worth) == 0
    assert most_gained(3, [{1: 2}, {2: 1}]) == 3
    with pytest.raises(ValueError, match="more than the 2 posts"):
        most_gained(2, [{1: 2}, {2: 1}])


TOLD = st.lists(
    st.tuples(
        st.sampled_from(["another_site", "another_site", "stand", "waitlist", "standby"]),
        st.sampled_from("AB"),
        st.sampled_from([None, "accepted", "declined"]),
    ),
    max_size=12,
)


def check_told(
    booked: list[tuple[str, str, int, int]], said: list[tuple[str, str, str | None]], share: float
) -> None:
    """Check that planner and verify agree where patients were told to come to another site, or more."""
    rows = []
    for number, ((clinic, start, _, _), (option, place, answer)) in enumerate(
        zip(booked, said, strict=False)
    ):
        own = f"Z{clinic}", moment(STRIKE, start)
        other = "B" if place == "A" and clinic == "A" else place
        where = (None, None, None) if option == "waitlist" else (clinic, *own)
        if option == "another_site":
            where = other, None, own[1]
        rows.append((f"v{number:02}", *own, option, *where, answer))
    scenario = Scenario.of(drawn(booked, near=True, few=1), [Strike(dates=(STRIKE,), working=share)])
    known = log(*rows)
    plan = plan_strike_day(scenario, policy(), AS_OF, None, known)
    assert Step(scenario, policy(), AS_OF, known, plan).differences() == ()


#: Room for four of five elsewhere, which one of them declined.
DECLINED = (
    [("A", "08:00", 15, 1)] * 5,
    [("another_site", "A", None), ("another_site", "A", "declined")],
)


@settings(max_examples=25, deadline=None)
@example(*DECLINED, ONE)
@given(BOOKED, TOLD, st.sampled_from([ONE, TWO]))
def test_planner_and_verify_agree_on_what_was_told(booked: Any, said: Any, share: float) -> None:
    """Whatever patients were told before, of their own site or another, both make the same plan of it."""
    check_told(booked, said, share)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(BOOKED, TOLD, st.sampled_from([ONE, TWO]))
def test_planner_and_verify_agree_on_what_was_told_often(booked: Any, said: Any, share: float) -> None:
    """The same, far more often."""
    check_told(booked, said, share)
