"""What an explanation says beside the kind: no mask as a broken number, names as the script has them, changes that are to be made where a turn begins."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gradviz.debugger.explain import Explanation, explain
from gradviz.debugger.session import Session
from gradviz.running.recorded import record_here

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\ntorch.manual_seed(0)\n"


def _told(path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> tuple[Explanation, ...]:
    path.write_text(text)
    recording, _ = record_here(str(path))
    capsys.readouterr()
    return explain(Session(recording))


def test_a_mask_of_a_layer_is_no_broken_number_beside_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + (
        "attend = nn.MultiheadAttention(8, 2, batch_first=True)\nx = torch.randn(3, 5, 8)\nhidden = torch.zeros(3, 5, dtype=torch.bool)\n"
        "hidden[:, 3:] = True\nout, weights = attend(x, x, x, key_padding_mask=hidden)\nhead = nn.Linear(6, 2)\nloss = head(out).sum()\n"
    )
    assert [one.kind for one in _told(tmp_path / "masked.py", text, capsys)] == ["shapes-do-not-fit"]


def test_data_that_are_infinite_are_told_still(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + "x = torch.tensor([1.0, 2.0]) / torch.tensor([0.0, 1.0])\nhead = nn.Linear(6, 2)\nloss = head(x).sum()\n"
    assert "inf" in [one.kind for one in _told(tmp_path / "infinite.py", text, capsys)]


def test_a_state_of_a_module_is_cut_off_before_the_loop_over_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.cell = nn.RNNCell(2, 3)\n        self.state = torch.zeros(4, 3)\n"
        "    def forward(self, x):\n        for part in x:\n            self.state = self.cell(part, self.state)\n        return self.state\n"
        "net = Net()\nfor k in range(3):\n    loss = net(torch.randn(5, 4, 2)).pow(2).mean()\n    loss.backward()\n"
    )
    first = _told(tmp_path / "state.py", text, capsys)[0]
    assert (first.kind, first.line) == ("graph-freed", 12)
    assert "takes self.state over from an earlier turn" in first.message
    assert "+        self.state = self.state.detach()\n         for part in x:" in first.fix


def test_a_pass_that_goes_on_into_the_other_network_is_cut_off_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + (
        "gen, dis = nn.Linear(2, 3), nn.Linear(3, 1)\ng = torch.optim.SGD(gen.parameters(), 0.1)\nd = torch.optim.SGD(dis.parameters(), 0.1)\n"
        "fake = gen(torch.randn(4, 2)).tanh()\nloss_d = dis(fake).sigmoid().mean()\nloss_d.backward()\nd.step()\n"
        "loss_g = (1 - dis(fake).sigmoid()).mean()\nloss_g.backward()\ng.step()\n"
    )
    first = _told(tmp_path / "gan.py", text, capsys)[0]
    assert (first.kind, first.line, first.node) == ("graph-freed", 9, "fake")
    assert "+loss_d = dis(fake.detach()).sigmoid().mean()" in first.fix


def test_a_weight_that_a_step_overwrote_has_its_own_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + (
        "net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))\nopt = torch.optim.SGD(net.parameters(), 0.1)\nout = net(torch.randn(4, 2))\n"
        "one, two = out.mean(), out.pow(2).mean()\none.backward(retain_graph=True)\nopt.step()\ntwo.backward()\n"
    )
    first = _told(tmp_path / "twice.py", text, capsys)[0]
    assert (first.kind, first.line, first.node) == ("in-place-write", 10, "2.weight")
    assert "kept 2.weight for the backward pass" in first.message


def test_a_gradient_of_a_loop_over_parameters_is_none_before_backward(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        HEAD
        + "net = nn.Linear(2, 1)\nloss = net(torch.randn(3, 2)).sum()\nprint(sum(p.grad.norm() for p in net.parameters()))\nloss.backward()\n"
    )
    first = _told(tmp_path / "early.py", text, capsys)[0]
    assert (first.kind, first.line) == ("grad-is-none", 7)
    assert "no backward() has run yet" in first.message


def test_a_list_of_losses_is_stacked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + (
        "heads = [nn.Linear(2, 1) for _ in range(3)]\nx = torch.randn(5, 2)\nparts = [head(x).pow(2).mean() for head in heads]\n"
        "total = torch.tensor(parts).sum()\ntotal.backward()\n"
    )
    first = _told(tmp_path / "listed.py", text, capsys)[0]
    assert (first.kind, first.line) == ("no-history", 8)
    assert "+total = torch.stack(parts).sum()" in first.fix


def test_a_term_of_the_loss_that_is_called_a_label_is_no_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + (
        "net = nn.Linear(2, 3)\nopt = torch.optim.SGD(net.parameters(), 0.1)\nx, c = torch.randn(6, 2), torch.randint(0, 3, (6,))\n"
        "for k in range(3):\n    label_loss = F.cross_entropy(net(x), c)\n    loss = 0.5 * label_loss + 0.1 * net.weight.pow(2).sum()\n"
        "    opt.zero_grad()\n    loss.backward()\n    opt.step()\n"
    )
    assert _told(tmp_path / "label.py", text, capsys) == ()


def test_a_state_that_starts_as_none_is_cut_off_where_it_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + (
        "gru = nn.GRU(2, 3, batch_first=True)\nkept = {'h': None}\ndef forward(x):\n    y, kept['h'] = gru(x, kept['h'])\n    return y\n"
        "for k in range(3):\n    loss = forward(torch.randn(4, 5, 2)).pow(2).mean()\n    loss.backward()\n"
    )
    path = tmp_path / "none.py"
    first = _told(path, text, capsys)[0]
    assert (first.kind, first.line) == ("graph-freed", 8)
    assert "+    if kept['h'] is not None:\n+        kept['h'] = kept['h'].detach()\n" in first.fix
    path.write_text(text)
    subprocess.run(["patch", "-p0", "-s"], input=first.fix + "\n", text=True, cwd=tmp_path, check=True)
    assert "graph-freed" not in [one.kind for one in _told(path, path.read_text(), capsys)]


def test_several_passes_through_one_body_keep_the_body_in_the_graph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To detach what they share would leave the body without a gradient."""
    text = HEAD + (
        "body, heads = nn.Linear(2, 3), [nn.Linear(3, 1) for _ in range(2)]\nfor k in range(2):\n    h = body(torch.randn(4, 2)).tanh()\n"
        "    for head in heads:\n        head(h).pow(2).mean().backward()\n"
    )
    first = _told(tmp_path / "heads.py", text, capsys)[0]
    assert (first.kind, first.line) == ("graph-freed", 9)
    assert "computed from h (line 7)" in first.message
    assert "backward(retain_graph=True)" in first.fix
    assert "detach" not in first.fix
