"""What a caption says of a step that is too small for the digits that it shows."""

from __future__ import annotations

from pathlib import Path

from gradviz.debugger.session import Session
from gradviz.debugger.words.captions import caption
from gradviz.recording.event import Kind
from gradviz.recording.file.gvrec import load, save
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


LARGE = """import torch
w = torch.full((200_000,), 3.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1e-4)
for k in range(40):
    optimizer.zero_grad()
    w.sum().backward()
    optimizer.step()
"""


def test_where_the_numbers_were_let_go_the_norms_say_how_small_a_step_was(tmp_path: Path) -> None:
    recording, _ = record_text(str(tmp_path / "script.py"), LARGE, silent=True)
    save(recording, tmp_path / "large.gvrec")
    session = Session(load(tmp_path / "large.gvrec", 1 << 20))
    told = [caption(session.trace, session.trace.event(row)) for row in range(session.length)]
    steps = [words for words in told if words.startswith("SGD moves")]
    assert "SGD moves w from 200,000 numbers of norm 1341.64 to one of norm 1341.59" in steps
    assert not any("looks the same" in words for words in steps)


NORMS = """import torch
p = torch.zeros(3, 2, requires_grad=True)
unit = p / p.norm(dim=1, keepdim=True)
size = (p[torch.arange(2)] * 2).norm(3)
logs = torch.softmax(p, 1)[torch.arange(3), torch.tensor([0, 1, 0])].log()
"""


def test_what_is_computed_is_written_as_a_script_could_have_it(tmp_path: Path) -> None:
    recording, _ = record_text(str(tmp_path / "script.py"), NORMS, silent=True)
    session = Session(recording)
    told = [caption(session.trace, session.trace.event(row)).split(" computed")[0] for row in range(session.length)]
    assert {"unit = p / p.norm(dim=1, keepdim=True)", "size = (p[...] * 2).norm(p=3)", "logs = p.softmax(dim=1)[...].log()"} <= set(told)
