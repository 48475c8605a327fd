"""Mistakes of one line or two, in what autograd, ops, layers, optimizers and creation take: PyTorch's exception and all its words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .snippets import run

DATA = Path(__file__).parents[2] / "data/autograd/misuse.json"
PREAMBLE = (
    "import copy, math\nfrom torch import distributions as D, optim\nfrom torch.autograd import Function\n"
    "from torch.utils.data import DataLoader, Dataset, TensorDataset\n"
)
MISUSES: list[dict[str, str]] = json.loads(DATA.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _torch_is_the_engine() -> object:
    from engine.torch_module import for_a_while, install

    with for_a_while():
        install()
        yield


@pytest.mark.parametrize("misuse", MISUSES, ids=lambda misuse: misuse["code"].replace("\n", "; ")[:100])
def test_is_told_as_in_pytorch(misuse: dict[str, str]) -> None:
    outcome = run(PREAMBLE + misuse["code"])
    assert (outcome.stdout, outcome.error_type, outcome.error_text) == (misuse["stdout"], misuse["error_type"], misuse["error_text"])
