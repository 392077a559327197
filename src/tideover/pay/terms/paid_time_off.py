"""Paid time off: hours that accrue, are taken, carried over, and paid out or lost."""

from tideover.pay.terms._leave import leave

leave("paid_time_off", "Paid time off", "pto_hours_per_year")
