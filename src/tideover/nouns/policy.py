"""The planner's choices: weights, limits and lead times. Facts and assumptions are not choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tideover import schema


@dataclass(frozen=True)
class Policy:
    """The choices of whoever makes the plan; every key is described in ``schema/policy.csv``.

    ``weights`` maps each cost term to its weight in points; ``levels`` lists the terms of each level of the
    lexicographic order, first level first; ``scope`` maps a kind of visit to the roles that may see it.
    """

    approved_by: str
    contact_lead_days: int
    horizon_days: int
    history_days: int
    travel_limit_minutes: int
    detour_factor: float
    speed_km_per_hour: float
    stand_quantile: float
    standby_from_urgency: int
    reserve_to_urgency: int
    urgent_care_from_urgency: int
    urgent_care_to_urgency: int
    safe_days: tuple[int, ...]
    urgency_weight: tuple[int, ...]
    rest_hours: int
    assistants_per_clinician: float
    nurses_per_clinician: float
    weights: Mapping[str, int]
    levels: tuple[tuple[str, ...], ...]
    told_at_most: int
    panel_per_full_time: int
    panel_cap_per_full_time: int
    rooms_per_post: float
    transfer_limit_minutes: int
    adequacy_minutes: int
    adequacy_large_metro_minutes: int
    adequacy_metro_minutes: int
    adequacy_micro_minutes: int
    adequacy_rural_minutes: int
    adequacy_ceac_minutes: int
    transfer_added_travel: int
    transfer_continuity_broken: int
    transfer_language_not_shared: int
    transfer_interpreter_needed: int
    transfer_beyond_standard: int
    transfer_over_target: int
    scope: Mapping[str, tuple[str, ...]]

    @classmethod
    def default(cls) -> Policy:
        """Return the policy whose values are the schema's defaults."""
        return cls.of({})

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> Policy:
        """Return the defaults with ``chosen`` keys exchanged; ``weights`` may name only some terms.

        The keys and types must be right already (see ``readers.policy``); an unknown key raises TypeError.
        """
        values: dict[str, Any] = {"weights": {}}
        for key in schema.policy_keys():
            value = _parse(key.type, key.default)
            if key.key.startswith("weights."):
                values["weights"][key.key.removeprefix("weights.")] = value
            else:
                values[key.key] = value
        values["weights"] |= chosen.get("weights", {})
        values |= {key: value for key, value in chosen.items() if key != "weights"}
        values["safe_days"] = tuple(values["safe_days"])
        values["urgency_weight"] = tuple(values["urgency_weight"])
        values["levels"] = tuple(tuple(level) for level in values["levels"])
        values["scope"] = {kind: tuple(roles) for kind, roles in values["scope"].items()}
        return cls(**values)

    def as_dict(self) -> dict[str, Any]:
        """Return the policy as plain JSON values; ``Policy.of`` makes it again."""
        return asdict(self)

    @property
    def terms(self) -> list[str]:
        """Every cost term in the order of the levels."""
        return [term for level in self.levels for term in level]


def _parse(kind: str, text: str) -> Any:
    match kind:
        case "integer":
            return int(text)
        case "number":
            return float(text)
        case "integers":
            return tuple(int(part) for part in text.split(";"))
        case "levels":
            return tuple(tuple(level.split("+")) for level in text.split(">"))
        case "scope":
            return {}
        case _:
            return text
