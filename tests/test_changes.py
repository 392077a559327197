"""Every disruption and every response keeps the laws of changes, whichever it is."""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, fields

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from changes_factory import HOURS, lost_minutes, networks, posts_of, shuffled
from tideover import schema
from tideover.disruptions import DISRUPTIONS
from tideover.errors import InputError
from tideover.nouns import Scenario, plan, scenario
from tideover.nouns.change import RecordedChange, read_changes
from tideover.responses import RESPONSES

KINDS = [DISRUPTIONS[name] for name in DISRUPTIONS] + [RESPONSES[name] for name in RESPONSES]
FRAMES = ("lost", "pools", "members", "cover")
every_kind = pytest.mark.parametrize("cls", KINDS, ids=lambda cls: cls.kind)
quick = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def same(left: Scenario, right: Scenario) -> bool:
    """Whether two scenarios agree in every frame and in the rows of every table."""
    tables = right.network.tables()
    pairs = [(table, tables[name]) for name, table in left.network.tables().items()]
    rows = all(one.sort(pl.all()).equals(two.sort(pl.all())) for one, two in pairs)
    return rows and all(getattr(left, name).equals(getattr(right, name)) for name in FRAMES)


@st.composite
def cases(draw: st.DrawFn, cls: type[RecordedChange]):
    """Draw a network and a change of ``cls`` that fits it."""
    network = draw(networks())
    examples = cls.examples(network)
    assume(examples)
    return network, draw(st.sampled_from(examples))


def test_every_kind_has_an_example():
    """Each kind shows at least two networks in a hundred an example, so that no law below is empty."""

    @settings(max_examples=60, deadline=None, database=None)
    @given(network=networks())
    def count(network):
        found.update(cls.kind for cls in KINDS if cls.examples(network))

    found: set[str] = set()
    count()
    assert found == {cls.kind for cls in KINDS}


@every_kind
def test_it_is_registered_under_its_kind_and_explained(cls):
    """A kind is registered under its own name, in the right register, and explains itself."""
    home = DISRUPTIONS if cls.kind in DISRUPTIONS else RESPONSES
    assert home[cls.kind] is cls
    assert (cls.rank < 50) == (home is DISRUPTIONS)
    for field in fields(cls):
        assert f"| {field.name} |" in cls.__doc__, f"{cls.kind} does not explain {field.name}"


def all_examples(network) -> list[RecordedChange]:
    """Return examples of every kind that one scenario allows.

    Without leave on a date of a strike; a clinic closes once, and a post ends once.
    """
    once = ("closure", "departure")
    examples = [cls.examples(network)[-1 if cls.kind in once else 0 :] for cls in KINDS]
    changes = [change for some in examples for change in some]
    struck = {day for change in changes if change.kind == "strike" for day in change.dates}
    return [change for change in changes if change.kind != "leave" or struck.isdisjoint(change.dates)]


@every_kind
@quick
@given(data=st.data())
def test_a_disruption_never_adds_and_a_response_never_removes(cls, data):
    """Over the whole network capacity falls or stays under a disruption, rises or stays under a response."""
    network, change = data.draw(cases(cls))
    before, after = Scenario(network).capacity_minutes(), Scenario.of(network, [change]).capacity_minutes()
    if cls.kind in DISRUPTIONS:
        assert after <= before + 1e-6
    else:
        assert after >= before - 1e-6


@every_kind
@quick
@given(data=st.data())
def test_untouched_tables_are_shared(cls, data):
    """The book and every table that the change does not concern are the same objects, not copies."""
    network, change = data.draw(cases(cls))
    before = {name: table.clone() for name, table in network.tables().items()}
    after = Scenario.of(network, [change]).network
    for name, table in network.tables().items():
        assert table.equals(before[name])
        assert getattr(after, name) is table or name in cls.touches
    assert {"visits", "patients", "areas"}.isdisjoint(cls.touches)
    assert after.sessions.head(network.sessions.height).equals(network.sessions)


@every_kind
@quick
@given(data=st.data())
def test_facts_make_the_change_again(cls, data):
    """The facts, through JSON text, make an equal change with equal facts."""
    _, change = data.draw(cases(cls))
    facts = json.loads(json.dumps(change.facts()))
    again = cls.from_facts(facts)
    assert again == change
    assert again.facts() == change.facts() == facts
    assert read_changes([facts], DISRUPTIONS, RESPONSES) == [change]


@every_kind
@quick
@given(
    data=st.data(),
    key=st.text(max_size=8),
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12) | st.dates(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    ),
)
def test_wrong_facts_only_ever_raise_faults(cls, data, key, value):
    """Whatever stands under whichever key, what comes out is a change or a list of faults."""
    network, change = data.draw(cases(cls))
    facts = change.facts()
    name = data.draw(st.sampled_from([*facts, key]))
    facts[name] = value
    faults = ()
    try:
        Scenario.of(network, read_changes([facts], DISRUPTIONS, RESPONSES, file="case.toml"))
    except InputError as error:
        faults = error.faults
        assert faults
    assert all(fault.remedy and fault.found and fault.expected for fault in faults)


@every_kind
def test_all_wrong_keys_are_reported_at_once(cls):
    """Unknown, missing and wrong keys come in one report that names the caller's file and the nearest key."""
    with pytest.raises(InputError) as caught:
        cls.from_facts({"kind": "flood", "date": "2025-11-05", "hours": "8 to 12"}, file="case.toml")
    faults = {fault.column: fault for fault in caught.value.faults}
    needed = {field.name for field in fields(cls) if field.default is MISSING}
    wrong = needed | ({"hours"} & {field.name for field in fields(cls)})
    assert set(faults) >= {cls.kind, f"{cls.kind}.kind", *(f"{cls.kind}.{name}" for name in wrong)}
    assert all(fault.file == "case.toml" for fault in caught.value.faults)
    strangers = [fault.remedy for fault in caught.value.faults if fault.column == cls.kind]
    assert any(remedy == "Did you mean 'dates'?" for remedy in strangers) == (
        "dates" in {field.name for field in fields(cls)}
    )


@quick
@given(data=st.data(), network=networks(), seed=st.integers(0, 99))
def test_order_does_not_matter(data, network, seed):
    """Any order of the changes, and any order of the rows of the tables, gives the same scenario."""
    changes = [c for c in all_examples(network) if c.kind != "strike" or c.working == 0]
    first = Scenario.of(network, changes)
    second = Scenario.of(shuffled(network, seed), data.draw(st.permutations(changes)))
    assert same(first, second)
    assert first.changes == second.changes
    assert first.notes == second.notes


@quick
@given(network=networks())
def test_nothing_is_lost_twice(network):
    """Under all changes together no minute of a session is lost twice, and none outside its session."""
    changes = all_examples(network)
    after = Scenario.of(network, changes)
    held = {row["session_id"]: row for row in posts_of(after.network)}
    for session_id, minutes in lost_minutes(after).items():
        assert len(minutes) == len(set(minutes))
        assert all(held[session_id]["start"] <= minute < held[session_id]["end"] for minute in minutes)


@every_kind
@quick
@given(data=st.data())
def test_payers_and_groups_change_nothing(cls, data):
    """Other payers, and group columns on any table, leave what is lost, pooled and covered as it is."""
    network, change = data.draw(cases(cls))
    other = network.replace(
        patients=network.patients.with_columns(pl.lit("private").alias("payer")),
        clinicians=network.clinicians.with_columns(pl.lit("x").alias("group_team")),
        sessions=network.sessions.with_columns(pl.lit("y").alias("group_floor")),
    )
    first, second = Scenario.of(network, [change]), Scenario.of(other, [change])
    assert all(getattr(first, name).equals(getattr(second, name)) for name in FRAMES)
    assert first.capacity_minutes() == second.capacity_minutes()


PERSONAL = re.compile(
    r"member(?!s$)|membership|(^|_)union|present|presence|absent|attend|intend|intention|intent|loyal|"
    r"picket|turnout|will_|strik(er|es|ing)|on_strike|join|dues|card"
)


def test_no_column_or_field_is_about_a_persons_stand():
    """No table, plan, frame or change has a column for a person's membership, intention or presence."""
    columns = [column.column for table in schema.tables().values() for column in table]
    frames = (scenario.LOST, scenario.POOLS, scenario.MEMBERS, scenario.COVER, plan.DECISIONS)
    columns += [name for frame in frames for name in frame]
    columns += [field.name for cls in KINDS for field in fields(cls)]
    assert not [name for name in columns if PERSONAL.search(name)]
    assert PERSONAL.search("union_member")
    assert PERSONAL.search("will_strike")


def test_what_describes_cover_names_no_clinician():
    """Pools, their clinics and their cover have no column that points at a person."""
    people = {
        column.column
        for table in schema.tables().values()
        for column in table
        if column.identifies == "yes" or column.refers_to == "clinicians.clinician_id"
    }
    assert "clinician_id" in people
    for columns in (scenario.POOLS, scenario.MEMBERS, scenario.COVER, scenario.LOST):
        assert not people & set(columns)


def test_added_sessions_are_never_struck():
    """In a network without units every post is struck, but not the sessions that a response adds."""

    @quick
    @given(network=networks(), hours=st.sampled_from(HOURS))
    def check(network, hours):
        bare = network.replace(
            clinicians=network.clinicians.with_columns(pl.lit(None, pl.String).alias("unit")),
            sessions=network.sessions.with_columns(pl.lit(None, pl.String).alias("unit")),
        )
        responses = [change for name in RESPONSES for change in RESPONSES[name].examples(bare)]
        strikes = DISRUPTIONS["strike"].examples(bare)
        after = Scenario.of(bare, responses + strikes)
        added = set(after.network.sessions["session_id"]) - set(bare.sessions["session_id"])
        assert len(added) == sum("sessions" in change.touches for change in responses)
        assert not added & set(after.lost["session_id"])

    check()


def test_a_list_of_changes_reports_the_faults_of_all():
    """Reading several changes reports unknown kinds and wrong keys of every one together."""
    rows = [{"kind": "stirke"}, {"kind": "leave", "dates": "2025-11-05"}, 7]
    with pytest.raises(InputError) as caught:
        read_changes(rows, DISRUPTIONS, RESPONSES)
    text = [(fault.column, fault.remedy) for fault in caught.value.faults]
    assert text[0] == ("kind", "Did you mean 'strike'?")
    assert text[1][0] == "leave.clinicians"
    assert len(text) == 3
    with pytest.raises(InputError):
        read_changes("strike", DISRUPTIONS, RESPONSES)
