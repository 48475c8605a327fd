"""Runs a snippet of a script as a fresh process would: what it prints, warns of and raises."""

from __future__ import annotations

import io
import linecache
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import modes, printing, torch_module


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    stdout: str
    error_type: str | None
    error_text: str | None
    warnings: tuple[tuple[str, str], ...]


def run(code: str) -> Outcome:
    """Run `code` with torch, F, nn and np at hand."""
    torch = torch_module.module()
    scope: dict[str, Any] = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "np": np, "__name__": "__main__"}
    linecache.cache["<snippet>"] = (len(code), None, code.splitlines(keepends=True), "<snippet>")
    modes.reset()
    torch.manual_seed(0)
    printed, error = io.StringIO(), None
    options = printing.get_printoptions()
    try:
        with warnings.catch_warnings(record=True) as told, redirect_stdout(printed), redirect_stderr(io.StringIO()):
            warnings.simplefilter("always")
            try:
                exec(compile(code, "<snippet>", "exec"), scope)
            except Exception as raised:
                error = raised
    finally:
        modes.reset()
        torch.set_printoptions(**options)
        torch.set_default_dtype(torch.float32)
        linecache.cache.pop("<snippet>", None)
    return Outcome(
        printed.getvalue(),
        None if error is None else type(error).__name__,
        None if error is None else str(error),
        tuple((w.category.__name__, str(w.message)) for w in told),
    )
