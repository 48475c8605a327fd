"""Each alarm on a script that deserves it, and silence on one that does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gradviz.debugger.alarms import Alarm, Severity, Thresholds, find_alarms
from gradviz.debugger.alarms.values.nonfinite import origins
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind
from gradviz.running.recorded import record_text

TRAIN = """
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(8, 2), torch.randn(8, 1)
for step in range(4):
    loss = ((model(x) - y) ** 2).mean()
    ZERO
    loss.backward()
    optimizer.step()
"""


def alarms(folder: Path, source: str, thresholds: Thresholds | None = None) -> dict[str, Alarm]:
    path = str(folder / "script.py")
    recording, _ = record_text(path, source, silent=True)
    return {alarm.kind: alarm for alarm in find_alarms(Session(recording), thresholds)}


def test_a_healthy_training_loop_is_silent(tmp_path: Path) -> None:
    assert alarms(tmp_path, TRAIN.replace("ZERO", "optimizer.zero_grad()")) == {}


def test_a_forgotten_zero_grad_is_told_once_for_all_parameters(tmp_path: Path) -> None:
    found = alarms(tmp_path, TRAIN.replace("ZERO", "pass"))
    alarm = found["stale sum"]
    assert alarm.severity == Severity.ERROR
    assert "At step 2 0.weight.grad holds the sum of 2 backward passes; one of them was used" in alarm.sentence
    assert "0.bias, 2.weight, 2.bias" in alarm.sentence
    assert "zero_grad" in alarm.advice


def test_gradient_accumulation_over_micro_batches_is_no_mistake(tmp_path: Path) -> None:
    source = (
        "import torch\nw = torch.ones(3, requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=0.001)\n"
        "for step in range(4):\n    for part in range(2):\n        (w * 3).sum().backward()\n    optimizer.step()\n    optimizer.zero_grad()\n"
    )
    assert "stale sum" not in alarms(tmp_path, source)


def test_the_nan_of_a_masked_branch_is_explained_by_the_mask(tmp_path: Path) -> None:
    source = (
        "import torch\na = torch.zeros(3, requires_grad=True)\nb = torch.where(a > 0, torch.sqrt(a), torch.zeros(3))\nb.sum().backward()\n"
    )
    alarm = alarms(tmp_path, source)["nan"]
    assert "SqrtBackward0" in alarm.sentence
    assert "the where of line 3 did not take this branch, and 0 times an infinite slope is nan" in alarm.sentence
    assert "torch.where(m, f(torch.where(m, x, 1)), 0)" in alarm.advice


def test_the_birth_of_inf_is_told_with_its_op_and_line(tmp_path: Path) -> None:
    alarm = alarms(tmp_path, "import torch\nx = torch.zeros(2)\ny = x.log()\nz = y * 2\n")["inf"]
    assert "line 3" in alarm.sentence
    assert "the logarithm of 0 is -inf" in alarm.sentence


def test_a_leaf_that_is_cut_off_is_named_with_the_reason(tmp_path: Path) -> None:
    source = (
        "import torch\nw = torch.ones(2, requires_grad=True)\nb = torch.ones(2, requires_grad=True)\n"
        "h = (w * 2).detach()\n(h + b).sum().backward()\n"
    )
    alarm = alarms(tmp_path, source)["unreached"]
    assert "w gets no gradient" in alarm.sentence
    assert "detach" in alarm.sentence


def test_column_against_row_is_an_accidental_broadcast(tmp_path: Path) -> None:
    source = "import torch\nx = torch.ones(5, 1, requires_grad=True)\ny = torch.ones(5)\nloss = ((x - y) ** 2).mean()\nloss.backward()\n"
    alarm = alarms(tmp_path, source)["broadcast"]
    assert "gives 5 x 5 numbers" in alarm.sentence
    assert "line 4" in alarm.sentence


@pytest.mark.parametrize(("factor", "kind"), [("1e-12", "vanishing"), ("1e6", "exploding")])
def test_too_little_and_too_much_gradient(tmp_path: Path, factor: str, kind: str) -> None:
    found = alarms(tmp_path, f"import torch\nw = torch.ones(3, requires_grad=True)\n(w * {factor}).sum().backward()\n")
    assert set(found) == {kind}
    assert "arrives at w" in found[kind].sentence


def test_thresholds_can_be_moved(tmp_path: Path) -> None:
    source = "import torch\nw = torch.ones(3, requires_grad=True)\n(w * 100).sum().backward()\n"
    assert alarms(tmp_path, source) == {}
    assert "exploding" in alarms(tmp_path, source, replace(Thresholds(), exploding=10.0))


def test_dead_units_are_counted(tmp_path: Path) -> None:
    source = (
        "import torch\ntorch.manual_seed(0)\nx = torch.rand(6, 2)\nw = torch.tensor([[1.0, -1.0], [1.0, -1.0]], requires_grad=True)\n"
        "for step in range(4):\n    h = (x @ w).relu()\n    h.sum().backward()\n    w.grad = None\n"
    )
    alarm = alarms(tmp_path, source)["dead units"]
    assert "1 of 2 units" in alarm.sentence


def test_a_confidently_wrong_first_loss(tmp_path: Path) -> None:
    source = "import torch\nx = torch.tensor([[20.0, 0.0, 0.0]], requires_grad=True)\ntorch.nn.functional.cross_entropy(x, torch.tensor([1])).backward()\n"
    alarm = alarms(tmp_path, source)["loss at start"]
    assert "guessing among 3 classes costs log(3) = 1.1" in alarm.sentence


TWO_LAYERS = """
import torch
torch.manual_seed(0)
a = START
b = torch.randn(4, 1, requires_grad=True)
x, y = torch.randn(8, 2), torch.randn(8, 1)
for step in range(3):
    loss = ((torch.tanh(x @ a) @ torch.ones_like(b) - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        a -= 0.1 * a.grad
        a.grad = None
"""


def test_units_that_start_alike_stay_alike(tmp_path: Path) -> None:
    found = alarms(tmp_path, TWO_LAYERS.replace("START", "torch.full((2, 4), 0.5, requires_grad=True)"))
    assert "The 4 columns of a (line 4) are the same still after 3 updates" in found["alike"].sentence
    assert "alike" not in alarms(tmp_path, TWO_LAYERS.replace("START", "torch.randn(2, 4, requires_grad=True)"))


def test_linear_on_linear_is_one_linear(tmp_path: Path) -> None:
    source = "import torch\nfrom torch import nn\nmodel = nn.Sequential(nn.Linear(2, 3), BETWEEN nn.Linear(3, 1))\nmodel(torch.ones(4, 2)).sum().backward()\n"
    assert "with nothing between them" in alarms(tmp_path, source.replace("BETWEEN", ""))["linear on linear"].sentence
    assert "linear on linear" not in alarms(tmp_path, source.replace("BETWEEN", "nn.Tanh(),"))


def test_softmax_over_the_samples_is_told(tmp_path: Path) -> None:
    source = (
        "import torch\nz = torch.randn(4, 3, requires_grad=True)\np = torch.log_softmax(z, dim=DIM)\n"
        "torch.nn.functional.nll_loss(p, torch.tensor([0, 1, 2, 0])).backward()\n"
    )
    assert "over dimension 0 of shape (4, 3)" in alarms(tmp_path, source.replace("DIM", "0"))["over the batch"].sentence
    assert "over the batch" not in alarms(tmp_path, source.replace("DIM", "1"))


def test_a_target_with_a_history_is_told(tmp_path: Path) -> None:
    source = (
        "import torch\nw = torch.randn(3, requires_grad=True)\nx = torch.ones(3)\ntarget = ((w * x).sum() * 0.9)CUT\n"
        "loss = ((w * 2).sum() - target) ** 2\nloss.backward()\n"
    )
    assert "target (line 4) is computed from parameters" in alarms(tmp_path, source.replace("CUT", ""))["moving target"].sentence
    assert "moving target" not in alarms(tmp_path, source.replace("CUT", ".detach()"))


EVALUATION = """
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 8), LAYER, nn.Linear(8, 1))
x = torch.randn(6, 2)
model(x).sum().backward()
MODE
with torch.no_grad():
    print(model(x))
"""


@pytest.mark.parametrize(("layer", "name"), [("nn.Dropout(0.5)", "dropout"), ("nn.BatchNorm1d(8)", "batch_norm")])
def test_a_layer_that_trains_in_an_evaluation_is_told(tmp_path: Path, layer: str, name: str) -> None:
    source = EVALUATION.replace("LAYER", layer)
    assert f"Line 10 runs {name} in training mode under no_grad" in alarms(tmp_path, source.replace("MODE", ""))["evaluation"].sentence
    assert "evaluation" not in alarms(tmp_path, source.replace("MODE", "model.eval()"))


def test_a_product_with_a_mask_is_no_dropout(tmp_path: Path) -> None:
    source = "import torch\nx = torch.ones(4)\nmask = torch.tensor([0.0, 2.0, 2.0, 0.0])\nwith torch.no_grad():\n    y = x * mask\n"
    assert "evaluation" not in alarms(tmp_path, source)


def test_an_op_that_is_flat_is_named_where_the_gradient_is_zero(tmp_path: Path) -> None:
    source = "import torch\nx = torch.ones(3, requires_grad=True)\ny = torch.round(x * 4)\ny.sum().backward()\n"
    assert "round (line 3) is on the way" in alarms(tmp_path, source)["zero gradient"].sentence


DEEP = """import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.narrow, self.last = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 1)
        nn.init.constant_(self.narrow.weight, SIZE)
    def forward(self, x):
        h = torch.relu(self.first(x))
        k = self.narrow(h)
        return self.last(k)
net = Net()
x, y = torch.randn(16, 4), torch.randn(16, 1)
loss = ((net(x) - y) ** 2).mean()
loss.backward()
"""


@pytest.mark.parametrize(
    ("size", "kind", "words"), [("1e-10", "vanishing", "It shrinks in"), ("1e4", "exploding", "because its input is: the values grow in")]
)
def test_too_little_or_too_much_points_at_the_layer_that_makes_it_so(tmp_path: Path, size: str, kind: str, words: str) -> None:
    alarm = alarms(tmp_path, DEEP.replace("SIZE", size))[kind]
    assert f"{words} k = addmm(...) of layer narrow (line 11)" in alarm.sentence
    assert "first." in alarm.sentence
    assert alarm.line == 11


def test_layers_of_a_kind_are_weighed_together(tmp_path: Path) -> None:
    source = (
        "import torch\nfrom torch import nn\ntorch.manual_seed(0)\nlayers = []\nfor _ in range(14):\n    layers += [nn.Linear(8, 8), nn.Sigmoid()]\n"
        "net = nn.Sequential(*layers)\nnet(torch.randn(4, 8)).sum().backward()\n"
    )
    alarm = alarms(tmp_path, source)["vanishing"]
    assert "It shrinks in the 14 sigmoid of line 8" in alarm.sentence
    assert "most in sigmoid behind layer" in alarm.sentence
    assert alarm.line == 8
    assert "at most 1/4" in alarm.advice


def test_a_reshape_that_exchanges_sizes_is_no_transpose(tmp_path: Path) -> None:
    source = "import torch\nx = torch.randn(3, 5, requires_grad=True)\ny = x.{}\ny.sum().backward()\n"
    alarm = alarms(tmp_path, source.format("reshape(5, 3)"))["reshape"]
    assert "y (line 3) turns shape (3, 5) into (5, 3)" in alarm.sentence
    assert ".transpose(0, 1)" in alarm.advice
    for right in ("t()", "reshape(15)", "reshape(-1, 5)", "view(1, 3, 5)"):
        assert "reshape" not in alarms(tmp_path, source.format(right))


def test_a_gradient_that_is_clipped_to_nothing_names_the_clip(tmp_path: Path) -> None:
    source = (
        "import torch\ntorch.manual_seed(0)\nw = torch.randn(4, requires_grad=True)\nopt = torch.optim.SGD([w], lr=0.1)\n"
        "for step in range(4):\n    opt.zero_grad()\n    (w * w).sum().backward()\n"
        "    torch.nn.utils.clip_grad_norm_([w], 1e-7)\n    opt.step()\n"
    )
    found = alarms(tmp_path, source)
    assert found["shrunk gradient"].line == 8
    assert "w.grad smaller before the step of line 9" in found["shrunk gradient"].sentence
    assert "update ratio" not in found
    assert "shrunk gradient" not in alarms(tmp_path, source.replace("1e-7", "1.0"))


def test_prediction_and_target_exchanged(tmp_path: Path) -> None:
    source = (
        "import torch\nimport torch.nn.functional as F\nw = torch.zeros(3, requires_grad=True)\ny = torch.tensor([1.0, 0.0, 1.0])\n"
        "p = torch.sigmoid(w)\nloss = F.binary_cross_entropy({})\nloss.backward()\n"
    )
    alarm = alarms(tmp_path, source.format("y, p"))["exchanged"]
    assert "y is data, and p is computed from parameters" in alarm.sentence
    assert alarm.line == 6
    assert "exchanged" not in alarms(tmp_path, source.format("p, y"))


def test_a_batch_that_is_averaged_away(tmp_path: Path) -> None:
    source = (
        "import torch\ntorch.manual_seed(0)\nw = torch.randn(4, 2, requires_grad=True)\nx, y = torch.randn(8, 4), torch.randn(8, 2)\n"
        "h = (x @ w).tanh()\npooled = h.mean(dim={})\nloss = ((pooled - y) ** 2).mean()\nloss.backward()\n"
    )
    alarm = alarms(tmp_path, source.format(0))["one for all"]
    assert "pooled (line 6) reduces over the 8 samples of the batch" in alarm.sentence
    assert "one for all" not in alarms(tmp_path, source.format("1, keepdim=True"))


def test_a_loss_without_a_lowest_point(tmp_path: Path) -> None:
    source = (
        "import torch\nw = torch.ones(2, requires_grad=True)\nopt = torch.optim.SGD([w], lr=0.3)\nfor step in range(12):\n    opt.zero_grad()\n"
        "    loss = ((w - 1) ** 2).sum() {} 3 * (w ** 2).sum()\n    loss.backward()\n    opt.step()\n"
    )
    assert "falls faster and faster" in alarms(tmp_path, source.format("-"))["falling"].sentence
    assert "falling" not in alarms(tmp_path, source.replace("lr=0.3", "lr=0.1").format("+"))


def test_a_product_that_is_too_small_for_its_dtype_or_has_a_factor_of_0(tmp_path: Path) -> None:
    half = "import torch\nw = torch.full((3,), 1e-3, dtype=torch.float16, requires_grad=True)\n((w * 1e-4) * 1e-4).sum().backward()\n"
    assert "the product is below 6e-08, the smallest float16" in alarms(tmp_path, half)["zero gradient"].sentence
    assert "zero gradient" not in alarms(tmp_path, half.replace("1e-4", "1"))
    zero = "import torch\nw = torch.ones(3, requires_grad=True)\nfactor = 1 // 2\nloss = (w * factor).sum()\nloss.backward()\n"
    assert "it is multiplied by is 0: factor of line 3" in alarms(tmp_path, zero)["zero gradient"].sentence


FROZEN = """import torch
from torch import nn
encoder, head = nn.Linear(3, 3), nn.Linear(3, 1)
scale = torch.ones(1, requires_grad=True)
for p in encoder.parameters():
    p.requires_grad = False
head(encoder(torch.ones(2, 3))).mul(scale.item()).sum().backward()
"""


def test_a_frozen_layer_does_not_speak_for_a_leaf_whose_number_was_taken_out(tmp_path: Path) -> None:
    recording, _ = record_text(str(tmp_path / "script.py"), FROZEN, silent=True)
    frozen, taken = (alarm for alarm in find_alarms(Session(recording)) if alarm.kind == "unreached")
    assert "its requires_grad is False (line 6). The same goes for" in frozen.sentence
    assert "scale" not in frozen.sentence
    assert frozen.advice.startswith("Leave it so, if it is frozen on purpose")
    assert taken.sentence == "scale (line 4) requires grad, and line 7 takes its number out of the graph."


CLIPPED = """import torch
from torch import nn
torch.manual_seed(0)
net, other = nn.Linear(3, 2), torch.ones(2, requires_grad=True)
params = [*net.parameters(), other]
optimizer = torch.optim.SGD(params, lr=0.1)
h = net(torch.ones(2, 3))
((h - h).sqrt().sum() + other.sum()).backward()
nn.utils.clip_grad_norm_(params, 1.0)
optimizer.step()
"""


def test_gradients_that_are_clipped_are_no_origin_of_the_nan_in_them(tmp_path: Path) -> None:
    recording, _ = record_text(str(tmp_path / "script.py"), CLIPPED, silent=True)
    session = Session(recording)
    assert not any("overwritten in place" in alarm.sentence for alarm in find_alarms(session) if alarm.kind in ("nan", "inf"))
    moved = [session.trace.event(row) for row in range(session.length) if session.trace.event(row).kind == Kind.OPTIMIZER_STEP]
    assert len(moved) == 3
    for event in moved:  # also of `other`, whose own gradient was 1: the norm that it was divided by was nan
        assert {origin.event.line for origin in origins(session, event)} == {8}


def test_a_moving_average_of_weights_uses_no_gradient(tmp_path: Path) -> None:
    source = (
        "import torch\nw = torch.ones(3, requires_grad=True)\nslow = torch.zeros(3, requires_grad=True)\nfor step in range(4):\n"
        "    loss = (w * slow).sum()\n    w.grad = None\n    loss.backward()\n    w.data = w.data - 0.1 * w.grad\n    CHANGE\n"
    )
    assert "stale sum" not in alarms(tmp_path, source.replace("CHANGE", "slow.data = 0.9 * slow.data + 0.1 * w.data"))
    found = alarms(tmp_path, source.replace("CHANGE", "slow.data = slow.data - 0.1 * slow.grad"))["stale sum"]
    assert "The update in line 9 uses slow.grad, which holds the sum of 2 backward passes" in found.sentence


def test_an_optimizer_that_holds_only_the_frozen_encoder_names_what_is_left_out(tmp_path: Path) -> None:
    source = (
        "import torch\nfrom torch import nn\nencoder, head = nn.Linear(3, 4), nn.Linear(4, 1)\nfor p in encoder.parameters():\n    p.requires_grad = False\n"
        "optimizer = torch.optim.Adam(encoder.parameters())\nfor step in range(3):\n    optimizer.zero_grad()\n"
        "    head(encoder(torch.ones(2, 3))).sum().backward()\n    optimizer.step()\n"
    )
    alarm = alarms(tmp_path, source)["empty step"]
    assert alarm.line == 6
    assert "holds only what does not require grad" in alarm.sentence
    assert "backward() in line 9 fills the .grad of head.weight (line 3), which no step moves." in alarm.sentence


def test_a_loss_of_plain_numbers_is_not_said_to_get_no_gradient(tmp_path: Path) -> None:
    source = (
        "import torch\nw = torch.ones(3, requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=0.1)\nfor step in range(2):\n"
        "    loss = torch.tensor((w * 3).sum().item(), requires_grad=True)\n    loss.backward()\n    optimizer.step()\n"
    )
    found = alarms(tmp_path, source)
    assert "backward() in line 6 starts at a tensor without a history, and fills its .grad alone." in found["empty step"].sentence
    sentence = found["leaf root"].sentence
    assert "no parameter gets a gradient. loss (line 5) is a new leaf of plain numbers: .item() in line 5 took the numbers out" in sentence


def test_of_many_elements_the_first_that_is_no_number_is_named(tmp_path: Path) -> None:
    source = (
        "import torch\nscores = torch.zeros(3, 2, 4, requires_grad=True)\nmask = torch.arange(3).view(3, 1, 1) == 2\n"
        "weights = scores.masked_fill(mask, float('-inf')).softmax(-1)\nweights.sum().backward()\n"
    )
    assert "8 of its 24 elements are nan, the first at [2, 0, 0]." in alarms(tmp_path, source)["nan"].sentence


def test_similarities_whose_diagonal_is_filled_are_not_compared_with_themselves(tmp_path: Path) -> None:
    source = (
        "import torch\nfrom torch import nn\ntorch.manual_seed(0)\nlayer = nn.Linear(3, 4)\nboth = torch.randn(8, 3)\ntarget = torch.arange(8).roll(4)\nfor step in range(3):\n"
        "    z = nn.functional.normalize(layer(both), dim=1)\n    scores = z @ z.T / 0.5\n    FILL\n    nn.functional.cross_entropy(scores, target).backward()\n    layer.zero_grad()\n"
    )
    assert "compared with itself" not in alarms(tmp_path, source.replace("FILL", "scores.fill_diagonal_(float('-inf'))"))
    assert "compared with itself" in alarms(tmp_path, source.replace("FILL", "pass"))


def test_predictions_that_training_makes_alike_are_told_as_such(tmp_path: Path) -> None:
    source = (
        "import torch\nfrom torch import nn\nx = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])\ny = torch.tensor([[0.], [1.], [1.], [0.]])\n"
        "layer = nn.Linear(2, 1)\noptimizer = torch.optim.SGD(layer.parameters(), lr=1.0)\nfor step in range(600):\n"
        "    optimizer.zero_grad()\n    guess = torch.sigmoid(layer(x))\n    nn.functional.binary_cross_entropy(guess, y).backward()\n    optimizer.step()\n"
    )
    alarm = alarms(tmp_path, source)["predictions alike"]
    assert "guess (line 9) gives the same numbers for each of the 4 samples in the end, and did not at first" in alarm.sentence
    assert "a linear one for XOR" in alarm.advice


def test_a_parameter_that_is_given_values_is_not_trained(tmp_path: Path) -> None:
    source = "import torch\nw = torch.nn.Parameter(torch.ones(3))\nwith torch.no_grad():\n    for k in range(8):\n        w.copy_(torch.full((3,), 10.0 ** (k * k)))\n"
    assert "diverging" not in alarms(tmp_path, source)


def test_data_beyond_the_limits_of_a_clamp_are_told_as_such(tmp_path: Path) -> None:
    source = (
        "import torch\nfrom torch import nn\nlayer = nn.Linear(8, 1)\nfar = torch.arange(3.0, 11.0)\nnear = torch.clamp(2.0 - far, min=0.0)\n"
        "layer(near).sum().backward()\n"
    )
    alarm = alarms(tmp_path, source)["made alike"]
    assert "clamp in line 5 makes 0 of each of its 8 elements: all of them lie beyond its limits." in alarm.sentence
    assert alarm.advice == "Look at the limits, and at the size of what goes in."
