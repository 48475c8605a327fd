"""The golden operator cases of tests/data/conformance: read, called on the engine, and judged as the full set is."""

from __future__ import annotations

import json
import operator
import pathlib
from typing import Any

import numpy as np

import engine

Array = np.ndarray[Any, Any]
Case = dict[str, Any]
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "data" / "conformance"
RELATIVE = {"float32": 1e-4, "float64": 1e-8}


def read(name: str) -> list[Case]:
    """The rows of one of the files."""
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


def resolve(path: str) -> Any:
    """The function that a path names."""
    head, *rest = path.split(".")
    found: Any = {"torch": engine, "operator": operator}[head]
    for part in rest:
        found = getattr(found, part)
    return found


def numbers(x: Any) -> Array:
    """What a result holds, as an array."""
    return np.asarray(x.detach().numpy() if isinstance(x, engine.Tensor) else x)


def cotangent(shape: tuple[int, ...], output: int) -> Array:
    """The fixed weights of an output's elements."""
    n = int(np.prod(shape, dtype=np.int64))
    return (2.0 * ((np.arange(n) * 389 + 97 * output + 13) % 1009) / 1009 - 1).reshape(shape)


class Golden:
    """All cases, with the arrays that they refer to."""

    def __init__(self) -> None:
        self.pool = dict(np.load(FOLDER / "tensors.npz", allow_pickle=False))

    def array(self, op: str, reference: list[Any]) -> Array:
        """The numbers that a reference stands for."""
        dtype, at, shape = reference[:3]
        n = int(np.prod(shape, dtype=np.int64))
        if not n:
            return np.zeros(shape, dtype)
        found: Array = self.pool[f"{op}/{dtype}"][at : at + n].reshape(shape).copy()
        return found

    def value(self, op: str, written: Any, leaves: list[Any]) -> Any:
        """An argument as the call takes it; tensors that want a gradient are noted in `leaves`."""
        if isinstance(written, list):
            return [self.value(op, v, leaves) for v in written]
        if not isinstance(written, dict):
            return written
        ((key, inside),) = written.items()
        if key == "$t":
            made = engine.from_numpy(self.array(op, inside))
            if inside[3]:
                leaves.append(made.requires_grad_())
            return made
        if key == "$f":
            return float(inside)
        if key == "$tuple":
            return tuple(self.value(op, v, leaves) for v in inside)
        if key == "$slice":
            return slice(*(self.value(op, v, leaves) for v in inside))
        if key == "$ellipsis":
            return Ellipsis
        return getattr(engine, inside)

    def check(self, case: Case) -> None:
        """Make the call of a case; outputs and gradients must be PyTorch's."""
        op = case["op"]
        leaves: list[Any] = []
        args = [self.value(op, a, leaves) for a in case["args"]]
        kwargs = {k: self.value(op, v, leaves) for k, v in case["kwargs"].items()}
        if case["inplace"]:
            args[0] = args[0].clone()
        path: str = case["path"]
        got = getattr(args[0], path[5:]) if path.startswith("attr:") else resolve(path)(*args, **kwargs)
        results = list(got) if case["out_is_sequence"] else [got]
        assert len(results) == len(case["outputs"])
        for k, (result, wanted) in enumerate(zip(results, case["outputs"], strict=True)):
            if isinstance(wanted, dict) and "$t" in wanted:
                self.same(op, result, wanted["$t"], case["tol"][0], f"output {k}")
            else:
                plain = self.value(op, wanted, [])
                assert result == plain or (result != result and plain != plain)
        if case["grads"] is not None:
            self.check_gradients(case, results, leaves)

    def check_gradients(self, case: Case, results: list[Any], leaves: list[Any]) -> None:
        """Go backward from all outputs with their fixed weights."""
        total: Any = None
        for k, result in enumerate(results):
            if getattr(result, "requires_grad", False):
                weights = engine.from_numpy(cotangent(tuple(result.shape), k).astype(numbers(result).dtype))
                term = (result * weights).sum()
                total = term if total is None else total + term
        assert total is not None, "no output requires grad"
        total.backward()
        for k, (leaf, wanted) in enumerate(zip(leaves, case["grads"], strict=True)):
            if wanted is None:
                assert leaf.grad is None or not numbers(leaf.grad).any()
            else:
                assert leaf.grad is not None, f"gradient {k} is missing"
                self.same(case["op"], leaf.grad, wanted["$t"], case["tol"][1], f"gradient {k}")

    def same(self, op: str, result: Any, reference: list[Any], tolerance: float, what: str) -> None:
        """Shape, dtype and numbers are those of the reference."""
        got, wanted = numbers(result), self.array(op, reference)
        assert (got.shape, got.dtype) == (wanted.shape, wanted.dtype), what
        if wanted.dtype.kind in "biu":
            np.testing.assert_array_equal(got, wanted, what)
        else:
            relative = RELATIVE.get(wanted.dtype.name, 1e-2)
            np.testing.assert_allclose(got.astype(np.float64), wanted.astype(np.float64), relative, tolerance, err_msg=what)
