"""Bad input and trouble: one clear report, exit 1, no output left behind, never a trace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from cli_run import Run, Runner

STRIKE = ("--on", "2026-03-10", "--working", "0.25", "--as-of", "2026-02-27")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command in this process."""
    return Runner(capsys)


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny example that a test may spoil."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "network"))


def edit(table: str, old: str, new: str, times: int = 1) -> Callable[[Path], None]:
    """Return a change that writes ``new`` for ``old`` in a table."""

    def spoil(folder: Path) -> None:
        path = folder / f"{table}.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{table} has no {old}"
        path.write_text(text.replace(old, new, times), encoding="utf-8")

    return spoil


def append(table: str, line: str) -> Callable[[Path], None]:
    """Return a change that adds a line to a table."""

    def spoil(folder: Path) -> None:
        with (folder / f"{table}.csv").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    return spoil


def write(table: str, content: bytes) -> Callable[[Path], None]:
    """Return a change that replaces a table."""
    return lambda folder: (folder / f"{table}.csv").write_bytes(content) and None


def remove(table: str) -> Callable[[Path], None]:
    """Return a change that takes a table away."""
    return lambda folder: (folder / f"{table}.csv").unlink()


#: A mapping for a book with the columns id, site and day.
MAPPING = """
[visits]
visit_id = { column = "id" }
clinic_id = { column = "site", slug = true }
day = { column = "day", format = "%Y-%m-%d" }
[sessions]
from = "08:00"
to = "12:00"
quantile = 0.8
"""

WRONG = {
    "unknown column": (edit("visits", "visit_id,", "visitid,"), "visitid"),
    "missing key": (edit("visits", "\nv0001,", "\n,"), "visits.csv, row 2"),
    "duplicate id": (edit("visits", "\nv0002,", "\nv0001,"), "v0001"),
    "date out of range": (edit("visits", "2026-01-25", "0026-01-25"), "booked_on"),
    "date that does not exist": (edit("visits", "2026-01-25", "2026-02-30"), "2026-02-30"),
    "visit in a session that does not exist": (edit("visits", "maple-1-0223-am", "maple-9"), "maple-9"),
    "overlapping visits": (edit("visits", "2026-02-23T09:30", "2026-02-23T09:15"), "visits.csv, row 3"),
    "negative minutes": (edit("visits", "T09:00,30,", "T09:00,-30,"), "-30"),
    "NaN coordinates": (edit("clinics", "44.972", "NaN"), "lat"),
    "infinite coordinates": (edit("clinics", "44.972", "inf"), "lat"),
    "empty file": (write("visits", b""), "visits.csv"),
    "headings alone": (write("visits", b"visit_id,clinic_id,start\n"), "visits.csv"),
    "wrong encoding": (write("clinics", b"clinic_id,name\nmaple,Caf\xe9\n"), "clinics.csv, row 2"),
    "another encoding": (write("clinics", "clinic_id\nmaple\n".encode("utf-16")), "clinics.csv"),
    "a line of 10 MB": (append("clinics", "x" * 10_000_000), "clinics.csv"),
    "ten million quotation marks": (append("clinics", '"' * 10_000_001), "clinics.csv"),
    "no bytes but noughts": (write("visits", bytes(1000)), "visits.csv"),
    "no visits": (remove("visits"), "visits"),
    "a column about a person": (edit("clinicians", "specialty", "union_member"), "union_member"),
}  # fmt: skip


def fails(ran: Run, out: Path) -> str:
    """Check that a command ended as bad input must, and return what it said."""
    assert ran.code == 1, ran.out + ran.err
    assert not out.exists()
    assert not list(out.parent.glob(".*"))
    return ran.err


@pytest.mark.parametrize("kind", sorted(WRONG))
def test_a_wrong_network_is_reported(run, folder, tmp_path, kind):
    """check and strike report the same faults, name the place, end with 1 and write nothing."""
    spoil, place = WRONG[kind]
    spoil(folder)
    spoken = fails(run("strike", folder, *STRIKE, "--out", tmp_path / "plan"), tmp_path / "plan")
    assert place in spoken
    assert len(spoken) < 20_000
    checked = run("check", folder, "--json")
    strike = run("strike", folder, *STRIKE, "--out", tmp_path / "plan", "--json")
    assert (checked.code, strike.code) == (1, 1)
    assert checked.document["ok"] is strike.document["ok"] is False
    assert checked.document["faults"] == strike.document["faults"] != []


def test_every_fault_comes_in_one_report(run, folder, tmp_path):
    """Faults of tables, options, policy, pins and changes are listed together."""
    edit("visits", "T09:00,30,", "T09:00,-30,")(folder)
    edit("clinics", "44.972", "144.972")(folder)
    (tmp_path / "policy.toml").write_text("horizon_days = -1\n")
    (tmp_path / "pins.csv").write_text("visit,option\nv1,stand\n")
    (tmp_path / "changes.toml").write_text('[[change]]\nkind = "leaves"\n')
    options = ("--policy", tmp_path / "policy.toml", "--pins", tmp_path / "pins.csv",
               "--changes", tmp_path / "changes.toml")  # fmt: skip
    said = fails(
        run(
            "strike",
            folder,
            "--on",
            "2026-03-10",
            "--working",
            "1.5",
            "--hours",
            "9-5",
            *options,
            "--out",
            tmp_path / "p",
        ),
        tmp_path / "p",
    )
    for place in (
        "visits.csv",
        "clinics.csv",
        "policy.toml",
        "pins.csv",
        "changes.toml",
        "--working",
        "--hours",
    ):
        assert place in said


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (["--working", "1.01"], "--working"),
        (["--working", "-0.1"], "--working"),
        (["--working", "nan"], "--working"),
        (["--working", "inf"], "--working"),
        (["--on", "2031-03-10"], "--on"),
        (["--hours", "17:00-08:00"], "--hours"),
        (["--unit", "nobody"], "--unit"),
        (["--role", "cook"], "--role"),
        (["--site-kind", "castle"], "--site-kind"),
        (["--clinic", "elm"], "--clinic"),
        (["--notice", "2026-03-11"], "--notice"),
        (["--as-of", "2026-03-10"], "as-of"),
        (["--as-of", "2031-01-01"], "as-of"),
        (["--policy", "nowhere.toml"], "nowhere.toml"),
        (["--pins", "nowhere.csv"], "nowhere.csv"),
        (["--changes", "nowhere.toml"], "nowhere.toml"),
        (["--clinic", "maple"], "--working"),
    ],
)
def test_a_wrong_option_is_named(run, tiny_folder, tmp_path, options, place):
    """A value that cannot be is reported under the option that states it."""
    stated = {"--on": "2026-03-10", "--working": "0.25"} | {options[0]: options[1]}
    words = [word for pair in stated.items() for word in pair]
    said = fails(run("strike", tiny_folder, *words, "--out", tmp_path / "p"), tmp_path / "p")
    assert place in said
    written = run("strike", tiny_folder, *words, "--out", tmp_path / "p", "--json")
    assert (written.code, written.document["ok"]) == (1, False)
    assert written.document["faults"]


@pytest.mark.parametrize(
    "pin",
    [
        "v9999,stand,,",
        "v0751,stand,,\nv0751,waitlist,,",
        "v0751,fly,,",
        "v0751,own_clinician,nowhere,2026-03-11T09:00",
        "v0751,own_clinician,birch-3-0309-am,2026-03-09T23:00",
        "v0751,own_clinician,birch-3-0309-am,soon",
    ],
)
def test_a_pin_that_cannot_be_kept(run, tiny_folder, tmp_path, pin):
    """A pin that no plan can keep is reported with its visit."""
    (tmp_path / "pins.csv").write_text(f"visit_id,option,session_id,start\n{pin}\n")
    out = tmp_path / "p"
    said = fails(run("strike", tiny_folder, *STRIKE, "--pins", tmp_path / "pins.csv", "--out", out), out)
    assert "pins" in said


def test_no_room_at_all(run, folder, tmp_path):
    """Where no session is left on any other day, the plan is made and everybody is on the wait-list."""
    for table in ("sessions", "visits"):
        path = folder / f"{table}.csv"
        head, *lines = path.read_text().splitlines()
        kept = [line for line in lines if "2026-03-10T" in line]
        path.write_text("\n".join([head, *kept]) + "\n")
    ran = run(
        "strike",
        folder,
        "--on",
        "2026-03-10",
        "--working",
        "0",
        "--as-of",
        "2026-03-09",
        "--out",
        tmp_path / "p",
        "--json",
    )
    assert ran.code == 0, ran.err
    found = ran.document
    assert found["moved"] == found["standby"] == 0
    assert found["booked"] == found["stand"] + found["waitlist"] + found["urgent_care"]
    assert run("verify", tmp_path / "p").code == 0


def test_a_strike_that_meets_nobody(run, folder, tmp_path):
    """A strike day on which the book is empty is planned without a visit, or refused with a reason."""
    path = folder / "visits.csv"
    lines = [line for line in path.read_text().splitlines() if "2026-03-10T" not in line]
    path.write_text("\n".join(lines) + "\n")
    ran = run("strike", folder, *STRIKE, "--out", tmp_path / "p", "--json")
    if ran.code == 0:
        assert ran.document["booked"] == 0
        assert run("verify", tmp_path / "p").code == 0
    else:
        assert ran.document["faults"]


@pytest.mark.parametrize("command", ["strike", "demo", "import"])
@pytest.mark.parametrize("place", ["foreign", "file", "below a file", "nowhere to write"])
def test_an_output_folder_that_cannot_be(run, tiny_folder, tmp_path, command, place):
    """A folder of somebody else, a file or a place that cannot be written to is refused before the work."""
    outs = {"foreign": tmp_path, "file": tmp_path / "notes.txt", "below a file": tmp_path / "notes.txt" / "o",
            "nowhere to write": Path("/proc/o")}  # fmt: skip
    (tmp_path / "notes.txt").write_text("mine")
    words = {
        "strike": ["strike", tiny_folder, *STRIKE],
        "demo": ["demo"],
        "import": ["import", "csv", "book.csv", "--mapping", "map.toml"],
    }[command]
    ran = run(*words, "--out", outs[place], "--json")
    assert (ran.code, ran.document["ok"]) == (1, False)
    assert str(outs[place]) in ran.document["error"]
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("book", "mapping", "place"),
    [
        (None, MAPPING, "book.csv"),
        ("", MAPPING, "book.csv"),
        ("id,site,day\n1,Elm,10/03/2026\n", MAPPING, "book.csv"),
        ("id,site,day\n", None, "map.toml"),
        ("id,site,day\n1,Elm,2026-03-10\n", "visits = 3", "map.toml"),
        ("id,site,day\n1,Elm,2026-03-10\n", "this is not TOML", "map.toml"),
        ("id,site,day\n1,Elm,2026-03-10\n", '[visits]\nvisit_id = { column = "no" }\n', "map.toml"),
    ],
)
def test_an_export_that_cannot_be_read(run, tmp_path, book, mapping, place):
    """A missing or wrong export or mapping is reported, and no network is left."""
    for name, text in (("book.csv", book), ("map.toml", mapping)):
        if text is not None:
            (tmp_path / name).write_text(text)
    out = tmp_path / "n"
    said = fails(
        run("import", "csv", tmp_path / "book.csv", "--mapping", tmp_path / "map.toml", "--out", out), out
    )
    assert place in said


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", "\x00", '{"kind": "strike"}', "[" * 100_000, '{"tideover": NaN, "levels": 3}'],
)
def test_a_plan_that_is_none(run, tmp_path, text):
    """Whatever plan.json holds, verify answers without a trace that it is not confirmed."""
    (tmp_path / "plan.json").write_text(text)
    ran = run("verify", tmp_path, "--json")
    assert (ran.code, ran.document["ok"]) == (1, False)


def test_a_failed_run_keeps_the_old_plan(run, tiny_folder, tmp_path):
    """A run that fails leaves the plan that was there, to the byte."""
    out = tmp_path / "plan"
    assert run("strike", tiny_folder, *STRIKE, "--out", out).code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert run("strike", tiny_folder, "--on", "2031-01-01", "--working", "2", "--out", out).code == 1
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert date.fromisoformat(json.loads(before["plan.json"])["as_of"]) == date(2026, 2, 27)
