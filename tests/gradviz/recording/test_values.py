"""The values of a run are numbered in the thread that runs it, while another thread takes out what is there."""

from __future__ import annotations

import threading

import numpy as np

from gradviz.recording.values import Values


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
