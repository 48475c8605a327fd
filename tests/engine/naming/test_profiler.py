"""torch.profiler times the parts that a script names; which steps are recorded was read off a real PyTorch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.torch_module import for_a_while, install


@pytest.fixture(autouse=True)
def _torch_is_the_engine() -> Any:
    with for_a_while():
        install()
        yield


def _run(code: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec("import torch, time\nfrom torch.profiler import *\n" + code, scope)
    return scope


def test_named_parts_are_counted_and_timed() -> None:
    scope = _run(
        "with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as prof:\n"
        "    with record_function('outer'):\n"
        "        for _ in range(3):\n"
        "            with record_function('inner'):\n"
        "                time.sleep(0.002)\n"
        "with record_function('outside'):\n    pass\n"
        "parts = {part.key: part for part in prof.key_averages()}\n"
        "text = prof.key_averages().table(sort_by='cpu_time_total', row_limit=1)\n"
    )
    parts = scope["parts"]
    assert {key: part.count for key, part in parts.items()} == {"inner": 3, "outer": 1}
    assert parts["outer"].cpu_time_total >= parts["inner"].cpu_time_total >= 6000
    assert parts["inner"].cpu_time == pytest.approx(parts["inner"].cpu_time_total / 3)
    assert "outer" in scope["text"] and "inner" not in scope["text"] and "# of Calls" in scope["text"]


def test_a_schedule_says_which_steps_are_recorded() -> None:
    scope = _run(
        "plan = schedule(wait=1, warmup=1, active=2, repeat=1, skip_first=1)\n"
        "asked = [plan(k).name for k in range(7)]\n"
        "ready = []\n"
        "with profile(schedule=plan, on_trace_ready=lambda p: ready.append(p.step_num)) as prof:\n"
        "    for _ in range(8):\n"
        "        with record_function('part'):\n            pass\n"
        "        prof.step()\n"
        "counts = {part.key: part.count for part in prof.key_averages()}\n"
    )
    assert scope["asked"] == ["NONE", "NONE", "WARMUP", "RECORD", "RECORD_AND_SAVE", "NONE", "NONE"]
    assert scope["ready"] == [5]
    assert scope["counts"] == {"part": 2, "ProfilerStep*": 2}
    with pytest.raises(AssertionError, match=r"Got wait=-1 \(need >= 0\), warmup=0"):
        _run("schedule(wait=-1, warmup=0, active=1)")


def test_a_trace_is_a_file_and_the_older_path_is_the_same(tmp_path: Path) -> None:
    scope = _run(
        "import torch.autograd.profiler as older\n"
        "@record_function('double')\ndef double(x):\n    return x * 2\n"
        f"with older.profile() as prof:\n    y = double(torch.ones(2))\nprof.export_chrome_trace({str(tmp_path / 't.json')!r})\n"
        f"with profile(on_trace_ready=tensorboard_trace_handler({str(tmp_path / 'log')!r})):\n    double(y)\n"
    )
    assert scope["y"].tolist() == [2.0, 2.0]
    assert [event["name"] for event in json.loads((tmp_path / "t.json").read_text())["traceEvents"]] == ["double"]
    assert len(list((tmp_path / "log").glob("*.pt.trace.json"))) == 1
