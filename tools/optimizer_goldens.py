"""Store PyTorch's optimizer trajectories for the tests: `python tools/optimizer_goldens.py` (needs the torch package)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "engine" / "optim"))

import rates  # noqa: E402 - found by the path above
import trajectories  # noqa: E402 - found by the path above
import words  # noqa: E402 - found by the path above

TARGET = ROOT / "tests" / "data" / "optim"


def main() -> None:
    """Run every case under PyTorch, and write what it gave."""
    torch.set_num_threads(1)
    runs = {f"{name}/{d}": trajectories.run(torch, name, d) for name in trajectories.CASES for d in ("float32", "float64")}
    lbfgs = {name: trajectories.run_lbfgs(torch, name) for name in trajectories.LBFGS_CASES}
    schedules = {f"{name}/{kind}": rates.run(torch, name, kind) for name in rates.CASES for kind in ("SGD", "Adam")}
    plateaus = {name: rates.run_plateau(torch, name) for name in rates.PLATEAUS}
    TARGET.mkdir(parents=True, exist_ok=True)
    _write("trajectories", {"runs": runs, "lbfgs": lbfgs, "averages": trajectories.run_averages(torch)})
    snippets = {name: words.printed(torch, name) for name in words.SNIPPETS}
    _write("words", {"snippets": snippets, "errors": {text: words.error(torch, text) for text in words.ERRORS}})
    _write("schedules", {"schedules": schedules, "plateaus": plateaus})


def _write(name: str, tables: dict[str, Any]) -> None:
    text = json.dumps({"torch": torch.__version__, **tables}, separators=(",", ":"))
    (TARGET / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
