"""A time of day for visits that have none: spread over the session, in order, on the lanes of the team."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np


def spread(
    sessions: Sequence[int],
    patients: Sequence[int],
    minutes: Sequence[int],
    *,
    lanes: Sequence[int],
    length: int,
    slot: int,
) -> np.ndarray:
    """Return for each visit the minutes from its session's start, int64, a multiple of ``slot`` (minutes).

    Visits come in the order in which they are to be placed; ``sessions`` and ``patients`` number the session
    and the patient of each (-1: unknown patient), ``lanes`` gives the posts of each session, all ``length``
    minutes long.

    1. The visits of a patient in one session form a block, so that nobody is in two rooms at once.
    2. Each block goes, in order, on the lane that is free first.
    3. What a lane has left over is shared out before its blocks in whole slots, so that the day fills evenly.
    4. Blocks that no lane can hold are spread over the session beside the others: these are overbooked.

    Laws: every visit lies within the session if its own block does; without step 4 no lane holds two visits
    at once.
    """
    offsets = np.zeros(len(minutes), np.int64)
    for session, blocks in _blocks(sessions, patients, minutes, length).items():
        _place(offsets, blocks, minutes, lanes=lanes[session], length=length, slot=slot)
    return offsets


def _blocks(
    sessions: Sequence[int], patients: Sequence[int], minutes: Sequence[int], length: int
) -> dict[int, list[list[int]]]:
    """Return the blocks of each session; a block longer than the session is broken up."""
    found: dict[int, dict[tuple[int, int], list[int]]] = {}
    for visit, (session, patient) in enumerate(zip(sessions, patients, strict=True)):
        whose = (0, patient) if patient >= 0 else (1, visit)
        found.setdefault(session, {}).setdefault(whose, []).append(visit)
    blocks: dict[int, list[list[int]]] = {}
    for session, of_patients in found.items():
        blocks[session] = []
        for block in of_patients.values():
            fits = len(block) == 1 or sum(minutes[visit] for visit in block) <= length
            blocks[session] += [block] if fits else [[visit] for visit in block]
    return blocks


def _place(
    offsets: np.ndarray,
    blocks: list[list[int]],
    minutes: Sequence[int],
    *,
    lanes: int,
    length: int,
    slot: int,
) -> None:
    free = [(0, lane) for lane in range(lanes)]
    held: list[list[list[int]]] = [[] for _ in range(lanes)]
    left = []
    for block in blocks:
        need = sum(_in_slots(minutes[visit], slot) for visit in block)
        begin, lane = free[0]
        if begin + need > length:
            left.append(block)
            continue
        heapq.heapreplace(free, (begin + need, lane))
        held[lane].append(block)
    for end, lane in free:
        _share_out(offsets, held[lane], minutes, length - end, slot)
    for number, block in enumerate(left):
        need = sum(_in_slots(minutes[visit], slot) for visit in block)
        begin = max(0, length - need) * number // len(left) // slot * slot
        _write(offsets, block, minutes, begin, slot)


def _share_out(
    offsets: np.ndarray, blocks: list[list[int]], minutes: Sequence[int], idle: int, slot: int
) -> None:
    begin = 0
    for number, block in enumerate(blocks):
        pause = idle * number // len(blocks) // slot * slot
        begin += _write(offsets, block, minutes, begin + pause, slot)


def _write(offsets: np.ndarray, block: list[int], minutes: Sequence[int], begin: int, slot: int) -> int:
    """Set the offsets of a block that begins at ``begin``; return its length in whole slots, in minutes."""
    length = 0
    for visit in block:
        offsets[visit] = begin + length
        length += _in_slots(minutes[visit], slot)
    return length


def _in_slots(minutes: int, slot: int) -> int:
    return -(-minutes // slot) * slot
