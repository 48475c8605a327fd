"""Copy a small part of the golden operator cases into the tests.

    python tools/thin_conformance.py FOLDER_OF_THE_CASES

Of every op at most three cases are taken: a float64 one that checks gradients where there is one, an in-place or a
method call, and one of another dtype, always the smallest that still has numbers in it. Run it again when the
engine learned new ops; the choice depends on the cases alone.
"""

from __future__ import annotations

import argparse
import json
import pathlib
from typing import Any

import numpy as np

Case = dict[str, Any]
TARGET = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "conformance"
MOST_BYTES = 3_000_000


def tensors(value: Any) -> list[list[Any]]:
    """All tensor references below a value, as the lists that stand in the JSON."""
    if isinstance(value, list):
        return [ref for v in value for ref in tensors(v)]
    if isinstance(value, dict):
        return [value["$t"]] if "$t" in value else [ref for v in value.values() for ref in tensors(v)]
    return []


def parts(case: Case) -> list[list[Any]]:
    """The tensor references of a case: arguments, outputs, gradients."""
    return tensors([case["args"], case["kwargs"], case["outputs"], case["grads"]])


def elements(ref: list[Any]) -> int:
    """How many numbers a reference stands for."""
    return int(np.prod(ref[2], dtype=np.int64))


def weight(case: Case) -> tuple[bool, int]:
    """Small cases first; those without a single number last."""
    total = sum(elements(r) for r in parts(case))
    return (total == 0, total)


def chosen(cases: list[Case]) -> list[Case]:
    """The two or three cases of one op."""
    ways = (
        lambda c: c["dtype"] == "float64" and c["grads"] is not None and c["kind"] == "function",
        lambda c: c["kind"] in ("inplace", "method") and c["dtype"] == "float32",
        lambda c: c["dtype"] == "int64",
    )
    kept: dict[str, Case] = {}
    for way in ways:
        fitting = sorted((c for c in cases if way(c)), key=weight)
        if fitting:
            middle = fitting[len(fitting) // 4]
            kept[middle["id"]] = middle
    if not kept:
        first = min(cases, key=weight)
        kept[first["id"]] = first
    return list(kept.values())


class Pool:
    """The numbers of the kept cases, moved together."""

    def __init__(self, source: dict[str, Any]) -> None:
        self.source = source
        self.made: dict[str, list[Any]] = {}
        self.size: dict[str, int] = {}

    def take(self, op: str, ref: list[Any]) -> None:
        """Copy what a reference stands for, and let it point at the copy."""
        key, n = f"{op}/{ref[0]}", elements(ref)
        if key not in self.source:
            return
        at = self.size.get(key, 0)
        self.made.setdefault(key, []).append(self.source[key][ref[1] : ref[1] + n])
        self.size[key] = at + n
        ref[1] = at

    def save(self, path: pathlib.Path) -> None:
        """Write all arrays into one compressed file."""
        np.savez_compressed(path, **{k: np.concatenate(v) for k, v in self.made.items()})


def thin(folder: pathlib.Path, target: pathlib.Path) -> int:
    """Write the thinned set; returns the number of cases."""
    by_op: dict[str, list[Case]] = {}
    for line in (folder / "cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        by_op.setdefault(case["op"], []).append(case)
    pool = Pool(dict(np.load(folder / "tensors.npz", allow_pickle=False)))
    kept = [case for op in sorted(by_op) for case in chosen(by_op[op])]
    wrong = [json.loads(line) for line in (folder / "errors.jsonl").read_text().splitlines()]
    for case in kept:
        for ref in parts(case):
            pool.take(case["op"], ref)
    for case in wrong:
        for ref in tensors([case["args"], case["kwargs"]]):
            pool.take(case["op"], ref)
    target.mkdir(parents=True, exist_ok=True)
    for name, rows in (("cases.jsonl", kept), ("errors.jsonl", wrong)):
        (target / name).write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
    pool.save(target / "tensors.npz")
    return len(kept)


def main() -> int:
    """Read the command line, thin, and say how large the result is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="folder with cases.jsonl, errors.jsonl and tensors.npz")
    parser.add_argument("--target", type=pathlib.Path, default=TARGET)
    given = parser.parse_args()
    count = thin(given.folder, given.target)
    size = sum(f.stat().st_size for f in given.target.iterdir())
    print(f"{count} cases, {size} bytes")
    return 0 if size <= MOST_BYTES else 1


if __name__ == "__main__":
    raise SystemExit(main())
