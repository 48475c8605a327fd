"""Columns and indexes against plain lists."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradviz.recording.columns import BLOCK, Column, Index, narrow


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


@given(st.lists(st.lists(st.integers(0, 5), max_size=30), max_size=8))
def test_an_index_that_grows_answers_as_a_search_through_all(pieces: list[list[int]]) -> None:
    keys: list[int] = []
    index = Index(lambda start, stop: (np.array(keys[start:stop], np.int64), np.arange(start, stop)))
    for piece in pieces:
        keys += piece
        index.grow(len(keys))
        for key in range(6):
            expected = [i for i, k in enumerate(keys) if k == key]
            assert index.events(key).tolist() == expected
            for at in range(-1, len(keys) + 1):
                assert index.last(key, at) == max((i for i in expected if i <= at), default=None)
                assert index.next(key, at) == min((i for i in expected if i > at), default=None)


def test_an_event_with_the_key_twice_is_found_once() -> None:
    index = Index(lambda _start, _stop: (np.array([7, 7], np.int64), np.array([0, 0])))
    index.grow(1)
    assert index.events(7).tolist() == [0]


def test_a_million_small_rows_take_few_bytes() -> None:
    column = Column()
    column.extend(np.arange(1 << 20) // 6)
    assert column.nbytes <= 2.2 * (1 << 20)


def test_an_index_over_events_without_any_key_answers_however_often_it_is_asked() -> None:
    index = Index(lambda _start, _stop: (np.zeros(0, np.int64), np.zeros(0, np.int64)))
    index.grow(10)
    for _ in range(200):
        assert index.events(3).tolist() == []
        assert index.last(3, 9) is None
        assert index.next(3, -1) is None
