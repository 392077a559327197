"""Mutual aid: employers open some of the room that is left at their sites to each other's patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns.change import RecordedChange
from tideover.nouns.fields import AnyDates, PartOf, Roles, SiteKinds, TwoOrMore
from tideover.nouns.network import Network
from tideover.nouns.scenario import LENT, Scenario
from tideover.responses._kind import RESPONSES


@RESPONSES.register("mutual_aid")
@dataclass(frozen=True, kw_only=True)
class MutualAid(RecordedChange):
    """Room that ``employers`` lend each other: visits booked at one of them may be held at another.

    | key | meaning | left out |
    |---|---|---|
    | employers | at least two of the network's employers; each lends to every other | required |
    | share | the most that is lent of the room left open at a site on a date, 0 to 1 | required |
    | dates | dates on which room is lent | every date |
    | site_kinds | only at sites of these kinds | all |
    | roles | only with clinicians of these roles; a pooled team counts as every role | all |

    What is lent is room that the plan finds open after the site's own bookings and what it keeps for its own
    visits still to come (formulation 31); the site's own patients may have it as well. All other rules hold
    for those who come as for anybody. Cover of a strike is never lent, nor is any post or person named.
    Contracts, licences beyond the states of the posts, records and who pays are not in it.
    """

    employers: TwoOrMore
    share: PartOf
    dates: AnyDates = ()
    site_kinds: SiteKinds = ()
    roles: Roles = ()

    kind: ClassVar[str] = "mutual_aid"
    rank: ClassVar[int] = 70

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return half of the room of every site, between all employers; none where fewer than two are."""
        employers = tuple(network.clinics["employer"].drop_nulls().unique().sort())
        return [cls(employers=employers, share=0.5)] if len(employers) > 1 else []

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the room lent.

        ``InputError`` for unknown employers, dates outside the book, no session that is concerned, or
        sessions that are lent already: then it is not clear what share is the most.
        """
        network = scenario.network
        faults = self.unknown("employers", self.employers, set(network.clinics["employer"].drop_nulls()))
        faults += self._outside(network)
        if faults:
            raise InputError(faults)
        lenders = self._sessions(network)
        others = pl.DataFrame({"employer": list(self.employers)})
        rows = lenders.join(others, how="cross").filter(pl.col("employer") != pl.col("lender"))
        rows = rows.with_columns(pl.lit(self.share).alias("share")).select(*LENT)
        twice = rows.join(scenario.lent, on="session_id", how="semi")["session_id"].n_unique()
        if rows.is_empty():
            found, expected = "no session that it concerns", "at least one session"
            faults = [self.fault(None, found, expected, "Widen the dates or the other limits.")]
        elif twice:
            found, expected = f"{twice} sessions that are lent already", "each session lent once"
            faults = [self.fault(None, found, expected, "State one agreement for the same sites and dates.")]
        if faults:
            raise InputError(faults)
        return scenario.replace(lent=pl.concat([scenario.lent, rows]).sort(*LENT))

    def _sessions(self, network: Network) -> pl.DataFrame:
        """Return session_id, lender of the sessions that are lent."""
        sites = network.clinics.select("clinic_id", "kind", lender="employer")
        held = network.sessions.join(sites, on="clinic_id").join(
            network.clinicians.select("clinician_id", "role"), on="clinician_id", how="left"
        )
        concerned = pl.col("lender").is_in(list(self.employers))
        if self.dates:
            concerned &= pl.col("start").dt.date().is_in(list(self.dates))
        if self.site_kinds:
            concerned &= pl.col("kind").is_in(list(self.site_kinds))
        if self.roles:
            concerned &= pl.col("clinician_id").is_null() | pl.col("role").is_in(list(self.roles))
        return held.filter(concerned).select("session_id", "lender")

    def _outside(self, network: Network) -> list[Fault]:
        held = sorted(set(network.sessions["start"].dt.date().to_list()))
        expected = f"dates of the book, {held[0]} to {held[-1]}" if held else "a book of sessions"
        return [
            self.fault(
                "dates", f"{day}, on which nobody has sessions", expected, "Correct it or leave it out."
            )
            for day in self.dates
            if day not in held
        ]
