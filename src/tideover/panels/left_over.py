"""Households that the posts of their clinic could not take whole: put where all of them have room."""

from __future__ import annotations

import numpy as np

from tideover.panels.households import Costs, Items
from tideover.panels.problem import Ints, Receivers
from tideover.panels.rules import NEVER


def settled(posts: Receivers, costs: Costs, items: Items, post: Ints, size: Ints) -> Ints:
    """Return ``post`` (n,) with each household that lacks a place put where posts have room for all of it.

    Households in their order, each to the cheapest such clinic; where there is none, they stay as they are.
    """
    found = post.copy()
    placed = found >= 0
    room = posts.cap - np.bincount(found[placed], size[placed], posts.cap.size).astype(np.int64)
    order = np.argsort(items.of, kind="stable")
    start = np.searchsorted(items.of[order], np.arange(items.size.size + 1))
    for item in np.unique(items.of[~placed]).tolist():
        who = order[start[item] : start[item + 1]]
        mine = who[found[who] >= 0]
        np.add.at(room, found[mine], size[mine])
        found[who] = _together(posts, costs, items.cost[item], who, size, room, found[who])
        mine = who[found[who] >= 0]
        np.subtract.at(room, found[mine], size[mine])
    return found


def _together(
    posts: Receivers, costs: Costs, cost: Ints, who: Ints, size: Ints, room: Ints, before: Ints
) -> Ints:
    """Return a post for each of ``who`` at the cheapest clinic with room for all, else those ``before``."""
    order = np.argsort(-size[who], kind="stable")
    holds = np.bincount(posts.clinic, room, cost.size) >= size[who].sum()
    near = np.flatnonzero(holds & (cost < NEVER))
    for clinic in near[np.argsort(cost[near], kind="stable")].tolist():
        here = np.flatnonzero(posts.clinic == clinic)
        left, chosen = room[here].copy(), np.full(who.size, -1, np.int64)
        for at in order.tolist():
            person = who[at]
            points = costs.post[costs.kinds.of[person]][here] + costs.broken[person]
            own = here == costs.own[person]
            points = np.where(own, costs.spoken[costs.kinds.of[person]][here], points)
            points = np.where(left >= size[person], points, NEVER)
            best = int(points.argmin())
            if points[best] >= NEVER:
                break
            chosen[at] = here[best]
            left[best] -= size[person]
        if (chosen >= 0).all():
            return chosen
    return before
