"""The table of benchmarks: what it says, and how it compares. How fast anything is, no test says."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import main, suites
from benchmarks.engine import calls
from benchmarks.engine.growth import linear, memory
from benchmarks.engine.measure import Times, interleaved, ratio
from benchmarks.engine.programs import eager, planned
from benchmarks.engine.table import of_workload
from benchmarks.engine.workloads import WORKLOADS, Workload
from benchmarks.row import Row, cells, line
from engine.torch_module import module


def test_suites_are_folders() -> None:
    assert "engine" in suites()


def test_an_unknown_suite_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert capsys.readouterr().err.startswith("no suite named nothing; there are: ")


def test_cells() -> None:
    assert cells(Row("engine/W1 eager", "25.0 µs", "50.0 µs", 0.5, "≤ 0.5", True)) == (
        "engine/W1 eager",
        "25.0 µs",
        "50.0 µs",
        "0.50",
        "≤ 0.5",
        "yes",
    )
    assert cells(Row("a", "1", "peer not installed", None, "≤ 1", None))[3:] == ("-", "≤ 1", "-")
    assert line(("name", "1", "2", "3", "4", "5")).startswith("name ")


def test_a_ratio_survives_one_spoilt_round() -> None:
    quiet = Times((1.0, 1.0, 1.0))
    assert ratio(quiet, Times((2.0, 2.0, 2.0))) == 0.5
    assert ratio(Times((1.0, 1.0, 50.0)), Times((2.0, 2.0, 2.0))) == 0.5
    assert quiet.best == 1.0


def test_programs_take_turns() -> None:
    order: list[str] = []

    def named(name: str) -> object:
        def run(turns: int) -> float:
            order.append(name)
            return turns * 1.0

        return run

    times = interleaved([named("a"), named("b")], rounds=3, batch=0.01)  # type: ignore[list-item]
    assert order[-6:] == ["a", "b"] * 3
    assert [t.best for t in times] == [1.0, 1.0]


def test_a_workload_runs_in_all_ways() -> None:
    first = WORKLOADS[0]
    assert eager(first, module())(3) > 0
    plan = planned(first)
    assert plan is not None
    assert plan(3) > 0


def test_rows_of_a_workload() -> None:
    names = [row.name for row in of_workload(WORKLOADS[0])]
    assert names[:4] == ["engine/W1 eager", "engine/W1 recorded", "engine/W1 plan", "engine/W1 plan, 2 threads"]


def test_rows_of_growth() -> None:
    assert linear().name == "engine/100,000 ops, each"
    assert [row.name for row in memory()] == ["engine/memory of W5", "engine/memory of W3 x 16"]


@pytest.mark.parametrize("workload", list(calls.workloads()), ids=lambda workload: workload.name)
def test_each_call_of_a_lesson_runs(workload: Workload) -> None:
    assert eager(workload, module())(1) > 0
