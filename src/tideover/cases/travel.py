"""Journeys for a case: a table service is asked for the homes that the case is about, and for no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

from tideover.nouns import Network, Note, Scenario, Travel
from tideover.nouns.change import RecordedChange
from tideover.panels.problem import movers
from tideover.travel.asked import ask
from tideover.travel.service import Service


def strike_travel(
    network: Network,
    changes: Sequence[RecordedChange],
    service: Service,
    report: Callable[[str], None] = lambda text: None,
) -> Travel:
    """Return the service's journeys for every visit that a strike under ``changes`` may be about.

    Those are the visits on strike dates and in sessions of which something is lost, seen or not. Raises
    ``InputError`` with every fault of the changes, or if the service cannot be asked.
    """
    scenario = Scenario.of(network, changes)
    on_the_day = pl.col("start").dt.date().is_in(scenario.strike_dates)
    in_lost = pl.col("session_id").is_in(scenario.lost["session_id"].unique().implode())
    visits = scenario.network.visits.filter(on_the_day | in_lost.fill_null(value=False))
    return _said(ask(network, visits, service, report))


def closing_travel(
    network: Network,
    changes: Sequence[RecordedChange],
    service: Service,
    report: Callable[[str], None] = lambda text: None,
) -> Travel:
    """Return the service's journeys for whoever needs a new place under ``changes``, and the visits lost.

    Raises ``InputError`` with every fault of the changes, or if the service cannot be asked.
    """
    scenario = Scenario.of(network, changes)
    lost = pl.col("session_id").is_in(scenario.lost["session_id"].unique().implode())
    visits = scenario.network.visits.filter(lost.fill_null(value=False))
    wanted = ("patient_id", "clinic_id")
    people = movers(scenario)[0].select(wanted)
    return _said(ask(network, pl.concat([people, visits.select(wanted)]), service, report))


def network_travel(
    network: Network, service: Service, report: Callable[[str], None] = lambda text: None
) -> Travel:
    """Return the service's journeys from every home and from every clinic of the network to every clinic."""
    patients = network.patients.select("patient_id", pl.lit(None, pl.String).alias("clinic_id"))
    clinics = network.clinics.select(pl.lit(None, pl.String).alias("patient_id"), "clinic_id")
    return _said(ask(network, pl.concat([patients, clinics]), service, report))


def _said(travel: Travel) -> Travel:
    text = f"The places of homes were sent to {travel.name}, without a word on who lives there"
    return replace(travel, notes=(Note("found", "travel", text),))
