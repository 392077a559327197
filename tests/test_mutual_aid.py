"""Several employers in one plan: apart each is planned as if alone; lent room is lent up to its share."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tideover.cases import strike as strike_case
from tideover.cases.several import Part, joined
from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Network, Plan, Policy, Scenario
from tideover.readers import read_network, write_network
from tideover.reports import write_strike
from tideover.responses.mutual_aid import MutualAid
from tideover.verify import verify
from tideover.visits import intervals as planner_intervals
from tideover.visits import open_book, plan_strike_day
from verify_factory import seal
from visits_factory import AS_OF, STRIKE, case_of, decided, session, struck

NEAR = {"lat": 44.95, "lon": -93.1}
CLINICS = [
    {"clinic_id": "A", "employer": "north"} | NEAR,
    {"clinic_id": "B", "employer": "lakes"} | NEAR,
]
FRIDAY = [session(f"F{n}", 7, f"{8 + n:02}:00", f"{9 + n:02}:00", clinic_id="B") for n in range(4)]
TWO = ("lakes", "north")


def planned(visits: int, *changes: MutualAid, sessions: list = FRIDAY) -> Plan:
    """Return the plan of so many visits of 30 minutes that lose their session at A."""
    rows = [{"minutes": 30} for _ in range(visits)]
    scenario = struck(rows, sessions, clinics=CLINICS, changes=changes)
    return plan_strike_day(scenario, Policy.default(), AS_OF)


def guests(plan: Plan) -> pl.DataFrame:
    """Return the decisions that put a visit into a clinic of the other employer."""
    return plan.decisions.filter((pl.col("clinic_id") == "A") & (pl.col("new_clinic_id") == "B"))


@pytest.mark.parametrize(("share", "lent"), [(0.0, 0), (0.24, 0), (0.25, 1), (0.5, 2), (0.99, 3), (1.0, 4)])
def test_a_share_of_the_room_is_lent_in_whole_intervals(share: float, lent: int) -> None:
    """Four hours at the other employer's, two visits in each: so many hours as the share allows are lent."""
    assert guests(planned(8, MutualAid(employers=TWO, share=share))).height == 2 * lent


def test_without_mutual_aid_nobody_goes_to_another_employer() -> None:
    """All room of the day is the other employer's: without lending every visit waits for a date."""
    plan = planned(8)
    assert guests(plan).height == 0
    assert plan.decisions.filter(pl.col("affected"))["option"].unique().to_list() == ["waitlist"]


@pytest.mark.parametrize(
    ("limit", "comes"),
    [
        ({"dates": [date(2025, 11, 7)]}, True),
        ({"dates": [date(2025, 11, 5)]}, False),
        ({"site_kinds": ["primary"]}, True),
        ({"roles": ["np"]}, True),  # a pooled team counts as every role
    ],
)
def test_dates_kinds_and_roles_limit_what_is_lent(limit: dict, comes: bool) -> None:
    """Room is lent on the dates, at the kinds of site and with the roles that are named."""
    aid = MutualAid.from_facts({"employers": list(TWO), "share": 1.0} | limit)
    assert (guests(planned(2, aid)).height > 0) == comes


def test_a_role_that_is_not_lent_sees_nobody_else() -> None:
    """A physician's session is not lent where nurse practitioners alone are."""
    rows = [row | {"clinician_id": "k"} for row in FRIDAY]
    people = [{"clinician_id": "k", "clinic_id": "B", "role": "physician"}]
    for roles, comes in ((["np"], False), (["physician"], True)):
        aid = MutualAid.from_facts({"employers": list(TWO), "share": 1.0, "roles": roles})
        try:
            scenario = struck([{}], rows, clinics=CLINICS, clinicians=people, changes=[aid])
        except InputError:
            assert not comes
            continue
        assert (
            decided(plan_strike_day(scenario, Policy.default(), AS_OF), "v0")["option"] == "another_clinic"
        ) is comes


def test_own_patients_may_have_lent_room_too() -> None:
    """A visit of the lender takes lent room like any other: what is lent is not set aside."""
    teams = [session("ZB", STRIKE.day, "08:00", "10:00", clinic_id="B", posts=10, unit="U")]
    visits = [{"session_id": "ZB", "clinic_id": "B", "minutes": 30}]
    aid = MutualAid(employers=TWO, share=1.0)
    scenario = struck(visits, [*FRIDAY[:1], *teams], clinics=CLINICS, changes=[aid])
    assert decided(plan_strike_day(scenario, Policy.default(), AS_OF), "v0")["new_session_id"] == "F0"


@pytest.mark.parametrize(
    ("facts", "telling"),
    [
        ({"employers": ["north", "sea"], "share": 0.5}, "'sea'"),
        ({"employers": ["north"], "share": 0.5}, "two identifiers"),
        ({"employers": ["north", "lakes"], "share": 1.2}, "0 to 1"),
        ({"employers": ["north", "lakes"], "share": -0.1}, "0 to 1"),
        ({"employers": ["north", "lakes"], "share": "half"}, "0 to 1"),
        ({"employers": ["north", "lakes"], "share": 0.5, "dates": ["2027-01-01"]}, "2027-01-01"),
        ({"employers": ["north", "lakes"], "share": 0.5, "site_kinds": ["hospital"]}, "no session"),
    ],
)
def test_what_does_not_fit_is_refused(facts: dict, telling: str) -> None:
    """Unknown employers, one alone, shares beyond 0 to 1, dates outside the book and nothing to lend."""
    with pytest.raises(InputError) as caught:
        planned(1, MutualAid.from_facts(facts))
    assert any(telling in f"{fault.found} {fault.expected}" for fault in caught.value.faults)


def test_room_is_lent_under_one_agreement() -> None:
    """Two agreements on the same sessions are refused: it would not be clear which share is the most."""
    with pytest.raises(InputError) as caught:
        planned(1, MutualAid(employers=TWO, share=0.2), MutualAid(employers=TWO, share=0.5))
    assert "lent already" in caught.value.faults[0].found


def test_pools_never_mix_employers() -> None:
    """Neighbouring sites of two employers with five struck posts each are no pool of ten."""
    rows = [
        session(f"T{n}", 5, "08:00", "10:00", clinic_id=clinic, posts=5, unit="U")
        for n, clinic in enumerate("AB")
    ]
    net = struck([{}], rows, clinics=CLINICS).network
    net = net.replace(sessions=net.sessions.filter(pl.col("session_id") != "Z"))
    scenario = Scenario.of(net, [Strike(dates=(STRIKE,), working=0.0)])
    assert scenario.pools["posts"].to_list() == [5, 5]
    with pytest.raises(InputError):
        Scenario.of(net, [Strike(dates=(STRIKE,), working=0.5)])


def two_networks(seed: int) -> tuple[Network, Network, Network]:
    """Return two random networks and both as one, with visits of one length so that U and q are the same."""
    one, two = (_even(case_of(seed + more).network) for more in (0, 5000))
    return one, two, joined([(Part("a", "A"), one), (Part("b", "B"), two)])


def _even(net: Network) -> Network:
    return net.replace(visits=net.visits.with_columns(minutes=pl.lit(15, pl.Int64)))


def strike_of(net: Network, day: date, **more: object) -> Strike | None:
    """Return the strike of all posts on a day, or ``None`` where there is none to strike."""
    change = Strike.from_facts({"dates": [day], "working": 0.0} | more)
    try:
        Scenario.of(net, [change])
    except InputError:
        return None
    return change


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("later", [0, 1])
def test_apart_is_each_network_alone_to_the_digit(seed: int, later: int) -> None:
    """Apart, points of every level and term are the sum of those of each network planned by itself."""
    one, two, both = two_networks(seed)
    days = STRIKE, STRIKE + timedelta(days=later)
    strikes = [strike_of(net, day) for net, day in zip((one, two), days, strict=True)]
    if not all(strikes):
        pytest.skip("nobody to strike on that day in one of the two networks")
    policy = Policy.of({"horizon_days": 7, "stand_quantile": 0.0})
    named = [strike_of(both, day, employers=[name]) for name, day in zip("ab", days, strict=True)]
    whole = plan_strike_day(Scenario.of(both, [one for one in named if one]), policy, AS_OF)
    alone = []
    for net, strike, day in zip((one, two), strikes, days, strict=True):
        rest = (days[1] - day).days  # the same last new date
        own = Policy.of({"horizon_days": 7 + rest, "stand_quantile": 0.0})
        alone.append(plan_strike_day(Scenario.of(net, [strike]), own, AS_OF))  # type: ignore[list-item]
    for name, plan in zip("ab", alone, strict=True):
        here = whole.decisions.filter(pl.col("visit_id").str.starts_with(f"{name}:"))
        assert set(here["visit_id"]) == {f"{name}:{visit}" for visit in plan.decisions["visit_id"]}
        for level in plan.facts["levels"]:
            total = sum(int(here[term].sum()) for term in level["terms"])
            assert total == level["cost"], level["name"]


def test_the_law_of_apart_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were one employer's book a history for the other, the reserve and so the plan would be another."""
    both = two_networks(3)[2]
    named = [Strike(dates=(STRIKE,), working=0.0, employers=(name,)) for name in "ab"]
    scenario = Scenario.of(both, named)
    policy = Policy.of({"horizon_days": 7})
    mixed = planner_intervals.forecast

    def as_one(book, days, history_days, to_urgency=6):  # type: ignore[no-untyped-def]
        """Return the forecast of all visits as if one employer had them."""
        seen = book.seen.with_columns(employer=pl.lit("x"))
        return mixed(book.__class__(**{**book.__dict__, "seen": seen}), days, history_days, to_urgency)

    monkeypatch.setattr(planner_intervals, "forecast", as_one)
    rows = planner_intervals.reserves(scenario, policy, _book(scenario, policy), _dates(both))
    monkeypatch.undo()
    right = planner_intervals.reserves(scenario, policy, _book(scenario, policy), _dates(both))
    assert not rows.sort("clinic_id", "date").equals(right.sort("clinic_id", "date"))


def _book(scenario: Scenario, policy: Policy):  # type: ignore[no-untyped-def]
    return open_book(scenario, policy, AS_OF)


def _dates(net: Network) -> list[date]:
    return sorted(day for day in set(net.sessions["start"].dt.date()) if day > AS_OF)


@pytest.fixture
def lent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plan in which half of the other employer's room is lent and used."""
    monkeypatch.setattr(strike_case, "WORKING_SHARES", ())
    scenario = struck([{"minutes": 30} for _ in range(8)], FRIDAY, clinics=CLINICS)
    write_network(scenario.network, tmp_path / "network")
    changes = [Strike(dates=(STRIKE,), working=0.0), MutualAid(employers=TWO, share=0.5)]
    result = strike_case.run_strike(read_network(tmp_path / "network"), changes, Policy.default(), AS_OF)
    assert guests(result.plan).height == 4
    write_strike(result, tmp_path / "plan")
    return tmp_path


def differences(folder: Path) -> str:
    (found,) = verify(folder / "plan", folder / "network")
    return "\n".join(found.differences)


def test_verify_confirms_lent_room(lent: Path) -> None:
    """The plan as it was written is right."""
    assert differences(lent) == ""


def test_verify_catches_a_visit_in_room_that_is_not_lent(lent: Path) -> None:
    """A visit moved from a lent hour into one that is not lent is caught, the points being the same."""
    path = lent / "plan" / "decisions.parquet"
    rows = pl.read_parquet(path)
    used = set(rows["new_session_id"].drop_nulls())
    free = next(row for row in FRIDAY if row["session_id"] not in used)
    first = rows.filter(pl.col("new_clinic_id") == "B")["visit_id"].min()
    moves = pl.col("visit_id") == first
    rows = rows.with_columns(
        pl.when(moves).then(pl.lit(free["session_id"])).otherwise("new_session_id").alias("new_session_id"),
        pl.when(moves).then(pl.lit(free["start"])).otherwise("new_start").alias("new_start"),
    )
    rows.write_parquet(path)
    rows.write_csv(lent / "plan" / "decisions.csv")
    seal(lent / "plan")
    assert "no way to lay" in differences(lent)


def test_verify_catches_lending_that_was_not_stated(lent: Path) -> None:
    """Were the agreement taken out of plan.json, every visit at the other employer's breaks R16."""
    path = lent / "plan" / "plan.json"

    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["changes"] = [change for change in facts["changes"] if change["kind"] != "mutual_aid"]
    path.write_text(json.dumps(facts), encoding="utf-8")
    seal(lent / "plan")
    assert "R16 own_employer" in differences(lent)
