"""The ledger and the curve of `.grad`."""

from __future__ import annotations

import math

import numpy as np

from gradviz.debugger.answers import Ledger
from gradviz.debugger.session import Session

from ..conftest import Open


def sums(ledger: Ledger) -> list[tuple[str, list[float], bool, bool]]:
    return [(row.label, [part.total for part in row.parts], row.cleared, row.none) for row in ledger.rows]


def test_without_zeroing_each_epoch_stacks_on_the_ones_before(loops: Session) -> None:
    first, _ = loops.leaves()
    assert sums(loops.ledger(first)) == [
        ("epoch 0", [9.0], False, False),
        ("epoch 1", [9.0, 9.0], False, False),
        ("epoch 2", [9.0, 9.0, 9.0], False, False),
    ]
    assert [part.epoch for part in loops.ledger(first).rows[2].parts] == [0, 1, 2]
    assert loops.series(first).elements == ((3.0,) * 3, (6.0,) * 3, (9.0,) * 3)
    assert loops.series(first).epochs == (0, 1, 2)


def test_zeroing_leaves_one_contribution_and_says_cleared(loops: Session) -> None:
    _, second = loops.leaves()
    assert sums(loops.ledger(second)) == [(f"epoch {k}", [9.0], True, False) for k in range(3)]
    series = loops.series(second)
    assert series.kinds == ("accumulate", "zero_grad") * 3
    assert series.elements == ((3.0,) * 3, (0.0,) * 3) * 3
    np.testing.assert_allclose(series.norms, [math.sqrt(27), 0.0] * 3, rtol=1e-6)


def test_outside_loops_each_backward_has_a_bar(open_script: Open) -> None:
    session = open_script(
        "import torch\nx = torch.ones(2, requires_grad=True)\n"
        "(x * 2).sum().backward()\n(x * 5).sum().backward()\n"
        "x.grad = None\n(x * 7).sum().backward()\n"
    )
    (leaf,) = session.leaves()
    assert [(row.label, [part.total for part in row.parts]) for row in session.ledger(leaf).rows] == [
        ("backward 0", [4.0]),
        ("backward 1", [4.0, 10.0]),
        ("backward 2", [14.0]),
    ]


def test_set_to_none_is_a_hole_in_the_curve(open_script: Open) -> None:
    session = open_script(
        "import torch\nw = torch.ones(2, requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=0.1)\n"
        "for epoch in range(2):\n    (w * 2).sum().backward()\n    optimizer.step()\n    optimizer.zero_grad()\n"
    )
    (leaf,) = session.leaves()
    series = session.series(leaf)
    assert series.kinds == ("accumulate", "zero_grad") * 2
    assert [math.isnan(norm) for norm in series.norms] == [False, True] * 2
    assert len(series.elements[1]) == 2
    assert all(math.isnan(v) for v in series.elements[1])
    assert [(row.cleared, row.none) for row in session.ledger(leaf).rows] == [(True, True)] * 2


def test_a_leaf_that_is_never_zeroed_for_long_folds_its_oldest_parts(open_script: Open) -> None:
    session = open_script("import torch\nw = torch.ones(1, requires_grad=True)\nfor epoch in range(60):\n    (w * 2).sum().backward()\n")
    (leaf,) = session.leaves()
    rows = session.ledger(leaf).rows
    assert [sum(part.total for part in row.parts) for row in rows] == [2.0 * (k + 1) for k in range(60)]
    assert max(len(row.parts) for row in rows) == 24


def test_leaves_are_those_that_ever_required_grad(open_script: Open) -> None:
    session = open_script(
        "import torch\na = torch.ones(1)\n"
        "b = torch.ones(1, requires_grad=True)\nc = torch.ones(1)\n"
        "c.requires_grad_(True)\nd = (a * b * c).sum()\n"
    )
    titles = {node.id: node.title for node in session.graph().nodes}
    assert [titles[leaf] for leaf in session.leaves()] == ["b", "c"]


def test_the_timeline_marks_epochs_passes_and_prints(basics: Session, loops: Session) -> None:
    timeline = loops.timeline()
    assert len(timeline.phases) == len(timeline.passes) == loops.length
    assert [mark.label for mark in timeline.marks if mark.kind == "backward"] == [f"backward {k}" for k in range(6)]
    assert [mark.label for mark in timeline.marks if mark.kind == "epoch"] == [f"epoch {k}" for k in (0, 1, 2)] * 2
    assert len([mark for mark in timeline.marks if mark.kind == "zero_grad"]) == 3
    assert [mark.kind for mark in basics.timeline().marks] == ["backward", "print"]


def test_a_grad_that_the_script_assigns_takes_the_place_of_what_stood_there(open_script: Open) -> None:
    text = (
        "import torch\nw = torch.ones(2, requires_grad=True)\nfor k in range(2):\n    (w * 3).sum().backward()\n    w.grad = w.grad * 0.5\n"
    )
    session = open_script(text)
    leaf = session.leaves()[0]
    assert [total for _, total, _, _ in sums(session.ledger(leaf))] == [[3.0], [4.5]]
    last = session.trace.grad_writes(leaf)[-1]
    session.seek(last)
    assert session.moment().caption == "the script sets w.grad: it was [4.5, 4.5], now [2.25, 2.25]"
    state = session.moment().states[leaf]
    assert state.grad is not None and state.grad.array is not None
    assert state.grad.array.tolist() == [2.25, 2.25]
