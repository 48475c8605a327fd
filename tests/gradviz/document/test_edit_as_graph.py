"""A recorded script as a document: each row that ran becomes the call that it was, told by what is set at it and by its numbers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradviz.document.run.evaluate import Evaluation, evaluate
from gradviz.document.script.code import to_code
from gradviz.document.script.recorded import Converted, from_recording

BEGIN = """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(2, 3, 4, 4, requires_grad=True)
m = torch.randn(3, 4, requires_grad=True)
p = torch.rand(3, 4, requires_grad=True)
s = torch.randn(2, 3, 8, requires_grad=True)
c = torch.tensor([0, 2, 1])
y = """
PARTS = BEGIN.removesuffix("y = ") + "h = m * 2\n"
END = "\nloss = (y * y * 0.7 + y).sum()\nloss.backward()\nprint(loss.item())\n"
# what each line is on the canvas: the op of `y`, and some of what is set at it
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "nn.BatchNorm2d(3)(x)": ("F.batch_norm", {"training": True}),
    "nn.BatchNorm2d(3).eval()(x)": ("F.batch_norm", {}),
    "torch.batch_norm(x, None, None, None, None, True, 0.1, 1e-5, True)": ("F.batch_norm", {"training": True}),  # with cudnn's switch
    "torch.binary_cross_entropy_with_logits(m, p.detach(), None, None, 2)": ("F.binary_cross_entropy_with_logits", {"reduction": "sum"}),
    "nn.LayerNorm((3, 4))(m)": ("torch.layer_norm", {"normalized_shape": (3, 4)}),
    "nn.GroupNorm(3, 3)(x)": ("torch.group_norm", {"num_groups": 3}),
    "nn.LeakyReLU(0.2)(m)": ("F.leaky_relu", {"negative_slope": 0.2}),
    "nn.GELU('tanh')(m)": ("F.gelu", {"approximate": "tanh"}),
    "nn.GELU()(m)": ("F.gelu", {}),
    "nn.Softplus(2)(m)": ("F.softplus", {"beta": 2}),
    "nn.ReLU6()(m)": ("F.hardtanh", {"min_val": 0.0, "max_val": 6.0}),
    "nn.SELU()(m)": ("F.selu", {}),
    "nn.Threshold(0.1, 2)(m)": ("torch.threshold", {"threshold": 0.1, "value": 2}),
    "nn.AvgPool2d(2)(x)": ("F.avg_pool2d", {"kernel_size": (2, 2)}),
    "nn.ZeroPad2d(1)(x)": ("F.pad", {"pad": (1, 1, 1, 1)}),
    "F.grid_sample(x, torch.full((2, 2, 2, 2), 0.3), 'nearest', 'border', True)": (
        "F.grid_sample",
        {"mode": "nearest", "padding_mode": "border"},
    ),
    "nn.ConvTranspose2d(3, 2, 2, stride=2, output_padding=1)(x)": ("torch.conv_transpose2d", {"output_padding": (1, 1)}),
    "F.interpolate(x, size=(3, 3), mode='bilinear', align_corners=True)": ("F.interpolate", {"size": (3, 3), "align_corners": True}),
    "F.fold(F.unfold(x, 2), (4, 4), 2)": ("F.fold", {"output_size": (4, 4), "kernel_size": (2, 2)}),
    "m.clamp(min=0.1)": ("torch.clamp", {"min": 0.1}),
    "torch.clamp(m, min=p)": ("torch.maximum", {}),
    "2 ** m": ("torch.pow", {"input": 2}),
    "m.gather(1, c.view(3, 1))": ("torch.gather", {"dim": 1}),
    "m.index_select(0, c)": ("torch.index_select", {"dim": 0}),
    "m.index_add(0, c, p)": ("torch.index_add", {"dim": 0}),
    "m.masked_scatter(m > 0, p)": ("torch.masked_scatter", {}),
    "torch.where(m > 0, 1.5, m)": ("torch.where", {"input": 1.5}),
    "m[1:, ::2]": ("Tensor.__getitem__", {"index": ":, 0:4:2"}),
    "m[[2, 0]]": ("Tensor.__getitem__", {"index": "at0"}),
    "m.narrow(1, 1, 2)": ("torch.narrow", {"dim": 1, "start": 1, "length": 2}),
    "m.unfold(1, 2, 1)": ("Tensor.unfold", {"dimension": 1, "size": 2, "step": 1}),
    "m.T.reshape(-1)": ("torch.reshape", {"shape": (12,)}),
    "nn.ReLU(inplace=True)(m * 2)": ("torch.relu", {}),
    "(m * 2).add_(1)": ("torch.add", {"other": 1}),
    "(m * 2).clamp_(-1, 0.5).mul_(3)": ("torch.clamp", {"min": -1, "max": 0.5}),
    "(m * 2).sub_(m, alpha=2)": ("torch.sub", {"alpha": 2}),
    "(m.detach() + 4).pow_(2).div_(m)": ("torch.pow", {"exponent": 2}),
    "(m * 2).masked_fill_(m > 0, -1.5)": ("torch.masked_fill", {"value": -1.5}),
    "(m * 2).t_().cumsum_(1)": ("torch.cumsum", {"dim": 1}),
    "F.scaled_dot_product_attention(s, s, s)": ("torch.reshape", {}),
    "nn.MultiheadAttention(8, 2)(s, s, s)[0].abs()": ("torch.abs", {}),
    "nn.RNN(8, 4, batch_first=True)(s)[0].relu()": ("torch.relu", {}),
    "nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0)(s).abs()": ("torch.abs", {}),
    "m.argmax(1).float() * m[:, 0]": ("torch.mul", {}),
    "F.cross_entropy(m, p.softmax(1))": ("torch.div", {}),
    "F.cross_entropy(m, c, weight=torch.tensor([1.0, 2.0, 3.0, 4.0]))": ("F.nll_loss", {}),
    "F.batch_norm(x, torch.zeros(3), torch.ones(3))": ("F.batch_norm", {}),
}


# writes into parts of `h`, and how many nodes of what kind say so
WRITES: dict[str, tuple[str, int]] = {
    "h[0] = 5": ("torch.select_scatter", 1),
    "h[1:, 2] = p[1:, 0]": ("torch.slice_scatter", 1),
    "h[..., -1] = p.sum()": ("torch.broadcast_to", 1),
    "h[0, 1] = p[0, 0]": ("torch.select_scatter", 2),
    "h[1:] *= 3": ("torch.slice_scatter", 1),
    "h[:, ::2].mul_(p[:, :2])": ("torch.slice_scatter", 1),
    "h[:] = p": ("torch.select_scatter", 0),
    "h[0].zero_()": ("torch.select_scatter", 1),
    "h.t()[1] = p[:, 0]": ("torch.t", 2),
    "h.view(2, 6)[1].add_(1)": ("torch.reshape", 1),
    "h.diagonal().copy_(p[:, 0])": ("torch.diagonal_scatter", 1),
    "h[h > 1] = 0.5": ("torch.masked_fill", 1),
    "mask = h > 0\nh[mask] = h[mask] * p[mask]": ("torch.masked_scatter", 1),
    "h[c] = p": ("torch.index_copy", 1),
    "h[[0, 2]] = 1.5": ("torch.index_copy", 1),
    "row = h[1]\nh[1, 0] = p[0, 0]\nh = h * row.sum()": ("torch.select", 4),
    "row = h.view(2, 6)[0]\nrow[1] = 7\nrow.add_(p.view(-1)[:6])": ("torch.reshape", 2),
    "for k in range(3):\n    h[k] = p[k].exp()": ("torch.select_scatter", 3),
}


def opened(text: str) -> tuple[Converted, Evaluation]:
    from gradviz.running.recorded import record_text

    recording, exit_code = record_text("made.py", text, silent=True)
    assert exit_code == 0
    made = from_recording(recording)
    return made, evaluate(made.document)


def of_engine(text: str) -> dict[str, object]:
    """The variables after the script ran, as plain Python runs it on the engine."""
    import engine.torch_module as torch_module

    torch = torch_module.module()
    space: dict[str, object] = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    lines = [line for line in text.splitlines() if not line.startswith(("import ", "from ", "print"))]
    exec(compile("\n".join(lines), "made", "exec"), space)
    return space


@pytest.mark.parametrize("line", CALLS)
def test_a_row_is_the_call_that_was_written(line: str) -> None:
    op, settings = CALLS[line]
    made, ran = opened(BEGIN + line + END)
    assert made.left_out == () and ran.problems == {}
    blocks = {b.name: b for b in made.document.blocks.values()}
    assert any(b.op == op and settings.items() <= b.params.items() for b in blocks.values())
    wanted = of_engine(BEGIN + line + END)
    np.testing.assert_allclose(ran.values[ran.loss], wanted["loss"]._data, rtol=1e-5, atol=1e-6)  # type: ignore[attr-defined]
    for name in "xmps":
        grad = wanted[name].grad  # type: ignore[attr-defined]
        if grad is not None:
            np.testing.assert_allclose(ran.grads[blocks[name].id], grad._data, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("line", WRITES)
def test_a_write_into_a_part_is_a_tensor_that_has_it(line: str) -> None:
    op, count = WRITES[line]
    text = PARTS + line + "\ny = h\n" + END
    made, ran = opened(text)
    assert made.left_out == () and ran.problems == {}
    assert sum(b.op == op for b in made.document.blocks.values()) == count
    wanted = of_engine(text)
    np.testing.assert_allclose(ran.values[ran.loss], wanted["loss"]._data, rtol=1e-5, atol=1e-6)  # type: ignore[attr-defined]
    blocks = {b.name: b for b in made.document.blocks.values()}
    for name in "mp":
        grad = wanted[name].grad  # type: ignore[attr-defined]
        if grad is not None:  # of zeros where all was written over: in the graph nothing comes there
            made_grad = ran.grads.get(blocks[name].id, np.zeros((3, 4)))
            np.testing.assert_allclose(made_grad, grad._data, rtol=1e-4, atol=1e-5)


@pytest.mark.torch
def test_such_writes_exported_have_the_gradients_of_the_script_under_pytorch(tmp_path: Path) -> None:
    for k, line in enumerate(WRITES):
        text = PARTS + line + "\ny = h\n" + END
        made, ran = opened(text)
        (tmp_path / f"{k:02}script.py").write_text(text)
        (tmp_path / f"{k:02}made.py").write_text(to_code(made.document, ran.loss).text)
    whole = (
        "import contextlib, glob, io, runpy\nfor f in sorted(glob.glob('[0-9]*.py')):\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n        space = runpy.run_path(f)\n"
        "    grads = [getattr(space.get(n), 'grad', None) for n in 'mp']\n"
        "    print(space['loss'].item(), *[0.0 if g is None else float((g * g).sum()) for g in grads])\n"
    )
    (tmp_path / "all.py").write_text(whole)
    said = subprocess.run([sys.executable, "all.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True).stdout
    rows = [[float(n) for n in row.split()] for row in said.splitlines()]
    assert len(rows) == 2 * len(WRITES)
    for ours, theirs in zip(rows[::2], rows[1::2], strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4)


@pytest.mark.torch
def test_all_of_them_exported_give_the_same_under_pytorch(tmp_path: Path) -> None:
    for k, line in enumerate(CALLS):
        made, ran = opened(BEGIN + line + END)
        (tmp_path / f"made{k}.py").write_text(to_code(made.document, ran.loss).text + f"print({float(ran.values[ran.loss]):.9g})\n")
    whole = "import runpy, glob\nfor f in sorted(glob.glob('made*.py')):\n    loss = runpy.run_path(f)['loss'].item()\n    print('=', f, loss)\n"
    (tmp_path / "all.py").write_text(whole)
    said = subprocess.run([sys.executable, "all.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True).stdout
    lines = said.splitlines()
    results = [(float(lines[n - 1]), float(line.split()[2])) for n, line in enumerate(lines) if line.startswith("= ")]
    assert len(results) == len(CALLS)
    for ours, theirs in results:
        assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-5)


def test_numbers_that_were_written_before_anything_read_them_are_the_first() -> None:
    made, ran = opened(
        "import torch\nw = torch.zeros(2, requires_grad=True)\ntorch.nn.init.constant_(w, 3.0)\nloss = (w * w).sum()\nloss.backward()\n"
    )
    assert made.left_out == ()
    assert ran.values[ran.loss] == 18.0


def test_writes_in_a_row_are_nodes_in_a_row() -> None:
    made, ran = opened(
        "import torch\nw = torch.ones(3, requires_grad=True)\nh = w * 2\nh += 1\nh *= w\n"
        "k = torch.ones(3) * 3\nwith torch.no_grad():\n    k.div_(2)\nloss = (h * k).sum()\nloss.backward()\n"
    )
    assert made.left_out == () and ran.problems == {}
    assert ran.values[ran.loss] == 13.5
    assert [frame.kind for frame in made.document.frames.values()] == ["no_grad"]


def test_what_has_other_numbers_than_in_the_script_is_told_where_it_begins() -> None:
    made, _ = opened(
        "import torch\nw = torch.ones(2, requires_grad=True)\nh = w * 2\nh.data[0] = 5\nk = h.exp()\nloss = k.sum()\nloss.backward()\n"
    )
    assert made.left_out == (
        "line 4 writes into h in place, and no node stands for that",
        "the script's numbers of k: it has others here",
        "the script's gradient of w: it is another here",
    )
    names = {b.id: b.name for b in made.document.blocks.values()}
    assert {names[b]: words for b, words in made.at.items()} == dict(zip("hkw", made.left_out, strict=True))


def test_what_nothing_is_computed_from_any_more_is_told_as_no_node_and_the_rest_runs() -> None:
    made, ran = opened(
        "import torch\nv = torch.tensor([3.0, 1.0, 2.0], requires_grad=True)\nloss = v.quantile(0.3) * v.sum()\nloss.backward()\n"
    )
    assert made.left_out == ("gather is no node of the editor: its result stands as numbers, and no gradient goes back through it",)
    assert ran.problems == {}


def test_calls_on_one_line_are_no_turns_of_a_loop() -> None:
    text = "import torch\nw = torch.ones(2, requires_grad=True)\ndef f(a, b):\n    return a * w + b\nloss = f(torch.zeros(2), torch.ones(2)).sum()\nloss.backward()\n"
    made, ran = opened(text)
    assert made.left_out == ()
    assert ran.values[ran.loss] == 2.0


def test_a_node_behind_one_that_lacks_an_input_is_not_written() -> None:
    from gradviz.document import edits
    from gradviz.document.expression.expression import read_expression
    from gradviz.document.model import Document

    document, _ = read_expression(Document(), "loss = mean((w*x).exp() + w)")
    mul = next(b for b in document.blocks.values() if b.op == "torch.mul")
    text = to_code(edits.disconnect(document, [(mul.id, "other")])).text
    assert "exp" not in text and "mean" not in text and "w = " in text
