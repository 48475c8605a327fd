"""Random small programs that run: leaves, ops, views, in-place writes, no_grad, detach, loops with or without zero_grad."""

from __future__ import annotations

from hypothesis import strategies as st

_UNARY = ("tanh()", "exp()", "relu()", "view(2, 3)", "reshape(6)", "detach()", "clone()", "abs()", "sigmoid()")
_BINARY = ("+", "*", "-")


@st.composite
def programs(draw: st.DrawFn) -> str:
    """The text of a program; every one runs to its end."""
    lines = ["import torch", f"torch.manual_seed({draw(st.integers(0, 9))})"]
    leaves = [f"w{k}" for k in range(draw(st.integers(1, 3)))]
    lines += [f"{name} = torch.randn(6, requires_grad={k == 0 or draw(st.booleans())})" for k, name in enumerate(leaves)]
    steps = draw(st.integers(0, 3))
    body = _body(draw, leaves)
    if steps:
        lines.append(f"for step in range({steps}):")
        lines += [f"    {line}" for line in body]
        lines += [f"    {line}" for line in _update(draw, leaves)]
    else:
        lines += body
    if draw(st.booleans()):
        lines += ["kept = w0 * 2", "w0.requires_grad_(False)", "print(kept.sum().item())"]
    return "\n".join(lines) + "\n"


def _body(draw: st.DrawFn, leaves: list[str]) -> list[str]:
    names, lines = list(leaves), []
    for k in range(draw(st.integers(1, 6))):
        name = f"h{k}"
        first = draw(st.sampled_from(names))
        match draw(st.integers(0, 4)):
            case 0:
                lines.append(f"{name} = {first}.{draw(st.sampled_from(_UNARY))}")
            case 1:
                lines.append(f"{name} = {first}.reshape(6) {draw(st.sampled_from(_BINARY))} {draw(st.sampled_from(names))}.reshape(6)")
            case 2:
                lines += ["with torch.no_grad():", f"    {name} = {first} * 0.5"]
            case 3:
                lines += [f"{name} = {first} * 0.25", f"{name} += 1"]
            case _:
                lines.append(f"{name} = {first} * {draw(st.integers(-2, 3))}")
        names.append(name)
    lines.append(f"loss = (w0 * {draw(st.integers(1, 3))}).sum() + {names[-1]}.sum()")
    if draw(st.booleans()):
        lines.append("loss.backward(retain_graph=True)")
    lines.append("loss.backward()")
    return lines


def _update(draw: st.DrawFn, leaves: list[str]) -> list[str]:
    match draw(st.integers(0, 3)):
        case 0:
            return ["w0.grad.zero_()"]
        case 1:
            return ["w0.grad = None"]
        case 2:
            return ["with torch.no_grad():", "    w0 -= 0.01 * w0.grad", f"{leaves[-1]}.grad = None"]
        case _:
            return ["pass"]
