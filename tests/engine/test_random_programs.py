"""Random programs of views, writes, indexing and backward, statement by statement against real PyTorch.

After each program every tensor has the same numbers, dtype, gradient, version and node; where PyTorch refuses a
statement, the engine refuses it with the same words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import torch_module
from tests.campaigns import share

pytestmark = pytest.mark.torch
RUNS = share(1500)

VIEWS = (
    "{a}.view(-1)", "{a}.reshape(-1)", "{a}[0]", "{a}[-1]", "{a}[..., 0]", "{a}[..., :2]", "{a}[-1:]", "{a}[::2]", "{a}.t()",
    "{a}.transpose(0, -1)", "{a}.unsqueeze(0)", "{a}.unsqueeze(-1)", "{a}.squeeze()", "{a}.squeeze(0)", "{a}.flatten()",
    "{a}.expand(2, *{a}.shape)", "{a}.narrow(0, 0, 1)", "{a}.select(-1, 0)", "{a}.diagonal()", "{a}.detach()", "{a}.view_as({a})",
    "{a}.movedim(0, -1)", "{a}[None]", "{a}[:, None]", "{a}.mT", "{a}.contiguous()", "{a}.expand_as({a})", "{a}[:]", "{a}.swapaxes(0, -1)",
    "{a}.split(1)[0]", "{a}.chunk(2, -1)[0]", "{a}.unbind(0)[-1]", "{a}.T", "T.broadcast_tensors({a}, {b})[0]",
)  # fmt: skip
OPS = (
    "{a} * {b}", "{a} + {b}", "{a} - {b}", "{a} / {b}", "{a}.exp()", "{a}.tanh()", "{a} ** 2", "{a}.clone()", "{a} * 2", "{a}.sum()",
    "{a}.mean(0)", "{a}.sum(-1, keepdim=True)", "{a}.relu()", "T.cat([{a}, {a}])", "T.stack([{a}, {b}])", "{a} @ {a}.mT", "T.maximum({a}, {b})",
    "T.where({a} > 1.3, {a}, {b})", "{a}[T.tensor([0, 0])]", "{a}[..., T.tensor([0])]", "{a}.index_select(0, T.tensor([0]))", "{a}.cumsum(0)",
    "{a}.roll(1)", "{a}.softmax(0)", "{a}.masked_fill({a} > 2, 0.)", "{a}.abs()", "{a}.clamp(1, 2)", "{a}.to(T.float32)", "{a}.double()",
    "{a}.t() * 2", "{a}.permute(*range({a}.dim())[::-1]) + 0", "{a} @ {b}", "{a}.flip(0)", "T.tensordot({a}, {b}, 1)",
    "{a}.tril()", "{a}.max(0)[0]",
)  # fmt: skip
WRITES = (
    "{a}.add_(1)", "{a}.mul_({b})", "{a}.mul_(2)", "{a}.zero_()", "{a}.fill_(3)", "{a}.copy_({b})", "{a}.exp_()", "{a}.tanh_()", "{a}[0] = 1.5",
    "{a}[0] = {b} * 2", "{a}[{a} > 1.5] = 0.", "{a}[-1:] = {b} * 2", "{a} += {b}", "{a} *= 2", "{a}.sub_({b})", "{a}.div_({b})",
    "{a}.pow_(2)", "{a}.relu_()", "{a}.clamp_(min=1.2)", "{a}.masked_fill_({a} > 2, 1.)", "{a}.neg_()", "{a}.sigmoid_()", "{a}.addcmul_({a}, {b})",
    "{a}.lerp_({b}, 0.3)", "{a}.data.mul_(2)", "{a}[..., :1] *= 3", "{a}.index_fill_(0, T.tensor([0]), 2.)", "{a}[...] = 2.", "{a}[:] = {b} * 2",
    "{a}.lt_({b})", "{a}.eq_(2)", "{a}.logical_not_()", "{a}.tril_()", "{a}.clamp_max_(2)", "{a}.clamp_min_({b})", "{a}.acosh_()", "{a}.uniform_()",
    "{a}.scatter_(0, T.zeros_like({a}, dtype=T.int64), 2.)", "{a} *= {b}.sum()",
    "{a}.copy_({b}.sum())", "{a}.requires_grad_(False)",
)  # fmt: skip


@st.composite
def programs(draw: Any) -> tuple[list[str], int]:
    """Statements that make v0, v1, ..., change them, and go backward from one of the last; how many tensors there are."""
    lines: list[str] = []
    made = draw(st.integers(1, 2))
    for k in range(made):
        shape = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)))
        history = ", requires_grad=True" if draw(st.integers(0, 2)) else ""
        count = int(np.prod(shape))
        lines.append(f"v{k} = T.tensor((np.arange({count}.).reshape({shape}) / 7 + {k + 1}.{k}).tolist(), dtype=T.float64{history})")
    for _ in range(draw(st.integers(2, 8))):
        a, b = (f"v{draw(st.integers(0, made - 1))}" for _ in range(2))
        kind = draw(st.integers(0, 9))
        mode = "with T.no_grad(): " * (draw(st.integers(0, 11)) == 0)
        if kind < 7:
            lines.append(f"{mode}v{made} = " + draw(st.sampled_from(VIEWS if kind < 4 else OPS)).format(a=a, b=b))
            made += 1
        else:
            lines.append(mode + draw(st.sampled_from(WRITES)).format(a=a, b=b))
    last = f"v{draw(st.integers(max(made - 3, 0), made - 1))}"
    return [*lines, f"loss = ({last} * {last}).sum()", "loss.backward()"], made


def outcome(module: Any, lines: list[str], made: int) -> tuple[list[str], dict[str, Any]]:
    """What each refused statement said, and what the tensors are in the end."""
    module.manual_seed(0)
    scope: dict[str, Any] = {"T": module, "np": np}
    said = []
    for line in lines:
        try:
            exec(line, scope)
        except Exception as problem:
            said.append(f"{line}: {type(problem).__name__}: {problem}")
    found = {}
    for k in range(made):
        tensor = scope.get(f"v{k}")
        if isinstance(tensor, module.Tensor):
            try:
                grad, history = tensor.grad if tensor.is_leaf else None, type(tensor.grad_fn).__name__
            except RuntimeError as problem:  # a view that its base has outdated
                said.append(f"v{k}: {problem}")
                continue
            found[f"v{k}"] = (
                tensor.detach().numpy().copy(), None if grad is None else grad.numpy().copy(), str(tensor.dtype), tensor.requires_grad,
                tensor.is_leaf, tensor._version, history,
            )  # fmt: skip
    return said, found


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=RUNS, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs())
def test_a_program_does_what_it_does_in_pytorch(program: tuple[list[str], int]) -> None:
    real = pytest.importorskip("torch")
    lines, made = program
    wanted, theirs = outcome(real, lines, made)
    said, ours = outcome(torch_module.module(), lines, made)
    told = "\n".join(lines)
    assert said == wanted, told
    assert ours.keys() == theirs.keys(), told
    for name, (data, grad, *rest) in theirs.items():
        assert ours[name][2:] == tuple(rest), f"{name} in\n{told}"
        np.testing.assert_allclose(ours[name][0], data, rtol=1e-6, atol=1e-12, err_msg=f"{name} in\n{told}")
        assert (ours[name][1] is None) == (grad is None), f"gradient of {name} in\n{told}"
        if grad is not None:
            np.testing.assert_allclose(ours[name][1], grad, rtol=1e-6, atol=1e-12, err_msg=f"gradient of {name} in\n{told}")
