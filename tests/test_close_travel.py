"""Closings whose journeys a service gives: its minutes count, no way is no way, trouble leaves nothing."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from cli_run import Runner
from osrm_fake import Fake, serving
from panels_factory import network, patient, post, site
from tideover.readers import write_network
from tideover.travel import service

AHEAD = ("--clinic", "a", "--on", "2025-11-03")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three clinics, a post each; three people of the first, one of them without a way to any other."""
    sites = [site("a", -93.0), site("b", -93.1), site("c", -93.2)]
    posts = [post(f"k{name}", name, 20) for name in "abc"]
    people = [patient("p0", "ka", -93.0), patient("p1", "ka", -93.01), patient("p2", "ka", -93.5)]
    write_network(network(sites, posts, people), tmp_path / "net")
    return tmp_path / "net"


def seconds(start: tuple[float, float], end: tuple[float, float]) -> float | None:
    """The further clinic is the faster; from the far home leads no way but to the one that closes."""
    if start[1] == -93.5:
        return 60.0 if end[1] == -93.0 else None
    return {-93.0: 60.0, -93.1: 1_200.0, -93.2: 600.0}[end[1]]


def test_a_service_gives_the_journeys_of_a_closing(run: Runner, folder: Path, tmp_path: Path):
    """People go where the service says it is faster; who has no way has no place, and that is told."""
    out = tmp_path / "plan"
    with serving(Fake(seconds=seconds)) as fake:
        done = run(
            "close", folder, *AHEAD, "--travel", fake.url, "--travel-cache", tmp_path / "c", "--out", out
        )
    assert done.code == 0, done.err
    rows = {
        row["patient_id"]: row for row in pl.read_parquet(out / "transfers.parquet").iter_rows(named=True)
    }
    assert [rows[name]["new_clinic_id"] for name in ("p0", "p1", "p2")] == ["c", "c", None]
    assert [rows[name]["minutes_after"] for name in ("p0", "p1", "p2")] == [10, 10, None]
    facts = json.loads((out / "plan.json").read_text())
    assert (facts["counts"]["unplaced"], facts["shortfall"]["nowhere"]) == (1, 1)
    assert facts["travel"]["source"] == "service"
    pairs = pl.read_parquet(out / "travel.parquet")
    assert pairs.filter(~pl.col("reachable")).height >= 2
    assert run("verify", out).code == 0


@pytest.mark.parametrize("trouble", [500, b"nonsense", b""])
@pytest.mark.parametrize("more", [(), ("--rank", "a"), ("--choose", "1")])
def test_a_service_in_trouble_leaves_nothing(
    run: Runner, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: int | bytes,
    more: tuple[str, ...],
):  # fmt: skip
    """Answers of 500, or no table at all: exit 1, a report with the address, no folder, no trace."""
    monkeypatch.setattr(service, "TRIES", 1)
    ahead = more if more else AHEAD
    with serving(Fake(before=[trouble] * 40)) as fake:
        done = run(
            "close", folder, *ahead, "--travel", fake.url, "--travel-cache", tmp_path / "c",
            "--out", tmp_path / "out",
        )  # fmt: skip
    assert done.code == 1
    assert fake.url.removeprefix("http://") in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("ask", ["close", "access"])
def test_a_service_that_is_not_there_is_told(
    run: Runner, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: str
):
    """Nobody listens at the address: exit 1, a report with the address, no folder."""
    monkeypatch.setattr(service, "TRIES", 1)
    with serving(Fake()) as fake:
        url = fake.url
    ahead = AHEAD if ask == "close" else ("--on", "2025-11-03")
    words = (*ahead, "--travel", url, "--travel-cache", tmp_path / "c", "--out", tmp_path / "out")
    done = run(ask, folder, *words)
    assert done.code == 1
    assert url.removeprefix("http://") in done.err
    assert not (tmp_path / "out").exists()
