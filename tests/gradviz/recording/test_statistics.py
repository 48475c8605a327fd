"""Statistics of many arrays at once against numpy, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradviz.recording.statistics import NAMES, finish, gather, measure


def expected(array: np.ndarray) -> list[float]:
    flat = array.astype(np.float64).reshape(-1)
    finite = flat[np.isfinite(flat)]
    counts = [int(np.isnan(flat).sum()), int(np.isinf(flat).sum()), int((flat == 0).sum())]
    if not len(finite):
        return [0.0, 0.0, 0.0, 0.0, *counts]
    scale = np.abs(finite).max() or 1.0
    norm = float(np.linalg.norm(finite / scale) * scale)
    return [norm, float((finite / scale).mean() * scale), float(finite.min()), float(finite.max()), *counts]


@given(arrays(np.float64, st.tuples(st.integers(0, 5), st.sampled_from([0, 1, 3, 40])), elements=st.floats(width=64)))
def test_the_same_as_one_by_one(matrix: np.ndarray) -> None:
    with np.errstate(all="ignore"):
        rows = measure(matrix)
        assert rows.shape == (len(matrix), len(NAMES))
        for row, array in zip(rows, matrix, strict=True):
            largest = np.max(np.abs(array), initial=0, where=np.isfinite(array))
            np.testing.assert_allclose(row, expected(array), rtol=1e-9, atol=1e-9 * largest)


@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "uint8", "bool"])
def test_each_dtype_and_long_arrays(dtype: str) -> None:
    random = np.random.default_rng(0)
    for size in (1, 5, 1000, 70_000):
        matrix = (random.normal(size=(3, size)) * 3).astype(dtype)
        for row, array in zip(measure(matrix), matrix, strict=True):
            np.testing.assert_allclose(row, expected(array), rtol=1e-5, atol=1e-6)


def test_float32_that_under_and_overflows_when_squared() -> None:
    for scale in (1e-38, 1e-25, 1e30, 3e38):
        matrix = np.full((2, 100), scale, np.float32)
        np.testing.assert_allclose(measure(matrix)[:, 0], 10 * float(np.float32(scale)), rtol=1e-5)


def test_zeros_are_counted_in_rows_of_any_length() -> None:
    random = np.random.default_rng(0)
    for size in (33, 100, 4096, 5000):
        matrix = np.maximum(random.normal(size=(4, size)), 0).astype(np.float32)
        assert measure(matrix)[:, -1].tolist() == (matrix == 0).sum(axis=1).tolist()


def test_float32_has_no_more_digits_than_it_has() -> None:
    matrix = np.random.default_rng(0).normal(size=(5, 300)).astype(np.float32)
    rows = measure(matrix)
    assert np.array_equal(rows, rows.astype(np.float32))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
def test_a_long_array_is_looked_at_in_pieces(dtype: type[np.number]) -> None:
    values = (np.random.default_rng(0).standard_normal(300_001) * 8).astype(dtype)
    for special in ([], [0.0], [1e30, 2e30], [np.nan, np.inf, 0.0]):
        if dtype is np.int32 and special:
            continue
        array = values.copy()
        array[: len(special)] = special
        np.testing.assert_allclose(measure(array.reshape(1, -1))[0], expected(array), rtol=1e-6, atol=1e-7)


def test_matrices_that_are_finished_together_are_as_those_finished_alone() -> None:
    random = np.random.default_rng(0)
    matrices = [
        random.standard_normal((3, 5)).astype(np.float32),
        np.array([[np.nan, 1e200, 0.0]]),
        random.standard_normal((2, 700)),
        np.zeros((2, 0)),
    ]
    rows = np.zeros((sum(map(len, matrices)), len(NAMES)))
    arrays = [row for matrix in matrices for row in matrix]
    start = 0
    for matrix in matrices:
        gather(matrix, rows[start : start + len(matrix)])
        start += len(matrix)
    finish(rows, list(map(len, matrices)), [(matrix.shape[1], matrix.dtype) for matrix in matrices], arrays.__getitem__)
    assert np.array_equal(rows, np.concatenate([measure(matrix) for matrix in matrices]))
