"""Statistics of many arrays at once against numpy, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradviz.recording.statistics import NAMES, measure

Floats = arrays(np.float64, st.integers(0, 6), elements=st.floats(width=64))


def expected(array: np.ndarray) -> list[float]:
    flat = array.astype(np.float64).reshape(-1)
    finite = flat[np.isfinite(flat)]
    counts = [int(np.isnan(flat).sum()), int(np.isinf(flat).sum()), int((flat == 0).sum())]
    if not len(finite):
        return [0.0, 0.0, 0.0, 0.0, *counts]
    scale = np.abs(finite).max() or 1.0
    return [float(np.linalg.norm(finite / scale) * scale), float(finite.mean()), float(finite.min()), float(finite.max()), *counts]


@given(st.lists(Floats, max_size=6))
def test_the_same_as_one_by_one(group: list[np.ndarray]) -> None:
    with np.errstate(all="ignore"):
        rows = measure(group)
        assert rows.shape == (len(group), len(NAMES))
        for row, array in zip(rows, group, strict=True):
            np.testing.assert_allclose(row, expected(array), rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "uint8", "bool"])
def test_each_dtype_and_long_arrays(dtype: str) -> None:
    random = np.random.default_rng(0)
    group = [(random.normal(size=size) * 3).astype(dtype) for size in (1, 5, 70_000, 3)]
    for row, array in zip(measure(group), group, strict=True):
        np.testing.assert_allclose(row, expected(array), rtol=1e-9)
