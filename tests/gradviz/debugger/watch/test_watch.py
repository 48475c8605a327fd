"""Watches on a real recording: values at a moment, over time, and wrong expressions in words."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from gradviz.debugger.breakpoints import Breakpoint
from gradviz.debugger.session import Session
from gradviz.debugger.watch import WatchProblem, evaluate, history, parse
from gradviz.running.recorded import record_text

SOURCE = """
import torch
from torch import nn
torch.manual_seed(0)
w = torch.ones(3, requires_grad=True)
model = nn.Linear(2, 1)
for epoch in range(3):
    loss = (w * 3).sum()
    loss.backward()
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The accumulating loop, at its end."""
    path = str(tmp_path_factory.mktemp("watch") / "loop.py")
    made = Session(record_text(path, SOURCE, silent=True)[0])
    made.to_end()
    return made


def value(session: Session, text: str) -> object:
    found = evaluate(session, parse(text), session.position)
    return found.tolist() if isinstance(found, np.ndarray) else found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w", [1.0, 1.0, 1.0]),
        ("w.grad", [9.0, 9.0, 9.0]),
        ("w.grad[0] + 1", 10.0),
        ("norm(w.grad) ** 2", pytest.approx(243.0)),
        ("sum(w.grad) / numel(w)", 9.0),
        ("max(abs(-w)) == 1", True),
        ("log(w.grad.sum() - 26)", 0.0),
        ("(w.grad - 8).log().max()", 0.0),
        ("isnan(w.grad) or w.requires_grad", True),
        ("prev(w.grad)", [6.0, 6.0, 6.0]),
        ("delta(w.grad)", [3.0, 3.0, 3.0]),
        ("at(w.grad, 0)", [3.0, 3.0, 3.0]),
        ("ratio(norm(w.grad), norm(w))", pytest.approx(9.0)),
        ("w.grad[1:].shape", (2,)),
        ("loss > 8 and loss < 10", True),
        ("numel(weight)", 2),
        ("weight.grad is None", True),
        ("w.version", 0),
    ],
)
def test_an_expression_has_its_value_at_the_moment(session: Session, text: str, expected: object) -> None:
    assert value(session, text) == expected


def test_it_is_a_series_over_time(session: Session) -> None:
    found = history(session, parse("w.grad[0]"))
    finite = [v for v in found.values if v == v]
    assert list(dict.fromkeys(finite)) == [3.0, 6.0, 9.0]
    assert list(found.events) == sorted(found.events)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Type an expression"),
        ("w +", "something is missing at its end"),
        ("w w", "This is no expression: invalid syntax"),
        ("nrom(w)", "Did you mean norm?"),
        ("w.gard", "Did you mean .grad?"),
        ("__import__('os')", "no function of watches"),
        ("w.tanh()", ".tanh() is no function of watches. There are: norm"),
        ("w.sum(0)", ".sum() takes no arguments in watches."),
        ("w if True else w", "if … else is not part of the language"),
        ("[x for x in w]", "not part of the language"),
        ("lambda: 1", "not part of the language"),
        ("'text'", "Only numbers"),
        ("norm(w, 2)", "norm takes 1 argument"),
        ("w" * 600, "at most 500 characters"),
        ("(" * 300 + "w" + ")" * 190, "expression"),
    ],
)
def test_a_wrong_expression_is_explained_before_anything_runs(text: str, words: str) -> None:
    with pytest.raises(WatchProblem) as raised:
        parse(text)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("v", "no tensor called v"),
        ("w[7]", "does not fit"),
        ("w @ w.grad[:2]", "mismatch"),
        ("1 / 0", "Division by zero."),
        ("weight.grad + 1", "None"),
        ("at(w, 0 - 5)", "no such step"),
        ("w ** 1000", "up to 64"),
    ],
)
def test_what_has_no_value_says_why(session: Session, text: str, words: str) -> None:
    with pytest.raises(WatchProblem) as raised:
        evaluate(session, parse(text), session.position)
    assert words in str(raised.value)


def test_where_something_is_missing_the_end_is_marked() -> None:
    with pytest.raises(WatchProblem) as raised:
        parse("  loss + ")
    assert (raised.value.start, raised.value.stop) == (7, 8)


def test_before_its_birth_a_name_does_not_exist(session: Session) -> None:
    with pytest.raises(WatchProblem, match="does not exist yet"):
        evaluate(session, parse("w"), at=-1)


@pytest.mark.parametrize(
    ("written", "meant"), [("w.grad.norm()", "norm(w.grad)"), ("(w - 1).abs().max()", "max(abs(w - 1))"), ("w.sum().item()", "sum(w)")]
)
def test_methods_are_read_as_scripts_write_them(written: str, meant: str) -> None:
    assert ast.dump(parse(written).tree) == ast.dump(parse(meant).tree)
    assert parse(written).names == {"w"}


def test_layers_have_the_names_that_cards_and_parameters_show(tmp_path: Path) -> None:
    """0.weight is no Python; where it is watched or stopped at it is the layer's, and what is wrong is underlined where it was typed."""
    source = (
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.body = nn.Sequential(nn.Linear(2, 2), nn.Tanh())\n    def forward(self, x):\n        return self.body(x)\n"
        "a, b = Net(), nn.Sequential(nn.Linear(2, 1))\nb(a(torch.ones(1, 2))).sum().backward()\n"
    )
    session = Session(record_text(str(tmp_path / "layers.py"), source, silent=True)[0])
    session.to_end()
    for name in ("body.0.weight", "0.weight"):
        assert value(session, f"norm({name}.grad) - 1.5e0 < {name}.grad.norm()") is True
        assert value(session, f"{name}.grad[0, 1]") == value(session, f"{name}.grad.T[1, 0]")
        hits = session.hits(Breakpoint("write", f"{name}.grad"))
        assert [session.trace.event(int(row)).kind.name for row in hits] == ["ACCUMULATE"]
        assert len(session.hits(Breakpoint("change", name))) == 1  # it gets its name
    assert parse("0.weight + 1.e3 + 2.5").names == {"0.weight"}
    typed = "1 + body.0.weight.grod"
    with pytest.raises(WatchProblem, match=r"Did you mean \.grad") as problem:
        parse(typed)
    assert typed[problem.value.start : problem.value.stop] == "body.0.weight.grod"
