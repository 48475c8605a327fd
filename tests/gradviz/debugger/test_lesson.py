"""The lesson that the app was made for, from its first line to its last and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.debugger.scene import NodeKind
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind

from .conftest import record
from .digest import digest

LESSON = Path(__file__).parents[2] / "data" / "gradient_computation.py"


@pytest.fixture(scope="module")
def lesson() -> Session:
    return Session(record(LESSON.read_text()))


def leaf(session: Session, line: int) -> int:
    return next(node.id for node in session.graph().nodes if node.is_leaf and node.line == line)


def test_it_runs_to_its_end(lesson: Session) -> None:
    assert lesson.recording.error is None
    lesson.to_end()
    assert lesson.event is not None
    assert (lesson.event.kind, lesson.line) == (Kind.PRINT, 78)


def test_every_step_back_restores_the_state(lesson: Session) -> None:
    lesson.to_start()
    forward = [digest(lesson)]
    end = lesson.seek(lesson.frames.previous_step(lesson.length))
    lesson.to_start()
    while lesson.position < end:
        lesson.step_into()
        forward.append(digest(lesson))
    assert len(forward) > 200
    for expected in reversed(forward[:-1]):
        lesson.back_into()
        assert digest(lesson) == expected
    assert lesson.position == -1


def test_the_loops_show_3_6_9_and_3_3_3(lesson: Session) -> None:
    first, second, third = (leaf(lesson, line) for line in (55, 62, 70))
    assert [row.label for row in lesson.ledger(first).rows] == ["epoch 0", "epoch 1", "epoch 2"]
    assert [len(row.parts) for row in lesson.ledger(first).rows] == [1, 2, 3]
    assert [e[0] for e in lesson.series(first).elements] == [3.0, 6.0, 9.0]
    assert [len(row.parts) for row in lesson.ledger(second).rows] == [1, 1, 1]
    assert [row.cleared for row in lesson.ledger(second).rows] == [True] * 3
    series = lesson.series(second)
    assert [e[0] for e, kind in zip(series.elements, series.kinds, strict=True) if kind == "accumulate"] == [3.0, 3.0, 3.0]
    assert [(row.cleared, row.none) for row in lesson.ledger(third).rows] == [(True, True)] * 3


def test_the_graph_has_a_group_for_each_section_and_scissors_at_the_detach(lesson: Session) -> None:
    graph = lesson.graph()
    x = graph.node(leaf(lesson, 7))
    assert x is not None
    assert (x.title, x.kind, x.group) == ("x", NodeKind.PARAMETER, 0)
    cut = {(graph.node(e.source).line, graph.node(e.target).line) for e in graph.edges if e.kind == "cut"}  # type: ignore[union-attr]
    assert {(44, 46), (49, 51)} <= cut
    assert [(frame.label, frame.line) for frame in graph.frames] == [("no_grad", 50)]
    by_line = {node.line: node.group for node in graph.nodes}
    assert len({by_line[line] for line in (7, 25, 39, 44, 49, 55, 62, 70)}) == 8


def test_the_passes_stand_in_their_lines(lesson: Session) -> None:
    lines = [lesson.recording.event(int(row)).line for row in lesson.recording.events_of_kind(Kind.BACKWARD_BEGIN)]
    assert lines == [21, 35, *[58] * 3, *[65] * 3, *[74] * 3]


def test_the_gradient_of_the_first_section(lesson: Session) -> None:
    lesson.seek(int(lesson.recording.events_of_kind(Kind.ACCUMULATE)[0]))
    inspection = lesson.inspect(leaf(lesson, 7))
    assert inspection is not None
    assert inspection.value is not None
    assert inspection.grad is not None
    assert inspection.value.array is not None
    assert inspection.grad.array is not None
    assert abs(inspection.grad.array - (inspection.value.array + 2) * 4 / 3).max() < 1e-6
    assert lesson.moment().caption.startswith("x.grad was None, now [")
