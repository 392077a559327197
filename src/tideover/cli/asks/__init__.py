"""What each command may be asked: its words, options and help. Importing this registers all of them."""

from tideover.cli.asks import access, bargain, budget, claims, close, networks, offer, plans, strike

__all__ = ["access", "bargain", "budget", "claims", "close", "networks", "offer", "plans", "strike"]
