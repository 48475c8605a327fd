"""Snippets with the answers that a real PyTorch gave: what they print (numbers within rounding) and how they fail.

`writes`: inputs, indices, masks and targets overwritten before backward; writes by indices through views, and by masks of no dimension;
gradients of gradients of factorizations; attention as the one node that it is.
`signals`: stft and istft, svd_lowrank and pca_lowrank, fractional pools, SyncBatchNorm.
`scripts`: what forty scripts as people write them met: torch.compile, return types, places to load to, functions with a cache, wrong calls.
`wrong_calls`: inputs of too few or too many dimensions, and one-line mistakes of every kind that once had other words here.
`published`: what scripts that people published met: classes of tensors of their own, older constructors, functorch, longer paths.
`second`: gradients of gradients: zeros and errors where PyTorch has them, and the nodes that it shows.
`words`: arguments by name, types of Python as dtypes, names that PyTorch has not, subclasses of Tensor, GradScaler.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from .snippets import run

FILES = sorted((Path(__file__).parents[2] / "data/autograd/answers").glob("*.json"))
PREAMBLE = (
    "import copy, math\nfrom torch import distributions as D, optim\nfrom torch.autograd import Function\n"
    "from torch.utils.data import DataLoader, Dataset, TensorDataset\n"
)
NUMBER = re.compile(r"((?<![\w.])[-+]?\d+\.\d*(?:e[-+]?\d+)?)")


@pytest.fixture(autouse=True)
def _torch_is_the_engine() -> Any:
    from engine.torch_module import for_a_while, install

    with for_a_while():
        install()
        yield


def _cases() -> list[Any]:
    return [
        pytest.param(answer, id=f"{file.stem}: {answer['code'].split(chr(10), 1)[-1].replace(chr(10), '; ')[-100:]}")
        for file in FILES
        for answer in json.loads(file.read_text(encoding="utf-8"))
    ]


def _parts(printed: str) -> tuple[list[str], list[float]]:
    """The words, and the numbers among them."""
    split = NUMBER.split(printed)
    return split[::2], [float(number) for number in split[1::2]]


@pytest.mark.parametrize("answer", _cases())
def test_as_in_pytorch(answer: dict[str, str]) -> None:
    outcome = run(PREAMBLE + answer["code"])
    assert (outcome.error_type, outcome.error_text) == (answer["error_type"], answer["error_text"])
    (words, numbers), (their_words, theirs) = _parts(outcome.stdout), _parts(answer["stdout"])
    assert words == their_words
    assert numbers == pytest.approx(theirs, rel=1e-3, abs=1e-4)
