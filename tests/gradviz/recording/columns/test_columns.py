"""Columns against plain lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.recording.columns.columns import BLOCK, Column, Reals, narrow


@given(st.lists(st.integers(-(1 << 40), 1 << 40), max_size=50))
def test_narrow_loses_nothing(values: list[int]) -> None:
    base, small = narrow(np.array(values, np.int64))
    assert (small.astype(np.int64) + base).tolist() == values


@given(st.lists(st.integers(1, 3 * BLOCK), min_size=1, max_size=4), st.integers(0, 2**32))
def test_a_column_is_a_list(sizes: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    column, expected = Column(), np.zeros(0, np.int64)
    for size in sizes:
        piece = random.integers(-5, 10 ** int(random.integers(1, 12)), size)
        column.extend(piece)
        expected = np.concatenate((expected, piece))
    assert len(column) == len(expected)
    assert np.array_equal(column.between(0, len(column)), expected)
    first, last = sorted(random.integers(0, len(expected) + 1, 2).tolist())
    assert np.array_equal(column.between(first, last), expected[first:last])
    at = int(random.integers(0, len(expected)))
    assert column[at] == expected[at]


def test_a_million_small_rows_take_few_bytes() -> None:
    column = Column()
    column.extend(np.arange(1 << 20) // 6)
    assert column.nbytes <= 2.2 * (1 << 20)


def training(turns: int, period: int, random: np.random.Generator, breaks: list[int]) -> np.ndarray:
    """Rows that repeat themselves, some of them growing; at each break a row too many comes, and all that grow have grown more."""
    slope = random.integers(0, 2, period) * period
    rows = (random.integers(0, 1000, period) + np.arange(turns)[:, None] * slope).reshape(-1)
    for place in breaks:
        at = place % len(rows)
        rows = np.concatenate((rows[:at], [7], rows[at:] + 1))
    return rows


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 3 * BLOCK // 2), st.lists(st.integers(0, 1 << 20), max_size=2), st.integers(0, 2**32), st.integers(1, 2 * BLOCK),
    st.booleans(),
)  # fmt: skip
def test_a_column_that_repeats_itself_is_a_list(period: int, breaks: list[int], seed: int, size: int, known: bool) -> None:
    random = np.random.default_rng(seed)
    rows = training(8 * BLOCK // period + 5, period, random, breaks)
    column = Column()
    for start in range(0, len(rows), size):
        column.extend(rows[start : start + size], (period, 2 * period) if known else (period + 1,))
    assert np.array_equal(column.between(0, len(rows)), rows)
    for _ in range(10):
        first, last = sorted(random.integers(0, len(rows) + 1, 2).tolist())
        assert np.array_equal(column.between(first, last), rows[first:last])
    scattered = random.integers(0, len(rows), 20)
    assert [column[at] for at in scattered.tolist()] == rows[scattered].tolist()
    for count in (1, 20, len(rows) // 40, len(rows)):
        asked = random.integers(0, len(rows), count)
        assert np.array_equal(column.take(asked), rows[asked])
        assert np.array_equal(column.take(np.sort(asked)), rows[np.sort(asked)])
    for row in scattered.tolist():
        goes_on = column.steady(row)
        if goes_on is not None:
            stretch = rows[row : goes_on.stop]
            assert row < goes_on.stop <= len(rows)
            whole = stretch[: len(stretch) // goes_on.period * goes_on.period].reshape(-1, goes_on.period)
            grown = np.diff(whole, axis=0)
            assert (grown == grown[:1]).all()
            assert goes_on.growth is None or (grown == goes_on.growth).all()


def test_rows_that_are_not_there_are_not_taken() -> None:
    column = Column()
    column.extend(np.arange(3 * BLOCK))
    for asked in ([-1, 5], [3 * BLOCK], [0, 3 * BLOCK]):
        with pytest.raises(IndexError):
            column.take(np.array(asked))
    assert len(column.take(np.zeros(0, np.int64))) == 0


def test_what_repeats_itself_takes_memory_once() -> None:
    few, many = Column(), Column()
    for column, turns in ((few, 40), (many, 4000)):
        column.extend(training(turns, 330, np.random.default_rng(0), []), (330,))
    assert len(many) == 330 * 4000
    assert many.nbytes - few.nbytes <= 8 * len(many) // BLOCK + 8 * BLOCK  # a word a block, and the block that is open


@given(st.lists(st.floats(width=32) | st.floats(), min_size=1, max_size=20), st.integers(1, 3))
def test_reals_lose_nothing(values: list[float], blocks: int) -> None:
    rows = np.resize(np.array(values), blocks * BLOCK + 5)
    column = Reals()
    column.extend(rows)
    assert np.array_equal(column.between(0, len(rows)), rows, equal_nan=True)
    assert np.array_equal([column[3]], rows[3:4], equal_nan=True)
    spread = np.arange(3, len(rows), BLOCK - 7)
    assert np.array_equal(column.take(spread), rows[spread], equal_nan=True)


def test_reals_of_float32_take_half() -> None:
    column = Reals()
    column.extend(np.random.default_rng(0).normal(size=64 * BLOCK).astype(np.float32))
    assert column.nbytes <= 4.1 * 65 * BLOCK + 8 * BLOCK
