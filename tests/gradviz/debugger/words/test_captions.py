"""What a caption says of a step that is too small for the digits that it shows."""

from __future__ import annotations

from pathlib import Path

from gradviz.debugger.session import Session
from gradviz.debugger.words.captions import caption
from gradviz.recording.event import Kind
from gradviz.running.recorded import record_text

SOURCE = """import torch
w = torch.tensor([0.5], requires_grad=True)
b = torch.full((40,), 3.0, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=1e-4)
for k in range(2):
    optimizer.zero_grad()
    (w * 0.3 + b.sum() * (1 - k)).sum().backward()
    optimizer.step()
torch.optim.SGD([w], lr=1.0).step()
"""


def test_a_small_step_is_told_by_its_own_size(tmp_path: Path) -> None:
    recording, _ = record_text(str(tmp_path / "script.py"), SOURCE, silent=True)
    session = Session(recording)
    events = [session.trace.event(row) for row in range(session.length)]
    assert [caption(session.trace, event) for event in events if event.kind == Kind.OPTIMIZER_STEP] == [
        "SGD moves w by [-3.00e-05], to [0.5]",
        "SGD moves b by 40 numbers of norm 6.32e-04, to 40 numbers of norm 18.97",
        "SGD moves w by [-3.00e-05], to [0.5]",
        "SGD leaves b as it was: 40 numbers of norm 18.97",
        "SGD moves w from [0.5] to [0.2]",
    ]
