"""The lines of a program that train set the training, and what is exported is read back as the same one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.model import Document, Training, Value
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import evaluate
from gradviz.document.run.training import Trainer
from gradviz.document.script.code import to_code

PLANS = (
    Training(epochs=4),
    Training(epochs=3, optimizer="", options={}, zero_grad="never"),
    Training(epochs=3, optimizer="", options={}, to_none=False),
    Training(epochs=5, optimizer="Adam", options={"lr": 0.01, "weight_decay": 0.1}, scheduler="StepLR", scheduler_options={"step_size": 2, "gamma": 0.5}),
    Training(epochs=3, optimizer="SGD", options={"lr": 0.1, "momentum": 0.9}, batch=2, to_none=False),
    Training(epochs=5, zero_grad="every", every=2),
    Training(epochs=4, zero_grad="every", every=3, batch=2),
    Training(epochs=4, zero_grad="accumulate", every=2, batch=2, to_none=False),
    Training(epochs=5, zero_grad="accumulate", every=2, optimizer="Adam", options={"lr": 0.1}),
    Training(epochs=3, optimizer="AdamW", options={"lr": 0.01, "betas": (0.8, 0.99)}),
    Training(epochs=4, scheduler="ReduceLROnPlateau", scheduler_options={"patience": 0}, batch=4, clip=0.5),
    Training(epochs=4, batch=4, shuffle=True),
)  # fmt: skip


def losses(document: Document) -> list[float]:
    return [epoch.loss for epoch in Trainer(document).epochs()]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("text", ["loss = mean((x @ w + b - y)**2)", "loss = mse_loss(Linear(4, 1)(relu(Linear(2, 4)(x))), y)"])
def test_an_exported_training_is_read_back_as_it_was(plan: Training, text: str) -> None:
    document, _ = read_expression(Document(), text)
    for name, shape in (("x", (6, 2)), ("y", (6, 1)), ("w", (2, 1))):
        block = next((b.id for b in document.blocks.values() if b.name == name), "")
        document = edits.set_value(document, block, Value(shape, (), source="randn", seed=len(shape))) if block else document
    loss = evaluate(document).loss
    document = edits.set_training(document, replace(plan, loss=loss))
    again, _ = read_expression(Document(), to_code(document, loss, train=True).text)
    known = {b.id: b.name for b in again.blocks.values()}
    assert known[again.training.loss] == "loss"
    assert replace(again.training, loss="", every=plan.every) == plan
    if "Linear" not in text:  # the first weights of a layer come from the number of its block
        assert losses(again) == pytest.approx(losses(document))


def test_the_loops_that_everybody_knows_first() -> None:
    text = "weights = torch.ones(3, requires_grad=True)\nfor epoch in range(3):\n    model_output = (weights * 3).sum()\n    model_output.backward()\n    print(weights.grad)\n"
    added, _ = read_expression(Document(), text)
    zeroed, _ = read_expression(Document(), text + "    weights.grad.zero_()\n")
    grads = [[float(next(iter(e.grads.values()))[0]) for e in Trainer(d).epochs()] for d in (added, zeroed)]
    assert grads == [[3.0, 6.0, 9.0], [3.0, 3.0, 3.0]]


def test_the_numbers_of_a_training_are_typed_by_their_names() -> None:
    document, _ = read_expression(Document(), "loss = (w - 2)**2")
    for text in ("epochs = 50", "epochs = 50", "batch_size = 16", "clip_grad_norm_(1.5)"):
        document, new = read_expression(document, text)
        assert new == ()
    assert (document.training.epochs, document.training.batch, document.training.clip) == (50, 16, 1.5)
    document, _ = read_expression(document, "torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=2.0)")
    assert document.training.clip == 2.0
    taken, new = read_expression(read_expression(Document(), "epochs = 2.5")[0], "epochs = 50")
    assert len(new) == 1 and taken.training == Training()  # a tensor with that name is meant


def test_a_loop_whose_numbers_have_names_is_read() -> None:
    text = """x = torch.randn(6, 2)
w = torch.zeros(2, 1, requires_grad=True)
num_epochs = 7
batch_size = 3
optimizer = torch.optim.Adam([w], lr=0.1)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2)
for epoch in range(num_epochs):
    for start in range(0, len(x), batch_size):
        rows = x[start : start + batch_size]
        loss = (rows @ w - 1).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([w], 1.0)
        optimizer.step()
    scheduler.step(loss.item())
"""
    plan = read_expression(Document(), text)[0].training
    assert (plan.epochs, plan.batch, plan.clip, plan.scheduler) == (7, 3, 1.0, "ReduceLROnPlateau")


@pytest.mark.parametrize(
    "rows",
    [
        "part = x[order[i : i + 2]]",
        "chosen = order[i : i + 2]\n        part = x[chosen]",
        "chosen, i2 = order[i : i + 2], i\n        part = x[chosen]",
    ],
)
def test_rows_in_another_order_are_a_shuffled_training(rows: str) -> None:
    text = f"""x = torch.randn(6, 2)
w = torch.zeros(2, 1, requires_grad=True)
for epoch in range(3):
    order = torch.randperm(len(x))
    for i in range(0, len(x), 2):
        {rows}
        loss = (part @ w - 1).square().mean()
        loss.backward()
"""
    if "i2" in rows:  # what is not read is told
        with pytest.raises(DocumentProblem, match="line 6"):
            read_expression(Document(), text)
        return
    plan = read_expression(Document(), text)[0].training
    assert (plan.epochs, plan.batch, plan.shuffle) == (3, 2, True)


def test_an_optimizer_alone_changes_nothing_else() -> None:
    document, _ = read_expression(Document(), "loss = (w - 2)**2")
    document = edits.set_training(document, Training(epochs=7, zero_grad="never"))
    made, new = read_expression(document, "Adam(lr=0.5)")
    assert new == () and made.training == Training(epochs=7, zero_grad="never", optimizer="Adam", options={"lr": 0.5})
    made, _ = read_expression(made, "StepLR(step_size=3)")
    assert (made.training.optimizer, made.training.scheduler, made.training.scheduler_options) == ("Adam", "StepLR", {"step_size": 3})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Adam(rate=0.5)", "Adam has no option rate"),
        ("OneCycleLR(max_lr=0.1)", "OneCycleLR goes on with each batch"),
        ("model = Sequential(Linear(3, 4), ReLU())", "model holds layers that nothing reads yet"),
        ("SGD(lr=rate)", "“rate” is no number"),
        ("for epoch in range(n):\n    loss = w * 2\n", "only lines like"),
        ("for a in range(3):\n    for b in range(4):\n        loss = w * 2\n", "only lines like"),
        ("for epoch in range(10000000):\n    loss = w * 2\n", "only lines like"),
        ("if w > 1:\n    loss = w\n", "only lines like"),
    ],
)
def test_what_is_no_training_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(DocumentProblem, match=said):
        read_expression(Document(), text)
