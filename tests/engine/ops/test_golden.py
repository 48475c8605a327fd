"""Every op against numbers, gradients and errors that PyTorch 2.13 gave (made by tools/thin_conformance.py)."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from .golden import Golden, read, resolve


def _by_op(name: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in read(name):
        found.setdefault(row["op"], []).append(row)
    return found


CASES, WRONG = _by_op("cases.jsonl"), _by_op("errors.jsonl")


@pytest.fixture(scope="module")
def golden() -> Golden:
    """The arrays are read once."""
    return Golden()


@pytest.mark.parametrize("op", sorted(CASES))
def test_op_gives_pytorchs_numbers(op: str, golden: Golden) -> None:
    for case in CASES[op]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            golden.check(case)


@pytest.mark.parametrize("op", sorted(WRONG))
def test_wrong_call_raises_pytorchs_error(op: str, golden: Golden) -> None:
    for case in WRONG[op]:
        args = [golden.value(op, a, []) for a in case["args"]]
        kwargs = {k: golden.value(op, v, []) for k, v in case["kwargs"].items()}
        assert _raised(resolve(case["path"]), args, kwargs) == (case["type"], case["message"]), case["id"]


def _raised(call: Any, args: list[Any], kwargs: dict[str, Any]) -> tuple[str, str]:
    """Type and first line of what a call raises."""
    try:
        call(*args, **kwargs)
    except Exception as error:
        return type(error).__name__, str(error).split("\n")[0]
    return "", "nothing was raised"
