"""What an expression names gets a shape with which the expression runs; a number stays one as long as it can."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.model import Document, Value
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import evaluate
from gradviz.document.run.inference import infer
from gradviz.document.script.code import to_code


def values(document: Document) -> dict[str, Value]:
    return {b.name: b.value for b in document.blocks.values() if b.value is not None}


def block(document: Document, name: str) -> str:
    return next(b.id for b in document.blocks.values() if b.name == name)


@pytest.mark.parametrize(
    "text",
    [
        "att = softmax(q @ k.T / 4, dim=-1) @ v",
        "nn.Linear(4, 16)(x)",
        "y = relu(linear(x, W, b))",
        "c = F.conv2d(img, k, padding=1)",
        "nn.Conv2d(1, 8, 3)(x)",
        "h = tanh(x @ Wx + h0 @ Wh)",
        "h = relu(x @ w1)\nz = h @ w2\nloss = z.sum()",
        "loss = F.cross_entropy(nn.Linear(4, 3)(relu(nn.Linear(8, 4)(x))), labels)",
        "nn.MultiheadAttention(8, 2)(q, k, v)",
        "nn.Embedding(10, 4)(i)",
        "gather(x, 1, i)",
        "bmm(a, b)",
        "x.view(2, 6)",
        "torch.linalg.solve(A, b)",
        "x[0, 1:]",
        "out, (h, c) = nn.LSTM(3, 5)(x)\nloss = out.sum() + c.sum()",
        "values, indices = x.max(1)\nloss = values.sum()",
    ],
)
def test_an_expression_runs_as_soon_as_it_is_typed(text: str) -> None:
    document, _ = read_expression(Document(), text)
    assert not [known.problem for known in infer(document).values() if known.problem or known.waiting]
    assert not evaluate(document).problems


def test_numbers_stay_numbers_where_they_can() -> None:
    document, _ = read_expression(Document(), "loss = mean((w*x + b - y)**2)")
    assert {value.shape for value in values(document).values()} == {()}
    document, _ = read_expression(Document(), "(x @ w + b) * scale")
    assert {name: value.shape for name, value in values(document).items()} == {"x": (3, 3), "w": (3, 3), "b": (), "scale": ()}


@pytest.mark.parametrize("loss", ["mse_loss", "F.l1_loss", "F.huber_loss", "smooth_l1_loss"])
def test_a_target_is_as_large_as_what_it_is_compared_with(loss: str) -> None:
    document, _ = read_expression(Document(), f"loss = {loss}(x @ w, y)")
    assert values(document)["y"].shape == (3, 3)
    ran = evaluate(document)
    assert not ran.problems and not ran.warnings
    assert not document.blocks[block(document, "y")].requires_grad
    document, _ = read_expression(Document(), f"loss = {loss}(w * x, y)")  # numbers
    assert values(document)["y"].shape == ()


def test_what_stands_there_already_stays_and_the_rest_goes_with_it() -> None:
    document, _ = read_expression(Document(), "x * 2")
    document = edits.set_value(document, block(document, "x"), Value((8, 5), source="randn"))
    document, _ = read_expression(document, "h = x @ w + bias")
    found = values(document)
    assert (found["x"].shape, found["w"].shape, found["bias"].shape) == ((8, 5), (5,), ())
    assert infer(document)[block(document, "h")].problem == ""


def test_two_drawn_tensors_are_not_the_same_numbers() -> None:
    document, _ = read_expression(Document(), "q @ k")
    ran = evaluate(document).values
    assert not np.array_equal(ran[block(document, "q")], ran[block(document, "k")])


def test_classes_are_whole_numbers_that_exist() -> None:
    document, _ = read_expression(Document(), "loss = cross_entropy(x @ w, y)")
    y = values(document)["y"]
    assert (y.shape, y.dtype) == ((3,), "int64")
    ran = evaluate(document)
    assert not ran.problems and set(ran.values[block(document, "y")].tolist()) <= {0, 1, 2}
    assert float(ran.values[block(document, "loss")]) > 0


def test_what_no_shape_mends_is_left_with_what_it_says() -> None:
    document, _ = read_expression(Document(), "nn.Linear(16, 10)(nn.Flatten()(nn.Conv2d(1, 4, 3)(img)))")
    assert values(document)["img"].shape == (2, 1, 8, 8)
    assert [known.problem for known in infer(document).values() if known.problem] == [
        "mat1 and mat2 shapes cannot be multiplied (2x144 and 16x10)"
    ]


def test_outputs_that_are_unpacked_are_wires_of_one_node() -> None:
    document, _ = read_expression(Document(), "out, (h, c) = nn.LSTM(3, 5)(x)\nloss = out.sum() + c.sum()")
    sums = [b.id for b in document.blocks.values() if b.op == "torch.sum"]
    assert [document.wires[i, "input"].output for i in sums] == [0, 2]
    assert ["lstm[0]" in to_code(document).text, "lstm[1][1]" in to_code(document).text] == [True, True]
    with pytest.raises(DocumentProblem, match="each output"):
        read_expression(Document(), "a, b, c, d = x.chunk(2)")
    with pytest.raises(DocumentProblem, match="each output"):
        read_expression(Document(), "a, *b = x.chunk(2)")


def test_data_and_first_states_are_no_parameters_whatever_their_number() -> None:
    document, _ = read_expression(Document(), "loss = mse_loss(tanh(x1 @ wx + h0 @ wh + b) @ w2, y_train)")
    learned = {b.name for b in document.blocks.values() if b.op == "tensor" and b.requires_grad}
    assert learned == {"wx", "wh", "b", "w2"}


def test_capital_letters_are_matrices_that_keep_the_width() -> None:
    text = "x = randn(4, 6)\nq = x @ Wq\nk = x @ Wk\nout = softmax(q @ k.T / 6**0.5, dim=-1) @ (x @ Wv)\nloss = mean((out + x)**2)"
    document, _ = read_expression(Document(), text)
    made = values(document)
    assert [made[name].shape for name in ("Wq", "Wk", "Wv")] == [(6, 6)] * 3
    assert not evaluate(document).problems
