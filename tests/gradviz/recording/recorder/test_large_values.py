"""Of a value larger than 16 MB only the statistics are kept: a recording of them must not be larger than the memory."""

import engine as torch
from engine import events
from gradviz.recording.numbers.store import LARGEST
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording


def test_many_values_are_handed_over_in_pieces_of_bounded_size() -> None:
    """Nothing in the program is a place to hand over: they all wait until somebody asks."""
    recorder = Recorder("many.py", "")
    with events.watch(recorder):
        made = [torch.full((2 << 20,), float(k)) for k in range(20)]  # 160 MB
    del made
    recording = Recording()
    pieces = [b"".join(piece) for piece in recorder.pieces()]
    assert max(map(len, pieces)) < 80 << 20
    for piece in pieces:
        recording.append_chunk(piece)
    arrays = [recording.array(e.writes[0].value) for e in recording]
    assert [None if a is None else (float(a[0]), a.shape) for a in arrays] == [(float(k), (2 << 20,)) for k in range(20)]


def test_a_large_value_has_statistics_and_no_numbers_and_its_neighbours_keep_theirs() -> None:
    recorder = Recorder("big.py", "")
    with events.watch(recorder):
        small = torch.ones(3, requires_grad=True)
        large = torch.full((LARGEST // 4 + 1,), 2.0)
        torch.ones(2) * 5
    del small, large
    chunk = recorder.drain(True)
    assert len(chunk) < 1 << 20
    recording = Recording()
    recording.append_chunk(chunk)
    sizes = {recording.stats(v).shape: recording.array(v) for v in range(recording.value_count)}
    assert sizes[LARGEST // 4 + 1,] is None
    assert sizes[3,].tolist() == [1, 1, 1]
    assert sizes[2,].tolist() in ([5, 5], [1, 1])
    assert recording.stats(next(v for v in range(recording.value_count) if recording.array(v) is None)).mean == 2.0
