"""Documents: built by edits, checked before they run, run, trained, written as code that runs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.expression.indexing import INDEX
from gradviz.document.file.text import read, write
from gradviz.document.model import TENSOR, Document, Training, Value
from gradviz.document.palette.catalogue import catalogue
from gradviz.document.palette.search import search
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import evaluate
from gradviz.document.run.inference import infer
from gradviz.document.run.training import Trainer
from gradviz.document.script.code import to_code
from gradviz.document.wiring import bridges, broadcasts, why_not, with_wire

LOSS = "loss = mean((w*x + b - y)**2)"


def block(document: Document, name: str) -> str:
    return next(b.id for b in document.blocks.values() if b.name == name)


def with_data() -> Document:
    document, _ = read_expression(Document(), LOSS)
    for name, numbers in (("x", (1.0, 2.0, 3.0)), ("y", (3.0, 5.0, 7.0))):
        document = edits.set_value(document, block(document, name), Value((3,), numbers))
    return document


def test_the_catalogue_is_what_the_engine_publishes() -> None:
    from engine.naming.namespace import TORCH

    found = catalogue()
    assert len(found) > 300
    for name in ("mul", "mean", "exp", "cat", "where", "softmax"):
        assert found[f"torch.{name}"].call is TORCH[name]
    assert [p.name for p in found["F.conv2d"].ports] == ["input", "weight", "bias"]
    assert found["torch.cat"].ports[0].many
    assert found["nn.Linear"].layer


@pytest.mark.parametrize(
    ("typed", "first"), [("relu", "F.relu"), ("*", "torch.mul"), ("mea", "torch.mean"), ("mse", "F.mse_loss"), ("@", "torch.matmul")]
)
def test_search_offers_what_was_meant_first(typed: str, first: str) -> None:
    assert search(typed)[0].op == first


def test_an_expression_becomes_blocks_with_the_right_gradients() -> None:
    document = with_data()
    ran = evaluate(document)
    assert not ran.problems
    assert document.blocks[ran.loss].name == "loss"
    residual = 1 * np.array([1, 2, 3]) + 1 - np.array([3, 5, 7])
    np.testing.assert_allclose(ran.values[ran.loss], (residual**2).mean(), rtol=1e-6)
    np.testing.assert_allclose(ran.grads[block(document, "w")], (2 * residual * np.array([1, 2, 3])).mean(), rtol=1e-6)
    np.testing.assert_allclose(ran.grads[block(document, "b")], (2 * residual).mean(), rtol=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "__import__('os')",
        "x[y:2]",
        "lambda: 1",
        "nothing(x)",
        "mean(",
        "x if y else z",
        "(" * 3000,
        "x." * 50 + "x",
        "-" * 3000 + "x",
    ],
)
def test_what_is_no_expression_is_refused_in_words(text: str) -> None:
    with pytest.raises(DocumentProblem):
        read_expression(Document(), text)


def test_shapes_are_known_before_anything_runs() -> None:
    document = with_data()
    known = infer(document)
    assert known[block(document, "mul")].spec == ((3,), "float32")
    assert known[block(document, "loss")].spec == ((), "float32")
    assert broadcasts(document, known)[(block(document, "mul"), "input")] == "() → (3,)"


def test_a_wire_that_does_not_fit_is_refused_with_the_reason_and_a_bridge() -> None:
    document = with_data()
    document, four = edits.add(document, TENSOR, 0, 0, value=Value((4,), (1.0,) * 4))
    known, sub = infer(document), block(document, "sub")
    assert "(3,) to (4,)" in why_not(document, four, sub, "other", known)
    assert "circle" in why_not(document, block(document, "loss"), block(document, "mul"), "other", known)
    assert why_not(document, block(document, "x"), sub, "other", known) == ""
    offered = bridges(document, four, sub, "other", known)
    assert [b.op for b in offered] == ["torch.unsqueeze", "torch.mean", "torch.sum"]
    assert not evaluate(with_wire(document, four, sub, "other", offered[0])).problems


def test_a_wire_of_another_dtype_is_refused_in_pytorchs_words_and_a_cast_is_offered() -> None:
    document, floats = edits.add(Document(), TENSOR, 0, 0, value=Value((2, 2), (1.0, 2.0, 3.0, 0.0)))
    document, reader = edits.add(document, "nn.Embedding", 300, 0, params={"num_embeddings": 4, "embedding_dim": 2})
    known = infer(document)
    assert "scalar types: Long" in why_not(document, floats, reader, "input", known)
    (cast,) = bridges(document, floats, reader, "input", known)
    made = with_wire(document, floats, reader, "input", cast)
    assert evaluate(made).problems == {}
    assert "long()" in cast.text


def test_no_grad_frames_and_flags_change_who_gets_a_gradient() -> None:
    document = with_data()
    w, b, mul = (block(document, n) for n in ("w", "b", "mul"))
    ran = evaluate(edits.toggle_no_grad(document, [mul]))
    assert w not in ran.grads and b in ran.grads
    ran = evaluate(edits.toggle(document, [b], "requires_grad"))
    assert b not in ran.grads and w in ran.grads
    muted = evaluate(edits.toggle(document, [mul], "muted"))
    np.testing.assert_allclose(muted.values[mul], 1.0)


def test_deleting_with_reconnect_keeps_the_chain() -> None:
    document = with_data()
    shorter = edits.remove(document, [block(document, "add"), block(document, "pow")], reconnect=True)
    assert shorter.wires[(block(document, "sub"), "input")].source == block(document, "mul")
    assert shorter.wires[(block(document, "loss"), "input")].source == block(document, "sub")
    assert not evaluate(shorter).problems


@pytest.mark.parametrize(("policy", "grads"), [("never", [3, 6, 9]), ("each", [3, 3, 3]), ("every", [3, 6, 3])])
def test_the_loop_of_the_lesson_shows_its_gradients(policy: str, grads: list[float]) -> None:
    document, _ = read_expression(Document(), "(weights * 3).sum()")
    weights = block(document, "weights")
    document = edits.set_value(document, weights, Value((3,), (1.0, 1.0, 1.0)))
    document = replace(document, training=Training(optimizer="", epochs=3, zero_grad=policy))
    assert [list(e.grads[weights]) for e in Trainer(document).epochs()] == [[g] * 3 for g in grads]


def test_a_half_made_node_beside_the_loss_does_not_stop_its_training() -> None:
    document, net = edits.add(with_data(), "nn.Linear", 0, 0, name="net")
    trainer = Trainer(replace(document, training=Training(epochs=2)))
    assert document.blocks[trainer.loss].name == "loss"
    assert len(list(trainer.epochs())) == 2
    wired = edits.connect(edits.set_param(document, block(document, "pow"), "exponent", 2), net, block(document, "pow"), "exponent")
    with pytest.raises(DocumentProblem, match="net: Linear needs in_features"):
        Trainer(wired)
    with pytest.raises(DocumentProblem, match="net: Linear needs in_features"):
        Trainer(replace(document, training=Training(loss=net)))


def test_training_finds_the_line() -> None:
    document = replace(with_data(), training=Training(epochs=300, options={"lr": 0.1}))
    trainer = Trainer(document)
    losses = [e.loss for e in trainer.epochs()]
    assert losses[-1] < 1e-4 < losses[0]
    trained = trainer.trained()
    found = trained.blocks[block(document, "w")].value
    assert found is not None and abs(found.data[0] - 2.0) < 0.02


BATCHES = Training(epochs=4, options={"lr": 0.05}, scheduler="StepLR", scheduler_options={"step_size": 2, "gamma": 0.5}, batch=2)


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_and_a_scheduler_are_what_the_exported_code_does(tmp_path: Path, shuffle: bool) -> None:
    document = replace(with_data(), training=replace(BATCHES, shuffle=shuffle))
    trainer = Trainer(document)
    assert [document.blocks[b].name for b in trainer.data] == ["x", "y"]
    steps = list(trainer.epochs())
    assert trainer.optimizer is not None
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(0.0125)
    code = to_code(document, evaluate(document).loss, train=True)
    assert "for start in range(0, len(x), 2):" in code.text
    script = tmp_path / "made.py"
    script.write_text(code.text + "print('at the end', w.item(), b.item())\n")
    done = subprocess.run([sys.executable, "-m", "gradviz", "run", str(script)], capture_output=True, text=True, timeout=60, check=True)
    w, b = (trainer.run.leaves[block(document, name)].item() for name in ("w", "b"))
    assert done.stdout.splitlines()[-1] == f"at the end {w} {b}"
    assert len(done.stdout.splitlines()) == 2 * len(steps) + 1


def test_shuffled_batches_are_all_rows_in_another_order_each_epoch() -> None:
    document = replace(with_data(), training=replace(BATCHES, shuffle=True))
    trainer, seen = Trainer(document), list[list[float]]()
    for _ in range(3):
        seen.append([row for batch in trainer._batches() for row in batch[trainer.data[0]].flatten().tolist()])
    assert sorted(seen[0]) == sorted(seen[1]) == sorted(seen[2])
    assert seen[0] != seen[1] != seen[2]
    again = [[e.loss for e in Trainer(document).epochs()] for _ in range(2)]
    assert again[0] == again[1] != [e.loss for e in Trainer(replace(document, training=BATCHES)).epochs()]


@pytest.mark.parametrize("training", [Training(), BATCHES, replace(BATCHES, shuffle=True), replace(BATCHES, zero_grad="every", every=3)])
def test_what_is_set_for_the_training_is_kept_in_the_file(training: Training) -> None:
    document = replace(with_data(), training=training)
    assert read(write(document).encode()).document == document


def test_code_runs_on_the_engine_and_prints_what_the_editor_shows(tmp_path: Path) -> None:
    document = with_data()
    code = to_code(document, evaluate(document).loss)
    assert "loss = torch.mean(pow)" in code.text
    assert code.text.splitlines()[code.lines[block(document, "mul")] - 1] == "mul = w * x"
    script = tmp_path / "made.py"
    script.write_text(code.text)
    done = subprocess.run([sys.executable, "-m", "gradviz", "run", str(script)], capture_output=True, text=True, timeout=60, check=True)
    assert "w.grad tensor(-9.3333)" in done.stdout


CASES = {
    "line": (LOSS, {"x": Value((3,), (1.0, 2.0, 3.0)), "y": Value((3,), (3.0, 5.0, 7.0))}),
    "softmax": ("softmax(x @ w, 1).log().mean()", {"x": Value((2, 3), source="randn", seed=1), "w": Value((3, 2), source="randn", seed=2)}),
    "joined": ("(stack((a, b)) * 2.0).exp().sum()", {"a": Value((2,), (0.1, 0.2)), "b": Value((2,), (0.3, -0.4))}),
    "numbers": ("(3 / (2 - w) - -1.5) ** 2", {"w": Value((), (0.25,))}),
    "indices": (
        "(w[i] * w[:, j] + w[w > 0, ...].sum() + w[1:, [0, 1]][0, 1]).exp().mean()",
        {"w": Value((2, 2), (1.0, -2.0, 0.5, 0.25)), "i": Value((2,), (1.0, 1.0), "int64"), "j": Value((2,), (0.0, -1.0), "int64")},
    ),
}


@pytest.mark.torch
def test_code_prints_the_same_under_pytorch(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    programs: dict[tuple[str, str], str] = {}
    for case, (text, values) in CASES.items():
        document, _ = read_expression(Document(), text)
        for name, value in values.items():
            document = edits.set_value(document, block(document, name), value)
        for how, training in (("once", Training()), ("in batches", BATCHES), ("trained", Training())):
            document = replace(document, training=training)
            programs[case, how] = to_code(document, evaluate(document).loss, train=how != "once").text
    script = tmp_path / "made.py"  # one after the other: PyTorch is loaded once
    script.write_text("print('program')\n".join(programs.values()))
    real = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=True).stdout
    ours = subprocess.run(
        [sys.executable, "-m", "gradviz", "run", str(script)], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    for (case, how), *printed in zip(programs, real.split("program\n"), ours.split("program\n"), strict=True):
        if how == "once":  # printed with four digits
            assert printed[0] == printed[1] != "", case
        numbers = [[float(n) for n in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", out)] for out in printed]
        assert numbers[0], (case, how)
        np.testing.assert_allclose(numbers[0], numbers[1], rtol=2e-6, atol=1e-6, err_msg=f"{case} {how}")


def test_a_recorded_script_becomes_a_document_that_computes_the_same() -> None:
    from gradviz.document.script.recorded import from_recording
    from gradviz.lessons import first
    from gradviz.recording.file.gvrec import load

    recording = load(str(first.RECORDING))
    made = from_recording(recording).document
    names = [b.name for b in made.blocks.values()]
    assert {"x", "y", "z", "v", "weights"} <= set(names)
    ran = evaluate(made)
    assert not ran.problems
    weights = next(b for b in made.blocks.values() if b.name.startswith("weights"))
    assert weights.requires_grad and weights.value == Value((3,), (1.0, 1.0, 1.0))


def recorded(source: str) -> Document:
    from gradviz.document.script.recorded import from_recording
    from gradviz.running.recorded import record_text

    recording, exit_code = record_text("made.py", source, silent=True)
    assert exit_code == 0
    return from_recording(recording).document


EVALUATED = """
import torch
torch.manual_seed(0)
x, y = torch.randn(8, 3), torch.randn(8)
w = torch.randn(3, requires_grad=True)
loss = ((x @ w - y) ** 2).mean()
loss.backward()
right = 0
with torch.no_grad():
    for k in range(8):
        told = torch.relu(x[k] @ w)
        right += int((told > y[k]).item())
"""
TOGETHER = """
import torch
x = torch.arange(6.0).reshape(3, 2)
w = torch.ones(2, requires_grad=True)
h = torch.zeros(2)
for t in range(3):
    h = torch.tanh(x[t] * w + h)
rows = [x[k] * w for k in range(3)]
loss = torch.stack(rows).sum() + h.sum()
loss.backward()
"""


def test_a_frame_stands_behind_what_it_reads() -> None:
    source = "import torch\nx = torch.ones(2, requires_grad=True)\nh = x * 2\nwith torch.no_grad():\n    y = h + x\n    k = y * 3\n"
    places = {b.name: b.x for b in recorded(source).blocks.values()}
    assert places["x"] < places["h"] < places["y"] < places["k"]


def test_the_turns_of_an_evaluation_are_one() -> None:
    ops = Counter(b.op for b in recorded(EVALUATED).blocks.values())
    assert ops["F.relu"] + ops["torch.relu"] == 1
    assert ops["torch.gt"] == 1


CLASSES = """
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(8, 3))
x, y = torch.randn(8, 1, 6, 6), torch.randint(0, 3, (8,))
for k in range(0, 8, 4):
    loss = F.cross_entropy(net(x[k : k + 4]), y[k : k + 4])
    net.zero_grad()
    loss.backward()
with torch.no_grad():
    for k in range(8):
        right = net(x[k : k + 1]).argmax(1) == y[k : k + 1]
"""


def test_a_network_with_classes_is_edited_as_it_is() -> None:
    made = recorded(CLASSES)
    assert len(made.blocks) < 40
    ran = evaluate(made)
    assert ran.problems == {}
    assert made.blocks[ran.loss].name == "loss"
    parameters = [b for b in made.blocks.values() if b.requires_grad]
    assert len(parameters) == 4 and all(np.abs(ran.grads[b.id]).sum() > 0 for b in parameters)
    (quiet,) = made.frames.values()
    low = min(made.blocks[m].y for m in quiet.members)
    assert all(b.y < low for b in made.blocks.values() if b.id not in quiet.members)  # nothing else stands in its frame


def test_turns_whose_results_come_together_stay() -> None:
    made = recorded(TOGETHER)
    ops = Counter(b.op for b in made.blocks.values())
    assert ops["torch.tanh"] == 3
    assert ops["torch.mul"] == 6
    ran = evaluate(made)
    rows = np.arange(6.0).reshape(3, 2)
    h = np.zeros(2)
    for row in rows:
        h = np.tanh(row + h)
    np.testing.assert_allclose(ran.values[made.training.loss], rows.sum() + h.sum(), rtol=1e-6)


def test_code_recorded_and_edited_as_a_graph_is_the_document_again() -> None:
    document = replace(with_data(), training=Training(epochs=3))
    source = to_code(document, evaluate(document).loss, train=True).text
    again = recorded(source)
    assert [b.name for b in again.blocks.values()] == [b.name for b in document.blocks.values() if b.op == TENSOR] + [
        b.name for b in document.blocks.values() if b.op != TENSOR
    ]
    ran, before = evaluate(again), evaluate(document)
    np.testing.assert_array_equal(ran.values[ran.loss], before.values[before.loss])
    np.testing.assert_array_equal(ran.grads[block(again, "w")], before.grads[block(document, "w")])
    assert again.training.epochs == 3
    assert again.training.zero_grad == "each"


PROGRAM = """import torch
import torch.nn.functional as F
from torch import nn

x = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.0, float("nan")]])
labels = torch.tensor([0, 1])
torch.manual_seed(4)
w = torch.randn([3, 2], requires_grad=True)
torch.manual_seed(4)
net_layer = nn.Linear(in_features=3, out_features=2)

with torch.no_grad():
    mean = torch.mean(x, dim=0)
hidden = F.relu(x @ w)
max = torch.max(hidden, dim=1)
first = hidden[:, 0:1] + max[1]
net = net_layer(x)
cross_entropy = F.cross_entropy(net, labels)
cross_entropy.backward()
print("cross_entropy", cross_entropy)
"""


def test_lines_of_a_program_become_blocks_and_are_written_again() -> None:
    document, new = read_expression(Document(), PROGRAM)
    assert [document.blocks[b].name for b in new] == [
        "x", "labels", "w", "mean", "matmul", "hidden", "max", "index", "first", "net", "cross_entropy",
    ]  # fmt: skip
    assert document.blocks[block(document, "labels")].value == Value((2,), (0.0, 1.0), "int64")
    assert document.blocks[block(document, "w")].value == Value((3, 2), (), "float32", "randn", 4)
    assert document.wires[block(document, "first"), "other"].output == 1
    assert document.frame_of(block(document, "mean")) is not None
    text = to_code(document, block(document, "cross_entropy")).text
    again, _ = read_expression(Document(), text)
    assert to_code(again, block(again, "cross_entropy")).text == text
    assert evaluate(again).problems == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("for k in x: pass", "only lines like name = expression"),
        ("x = 1\ny = x[__import__('os')]", "no function __import__"),
        ("x = 1\ny = x['a']", "no index"),
        ("x = 1\ny = x[x:2]", "no index"),
        ("y = open('/etc/passwd')", "no function open"),
        ("x = torch.tensor([1, [2]])", "only numbers"),
        ("x = torch.randn(1000000, 1000)", "too many"),
        ("net = nn.Linear(3, 4, 5, 6, 7, 8)", "at most"),
        ("h = nn.Linear(size=3)", "has no argument size"),
    ],
)
def test_what_cannot_become_blocks_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(DocumentProblem, match=re.escape(why)):
        read_expression(Document(), text)


SHAPED = """import torch
import torch.nn.functional as F

x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]], requires_grad=True)
labels = torch.tensor([0, 2])
rows = x[:, 1:].reshape(4).sum() + x.view(3, 2).sum() + x[0].sum()
wide = x.expand(2, 2, 3).sum() + x.repeat(1, 2).sum() + x.double().sum()
det = torch.linalg.det(x @ x.T) + torch.special.erfcx(x).sum()
conv = F.conv1d(x.unsqueeze(0), torch.ones(1, 2, 2)).sum() + F.max_pool2d(x.unsqueeze(0), 2).sum()
values, indices = torch.max(x, dim=1)
first, second = x.split([2, 1], 1)
loss = rows + wide + det + conv + values.sum() + second.sum() + F.cross_entropy(x, labels)
loss.backward()
"""


def test_views_indices_and_convolutions_of_a_recorded_script_stay_nodes() -> None:
    import engine.torch_module as torch_module

    document = recorded(SHAPED)
    ran = evaluate(document)
    assert ran.problems == {}
    space: dict[str, object] = {}
    exec(compile(SHAPED.replace("import torch\nimport torch.nn.functional as F\n", ""), "made", "exec"),
         {"torch": torch_module.module(), "F": torch_module.module().nn.functional}, space)  # fmt: skip
    np.testing.assert_allclose(ran.values[ran.loss], space["loss"]._data, rtol=1e-6)  # type: ignore[attr-defined]
    np.testing.assert_allclose(ran.grads[block(document, "x")], space["x"].grad._data, rtol=1e-5)  # type: ignore[attr-defined]


INDEXED = """import torch

torch.manual_seed(0)
x = torch.randn(5, 4, requires_grad=True)
some, others = torch.tensor([0, 2, 2]), torch.tensor([1, 1, 3])
rows, columns = x[some], x[:, others]
pairs, positive, below = x[some, others], x[x > 0], x[1:, others]
loss = rows.sum() + columns.mean() + (pairs ** 2).sum() + positive.sum() + below.exp().sum()
loss.backward()
print(loss, x.grad)
"""


def test_tensors_in_an_index_of_a_recorded_script_are_wires() -> None:
    document = recorded(INDEXED)
    ran = evaluate(document)
    assert ran.problems == {}
    read = {
        b.name: (b.params["index"], {port: document.blocks[w.source].name for port, w in document.inputs(b.id).items()})
        for b in document.blocks.values()
        if b.op == INDEX
    }
    assert read["rows"] == ("at0", {"input": "x", "at.0": "some"})
    assert read["columns"] == (":, at0", {"input": "x", "at.0": "others"})
    assert read["pairs"] == ("at0, at1", {"input": "x", "at.0": "some", "at.1": "others"})
    assert read["positive"][1]["at.0"] == "gt"
    assert "pairs = x[some, others]" in to_code(document, ran.loss).text
    again = recorded(to_code(document, ran.loss).text)
    np.testing.assert_array_equal(evaluate(again).grads[block(again, "x")], ran.grads[block(document, "x")])


def test_a_tensor_that_is_connected_to_an_index_stands_in_it() -> None:
    document, _ = read_expression(Document(), "y = w[1]")
    document = edits.set_value(document, block(document, "w"), Value((3,), (1.0, 2.0, 4.0)))
    document, where = edits.add(document, TENSOR, 0, 0, value=Value((2,), (2.0, 2.0), "int64"))
    made = edits.connect(document, where, block(document, "y"), "at.0")
    assert made.blocks[block(made, "y")].params["index"] == "1, at0"
    assert "too many indices" in evaluate(made).problems[block(made, "y")]
    made = edits.set_param(made, block(made, "y"), "index", "at0")
    assert evaluate(made).values[block(made, "y")].tolist() == [4.0, 4.0]
    assert evaluate(made).grads[block(made, "w")].tolist() == [0.0, 0.0, 2.0]
    assert read(write(made).encode()).document == made
    made = edits.set_param(made, block(made, "y"), "index", "at1")
    assert evaluate(made).problems == {block(made, "y"): "nothing is connected to at1"}
    fresh, index = edits.add(document, INDEX, 0, 0)
    assert edits.connect(fresh, where, index, "at.1").blocks[index].params["index"] == "at1"


@pytest.mark.parametrize("to_none", [True, False])
def test_without_an_optimizer_only_what_has_a_gradient_is_cleared(to_none: bool) -> None:
    text = "h = nn.Linear(1, 2)(x)\nk = (w * 2).detach()\nloss = (h * v).mean() + k"
    document, _ = read_expression(Document(), "x = torch.ones(3, 1)\n" + text)
    document = replace(document, training=Training(optimizer="", options={}, epochs=3, to_none=to_none))
    assert [e.number for e in Trainer(document).epochs()] == [1, 2, 3]
    code = to_code(document, evaluate(document).loss, train=True).text
    assert ("v.grad = None" if to_none else "v.grad.zero_()") in code
    assert "w.grad =" not in code and "w.grad.zero_()" not in code
    assert f"h_layer.zero_grad({'' if to_none else 'set_to_none=False'})" in code
    again = recorded(code)
    assert len(again.blocks) > 5


@pytest.mark.parametrize(
    ("text", "shape", "dtype", "source", "anew"),
    [
        ("randn_like(h)", (2, 3), "float32", "randn", True),
        ("n = torch.rand_like(h * 2, requires_grad=True)", (2, 3), "float32", "rand", True),
        ("zeros_like(h @ ones(3, 4))", (2, 4), "float32", "zeros", False),
        ("ones_like(c)", (2,), "int64", "ones", False),
        ("full_like(h, 2.5)", (2, 3), "float32", "data", False),
        ("torch.zeros_like(h, dtype=torch.int64)", (2, 3), "int64", "zeros", False),
    ],
)
def test_a_tensor_like_another_one_has_its_shape(text: str, shape: tuple[int, ...], dtype: str, source: str, anew: bool) -> None:
    document, _ = read_expression(Document(), "h = randn(2, 3)\nc = randint(0, 3, (2,))")
    document, (new,) = read_expression(document, text)
    value = document.blocks[new].value
    assert value is not None and (value.shape, value.dtype, value.source, value.anew) == (shape, dtype, source, anew)
    assert document.blocks[new].requires_grad == ("requires_grad" in text)


@pytest.mark.parametrize("text", ["zeros_like(3)", "randn_like()", "ones_like(x @ x)", "full_like(h)", "rand_like(h, 5)"])
def test_what_is_like_nothing_is_refused(text: str) -> None:
    document, _ = read_expression(Document(), "h = randn(2, 3)\nx = randn(2, 3)")
    with pytest.raises(DocumentProblem, match="_like"):
        read_expression(document, text)
