"""Shapes that do not fit: which tensors, from which lines, and a change after which the script runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.debugger.diagnosis import diagnose

from .test_every_error import HEAD, mended, run

# (script behind HEAD's four lines, words that are said, the fix's line; 0 for none)
CASES = {
    "a transpose is missing": (
        "x = torch.ones(4, 3)\nw = torch.ones(2, 3, requires_grad=True)\ny = x @ w\n",
        ("x of shape (4, 3), made in line 5", "w of shape (2, 3), made in line 6", "w.T"), 7,
    ),
    "the first is to be transposed": ("x = torch.ones(3, 4)\nw = torch.ones(3, 2, requires_grad=True)\ny = x @ w\n", ("x.T",), 7),
    "an unsqueeze is missing": (
        "h = torch.ones(4, 3)\nweights = torch.ones(4)\nout = h * weights\n",
        ("h of shape (4, 3)", "weights of shape (4,)", "3 against 4 along dimension 1", "weights.unsqueeze(1)"), 7,
    ),
    "a bias of the other size": ("h = torch.ones(4, 3)\nb = torch.ones(2)\nout = h + b\n", ("h of shape (4, 3)", "b of shape (2,)"), 0),
    "an image is not flattened": (
        "x = torch.ones(2, 1, 4, 4)\nlayer = nn.Linear(16, 3)\ny = layer(x)\n", ("x of shape (2, 1, 4, 4)", "x.flatten(1)"), 7,
    ),
    "the layer is too narrow": (
        "net = nn.Sequential(\n    nn.Linear(4, 8),\n    nn.ReLU(),\n    nn.Linear(6, 1),\n)\nx = torch.ones(2, 4)\ny = net(x)\n",
        ("of a Linear from 6 to 1", "Make the layer for 8 features"), 8,
    ),
    "channels last": (
        "conv = nn.Conv2d(3, 2, 3)\nimage = torch.ones(1, 5, 6, 3)\ny = conv(image)\n",
        ("image of shape (1, 5, 6, 3)", "permute(0, 3, 1, 2)"), 7,
    ),
    "view of another number": ("x = torch.ones(4, 6)\ny = x.view(5, 6)\n", ("x of shape (4, 6)", "has 24 elements", "(4, 6)"), 6),
    "no size for the -1": ("x = torch.ones(4, 6)\ny = x.view(-1, 5)\n", ("do not divide by 5", "1, 2, 3, 4, 6"), 0),
    "cat along the other dimension": (
        "a = torch.ones(2, 3)\nb = torch.ones(2, 4)\nc = torch.cat([a, b])\n", ("a of shape (2, 3)", "b of shape (2, 4)", "dim=1"), 7,
    ),
    "a batch of matrices": (
        "q = torch.ones(2, 5, 3)\nk = torch.ones(2, 5, 3)\ns = torch.bmm(q, k)\n", ("k of shape (2, 5, 3)", "last two dimensions exchanged"), 7,
    ),
    "a matrix and a vector": ("m = torch.ones(3, 2)\nv = torch.ones(3)\ny = m @ v\n", ("m of shape (3, 2)", "v of shape (3,)", "m.T"), 7),
    "a name that torch has not": ("x = torch.ones(3)\ny = x.sigmoidd()\n", ("it has sigmoid",), 6),
    "inside of a function": (
        "def model(x):\n    return x @ weight\nweight = torch.ones(3, 2)\ndata = torch.ones(5, 4)\nmodel(data)\n",
        ("data of shape (5, 4), made in line 8", "weight of shape (3, 2), made in line 7"), 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "words", "fixed"), CASES.values(), ids=CASES.keys())
def test_the_operands_are_named_with_their_lines_and_the_mend_mends(code: str, words: tuple[str, ...], fixed: int, tmp_path: Path) -> None:
    session, text, line = run(tmp_path, HEAD + code)
    assert text
    found = diagnose(session, text, line)
    assert found is not None
    said = f"{found.sentence} {found.advice}"
    for word in words:
        assert word in said, said
    assert (found.fix.line if found.fix is not None else 0) == fixed
    if found.fix is not None:
        assert run(tmp_path, mended(HEAD + code, found))[1] == ""
