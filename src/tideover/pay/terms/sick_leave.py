"""Sick leave: hours that accrue, are taken, carried over, and paid out or lost."""

from tideover.pay.terms._leave import leave

leave("sick_leave", "Sick leave", "sick_hours_per_year")
