"""The command line: what each command prints, its JSON, its exit code, its manners."""

from __future__ import annotations

import json
import os
import pty
import resource
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import tideover
from case_factory import small_case
from cli_run import Runner
from tideover.cli import commands, main
from tideover.reports.folder import OUTPUTS, SOMETIMES

ALWAYS = set(OUTPUTS) - set(SOMETIMES)
STRIKE = ("--on", "2026-03-10", "--working", "0.25", "--notice", "2026-02-27")
PROGRAM = [sys.executable, "-c", "import sys; from tideover.cli import main; sys.exit(main())"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command in this process."""
    return Runner(capsys)


@pytest.fixture(scope="module")
def planned(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan folder of the tiny example's strike day."""
    out = tmp_path_factory.mktemp("cli") / "plan"
    assert main(["strike", str(tiny_folder), *STRIKE, "--out", str(out), "--json"]) == 0
    return out


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return the contents of a folder, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_without_words_it_shows_the_commands(run):
    """``tideover`` alone prints its help and every command."""
    shown = run()
    assert shown.code == 0
    for command in ("check", "demo", "import", "strike", "synth", "verify"):
        assert command in shown.out


def test_the_version_is_printed(run):
    """``--version`` prints the version alone."""
    assert run("--version").out.strip() == tideover.__version__


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["strik"], "strik"),
        (["strike"], "NETWORK"),
        (["strike", "x", "--on", "next Tuesday", "--working", "0.2", "--out", "o"], "YYYY-MM-DD"),
        (["strike", "x", "--on", "2026-03-10T09:00", "--working", "0.2", "--out", "o"], "YYYY-MM-DD"),
        (["strike", "x", "--on", "2026-03-10", "--working", "many", "--out", "o"], "--working"),
        (["strike", "x", "--on", "2026-03-10", "--working", "0.2", "--out", "o", "--as-of", "x"], "--as-of"),
        (["strike", "x", "--working", "0.2", "--out", "o"], "--on"),
        (["check", "x", "--quietly"], "--quietly"),
        (["import", "csv", "x.csv", "--out", "o"], "--mapping"),
        (["verify"], "FOLDER"),
    ],
)
def test_wrong_usage_ends_with_two(run, arguments, said):
    """Words that cannot be understood end with 2, say which, and are one document with --json."""
    spoken = run(*arguments)
    assert (spoken.code, spoken.out) == (2, "")
    assert said in spoken.err
    written = run(*arguments, "--json")
    assert written.code == 2
    assert said in written.document["error"]
    assert written.document["ok"] is False


def test_check_says_that_nothing_is_wrong(run, tiny_folder):
    """A good network ends with 0, in words and as a document."""
    assert run("check", tiny_folder).out.startswith("No faults.")
    good = run("check", tiny_folder, "--json")
    assert (good.code, good.document, good.err) == (0, {"ok": True, "faults": []}, "")


def test_check_says_where_a_fault_is(run, tmp_path):
    """A fault has file, row, column, found, expected and remedy; the words and the document agree."""
    (tmp_path / "clinics.csv").write_text("clinic_id\nelm\n")
    (tmp_path / "visits.csv").write_text("visit_id,clinic_id,start\nv1,oak,2026-03-10T09:00\n")
    bad = run("check", tmp_path, "--json")
    (fault,) = bad.document["faults"]
    assert bad.code == 1
    assert set(fault) >= {"file", "row", "column", "found", "expected", "remedy"}
    assert (fault["file"], fault["row"], fault["column"]) == ("visits.csv", 2, "clinic_id")
    spoken = run("check", tmp_path)
    assert (spoken.code, spoken.out) == (1, "")
    assert "visits.csv, row 2, column clinic_id" in spoken.err


def test_strike_writes_the_plan_folder(run, tiny_folder, tmp_path):
    """A strike run ends with 0, writes every file and says what happens to every booked visit."""
    spoken = run("strike", tiny_folder, *STRIKE, "--out", tmp_path / "plan")
    assert (spoken.code, spoken.err) == (0, "")
    assert {path.name for path in (tmp_path / "plan").iterdir()} == set(ALWAYS)
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]
    assert "What to do now" in spoken.out
    for name in ALWAYS:
        assert Path(name).stem in spoken.out


def test_strike_as_a_document(run, tiny_folder, tmp_path):
    """The document has the keys that other programs rely on, and its outcomes add up to the booked visits."""
    ran = run("strike", tiny_folder, *STRIKE, "--out", tmp_path / "plan", "--json")
    found = ran.document
    outcomes = ("stand", "standby", "moved", "video", "urgent_care", "waitlist")
    others = {
        "booked",
        "affected",
        "unsafe_urgent",
        "minimum_safe_cover",
        "cost",
        "bound",
        "gap",
        "levels",
        "out",
    }
    assert (ran.code, ran.err) == (0, "")
    assert set(found) >= {*outcomes, *others}
    assert sum(found[key] for key in outcomes) == found["booked"]
    assert all(set(level) == {"name", "cost", "bound", "first_come"} for level in found["levels"])
    assert found["out"] == str(tmp_path / "plan")


def test_the_same_run_writes_the_same_bytes(run, tiny_folder, planned, tmp_path):
    """Same inputs, same files, to the byte."""
    run("strike", tiny_folder, *STRIKE, "--out", tmp_path / "plan")
    assert bytes_of(tmp_path / "plan") == bytes_of(planned)


def test_only_pages_of_counts_may_go_round(planned):
    """Whatever speaks of single visits is readable by its owner alone; what two sides sign is not."""
    modes = {path.name: path.stat().st_mode & 0o077 for path in planned.iterdir()}
    assert {name for name, mode in modes.items() if mode} == {"report.html", "cover.csv", "cover.html"}


def test_verify_confirms(run, planned):
    """A good plan is confirmed, in words and as a document."""
    assert "confirmed" in run("verify", planned).out
    checked = run("verify", planned.parent, "--json")
    (plan,) = checked.document["plans"]
    assert (checked.code, checked.document["ok"], checked.err) == (0, True, "")
    assert set(plan) >= {"path", "ok", "cost", "bound", "gap", "differences"}


def test_verify_refuses_a_changed_plan(run, planned, tmp_path):
    """A plan with another cost is not confirmed: exit 1, and the difference is said."""
    for path in planned.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    facts = json.loads((tmp_path / "plan.json").read_text())
    facts["cost"] += 1
    (tmp_path / "plan.json").write_text(json.dumps(facts))
    spoken = run("verify", tmp_path)
    assert spoken.code == 1
    assert "NOT confirmed" in " ".join(spoken.out.split())  # a long path may break the line between
    written = run("verify", tmp_path, "--json")
    assert (written.code, written.document["ok"]) == (1, False)
    assert written.document["plans"][0]["differences"]


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_verify_without_a_plan(run, tmp_path, name):
    """A folder without a plan, or none at all, is no confirmation."""
    assert run("verify", tmp_path / name).code == 1
    assert run("verify", tmp_path / name, "--json").document == {"ok": False, "plans": []}


def test_the_demo_runs_a_case_and_checks_it(run, tmp_path, monkeypatch):
    """The demo runs a case, verifies every plan in it and says which page to open."""
    monkeypatch.setattr("tideover.cli.run.DEMO", str(small_case(tmp_path)))
    shown = run("demo", "--out", tmp_path / "o")
    assert (shown.code, shown.err) == (0, "")
    assert "confirmed" in shown.out
    assert "index.html" in shown.out.splitlines()[-1]
    assert run("demo", "--out", tmp_path / "o", "--json").document["verified"] is True


def test_an_export_becomes_a_network(run, tmp_path):
    """An export with a mapping becomes a folder that check finds right."""
    (tmp_path / "book.csv").write_text("id,site,day\n1,Elm,2026-03-10\n2,Elm,2026-03-11\n")
    (tmp_path / "map.toml").write_text(
        '[visits]\nvisit_id = { column = "id" }\nclinic_id = { column = "site", slug = true }\n'
        'day = { column = "day", format = "%Y-%m-%d" }\n'
        '[sessions]\nfrom = "08:00"\nto = "12:00"\nquantile = 0.8\nslot_minutes = 15\norder = "mixed"\n'
    )
    made = run(
        "import",
        "csv",
        tmp_path / "book.csv",
        "--mapping",
        tmp_path / "map.toml",
        "--out",
        tmp_path / "n",
        "--json",
    )
    assert made.code == 0, made.err
    assert made.document["tables"]["visits"] == 2
    assert made.document["out"] == str(tmp_path / "n")
    assert run("check", tmp_path / "n").code == 0


def test_lines_fit_a_terminal(run, tiny_folder, planned, tmp_path):
    """Nothing that is printed is wider than 80 columns, but for a path that cannot be broken."""
    for arguments in (
        [],
        ["strike", "--help"],
        ["check", tiny_folder],
        ["strike", tiny_folder, *STRIKE, "--out", tmp_path / "p"],
        ["verify", planned],
        ["strike", tiny_folder, "--on", "2030-01-01", "--working", "3", "--out", tmp_path / "q"],
    ):
        spoken = run(*arguments)
        for line in (spoken.out + spoken.err).splitlines():
            assert len(line) <= 80 or str(tmp_path.parent) in line, line


def test_help_is_quick():
    """The help page takes less than 0.3 seconds of processor time (best of five starts)."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*PROGRAM, "--help"], stdout=subprocess.DEVNULL, check=True)  # noqa: S603
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < 0.3


def test_help_imports_nothing_heavy():
    """The help page starts without tables, arrays or the compiler."""
    code = (
        "import sys; from tideover.cli import main; main(['strike', '--help']); "
        "sys.exit(', '.join({'polars', 'numpy', 'numba', 'jinja2'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert ended.stderr.strip() == ""


def test_progress_is_shown_on_a_terminal_alone(tiny_folder, tmp_path):
    """Steps are shown on standard error if it is a terminal; standard output still holds one document."""
    own, theirs = pty.openpty()
    program = [*PROGRAM, "strike", str(tiny_folder), *STRIKE, "--out", str(tmp_path / "p"), "--json"]
    shown: list[bytes] = []

    def read() -> None:
        with suppress(OSError):  # the other end is closed
            while part := os.read(own, 65536):
                shown.append(part)

    # a terminal that nobody reads holds a few seconds of progress, then stops whoever writes
    reader = threading.Thread(target=read)
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=theirs) as process:  # noqa: S603
        os.close(theirs)
        reader.start()
        out, _ = process.communicate(timeout=120)
    reader.join()
    os.close(own)
    assert process.returncode == 0
    assert json.loads(out)["booked"] > 0
    assert b"planning" in b"".join(shown)


def test_the_first_run_says_that_it_compiles(tiny_folder, tmp_path, monkeypatch):
    """Where the solver was never compiled, the first step says so; later it does not."""
    told = []

    @contextmanager
    def progress(_steps=None):
        yield told.append

    monkeypatch.setattr(commands, "progress", progress)
    for compiled, said in ((False, ["compiling the solver, only this once"]), (True, [])):
        told.clear()
        monkeypatch.setattr(commands, "_compiled", lambda compiled=compiled: compiled)
        assert main(["strike", str(tiny_folder), *STRIKE, "--out", str(tmp_path / "p"), "--json"]) == 0
        assert [text for text in told if "compil" in text] == said


def test_the_solver_is_known_to_be_compiled(planned):
    """After a run on this machine the solver is found compiled."""
    assert planned.exists()
    assert commands._compiled()


def test_a_reader_that_leaves_is_no_error(tiny_folder):
    """A pipe that is closed early ends the command without a trace."""
    command = f"{PROGRAM[0]} -c '{PROGRAM[2]}' check {tiny_folder} | true"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)  # noqa: S603, S607
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr


@pytest.mark.parametrize("wait", [0.0, 0.3, 1.2, 2.0])
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_no_half_folder(tiny_folder, tmp_path, wait, way):
    """Stopped at any moment, a run leaves the whole output or none, and says that it was stopped."""
    begun = "import sys; from tideover.cli import main; print('begun', flush=True); sys.exit(main())"
    program = [
        sys.executable,
        "-c",
        begun,
        "strike",
        str(tiny_folder),
        *STRIKE,
        "--out",
        str(tmp_path / "plan"),
    ]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02 + wait)
        process.send_signal(way)
        _, err = process.communicate(timeout=120)
    assert process.returncode in {0, 130}
    assert "Traceback" not in err
    assert (process.returncode == 130) == ("Stopped." in err)
    left = [path.name for path in tmp_path.iterdir()]
    assert left in ([], ["plan"])
    if left:
        assert {path.name for path in (tmp_path / "plan").iterdir()} == set(ALWAYS)


def test_a_stop_while_writing_keeps_the_old_output(tiny_folder, planned, monkeypatch, tmp_path, capsys):
    """Stopped while the files are written, a run leaves the old folder to the byte, and nothing beside it."""
    out = tmp_path / "plan"
    out.mkdir()
    for path in planned.iterdir():
        (out / path.name).write_bytes(path.read_bytes())

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("tideover.reports.folder._write_json", stop)
    other = ["strike", str(tiny_folder), "--on", "2026-03-10", "--working", "0.5", "--out", str(out)]
    assert main(other) == 130
    assert "as it was before" in capsys.readouterr().err
    assert bytes_of(out) == bytes_of(planned)
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_a_fault_of_its_own_is_said_in_words(monkeypatch, tiny_folder, capsys):
    """If Tideover itself is wrong, it says what and where, ends with 1, and shows no trace unless asked."""

    def wrong(*_, **__):
        raise KeyError("post")

    monkeypatch.setattr(commands, "check", wrong)
    monkeypatch.delenv("TIDEOVER_TRACEBACK", raising=False)
    assert main(["check", str(tiny_folder), "--json"]) == 1
    captured = capsys.readouterr()
    assert "KeyError" in json.loads(captured.out)["error"]
    assert "test_cli, line" in captured.err
    assert "Traceback" not in captured.err
    monkeypatch.setenv("TIDEOVER_TRACEBACK", "1")
    with pytest.raises(KeyError):
        main(["check", str(tiny_folder)])
