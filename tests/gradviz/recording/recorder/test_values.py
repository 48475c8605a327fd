"""The values of a run are numbered in the thread that runs it, while another thread takes out what is there."""

from __future__ import annotations

import sys
import threading

import numpy as np

from gradviz.recording.recorder.values import Values


def test_a_copy_has_the_value_of_its_source_also_where_values_are_taken_out_meanwhile() -> None:
    values, over = Values(), threading.Event()
    forms: list[int] = []

    def take() -> None:
        while not over.is_set():
            forms.extend(values.seal(values.count, keep=True).form)

    thread = threading.Thread(target=take)
    thread.start()
    kept = []
    try:
        for _ in range(20_000):
            gradient = np.ones(3, np.float32)
            kept.append(gradient.copy())
            assert values.copied(kept[-1], gradient) in (values.count - 1, values.count - 2)
    finally:
        over.set()
        thread.join()
    assert len(forms) + len(values.seal(values.count, keep=True).form) == values.count >= 20_000


def test_what_is_written_to_right_after_it_was_numbered_keeps_its_numbers() -> None:
    values, over = Values(), threading.Event()
    found: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []

    def take() -> None:
        while not over.is_set():
            sealed = values.seal(values.count, keep=True)
            found.append(np.frombuffer(b"".join(sealed.data), np.float32))

    thread, before = threading.Thread(target=take), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread.start()
    array, numbers = np.zeros(1, np.float32), []
    try:
        for turn in range(20_000):
            numbers.append(values.number(array))
            values.before_write(array)
            array[0] = turn + 1
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(before)
    found.append(np.frombuffer(b"".join(values.seal(values.count, keep=True).data), np.float32))
    assert np.array_equal(np.concatenate(found)[numbers], np.arange(20_000))
