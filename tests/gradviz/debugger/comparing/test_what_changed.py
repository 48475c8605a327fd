"""What a what-if run changed, in sentences and as nodes."""

from __future__ import annotations

from ..conftest import BASICS, LOOPS, Open


def test_a_leaf_that_no_longer_requires_grad_fails_with_pytorchs_words(open_script: Open) -> None:
    before, after = open_script(BASICS), open_script(BASICS.replace(", requires_grad=True", ""))
    found = before.compare(after)
    titles = {node.id: node.title for node in after.graph().nodes}
    assert {titles[i] for i in found.lost_leaves} == {"x"}
    assert {titles[i] for i in found.lost} == {"x", "y", "mul", "z"}
    assert found.error == "element 0 of tensors does not require grad and does not have a grad_fn"
    assert [d.kind for d in found][:3] == ["error", "leaf lost", "cut"]
    assert "x no longer gets a gradient. x gets no gradient: its requires_grad is False (line 2)." in found.text
    assert not found.changed_values
    assert not found.gained_leaves
    back = after.compare(before)
    assert [d.kind for d in back][:2] == ["fixed", "leaf gained"]
    assert not back.lost_leaves


def test_a_detach_put_in_cuts_one_leaf_and_shifts_nothing(open_script: Open) -> None:
    text = (
        "import torch\nx = torch.ones(2, requires_grad=True)\n"
        "w = torch.ones(2, requires_grad=True)\ny = x * 2\n"
        "z = (y * w).sum()\nz.backward()\n"
    )
    before, after = open_script(text), open_script(text.replace("(y * w)", "(y.detach() * w)"))
    found = before.compare(after)
    titles = {node.id: node.title for node in after.graph().nodes}
    assert {titles[i] for i in found.lost_leaves} == {"x"}
    assert {titles[i] for i in found.new} == {"detach"}
    assert not found.gained_leaves
    assert found.cut is not None
    assert (titles[found.cut.source], titles[found.cut.target], found.cut.kind) == ("y", "detach", "cut")
    assert "the way back stops before detach (line 5)" in found.text
    back = after.compare(before)
    assert {before.graph().node(i).title for i in back.gained_leaves} == {"x"}
    assert "x now gets a gradient: [2, 2]." in back.text


def test_no_grad_around_an_op(open_script: Open) -> None:
    text = (
        "import torch\nx = torch.ones(2, requires_grad=True)\n"
        "w = torch.ones(2, requires_grad=True)\nwith torch.{}():\n"
        "    y = x * 2\nz = (y * w).sum()\nz.backward()\n"
    )
    found = open_script(text.format("enable_grad")).compare(open_script(text.format("no_grad")))
    assert len(found.lost_leaves) == 1
    assert "because it was computed inside no_grad" in found.text


def test_leaving_zero_grad_out_changes_the_gradient(open_script: Open) -> None:
    found = open_script(LOOPS).compare(open_script(LOOPS.replace("    weights.grad.zero_()\n", "")))
    assert "weights.grad ends as [9, 9, 9], it was [3, 3, 3]." in found.text
    assert not found.lost_leaves
    assert len(found.changed_grads) == 1


def test_the_same_run_twice_differs_in_nothing(open_script: Open) -> None:
    found = open_script(LOOPS).compare(open_script(LOOPS))
    assert len(found) == 0
    assert found.text.startswith("Nothing changed")


def test_changed_numbers_name_the_nodes(open_script: Open) -> None:
    after = open_script(BASICS.replace("x + 2", "x + 3"))
    found = open_script(BASICS).compare(after)
    assert {after.graph().node(i).title for i in found.changed_values} == {"y", "mul", "z"}
    assert "The value of y (line 3), mul (line 4), z (line 4) and z (line 5) changed." in found.text


TRAINING = """import torch
weights = torch.ones(2, requires_grad=True)
opt = torch.optim.SGD([weights], lr=0.1)
for epoch in range(3):
    loss = (weights * 2).sum()
    loss.backward()
    opt.step()
    opt.zero_grad()
    if epoch == 1: STOP
"""


def test_a_run_that_stops_early_changed_nothing_that_it_did_not_come_to(open_script: Open) -> None:
    found = open_script(TRAINING.replace("STOP", "pass")).compare(open_script(TRAINING.replace("STOP", "(loss + weights).backward()")))
    assert [d.kind for d in found] == ["error", "stopped", "new"]
    assert "The run stopped before weights * 2 (line 5): that and what follows did not happen." in found.text
    assert not found.changed_values
    assert not found.changed_grads


def test_a_run_that_fails_in_backward_says_what_did_not_happen(open_script: Open) -> None:
    before, after = (
        open_script(TRAINING.replace("STOP", "pass").replace("requires_grad=True", f"requires_grad={flag}")) for flag in (True, False)
    )
    found = before.compare(after)
    assert "The run now fails in line 6" in found.text
    assert "The run stopped before start of backward (line 6)" in found.text
    assert "changed" not in found.text
    assert "its requires_grad is False" in found.text
