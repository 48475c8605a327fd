"""Every differentiable elementwise row of the engine, at points where it is smooth: the check says ok."""

from __future__ import annotations

import gc

import pytest

import engine.torch_module
from engine.op import Op
from gradviz.debugger.check import OK, checks_of
from gradviz.recording.recording import Recording
from gradviz.running.overrides import NumericCheck
from gradviz.running.recorded import record_here

ONE = ["abs", "acos", "angle", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "deg2rad", "digamma", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "floor", "frac", "i0", "lgamma", "log", "log10", "log1p", "log2", "logit", "nan_to_num", "neg", "rad2deg", "reciprocal", "relu", "round", "rsqrt", "sigmoid", "sign", "sin", "sinc", "sinh", "sqrt", "square", "tan", "tanh", "trunc"]  # fmt: skip
FAMILIES: dict[str, list[str]] = {
    "one input": [*(f"torch.{name}(x)" for name in ONE), "torch.acosh(x + 1)", "x.clone()", "x.float()", "torch.polygamma(1, x)"],
    "in place": ["x.clone().fill_(y.sum())", "x.clone().zero_()", "x.clone().copy_(y)", "x.clone().mul_(y)", "x.clone().tanh_()"],
    "arithmetic": [
        "x + y", "x - y", "2 - x", "x * y", "x / y", "x ** 3", "x ** y", "2 ** x", "torch.div(x, y, rounding_mode='floor')",
        "torch.fmod(x, y)", "torch.fmod(x, 0.3)", "torch.remainder(x, y)", "torch.remainder(x, 0.3)",
        "torch.addcmul(x, y, z)", "torch.addcdiv(x, y, z)", "torch.lerp(x, y, z)", "torch.lerp(x, y, 0.3)", "torch.ldexp(x, y)",
    ],
    "two inputs": [
        "torch.atan2(x, y)", "torch.hypot(x, y)", "torch.copysign(x, y)", "torch.logaddexp(x, y)",
        "torch.logaddexp2(x, y)", "torch.xlogy(x, y)", "torch.special.xlog1py(x, y)", "torch.igamma(y.detach(), x)",
        "torch.igammac(y.detach(), x)", "torch.special.zeta(y.detach() + 2, x)", "torch.nextafter(x, y)", "torch.mvlgamma(x + 2, 2)",
        "F.binary_cross_entropy(x, y.detach())", "F.prelu(x - 1, y[:1])",
    ],
    "choosing": [
        "torch.clamp_min(x, y)", "torch.clamp_max(x, y)", "torch.maximum(x, y)", "torch.minimum(x, y)", "torch.fmax(x, y)", "torch.fmin(x, y)", "torch.clamp(x, 0.1, 0.33)",
        "torch.clamp(x, min=y)", "torch.clamp(x, max=y)", "torch.clamp(x, min=0.25)", "torch.clamp(x, max=0.45)", "torch.clamp(x, y, z + 1)",
        "torch.where(x > y, x, z)", "x.masked_fill(x.detach() > 0.4, 1.0)",
    ],
    "activations": [
        *(f"F.{name}(x - 0.6)" for name in ("celu", "elu", "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu",
          "logsigmoid", "mish", "relu6", "selu", "silu", "softplus", "softshrink", "softsign", "tanhshrink")),
        "F.gelu(x, approximate='tanh')", "F.threshold(x, 0.31, 9.0)", "F.rrelu(x - 0.6, training=True)",
    ],
    "special": [f"torch.special.{name}(x)" for name in ("entr", "erfcx", "i0e", "i1", "i1e", "log_ndtr", "ndtri", "psi", "ndtr")],
}  # fmt: skip
POINTS = """import torch
import torch.nn.functional as F
x = torch.tensor([0.21, 0.34, 0.57, 0.83], dtype=torch.float64, requires_grad=True)
y = torch.tensor([0.74, 0.26, 0.91, 0.45], dtype=torch.float64, requires_grad=True)
z = torch.tensor([0.12, 0.67, 0.39, 0.95], dtype=torch.float64, requires_grad=True)
"""
# PyTorch has no derivative of them (test_verdicts.py has them).
LEFT_OUT = {"floor_divide", "heaviside", "sgn"}  # sgn: of complex numbers, which the check leaves alone
BACKWARD = "_backward"  # vjps that are rows are made when first used


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Recording]:
    """Each family as one script, run with the check."""
    made = {}
    for family, texts in FAMILIES.items():
        script = tmp_path_factory.mktemp("family") / "script.py"
        script.write_text(POINTS + "".join(f"a = {text}\n" for text in texts))
        made[family] = record_here(str(script), (NumericCheck(),))[0]
    return made


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_of_smooth_rows_is_ok(family: str, recordings: dict[str, Recording]) -> None:
    recording = recordings[family]
    assert recording.error is None, recording.error
    checks = checks_of(recording)
    lines = POINTS.splitlines() + FAMILIES[family]
    bad = [(lines[check.line - 1], check.op, check.verdict, check.words) for check in checks if check.verdict != OK]
    assert not bad
    assert {check.line for check in checks} == set(range(len(POINTS.splitlines()) + 1, len(lines) + 1))


def test_no_elementwise_row_is_left_out(recordings: dict[str, Recording]) -> None:
    engine.torch_module.module()
    rows = {row.name for row in gc.get_objects() if type(row) is Op and row.elementwise and row.differentiable}
    assert len(rows) > 100
    seen = {check.op for recording in recordings.values() for check in checks_of(recording)}
    assert {row for row in rows - seen if not row.endswith(BACKWARD)} == LEFT_OUT, "add it to FAMILIES"
