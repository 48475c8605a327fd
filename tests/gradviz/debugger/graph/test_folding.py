"""What is folded: every call of a module that one op stands for; no fold closes a circle."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.debugger.graph.folding import folded, folds_of, owners
from gradviz.debugger.scene import LAYERS, MODULES, Fold, Graph
from gradviz.debugger.session import Session
from gradviz.running.recorded import record_text

SCRIPTS = sorted((Path(__file__).parents[3] / "data" / "scripts").glob("*.py"))


def found(source: str, level: str) -> tuple[Graph, tuple[Fold, ...]]:
    session = Session(record_text("<script>", source, silent=True)[0])
    return session.graph(), folds_of(session.graph(), level, owners(session.trace, session.graph()))


def shown(source: str, level: str) -> list[str]:
    return [node.title for node in folded(*found(source, level)).nodes]


def in_order(graph: Graph) -> bool:
    """Whether the nodes can be put in an order in which each comes after what it reads."""
    known = {node.id for node in graph.nodes}
    waiting = {node: {e.source for e in graph.edges if e.target == node and e.source in known} for node in known}
    while ready := [node for node, sources in waiting.items() if not sources]:
        for node in ready:
            del waiting[node]
        for sources in waiting.values():
            sources.difference_update(ready)
    return not waiting


HEAD = "import torch\nfrom torch import nn\ntorch.manual_seed(0)\nx = torch.randn(4, 3)\n"


def test_a_linear_is_one_card_with_its_parameters_and_their_gradients() -> None:
    source = HEAD + "fc = nn.Linear(3, 2)\nfc(x).sum().backward()\n"
    assert shown(source, LAYERS) == ["x", "fc", "sum"]
    graph, (fold,) = found(source, LAYERS)
    assert sorted(graph.node(i).title for i in fold.nodes) == ["bias", "bias.grad", "t", "weight", "weight.grad"]  # type: ignore[union-attr]
    assert folded(graph, [fold]).node(fold.node).stands_for == 5  # type: ignore[union-attr]


def test_each_call_of_a_module_is_a_card_and_the_parameters_lie_under_the_one_that_trains_them() -> None:
    source = HEAD + "fc = nn.Linear(3, 3)\nwith torch.no_grad(): before = fc(x)\nh = fc(torch.relu(fc(x)))\nh.sum().backward()\n"
    assert shown(source, LAYERS).count("fc") == 3
    graph, folds = found(source, LAYERS)
    home = max(folds, key=lambda fold: len(fold.nodes))
    assert graph.node(home.node).requires_grad  # type: ignore[union-attr]


def test_a_parameter_that_something_else_reads_stays_outside() -> None:
    source = HEAD + "fc = nn.Linear(3, 2)\n(fc(x).sum() + (fc.weight ** 2).sum()).backward()\n"
    assert {"weight", "weight.grad"} <= set(shown(source, LAYERS))


def test_what_runs_between_the_layers_of_a_module_goes_with_them() -> None:
    source = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.enc = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))\n        self.out = nn.Linear(2, 1)\n"
        "    def forward(self, x):\n        return self.out(self.enc(x).relu())\nnet = Net()\nnet(x).sum().backward()\n"
    )
    assert shown(source, MODULES) == ["x", "enc", "relu", "out", "sum"]


def test_a_layer_that_has_only_a_number_is_called_so() -> None:
    source = HEAD + "net = nn.Sequential(nn.Linear(3, 2), nn.Tanh())\nnet(x).sum().backward()\n"
    assert shown(source, LAYERS) == ["x", "layer 0", "tanh", "sum"]


def test_without_modules_nothing_is_folded() -> None:
    graph, folds = found("import torch\nw = torch.ones(3, requires_grad=True)\n(w * 2).sum().backward()\n", MODULES)
    assert folds == ()
    assert folded(graph, ()) is graph


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_no_fold_closes_a_circle_or_hides_a_card_twice(path: Path) -> None:
    for level in (LAYERS, MODULES):
        graph, folds = found(path.read_text(), level)
        hidden = [node for fold in folds for node in fold.nodes]
        assert len(hidden) == len(set(hidden))
        assert not set(hidden) & {fold.node for fold in folds}
        made = folded(graph, folds)
        assert len(made.nodes) == len(graph.nodes) - len(hidden)
        assert in_order(made)
