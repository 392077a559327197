"""Sites with fewer support staff for each clinician than the policy holds to."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    wanted = {
        "medical_assistant": view.policy.assistants_per_clinician,
        "nurse": view.policy.nurses_per_clinician,
    }
    held = [role for role, least in wanted.items() if least]
    if not held:
        return None, None
    stated = view.site_days.filter(pl.any_horizontal(pl.col(role).is_not_null() for role in held))
    if stated.is_empty():
        return None, None
    before, after = stated.select(
        pl.any_horizontal(pl.col(role) < wanted[role] * pl.col(f"posts_{when}") - 1e-9 for role in held)
        .sum()
        .alias(when)
        for when in ("before", "after")
    ).row(0)
    return before, after


register(
    Measure(
        name="sites_short_of_support",
        title="Sites short of support staff on the strike day",
        unit="site day",
        better="lower",
        concern="network",
        rank=25,
        description=(
            "Sites and strike dates with fewer medical assistants or nurses for each working clinician than "
            "assistants_per_clinician and nurses_per_clinician of the policy say, among those that state "
            "them. The policy names the source of each threshold; 0 counts none."
        ),
        missing="the policy states no threshold, or no site states its support staff",
        values=of_days(_pair),
        by_date=True,
    )
)
