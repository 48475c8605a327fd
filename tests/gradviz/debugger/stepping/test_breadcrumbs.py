"""Where the cursor stands, in words: the frames around it."""

from __future__ import annotations

from pathlib import Path

from gradviz.debugger.stepping.breadcrumbs import beginning, breadcrumbs
from gradviz.debugger.stepping.calls import functions_of
from gradviz.recording.event import Kind

from ..conftest import Open
from ..diagnosis.test_every_error import run

SCRIPT = """import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)

    def forward(self, x):
        h = self.fc(x)
        return h * h

def train(net):
    for epoch in range(2):
        for batch in range(2):
            loss = net(torch.ones(1, 2)).sum()
            loss.backward()
            print(loss.item())

train(Net())
"""


def test_the_calls_of_the_script_are_frames_with_their_names(open_script: Open) -> None:
    session = open_script(SCRIPT)
    assert breadcrumbs(session) == ()
    multiplied = next(e.index for e in session.recording if e.kind == Kind.OP and e.step == 1 and e.line == 11)
    session.seek(multiplied)
    places = breadcrumbs(session)
    assert [place.text for place in places] == [
        "epoch 0", "step 1", "forward", "line 20", "train, line 16", "Net.forward, line 11", "h * h",
    ]  # fmt: skip
    assert [place.line for place in places] == [0, 0, 0, 20, 16, 11, 0]
    began = [beginning(session, place) for place in places]
    assert began == sorted(began)
    assert began[-1] == multiplied
    assert [session.recording.event(row).line for row in began[4:]] == [16, 11, 11]


def test_in_backward_and_at_a_print_the_line_has_its_function(open_script: Open) -> None:
    session = open_script(SCRIPT)
    session.seek(int(session.recording.events_of_kind(Kind.VJP)[0]))
    session.step_into()
    texts = [place.text for place in breadcrumbs(session)]
    assert texts[2:5] == ["backward 0", "line 20", "train, line 17"]
    assert texts[-2:] == ["loss: backward", "derivation, 1"]
    printed = next(e.index for e in session.recording if e.kind == Kind.PRINT)
    session.seek(printed)
    assert [place.text for place in breadcrumbs(session)][-1] == "train, line 18"


def test_the_module_is_known_by_the_names_of_its_parameters(tmp_path: Path) -> None:
    session, _, _ = run(tmp_path, SCRIPT.replace("train(Net())", "net = Net()\ntrain(net)"))
    session.seek(next(e.index for e in session.recording if e.kind == Kind.OP and e.line == 10))
    assert [place.text for place in breadcrumbs(session)][-3:] == ["Net.forward, line 10", "layer fc", "h"]
    session.seek(next(e.index for e in session.recording if e.kind == Kind.OP and e.line == 11))
    assert [place.text for place in breadcrumbs(session)][-2:] == ["Net.forward, line 11", "h * h"]


def test_functions_have_their_qualified_names() -> None:
    assert [(each.name, each.first) for each in functions_of(SCRIPT)] == [("Net.__init__", 5), ("Net.forward", 9), ("train", 13)]
    assert functions_of("def broken(:") == ()
