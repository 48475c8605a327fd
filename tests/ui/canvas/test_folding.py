"""Modules as cards that open: by keys, by a double-click, by the menu; what flows lands on the card that stands for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gradviz.recording.event import Kind
from tests.ui.conftest import Opener, keep
from ui.window.main_window import MainWindow

NETWORK = """import torch
from torch import nn
torch.manual_seed(0)

class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.up = nn.Linear(d, 2 * d)
        self.down = nn.Linear(2 * d, d)
    def forward(self, x):
        return x + self.down(torch.relu(self.up(self.norm(x))))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(4, 8)
        self.blocks = nn.ModuleList(Block(8) for _ in range(3))
        self.head = nn.Linear(8, 2)
    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)

net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.05)
x, y = torch.randn(16, 4), torch.randint(0, 2, (16,))
with torch.no_grad():
    print(net(x).mean().item())
for epoch in range(2):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    opt.step()
"""
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def network(opened: Opener, tmp_path: Path, qtbot: object) -> MainWindow:
    window = opened(1920, 1080)
    path = tmp_path / "network.py"
    path.write_text(NETWORK)
    window.workbench.open(str(path))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None)  # type: ignore[attr-defined]
    return window


def titles(window: MainWindow) -> list[str]:
    return [node.title for node in window.canvas.geometry_.graph.nodes]


def press(window: MainWindow, key: Qt.Key) -> None:
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, key, CTRL_SHIFT)


def card_at(window: MainWindow, title: str) -> tuple[int, QPoint]:
    canvas = window.canvas
    node = next(node.id for node in canvas.geometry_.graph.nodes if node.title == title)
    canvas.show_area(canvas.geometry_.rect(node))
    return node, canvas.to_widget(canvas.geometry_.rect(node).center()).toPoint()


def test_each_layer_then_each_module_is_one_card_and_back(network: MainWindow) -> None:
    all_of_them = titles(network)
    assert {"embed.weight", "embed.weight.grad", "blocks.0.up.bias"} <= set(all_of_them)
    press(network, Qt.Key.Key_BracketLeft)
    keep(network, "folded-layers")
    layers = titles(network)
    assert layers.count("blocks.0.up") == 2  # before the training, and in it
    assert not any(title.endswith((".weight", ".bias", ".grad")) for title in layers)
    assert len(layers) < len(all_of_them) / 2
    press(network, Qt.Key.Key_BracketLeft)
    keep(network, "folded-modules")
    modules = titles(network)
    assert modules.count("blocks.0") == modules.count("embed") == 2
    assert "blocks.0.up" not in modules
    press(network, Qt.Key.Key_BracketRight)
    assert titles(network) == layers
    press(network, Qt.Key.Key_BracketRight)
    assert titles(network) == all_of_them


def test_a_double_click_opens_a_module_and_the_menu_closes_it(network: MainWindow) -> None:
    network.actions_["fold"].trigger()
    network.actions_["fold"].trigger()
    folded = titles(network)
    node, at = card_at(network, "blocks.1")
    QTest.mouseDClick(network.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert {"blocks.1.norm.weight", "relu", "blocks.0", "blocks.2"} <= set(titles(network))
    assert "blocks.1" not in titles(network)
    network.bridge.select((node,))
    network.actions_["open_fold"].trigger()
    assert titles(network) == folded
    network.bridge.select(())
    network.actions_["open_fold"].trigger()  # nothing is selected: disabled, or nothing happens
    assert titles(network) == folded


def test_what_happens_inside_is_shown_on_the_card_that_stands_for_it(network: MainWindow) -> None:
    network.actions_["fold"].trigger()
    session, canvas = network.bridge.session, network.canvas
    assert session is not None
    bucket = next(node for node in session.graph().nodes if node.title == "embed.weight.grad")
    card = next(fold.node for fold in canvas.geometry_.graph.folds if bucket.id in fold.nodes)
    assert canvas.geometry_.graph.node(bucket.id) is None
    rows = session.recording.events_of_site(bucket.id)
    network.bridge.seek(int(rows[0]))
    assert bucket.id in canvas.moment.current  # type: ignore[union-attr]
    assert canvas.geometry_.rect(bucket.id) == canvas.geometry_.rect(card)
    assert canvas.rect().contains(canvas.to_widget(canvas.geometry_.rect(card).center()).toPoint())  # it is followed
    delivers = [int(i) for i in session.recording.events_of_kind(Kind.DELIVER)]
    landed = 0
    for row in delivers:
        network.bridge.seek(row)
        for pulse in canvas.moment.pulses:  # type: ignore[union-attr]
            made = canvas.geometry_.edge_row.get((pulse.source, pulse.target, pulse.port))
            if made is not None:
                (source, target, _), _ = canvas.geometry_.edges[made]
                assert canvas.geometry_.row[pulse.source] == canvas.geometry_.row[source]
                assert canvas.geometry_.row[pulse.target] == canvas.geometry_.row[target]
                landed += 1
    assert landed > 20


def test_the_stage_shows_what_the_window_folds(network: MainWindow) -> None:
    network.actions_["fold"].trigger()
    node, _ = card_at(network, "blocks.0.up")
    network.canvas.open_fold(node)
    network.presenter.present()
    try:
        assert [n.title for n in network.presenter.stage.canvas.geometry_.graph.nodes] == titles(network)
    finally:
        network.presenter.stage.leave()


def test_a_run_with_a_change_keeps_what_is_folded(network: MainWindow, qtbot: object) -> None:
    network.actions_["fold"].trigger()
    before, session = titles(network), network.bridge.session
    weight = next(node.id for node in session.graph().nodes if node.title == "head.weight")  # type: ignore[union-attr]
    network.bridge.select((weight,))
    network.actions_["requires_grad"].trigger()
    qtbot.waitUntil(lambda: not network.bridge.running and network.bridge.session is not session)  # type: ignore[attr-defined]
    assert set(before) <= set(titles(network)) | {"head"}
    assert network.canvas.folding.level == "layers"
    keep(network, "folded-what-if")


def test_the_level_is_kept_for_the_next_window(network: MainWindow, opened: Opener) -> None:
    network.actions_["fold"].trigger()
    assert opened().canvas.folding.level == "layers"


def test_after_the_run_of_a_large_network_the_window_says_how_to_fold_it(network: MainWindow) -> None:
    said = network.statusBar().currentMessage()
    assert said.endswith("folds the layers.")
    network.resize(1280, 800)
    assert network.statusBar().fontMetrics().horizontalAdvance(said) < 660  # what the limits of the script leave free


def test_a_fold_says_what_it_is(network: MainWindow) -> None:
    network.actions_["fold"].trigger()
    told = {network.canvas.describe(node.id) for node in network.canvas.geometry_.graph.nodes if node.title == "head"}
    assert {text.count("5 more cards under it") for text in told} == {0, 1}  # they lie under the call that trains them
