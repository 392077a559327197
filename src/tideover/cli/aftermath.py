"""The command that looks back on a strike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tideover.cases.after import AfterResult, run_after
from tideover.cli.say import progress, say, say_json, show
from tideover.cli.words import SYNTHETIC, reading_line
from tideover.impact import FEWEST_PEOPLE
from tideover.readers import check_target
from tideover.reports.after import CHECKS, KIND_WORDS, MARK, OUTPUTS, headline, write_after


@dataclass(frozen=True)
class AfterFiles:
    """Where the files of an after run are."""

    folder: Path
    out: Path
    happened: Path | None = None
    network: Path | None = None


def after(files: AfterFiles, *, as_json: bool) -> int:
    """Write what a strike leaves behind, and what was planned against what happened."""
    check_target(files.out, MARK, OUTPUTS)
    with progress(3) as report:
        result = run_after(files.folder, files.network, files.happened, report)
        report(f"writing {files.out}")
        write_after(result, files.out)
    if as_json:
        say_json(result.facts | {"out": str(files.out)})
        return 0
    _say_after(result, files.out)
    return 0


def _say_after(result: AfterResult, out: Path) -> None:
    facts = result.facts
    if facts["synthetic"]:
        say(SYNTHETIC)
        say()
    say(headline(facts))
    say()
    for line in reading_line(facts):
        say(line)
    for kind, about in KIND_WORDS.items():
        say(f"  {facts['backlog'][kind]['minutes'] / 60:>9,.1f}  hours {about}")
    say()
    say("Dates to tick off")
    for check in facts["checklist"]:
        say(f"  - {_check(check)}")
    if facts["happened"]:
        say()
        record = facts["happened"]
        say(f"{record['rows']:,} of {record['visits']:,} visits of the plan have a record.")
    say()
    say(f"Written to {out}")
    show(f"{out / 'report.html'}")


def _check(check: dict[str, Any]) -> str:
    noun = "site" if check["what"].startswith("s") else "visit"
    number = f"{check['number']:,} {noun}{'' if check['number'] == 1 else 's'}"
    if noun == "visit" and check["number"] < FEWEST_PEOPLE:
        number = f"fewer than {FEWEST_PEOPLE} visits"
    return f"{check['on'] or 'open'}: {CHECKS[check['what']]} ({number})"
