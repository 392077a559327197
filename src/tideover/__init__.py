"""Tideover: the open planning model of a primary-care clinic network under a labour dispute."""

__version__ = "0.1.0"
