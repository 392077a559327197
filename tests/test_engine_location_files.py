"""Instance files in every layout, made by hand, and the command that solves them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "benchmarks" / "instance.py"

#: Two facilities with room 10 and 7 (fixed 5 and 4); four customers of 6, 4, 3 and 2 units. Costs by
#: facility: 1 2 9 5 and 8 3 1 2. Neither alone has room for 15; with both, everybody can have the cheaper
#: one, customers 1 and 2 the first, 3 and 4 the second: 1 + 2 + 1 + 2, and 9 for opening, is 15.
SITES = {
    "capacities-first": "2 4\n10 5\n7 4\n6 4 3 2\n1 2 9 5\n8 3 1 2\n",
    "by-customer": "2 4\n10 5.\n7 4.\n6\n1. 8.\n4\n2. 3.\n3\n9. 1.\n2\n5. 2.\n",
    "costs-first": "4 2\n1 8\n2 3\n9 1\n5 2\n6 4 3 2\n5 4\n10 7\n",
    "demands-first": "2 4\n6 4 3 2\n10 7\n5 4\n1 2 9 5\n8 3 1 2\n",
}
#: Two agents with 5 units each; three jobs. Least: job 1 at agent 1 (2), jobs 2 and 3 at agent 2 (1 + 2) = 5.
#: Most: agent 2 takes job 1 (9), agent 1 jobs 2 and 3 (8 + 7) = 24, 2 + 3 units of its 5.
JOBS = "2 3\n2 8 7\n9 1 2\n3 2 3\n4 2 3\n5 5\n"
#: Four places on a line at 0, 3, 10 and 14, demands 2, 3, 2 and 2, two open with room for 5: distances 3 + 4.
PLACES = "4 2 5\n1 0 0 2\n2 3 0 3\n3 10 0 2\n4 14 0 2\n"


def run(folder: Path, name: str, text: str, *options: str) -> list[dict[str, object]]:
    """Return the JSON lines of the command for a file of this name and text."""
    (folder / name).write_bytes(text.encode())
    done = command(str(folder / name), "--json", *options)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def command(*given: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(  # noqa: S603
        [sys.executable, str(INSTANCE), *given], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_sites_in_every_layout_come_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The four orders of the same numbers are told apart and give the same problem."""
    monkeypatch.syspath_prepend(str(INSTANCE.parent))
    import location_files as files
    from tideover.engines.location import solve

    for layout, text in SITES.items():
        path = tmp_path / layout
        for form in (text, text.replace(" ", "\0 "), text + "13\n"):
            path.write_text(form)
            (found,) = files.read(path, "sscflp", layout=layout if form.endswith("\n13\n") else None)
            assert found.layout == layout
            assert solve(found.problem).cost == 15.0
    path.write_text(SITES["capacities-first"].replace("10 5", "capacity 5"))
    with pytest.raises(files.FileError, match="--capacity"):
        files.read(path, "sscflp")
    assert solve(files.read(path, "sscflp", capacity=10.0)[0].problem).cost == 15.0
    path.write_text("2 4\n1.05 5\n.7 4\n.6 .4 .3 .2\n1 2 9 5\n8 3 1 2\n")
    problem = files.read(path, "sscflp")[0].problem
    assert (problem.capacity.tolist(), problem.size[:, 0].tolist()) == ([10, 7], [6, 4, 3, 2])
    for text, said in (("12\n", "no instance"), ("2 3\n5 1\n5 1\n1 2 3\n4 5 6\n7 8 9\n", "--layout")):
        path.write_text(text)
        with pytest.raises(files.FileError, match=said):
            files.read(path, "sscflp")


def test_jobs_and_places_alone_and_several_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may hold one problem, or say first how many; profits are maximised where that is asked."""
    monkeypatch.syspath_prepend(str(INSTANCE.parent))
    import location_files as files
    from tideover.engines.location import solve

    def costs(name: str, text: str, family: str, most: bool | None = None) -> list[float]:
        (tmp_path / name).write_text(text)
        found = files.read(tmp_path / name, family, most=most)
        return [one.sign * solve(one.problem).cost for one in found]

    assert costs("gapa.txt", JOBS, "gap") == [5.0]
    assert costs("gapa.txt", "2\n" + JOBS + JOBS, "gap") == [5.0, 5.0]
    assert costs("gapa.txt", JOBS, "gap", most=True) == [24.0]
    assert costs("gap12.txt", "1\n" + JOBS, "gap") == [24.0]
    assert costs("gap12.txt", "1\n" + JOBS, "gap", most=False) == [5.0]
    assert costs("one.txt", "1 7\n" + PLACES, "pmedcap") == [7.0]
    assert costs("two.txt", "2\n1 7\n" + PLACES + "2 7\n" + PLACES, "pmedcap") == [7.0, 7.0]


def test_the_command_prints_a_line_for_each_instance(tmp_path: Path) -> None:
    """Cost, bound, gap, seconds and feasibility come as JSON; a maximum's bound is above."""
    lines = run(tmp_path, "gap3.txt", "2\n" + JOBS + JOBS, "--family", "gap", "--seconds", "20")
    assert [line["cost"] for line in lines] == [24.0, 24.0]
    for line in lines:
        assert (line["bound"], line["gap"], line["feasible"], line["sense"]) == (24.0, 0.0, True, "max")
        assert 0 <= float(str(line["seconds"])) < 20
    (line,) = run(tmp_path, "full.txt", "1 0\n2 1 5\n1 0 0 5\n2 1 1 5\n", "--family", "pmedcap")
    assert (line["cost"], line["bound"], line["gap"], line["feasible"]) == (None, None, None, False)


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    """A file that ends early, words, a missing file or a limit of nothing exit with a sentence, no trace."""
    (tmp_path / "short").write_text("2 3\n10 5\n7 4\n6 4")
    (tmp_path / "words").write_text("2 3\nten 5\n")
    (tmp_path / "negative").write_text("2 4\n10 5\n7 4\n-6 4 3 2\n1 2 9 5\n8 3 1 2\n")
    for name, said in (
        ("short", "ends too early"),
        ("words", "must be a number"),
        ("negative", "at least 0"),
        ("none", "No such file"),
    ):
        done = command(str(tmp_path / name), "--family", "sscflp", "--json")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("error: ")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    for options in (("--seconds", "0"), ("--seconds", "nan"), ("--maximise",), ("--family", "other")):
        assert command(str(tmp_path / "short"), "--family", "sscflp", *options).returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 11))
def test_known_optima_are_proven(data_dir: Path, number: int) -> None:
    """The capacitated p-median instances come to the optimum that their first line states, with proof."""
    path = data_dir / "pmedcap" / f"pmedcap-{number}.txt"
    done = command(str(path), "--family", "pmedcap", "--seconds", "300", "--json")
    line = json.loads(done.stdout)
    assert line["cost"] == line["bound"] == float(path.read_text().split()[1])
    assert line["feasible"]
