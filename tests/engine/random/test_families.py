"""torch.distributions: draws, log probabilities, entropies, gradients and words are PyTorch's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import torch_module

from . import families

STORED = json.loads((Path(__file__).resolve().parents[2] / "data" / "random" / "families.json").read_text(encoding="utf-8"))["cases"]


def _numbers(tree: Any) -> Iterator[float]:
    if isinstance(tree, list):
        for item in tree:
            yield from _numbers(item)
    else:
        yield float("nan") if tree is None else float(tree)


SINGULAR = pytest.mark.filterwarnings("ignore:Singular sample detected")  # Wishart says so, there and here, of samples that are all right


@SINGULAR
@pytest.mark.parametrize("name", families.CASES)
def test_distribution_is_pytorchs(name: str) -> None:
    ours, stored = families.run(torch_module.module(), name), STORED["families"][name]
    assert list(ours) == list(stored)
    for what, expected in stored.items():
        if what in ("repr", "shapes", "next"):
            assert ours[what] == expected, what
        else:
            got, want = np.array(list(_numbers(ours[what]))), np.array(list(_numbers(expected)))
            rtol, atol = (1e-4 if "gradients" in what else 2e-5), 2e-6
            if what == "rsample gradients" and name in ("beta", "dirichlet", "fisher-snedecor"):
                rtol, atol = 1e-3, 1e-4  # PyTorch's kernels approximate these slopes by no more digits than that
            np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=what)


@pytest.mark.parametrize("text", families.DIVERGENCES)
def test_divergence_is_pytorchs(text: str) -> None:
    ours, stored = families.divergence(torch_module.module(), text), STORED["divergences"][text]
    np.testing.assert_allclose(list(_numbers(ours)), list(_numbers(stored)), rtol=1e-4, atol=2e-6)


@SINGULAR
@pytest.mark.parametrize("text", families.ERRORS)
def test_errors_have_pytorchs_words(text: str) -> None:
    assert families.error(torch_module.module(), text) == STORED["errors"][text]
