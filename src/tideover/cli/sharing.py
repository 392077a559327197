"""The command that writes a plan's instance without people."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from tideover.cli.say import progress, say, say_json, show
from tideover.cli.words import SYNTHETIC
from tideover.readers import check_target
from tideover.verify import OUTPUTS, Shared
from tideover.verify import share as share_plan


@dataclass(frozen=True)
class ShareFiles:
    """Where the files of a share run are."""

    folder: Path
    out: Path
    network: Path | None = None


def share(files: ShareFiles, salt: str | None, *, as_json: bool) -> int:
    """Verify a plan and write its instance without people."""
    check_target(files.out, OUTPUTS[0], OUTPUTS)
    began = time.perf_counter()
    with progress(3) as report:
        made = share_plan(files.folder, files.out, network_folder=files.network, salt=salt, report=report)
    seconds = time.perf_counter() - began
    if as_json:
        found = {"rows": dict(made.rows), "bytes": made.size_bytes, "seconds": round(seconds, 1)}
        stated = {"warning": made.warning, "cannot_be_checked": made.cannot_be_checked}
        say_json({"out": str(files.out), "fingerprint": made.fingerprint} | found | stated)
        return 0
    _say_shared(made, files.out, seconds)
    return 0


def _say_shared(made: Shared, out: Path, seconds: float) -> None:
    rows = made.rows
    if made.synthetic:
        say(SYNTHETIC)
        say()
    say("The plan was verified; its instance holds no identifiers, names, places or dates:")
    say(f"  {rows['items']:>9,}  visits, as sizes and costs in points by level")
    say(f"  {rows['bins']:>9,}  open intervals and hours of cover, as capacities")
    say(f"  {rows['pairs']:>9,}  allowed pairs of the two, as costs in points by level")
    say(f"{_size(made.size_bytes)}, written in {seconds:.1f} s to {out}")
    say()
    say(made.warning, "bold")
    say()
    say("Whoever gets it needs Tideover and nothing else:")
    show(f"tideover verify {out}")
    say("Fingerprint, to be told apart from the folder, so that nobody can exchange it on the way:")
    show(made.fingerprint)


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"
