"""Half precision and autocast print what PyTorch 2.13 prints; the texts of tests/data/halves/snippets.json are its own."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

from engine import torch_module

SNIPPETS = json.loads((Path(__file__).parents[2] / "data" / "halves" / "snippets.json").read_text())


def shown(torch: Any, code: str) -> str:
    """The repr of the snippet's last line, or its error."""
    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "b": torch.bfloat16, "h": torch.float16}
    torch.manual_seed(0)
    *lines, last = code.split("\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec("\n".join(lines), names)
            return re.sub(r"0x[0-9a-f]+", "0x", repr(eval(last, names)))
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}".split("\n")[0]


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_prints_what_pytorch_prints(number: int) -> None:
    snippet = SNIPPETS[number]
    assert shown(torch_module.module(), snippet["code"]) == snippet["text"], snippet["code"]


@pytest.mark.torch
def test_the_texts_are_those_of_pytorch() -> None:
    real = pytest.importorskip("torch")
    others = [s["code"] for s in SNIPPETS if shown(real, s["code"]) != s["text"]]
    assert len(others) <= 4, others  # the last digit of a sum is the processor's, too
