"""Why a leaf gets no gradient, who wrote and who read, and what the inspector says."""

from __future__ import annotations

import pytest

from gradviz.debugger.inspection.inspection import who_wrote
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind

from ..conftest import Open

START = "import torch\nx = torch.tensor([1.0, 2.0], requires_grad=True)\nw = torch.tensor([3.0, 4.0], requires_grad=True)\n"


def node(session: Session, title: str, line: int = 0) -> int:
    return next(n.id for n in session.graph().nodes if n.title == title and line in (0, n.line))


@pytest.mark.parametrize(
    ("body", "reason", "line", "words"),
    [
        ("y = x.detach() * 2\nz = (y * w).sum()\n", "detach", 4, "detach() leaves the history behind"),
        ("with torch.no_grad():\n    y = x * 2\nz = (y * w).sum()\n", "no_grad", 5, "computed inside no_grad"),
        ("with torch.inference_mode():\n    y = x * 2\nz = (y.clone() * w).sum()\n", "inference_mode", 5, "computed inside inference_mode"),
        ("x.requires_grad_(False)\nz = (x * w).sum()\n", "flag", 2, "its requires_grad is False"),
        ("y = x.argmax()\nz = (y * w).sum()\n", "dtype", 4, "its dtype is int64"),
        ("y = x * 2\nx = torch.tensor([9.0, 9.0])\nz = (x * w).sum()\n", "rebound", 5, "the x made in line 5"),
        ("z = (w * 2).sum()\n", "not connected", 2, "was not computed from it"),
        ("y = torch.tensor(x.sum().item())\nz = (y * w).sum()\n", "not connected", 4, "item() in line 4 took out of the graph of x"),
        ("z = (x * w).sum()\n", "reached", 2, "every step on the way is recorded"),
        ("y = x.detach()\nz = (x * w + y).sum()\n", "reached", 2, "every step on the way is recorded"),
        ("with torch.no_grad():\n    h = x * 2\ny = (w * h).detach()\nz = (y * h * w).sum()\n", "no_grad", 5, "before h (line 5)"),
        ("y = (w * x).detach()\nx.requires_grad_(False)\nz = (y * x * w).sum()\n", "flag", 2, "its requires_grad is False"),
    ],
)
def test_why_not_names_the_first_cut(open_script: Open, body: str, reason: str, line: int, words: str) -> None:
    session = open_script(START + body + "z.backward()\n")
    leaf = next(n.id for n in session.graph().nodes if n.is_leaf and n.line == 2)
    found = session.why_not(leaf)
    assert (found.reason, words in found.sentence) == (reason, True), found
    lines = {n.id: n.line for n in session.graph().nodes}
    assert lines[found.node] == line
    assert (found.edge is not None) == (reason in ("detach", "no_grad", "inference_mode", "dtype"))


def test_who_wrote_and_who_read(basics: Session) -> None:
    product = basics.trace.event(int(basics.recording.events_of_kind(Kind.OP)[1]))
    location = product.writes[0].location
    writer = who_wrote(basics.trace, location, basics.length - 1)
    assert writer is not None
    assert (writer.event, writer.line, writer.sentence) == (product.index, 4, "y * y computed: [9, 16, 25]")
    brute = [e.index for e in basics.recording if any(ref.location == location for ref in e.reads)]
    assert basics.recording.reads_of(location).tolist() == brute
    assert who_wrote(basics.trace, location, product.index - 1) is None


def test_the_inspector_tells_value_gradient_saves_and_writers(basics: Session) -> None:
    y, product = node(basics, "y"), node(basics, "mul")
    to_y = next(e.index for e in basics.recording if e.kind == Kind.DELIVER and e.detail["expected"] == 2)
    basics.seek(to_y)
    inspection = basics.inspect(y)
    assert inspection is not None
    assert inspection.grad_label == "cotangent of y (1 of 2 arrived)"
    assert inspection.grad_writer is not None
    assert inspection.grad_writer.event == to_y
    assert inspection.value_writer is not None
    assert inspection.value_writer.sentence == "y = x + 2 computed: [3, 4, 5]"
    assert dict(inspection.flags)["grad_fn"] == "<AddBackward0>"
    assert [basics.graph().node(i).title for i in inspection.inputs] == ["x"]
    saved = basics.inspect(product)
    assert saved is not None
    assert [(s.name, s.saved_version, s.current_version, s.freed) for s in saved.saved] == [("x", 0, 0, True), ("y", 0, 0, True)]
    assert basics.inspect(10_000) is None


def test_the_inspector_says_why_there_is_no_gradient(open_script: Open) -> None:
    session = open_script(
        "import torch\nx = torch.ones(2, requires_grad=True)\n"
        "c = torch.ones(2)\nwith torch.no_grad():\n    k = x * 2\n"
        "m = c + 1\nz = (x * 3).sum()\n"
    )
    session.to_end()
    labels = {n.title: session.inspect(n.id).grad_label for n in session.graph().nodes}
    assert labels == {
        "x": "x.grad is None",
        "x.grad": "x.grad is None",
        "c": "no gradient: requires_grad is False",
        "k": "no gradient: because it was computed inside no_grad",
        "m": "no gradient: none of its inputs requires grad",
        "mul": "no gradient: no cotangent has arrived yet",
        "z": "no gradient: no cotangent has arrived yet",
    }
    session.to_start()
    assert session.inspect(node(session, "k")).grad_label == "no gradient: not computed yet in this step"


def test_an_overwritten_save_shows_both_versions(open_script: Open) -> None:
    session = open_script("import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\nz = y * y\ny.add_(1)\n")
    session.to_end()
    inspection = session.inspect(node(session, "z"))
    assert inspection is not None
    assert {(s.saved_version, s.current_version) for s in inspection.saved} == {(0, 1)}


def test_a_result_that_was_wrapped_up_again_is_named_with_its_line(open_script: Open) -> None:
    session = open_script(
        "import torch\nw = torch.ones(2, requires_grad=True)\nv = torch.ones(2, requires_grad=True)\n"
        "h = w * 2\nz = torch.tensor(h.tolist())\nloss = (z * v).sum()\nloss.backward()\n"
    )
    found = session.why_not(next(node.id for node in session.graph().nodes if node.title == "w"))
    assert (found.reason, found.line) == ("not connected", 5)
    assert "tolist() in line 5 took out of the graph in which h comes from w" in found.sentence
