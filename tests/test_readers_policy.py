"""Policies and pins: what is accepted, and that every wrong key is explained."""

from __future__ import annotations

import datetime as dt

import pytest

from tideover import schema
from tideover.errors import InputError
from tideover.nouns import Policy
from tideover.readers import read_pins, read_policy

TERMS = [key.key.removeprefix("weights.") for key in schema.policy_keys() if key.key.startswith("weights.")]


def policy_of(tmp_path, text: str) -> Policy:
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return read_policy(path)


def test_no_file_is_the_default():
    """Without a file the schema's defaults count."""
    assert read_policy() == Policy.default()
    assert read_policy(None) == Policy.default()


def test_chosen_keys_replace_the_defaults(tmp_path):
    """Keys of the file count, all others keep their defaults; weights may name only some terms."""
    order = list(reversed(TERMS))
    text = f"""
approved_by = "Dr A"
horizon_days = 10
detour_factor = 2
safe_days = [0, 1, 2, 3, 4, 5]
levels = [{order[:2]!r}, {order[2:]!r}]
[weights]
told = 7
[scope]
procedure = ["physician", "pa"]
"""
    policy = policy_of(tmp_path, text)
    assert (policy.approved_by, policy.horizon_days, policy.detour_factor) == ("Dr A", 10, 2)
    assert policy.safe_days == (0, 1, 2, 3, 4, 5)
    assert policy.levels == (tuple(order[:2]), tuple(order[2:]))
    assert policy.weights["told"] == 7
    assert policy.weights["standby"] == Policy.default().weights["standby"]
    assert policy.scope == {"procedure": ("physician", "pa")}
    assert policy.history_days == Policy.default().history_days


def edges() -> list[tuple[str, float, bool]]:
    """Every bounded number of the policy at, and just outside, its bounds: made from the schema."""
    found = []
    for key in schema.policy_keys():
        if key.limits is not None and key.type in {"integer", "number"}:
            low, high = key.limits
            step = 1 if key.type == "integer" else 0.001
            found += [(key.key, low, True), (key.key, high, True)]
            found += [(key.key, low - step, False), (key.key, high + step, False)]
    return found


@pytest.mark.parametrize(("key", "value", "right"), edges())
def test_every_bound_of_the_schema_is_kept(tmp_path, key, value, right):
    """Each number is accepted at its bounds and refused just outside them."""
    number = int(value) if value == int(value) else value
    if right:
        others = {"urgent_care_from_urgency": 1, "urgent_care_to_urgency": 6} | {key: number}
        chosen = policy_of(tmp_path, "".join(f"{name} = {other}\n" for name, other in others.items()))
        assert chosen.as_dict().get(key, chosen.weights.get(key.removeprefix("weights."))) == number
    else:
        with pytest.raises(InputError) as caught:
            policy_of(tmp_path, f"{key} = {number}")
        assert [fault.column for fault in caught.value.faults] == [key]


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("horizon_day = 3", "horizon_day", "Did you mean horizon_days?"),
        ("[weights]\ntolled = 3", "weights.tolled", "Did you mean told?"),
        ("horizon_days = true", "horizon_days", "whole number"),
        ('horizon_days = "3"', "horizon_days", "whole number"),
        ("horizon_days = 3.5", "horizon_days", "whole number"),
        ("detour_factor = nan", "detour_factor", "number"),
        ("approved_by = 3", "approved_by", "text"),
        ("safe_days = [0, 1]", "safe_days", "6 whole numbers"),
        ("safe_days = [0, 1, 2, 3, 4, -5]", "safe_days[6]", "0 to 365"),
        ("urgency_weight = 5", "urgency_weight", "6 whole numbers"),
        ("levels = 3", "levels", "lists"),
        ("levels = [['told']]", "levels", "once"),
        (f"levels = [{TERMS!r}, ['told']]", "levels", "once"),
        (f"levels = [{TERMS!r}, ['tolld']]", "levels", "Did you mean told?"),
        (f"levels = [{TERMS!r}, []]", "levels", "empty level"),
        ("scope = 3", "scope", "table"),
        ("[scope]\nprocedure = ['nurse']", "scope.procedure", "physician"),
        ("weights = 3", "weights", "table"),
        ("urgent_care_from_urgency = 5", "urgent_care_from_urgency", "at most"),
        ("a = ", None, "TOML"),
    ],
)
def test_a_wrong_key_is_explained(tmp_path, text, column, words):
    """Each kind of wrong policy is a fault that names the key and says what was expected."""
    with pytest.raises(InputError) as caught:
        policy_of(tmp_path, text)
    fits = [f for f in caught.value.faults if f.column == column and words in str(f)]
    assert fits, caught.value.faults


def test_a_policy_that_is_not_there(tmp_path):
    """A missing file, or one in another encoding, is an input error."""
    with pytest.raises(InputError):
        read_policy(tmp_path / "none.toml")
    (tmp_path / "p.toml").write_bytes(b"approved_by = '\xe9'")
    with pytest.raises(InputError, match="UTF-8"):
        read_policy(tmp_path / "p.toml")


def test_pins_are_read_and_sorted(tmp_path):
    """Pins come sorted by visit, with session and start where they are given."""
    path = tmp_path / "pins.csv"
    path.write_text("visit_id,option,session_id,start\nv2,waitlist,,\nv1,own_clinician,s1,2026-03-12T09:00\n")
    assert read_pins(path).rows() == [
        ("v1", "own_clinician", "s1", dt.datetime(2026, 3, 12, 9)),
        ("v2", "waitlist", None, None),
    ]
    path.write_text("visit_id,option\nv2,stand\n")
    assert read_pins(path).rows() == [("v2", "stand", None, None)]


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        ("visit_id,option\nv1,move\n", 2, "option"),
        ("visit_id,option\nv1,stand\nv1,video\n", 3, "visit_id"),
        ("visit_id,option\n,stand\n", 2, "visit_id"),
        ("visit_id,option\nv1,\n", 2, "option"),
        ("visit_id,option,start\nv1,stand,noon\n", 2, "start"),
        ("visit_id,options\nv1,stand\n", 1, "options"),
        ("visit_id\nv1\n", 1, "option"),
        ("", None, None),
        ("visit_id,option\nv1\n", 2, None),
    ],
)
def test_wrong_pins_are_found(tmp_path, text, row, column):
    """Each kind of wrong pin is found with its line and column."""
    path = tmp_path / "pins.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_pins(path)
    assert (row, column) in {(fault.row, fault.column) for fault in caught.value.faults}
