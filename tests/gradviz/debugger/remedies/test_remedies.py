"""The change that an explanation offers is a diff, and a run of the changed script shows that the mistake is gone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gradviz.debugger.explain import explain
from gradviz.debugger.explain.command import overrides_for
from gradviz.debugger.session import Session
from gradviz.running.recorded import record_here

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\ntorch.manual_seed(0)\n"
DATA = "x, y = torch.randn(12, 4), torch.randn(12, 1)\nc = torch.randint(0, 3, (12,))\n"
MODEL = "net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, {outputs}))\nopt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
TURN = "    opt.zero_grad()\n    loss.backward()\n    opt.step()\n"


def _script(loop: str, outputs: int = 1, before: str = "") -> str:
    return HEAD + before + DATA + MODEL.format(outputs=outputs) + loop


SCRIPTS = {
    "zero-grad-missing": _script("for k in range(4):\n    loss = F.mse_loss(net(x), y)\n    loss.backward()\n    opt.step()\n"),
    "not-called": _script("for k in range(4):\n    loss = F.mse_loss(net(x), y)\n    opt.zero_grad\n    loss.backward()\n    opt.step()\n"),
    "clipping-order": _script(
        "for k in range(4):\n    loss = F.mse_loss(net(x), y)\n    opt.zero_grad()\n    loss.backward()\n    opt.step()\n"
        "    nn.utils.clip_grad_norm_(net.parameters(), 1.0)\n"
    ),
    "step-without-gradient": _script(
        "for k in range(4):\n    loss = F.mse_loss(net(x), y)\n    loss.backward()\n    opt.zero_grad()\n    opt.step()\n"
    ),
    "never-stepped": _script("for k in range(4):\n    loss = F.mse_loss(net(x), y)\n    opt.zero_grad()\n    loss.backward()\n"),
    "accidental-broadcast": _script("t = y[:, 0]\nfor k in range(4):\n    loss = (t - net(x)).pow(2).mean()\n" + TURN),
    "softmax-twice": _script("for k in range(4):\n    loss = F.cross_entropy(torch.softmax(net(x), dim=1), c)\n" + TURN, outputs=3),
    "softmax-over-batch": _script("for k in range(4):\n    loss = F.nll_loss(F.log_softmax(net(x), dim=0), c)\n" + TURN, outputs=3),
    "probabilities-for-logarithms": _script("for k in range(4):\n    loss = F.nll_loss(F.softmax(net(x), dim=1), c)\n" + TURN, outputs=3),
    "target-not-detached": _script("for k in range(4):\n    target = y + 0.9 * net(x + 1)\n    loss = F.mse_loss(net(x), target)\n" + TURN),
    "loss-not-divided": _script(
        "for k in range(4):\n    opt.zero_grad()\n    for a, b in zip(x.split(4), y.split(4)):\n"
        "        loss = F.mse_loss(net(a), b)\n        loss.backward()\n    opt.step()\n"
    ),
    "learning-rate-too-large": _script(
        "for k in range(40):\n    loss = F.mse_loss(net(x), y)\n" + TURN,
    )
    .replace("nn.Tanh(), ", "")
    .replace("lr=0.05", "lr=1.5"),
    "graph-kept": _script(
        "total = 0\nfor k in range(4):\n    loss = F.mse_loss(net(x), y)\n" + TURN + "    total += loss\nprint(float(total))\n"
    ),
    "eval-mode-left-on": _script(
        "for k in range(4):\n    loss = F.mse_loss(net(x), y)\n"
        + TURN
        + "    net.eval()\n    with torch.no_grad():\n        print(F.mse_loss(net(x), y).item())\n"
    ).replace("nn.Tanh()", "nn.Tanh(), nn.Dropout(0.5)"),
    "optimizer-made-anew": _script(
        "for k in range(6):\n    opt = torch.optim.Adam(net.parameters(), lr=0.01)\n    loss = F.mse_loss(net(x), y)\n" + TURN
    ),
    "state-not-copied": _script(
        "best = float('inf')\nfor k in range(6):\n    loss = F.mse_loss(net(x), y)\n"
        + TURN
        + "    if loss.item() < best:\n        best, state = loss.item(), net.state_dict()\nnet.load_state_dict(state)\n"
    ),
    "loss-arguments-exchanged": _script(
        "for k in range(4):\n    loss = F.binary_cross_entropy((y > 0).float(), torch.sigmoid(net(x)))\n" + TURN
    ),
    "uphill": HEAD
    + DATA
    + "w = torch.zeros(4, 1, requires_grad=True)\nfor k in range(6):\n    loss = F.mse_loss(x @ w, y)\n    loss.backward()\n"
    "    with torch.no_grad():\n        w += 0.1 * w.grad\n    w.grad = None\n",
    "rebound-update": HEAD
    + DATA
    + "w = torch.zeros(4, 1, requires_grad=True)\nb = torch.zeros(1, requires_grad=True)\ndef update(params):\n    with torch.no_grad():\n"
    "        for p in params:\n            p = p - 0.1 * p.grad\nfor k in range(4):\n    w.grad = b.grad = None\n    loss = F.mse_loss(x @ w + b, y)\n"
    "    loss.backward()\n    update([w, b])\n",
    "inf": HEAD + "w = torch.tensor([0.0, 1.0], requires_grad=True)\nloss = (w * 0).sqrt().sum()\nloss.backward()\nprint(w.grad)\n",
}


FRESH = Path(__file__).parents[3] / "problems" / "fresh"
MENDED = {
    "ad17_step_of_each_part": "zero-grad-missing",
    "ae03_gradients_clamped_from_below": "gradient-of-one-sign",
    "ae04_leaky_in_place_flag": "no-activation",
    "ae07_hooks_of_the_last_name": "late-binding",
    "ae08_whole_numbers_inverted": "bits-turned",
    "ae09_normalized_along_time": "normalized-along-another-dimension",
    "ae11_betas_exchanged": "betas-exchanged",
    "ae13_ppo_takes_the_larger": "larger-of-two",
    "ae16_actor_goes_down_the_critic": "reward-made-small",
    "ae17_padding_masked_as_queries": "queries-masked",
    "a25_adam_divides_by_zero": "nan",
    "a37_two_steps_for_one_backward": "moved-twice",
    "aa12_upper_triangle_is_left": "mask-inverted",
    "aa38_rate_under_another_name": "setting-not-read",
    "aa39_soft_update_of_a_name": "rebound-update",
    "ab19_encoder_of_batches": "time-and-batch-exchanged",
    "ac01_divided_by_the_batch_again": "divided-twice",
    "ad16_entries_of_a_state": "state-not-loaded",
    "ae05_future_of_finished_episodes": "future-does-not-count",
    "c07_first_layer_returns": "loop-left-at-once",
    "e08_clip_return_discarded": "result-dropped",
    "i01_softmax_by_hand_over_the_batch": "softmax-over-batch",
    "j09_dropout_of_nine_in_ten": "nearly-all-dropped",
    "j13_minus_on_the_next_line": "half-of-a-sum",
    "l11_batches_used_up": "used-up",
    "l17_parameter_times_a_number": "not-a-leaf",
    "n02_rate_set_on_the_optimizer": "setting-not-read",
    "o05_best_model_is_the_same_model": "state-not-copied",
    "p39_exponential_taken_twice": "exponential-twice",
    "q13_scaled_in_place_again": "data-changed-in-place",
    "s02_each_view_is_nearest_to_itself": "compared-with-itself",
    "s06_padding_counts_in_the_loss": "padding-counted",
    "t06_sum_of_byte_images": "bytes-wrap-around",
    "y04_cosine_made_small": "likeness-made-small",
    "y08_positive_and_negative_exchanged": "positive-and-negative-exchanged",
    "af04_filled_by_a_function": "identical-units",
    "ae21_next_sentence_for_next_word": "next-sample-for-next-word",
    "ae22_margin_taken_away": "margin-taken-away",
    "ae23_steps_at_all_other_batches": "stepped-at-all-others",
    "ae24_warm_up_in_whole_numbers": "learning-rate-zero",
    "ae25_no_grad_without_with": "mode-not-entered",
    "ae30_temperature_of_the_teacher_alone": "one-temperature",
    "ae20_backward_writes_into_what_it_gets": "cotangent-written",
}
"""Scripts with mistakes that a change mends, and the word of each."""


def _told(path: Path, text: str) -> tuple[list[str], str, bool]:
    path.write_text(text)
    recording, code = record_here(str(path), overrides_for(text))
    found = explain(Session(recording))
    return [one.kind for one in found], next((one.fix for one in found if one.fix.startswith("---")), ""), bool(code)


@pytest.mark.filterwarnings("ignore")  # what PyTorch warns of is the script's
@pytest.mark.parametrize("name", [*SCRIPTS, *MENDED])
def test_the_change_mends_the_mistake(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "script.py"
    kind = MENDED.get(name, name)
    kinds, diff, failed = _told(path, SCRIPTS[name] if name in SCRIPTS else (FRESH / f"{name}.py").read_text())
    assert kinds[0] == kind
    assert not failed
    assert diff.startswith("--- script.py\n+++ script.py\n@@ ")
    subprocess.run(["patch", "-p0", "-s"], input=diff + "\n", text=True, cwd=tmp_path, check=True)  # it is a diff that others understand
    kinds, _, failed = _told(path, path.read_text())
    capsys.readouterr()
    assert kind not in kinds
    assert not failed
    assert name not in MENDED or kinds == []


def test_words_stay_where_no_line_alone_is_to_blame(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two layers with nothing between them: which function is to stand there only the user knows."""
    text = _script("for k in range(4):\n    loss = F.mse_loss(net(x), y)\n" + TURN).replace("nn.Tanh(), ", "")
    kinds, diff, _ = _told(tmp_path / "script.py", text)
    capsys.readouterr()
    assert kinds == ["no-activation"]
    assert diff == ""
