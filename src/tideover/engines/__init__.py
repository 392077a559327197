"""Machinery without a word of the domain."""
