"""Store what PyTorch says of wrong calls, for the tests: `python tools/refusal_goldens.py` (needs the torch package).

Kept is a share of the calls on which PyTorch and the engine agree, the refused and the taken ones; the others are counted.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections import Counter
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "engine" / "ops")]

import refusals  # noqa: E402 - found by the path above

from engine.torch_module import module  # noqa: E402 - found by the path above

TARGET = ROOT / "tests" / "data" / "conformance" / "refusals.json"
KEPT = 8  # of so many calls one


def main() -> None:
    """Ask PyTorch about every call."""
    torch.set_num_threads(1)
    kept: dict[str, dict[str, list[str] | None]] = {}
    different: Counter[str] = Counter()
    asked = 0
    for name in refusals.CALLS:
        rows = kept[name] = {}
        for call in refusals.calls(name):
            asked += 1
            told = refusals.outcome(torch, call)
            if told != refusals.outcome(module(), call):
                different[name] += 1
            elif zlib.crc32(call.encode()) % KEPT == 0:
                rows[call] = told
    TARGET.write_text(json.dumps({"torch": torch.__version__, "calls": kept}, indent=0) + "\n", encoding="utf-8")
    print(f"{asked} calls, {sum(different.values())} differ; {sum(map(len, kept.values()))} are kept\n{different.most_common(40)}")


if __name__ == "__main__":
    main()
