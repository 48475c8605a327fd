"""Store what PyTorch draws, for the tests: `python tools/random_goldens.py` (needs the torch package)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).resolve().parents[1]
for folder in ("random", "data_loading"):
    sys.path.append(str(ROOT / "tests" / "engine" / folder))  # at the end: one of them is named as a standard module

import expressions  # noqa: E402 - found by the path above
import families  # noqa: E402 - found by the path above
import orders  # noqa: E402 - found by the path above


def main() -> None:
    """Draw every expression and go through every loader under PyTorch, and write what came."""
    torch.set_num_threads(1)
    drawn = {e: [expressions.draw(torch, e, seed) for seed in expressions.SEEDS] for e in expressions.EXPRESSIONS}
    _write("random/distributions.json", drawn)
    tables = {
        "families": {name: families.run(torch, name) for name in families.CASES},
        "divergences": {text: families.divergence(torch, text) for text in families.DIVERGENCES},
        "errors": {text: families.error(torch, text) for text in families.ERRORS},
    }
    _write("random/families.json", tables)
    _write("data_loading/orders.json", {name: orders.run(torch, name) for name in orders.CASES})


def _write(name: str, table: dict[str, Any]) -> None:
    target = ROOT / "tests" / "data" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"torch": torch.__version__, "cases": table}, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
