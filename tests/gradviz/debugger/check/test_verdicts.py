"""Each verdict of the numeric check, by a script that earns it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from gradviz.__main__ import main
from gradviz.debugger.check import KINK, NOISY, OK, SKIPPED, WRONG, NodeCheck, checks_of, summary
from gradviz.debugger.check.verdict import from_plain, to_plain
from gradviz.recording.file.gvrec import load, save
from gradviz.recording.recording import Recording

from .conftest import Checked

CUBE = """import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, k):
        ctx.save_for_backward(x)
        ctx.k = k
        return x ** 3 * k
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * {factor} * ctx.k * x ** 2, None
x = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
y = Cube.apply(x, 2.0)
y.sum().backward()
"""


def by_name(recording: Recording) -> dict[str, NodeCheck]:
    """The checks by the name of the node, else its op."""
    return {recording.sites[check.site].name or check.op: check for check in checks_of(recording)}


def test_a_custom_function_with_a_wrong_backward_is_wrong(checked: Checked) -> None:
    found = by_name(checked(CUBE.format(factor=2)))["y"]
    assert (found.verdict, found.op, found.line) == (WRONG, "Cube", 13)
    assert found.analytic == pytest.approx(found.numeric * 2 / 3, rel=1e-6)
    assert by_name(checked(CUBE.format(factor=3)))["y"].verdict == OK


def test_a_backward_wrong_at_one_element_only_is_wrong_there(checked: Checked) -> None:
    text = CUBE.format(factor=3).replace("x ** 2, None", "x ** 2 * torch.where(x < 0, 1.5, 1.0), None")
    found = by_name(checked(text))["y"]
    assert (found.verdict, found.element) == (WRONG, (1,))


def test_the_row_that_pads_an_embedding_is_no_mistake(checked: Checked) -> None:
    text = """import torch
rows = torch.nn.Embedding(4, 2, padding_idx={pad})
y = rows(torch.tensor([0, 2]))
y.sum().backward()
"""
    for pad in (0, -4, None):
        assert by_name(checked(text.format(pad=pad)))["y"].verdict == OK


@pytest.mark.parametrize(
    "call", ["torch.relu(x)", "x.abs()", "torch.nn.functional.leaky_relu(x)", "x.clamp(min=0)", "torch.maximum(x, x * 0)"]
)
def test_a_corner_is_a_kink(call: str, checked: Checked) -> None:
    found = by_name(checked(f"import torch\nx = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)\ny = {call}\ny.sum().backward()\n"))["y"]
    assert (found.verdict, found.element) == (KINK, (1,))
    assert found.left < found.right
    assert found.left - 1e-9 <= found.analytic <= found.right + 1e-9


def test_relu_away_from_zero_is_ok_however_near(checked: Checked) -> None:
    text = "import torch\nx = torch.tensor([-1e-9, 1e-9, 3.0], requires_grad=True)\ny = torch.relu(x)\ny.sum().backward()\n"
    assert by_name(checked(text))["y"].verdict == OK


def test_a_gradient_outside_both_slopes_of_a_corner_is_wrong(checked: Checked) -> None:
    text = CUBE.replace("x ** 3 * k", "x.abs() * k").replace("g * {factor} * ctx.k * x ** 2", "g * (torch.sign(x) + 5 * (x == 0)) * ctx.k")
    found = by_name(checked(text.replace("-2.0", "0.0")))["y"]
    assert (found.verdict, found.element) == (WRONG, (1,))


def test_the_root_at_zero_has_a_slope_on_one_side(checked: Checked) -> None:
    found = by_name(checked("import torch\nx = torch.zeros(1, requires_grad=True)\ny = x.sqrt()\ny.backward()\n"))["y"]
    assert found.verdict == KINK
    assert math.isinf(found.analytic)
    assert "not there on the left" in found.words


CANCEL = [
    ("x + 1e8", "x = torch.tensor([1.0], requires_grad=True)", "lost"),
    ("x - (x.detach() + 1e-6)", "x = torch.tensor([1.0, 1.0], requires_grad=True)", "cancel"),
    ("x.sum()", "x = torch.tensor([1e6, 0.3, -1e6], requires_grad=True)", ""),
    ("1 - torch.cos(x)", "x = torch.tensor([3e-4], requires_grad=True)", ""),
]


@pytest.mark.parametrize(("call", "leaf", "words"), CANCEL)
def test_float32_near_cancellation_is_noisy_and_float64_is_not(call: str, leaf: str, words: str, checked: Checked) -> None:
    text = f"import torch\n{leaf}\ny = {call}\ny.sum().backward()\n"
    found = by_name(checked(text))["y"]
    assert found.verdict == NOISY, found
    assert words in found.words
    assert "float32" in found.words
    wide = by_name(checked(text.replace("], requires", "], dtype=torch.float64, requires")))["y"]
    assert wide.verdict == OK, wide


def test_a_forward_that_rounds_inside_is_noisy(checked: Checked) -> None:
    text = CUBE.replace("return x ** 3 * k", "x = x.float()\n        return (1 - torch.cos(x * 1e-3)) / 1e-6 * k")
    text = text.replace("g * {factor} * ctx.k * x ** 2", "g * x * ctx.k")
    assert by_name(checked(text))["y"].verdict == NOISY


def test_a_mask_of_minus_infinity_is_no_noise(checked: Checked) -> None:
    text = (
        "import torch\nx = torch.randn(3, 3, requires_grad=True)\nmask = torch.triu(torch.full((3, 3), float('-inf')), 1)\n"
        "s = x + mask\np = torch.softmax(s, 1)\n(p * p).sum().backward()\n"
    )
    found = by_name(checked(text))
    assert (found["s"].verdict, found["p"].verdict) == (OK, OK), found


def test_terms_that_cancel_beside_a_zero_are_not_wrong(checked: Checked) -> None:
    text = "import torch\nx = torch.zeros(1, requires_grad=True)\ny = x * torch.tensor([0.1, 0.2, -0.3])\ny.sum().backward()\n"
    assert by_name(checked(text))["y"].verdict in (OK, NOISY)


def test_smooth_layers_of_a_net_are_ok(checked: Checked) -> None:
    recording = checked(
        "import torch\ntorch.manual_seed(0)\nnet = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Dropout(0.4), "
        "torch.nn.LayerNorm(5), torch.nn.Linear(5, 2))\nx = torch.randn(4, 3)\n"
        "loss = torch.nn.functional.cross_entropy(net(x), torch.tensor([0, 1, 1, 0]))\nloss.backward()\n"
    )
    checks = checks_of(recording)
    assert len(checks) >= 5
    assert {check.verdict for check in checks} == {OK}, [c for c in checks if c.verdict != OK]


def test_the_check_changes_nothing_of_the_run(checked: Checked, tmp_path: Path) -> None:
    text = "import torch\nx = torch.randn(3, requires_grad=True)\ny = torch.nn.functional.dropout(x).tanh_()\ny.sum().backward()\nprint(x.grad, torch.rand(1))\n"
    recording = checked(text)
    (tmp_path / "plain.py").write_text(text)
    assert main(["record", str(tmp_path / "plain.py"), "-o", str(tmp_path / "plain.gvrec")]) == 0
    plain = load(tmp_path / "plain.gvrec")
    assert [str(e) for e in recording] == [str(e) for e in plain]


def test_what_is_too_large_or_complex_is_skipped_with_words(checked: Checked) -> None:
    text = "import torch\nx = torch.ones(300, 300, requires_grad=True)\ny = x * 2\nz = torch.ones(2, requires_grad=True) * 1j\n"
    found = by_name(checked(text))
    assert (found["y"].verdict, found["z"].verdict) == (SKIPPED, SKIPPED)
    assert "90,000 numbers" in found["y"].words


@pytest.mark.parametrize("call", ["torch.floor_divide(x, 2)", "torch.heaviside(x, x)"])
def test_what_pytorch_cannot_differentiate_is_skipped_with_its_words(call: str, checked: Checked) -> None:
    found = by_name(checked(f"import torch\nx = torch.ones(2, requires_grad=True)\ny = {call}\n"))["y"]
    assert found.verdict == SKIPPED
    assert "is not implemented" in found.words


def test_what_was_found_is_kept_in_the_file(checked: Checked, tmp_path: Path) -> None:
    recording = checked(CUBE.format(factor=2))
    save(recording, tmp_path / "kept.gvrec")
    assert checks_of(load(tmp_path / "kept.gvrec")) == checks_of(recording)
    damaged = [*to_plain(checks_of(recording)), {"site": 1}, 5, None]
    assert from_plain(damaged) == checks_of(recording)
    assert summary(checks_of(recording)) == "2 nodes: 1 ok, 1 wrong"


@pytest.mark.parametrize(("factor", "code"), [(2, 1), (3, 0)])
def test_the_command_says_by_its_code_whether_something_is_wrong(
    factor: int, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "cube.py"
    script.write_text(CUBE.format(factor=factor))
    assert main(["check", str(script)]) == code
    out = capsys.readouterr().out
    assert ("wrong" in out) == bool(code)
    assert ("line 13   Cube (y)" in out) == bool(code)
    assert main(["check", str(tmp_path / "none.py")]) == 2


def test_matrices_of_which_one_half_is_read_are_moved_as_a_whole(checked: Checked) -> None:
    text = """import torch
a = torch.tensor([[2.0, 0.5, -1.0], [0.3, 1.0, 0.2], [0.1, -0.4, 1.5]], requires_grad=True)
s = a @ a.T + torch.eye(3)
values, vectors = torch.linalg.eigh(s, UPLO="U")
lower = torch.linalg.cholesky(s)
upper = torch.linalg.cholesky(s, upper=True)
solved = torch.cholesky_solve(torch.ones(3, 1), lower)
inverse = torch.cholesky_inverse(upper, upper=True)
(values.prod() + solved.sum() + inverse.sum()).backward()
"""
    found = by_name(checked(text))
    assert {name: found[name].verdict for name in ("values", "lower", "upper", "solved", "inverse")} == {
        "values": OK, "lower": OK, "upper": OK, "solved": OK, "inverse": OK,
    }  # fmt: skip
