"""Jumps through the real window: run to the node, its vjp, its `.grad` write; last and next write; back to what was seen."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from gradviz.debugger.session import Session
from gradviz.recording.event import Kind
from ui.window.main_window import MainWindow


def kinds(session: Session) -> str:
    return Kind(int(session.columns.kind[session.position])).name


def test_keys_run_to_the_vjp_and_to_the_write_of_the_gradient(window: MainWindow) -> None:
    session = window.bridge.session
    assert session is not None
    leaf = next(node for node in session.graph().nodes if node.title == "x" and node.requires_grad)
    window.bridge.select((leaf.id,))
    window.actions_["run_to_grad"].trigger()
    assert kinds(session) == "ACCUMULATE"
    written = session.position
    window.actions_["back_to"].trigger()
    assert kinds(session) == "CREATE_LEAF"
    window.actions_["next_grad_write"].trigger()
    assert session.position == written
    window.actions_["last_write"].trigger()
    assert kinds(session) == "CREATE_LEAF"
    op = next(node for node in session.graph().nodes if node.title == "y")
    window.bridge.select((op.id,))
    window.actions_["run_to_vjp"].trigger()
    assert (kinds(session), int(session.columns.site[session.position])) == ("VJP", op.id)


def test_the_state_seen_before_comes_back_with_its_place_in_the_derivation(window: MainWindow) -> None:
    session = window.bridge.session
    assert session is not None
    vjp = int(session.recording.events_of_kind(Kind.VJP)[1])
    window.bridge.seek(vjp)
    window.actions_["step"].trigger()
    assert session.substep == 1
    window.bridge.seek(3)
    window.bridge.seek(9)
    for expected in ((3, 0), (vjp, 1), (vjp, 0), (-1, 0), (-1, 0)):
        window.actions_["last_seen"].trigger()
        assert (session.position, session.substep) == expected


def test_keys_go_along_the_writes_of_what_an_optimizer_keeps(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "momentum.py"
    script.write_text(
        "import torch\nw = torch.ones(2, requires_grad=True)\nopt = torch.optim.SGD([w], lr=0.1, momentum=0.5)\n"
        "for turn in range(2):\n    (w * w).sum().backward()\n    opt.step()\n    opt.zero_grad()\n"
    )
    assert window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None, timeout=20_000)
    session = window.bridge.session
    assert session is not None
    session.to_start()
    window.bridge.select((next(node.id for node in session.graph().nodes if node.title == "w"),))
    window.bridge.move(session.step_into)
    steps = session.recording.events_of_kind(Kind.OPTIMIZER_STEP).tolist()
    for action, expected in (("next", steps[0]), ("next", steps[1]), ("last", steps[0])):
        window.actions_[f"{action}_state_write"].trigger()
        assert session.position == expected


def test_a_key_that_finds_nothing_says_so(window: MainWindow) -> None:
    session, said = window.bridge.session, window.statusBar().currentMessage
    assert session is not None
    y = next(node for node in session.graph().nodes if node.title == "y")  # no leaf
    window.bridge.select((y.id,))
    for action, words in (
        ("back_to", "Before this moment nothing happens at y."),
        ("run_to_grad", "After this moment nothing is written to the .grad of y."),
        ("last_grad_write", "Before this moment nothing is written to the .grad of y."),
        ("next_flag_write", "After this moment requires_grad of y is not changed."),
        ("previous_epoch", "Before this moment there is no other epoch."),
    ):
        window.statusBar().clearMessage()
        window.actions_[action].trigger()
        assert (session.position, said()) == (-1, words)
    window.statusBar().clearMessage()
    window.actions_["run_to_vjp"].trigger()
    assert kinds(session) == "VJP"
    assert said() == ""
    window.actions_["end"].trigger()
    window.actions_["run_to"].trigger()
    assert said() == "After this moment nothing happens at y."
