"""Jumps through the real window: run to the node, its vjp, its `.grad` write; last and next write; back to what was seen."""

from __future__ import annotations

from gradviz.debugger.session import Session
from gradviz.recording.event import Kind
from ui.main_window import MainWindow


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
    assert not window.jumps.can_return
