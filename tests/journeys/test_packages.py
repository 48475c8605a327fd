"""Scripts that import what is not installed here: pictures and progress are left out, the rest is said."""

from __future__ import annotations

import importlib.util

import pytest

from tests.journeys.terminal import Terminal

without = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is not None for name in ("matplotlib", "tqdm", "seaborn", "tensorboard")),
    reason="what would be missing is installed",
)

PICTURES = """\
import numpy as np
import torch
import matplotlib
import matplotlib.pyplot as plt
import seaborn as sns
from mpl_toolkits.mplot3d import Axes3D
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm, trange

matplotlib.use("TkAgg")
plt.style.use("ggplot")
plt.rcParams["figure.figsize"] = (3, 4)
sns.set_theme()
writer = SummaryWriter("runs")
w = torch.tensor([1.0, 2.0], requires_grad=True)
losses = []
bar = tqdm(range(3), desc="epochs")
for epoch in bar:
    loss = (w**2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
    losses.append(loss.item())
    bar.set_postfix(loss=loss.item())
    writer.add_scalar("loss", loss, epoch)
fig, axes = plt.subplots(2, 3)
for ax in axes.flat:
    (line,) = ax.plot(losses)
    ax.set(xlabel="epoch", ylabel="loss")
fig, ax = plt.subplots()
ax = ax or plt.gca()
fig.add_subplot(111, projection="3d").scatter([1], [2], c=plt.cm.viridis(0.5))
with plt.style.context("dark_background"):
    plt.colorbar(plt.imshow(np.eye(3)))
counts, edges, bars = plt.hist(w.detach().numpy(), bins=4)
plt.show()
with tqdm(total=5) as more:
    more.update(2)
    more.write("two of five")
print([round(x, 4) for x in losses], axes.shape, counts, len(edges), [i for i in trange(2)], len(bar), more.n)
"""


@without
def test_a_script_that_draws_runs_on_without_its_pictures(terminal: Terminal) -> None:
    terminal.writes("drawing.py", PICTURES)
    done = terminal.types("run drawing.py")
    assert done.out == "two of five\n[5.0, 3.2, 2.048] (2, 3) [1. 0. 0. 1.] 5 [0, 1] 3 2\n", done.err
    assert [line.split(" (to have it")[0] for line in done.err.splitlines()] == [
        "gradviz: matplotlib is not installed, what it would draw is left out",
        "gradviz: seaborn is not installed, what it would draw is left out",
        "gradviz: torch.utils.tensorboard is not in gradviz, what it would log is left out",
        "gradviz: tqdm is not installed, its progress bars are left out",
    ]
    assert terminal.types("explain drawing.py").out == "Nothing is wrong or suspicious.\n"


@without
def test_where_the_course_of_a_script_depends_on_a_picture_nothing_is_made_up(terminal: Terminal) -> None:
    terminal.writes("colours.py", "import matplotlib.pyplot as plt\nfor colour in plt.cm.tab10.colors:\n    print(colour)\n")
    done = terminal.types("run colours.py")
    assert done.code == 1
    assert "line 2, in <module>" in done.err
    assert "ModuleNotFoundError: No module named 'matplotlib'\nmatplotlib is not installed for the Python that runs" in done.err


def test_a_package_that_is_there_is_itself(terminal: Terminal) -> None:
    terminal.writes("matplotlib.py", "NAME = 'of the user'\n")
    terminal.writes("script.py", "import matplotlib\nprint(matplotlib.NAME)\n")
    assert terminal.types("run script.py").out == "of the user\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import torchvision", "torchvision calls what is compiled into PyTorch itself, and gradviz runs scripts on an engine of its own."),
        ("import skimage", "skimage is not installed for the Python that runs scripts here."),
        ("import nothing_of_this_name", "There is neither a nothing_of_this_name.py beside the script nor an installed package"),
        ("import troch", "There is no package troch. Fix: write import torch"),
    ],
)
def test_an_import_that_fails_is_explained(terminal: Terminal, source: str, said: str) -> None:
    terminal.writes("script.py", f"import torch\n{source}\nprint(torch.ones(2))\n")
    done = terminal.types("explain script.py")
    assert done.out.startswith("line 2: missing-package: ModuleNotFoundError: No module named '"), done.err
    assert said in done.out
    assert said.partition(" Fix")[0] in terminal.types("run script.py").err


def test_a_package_made_for_pytorch_that_is_installed_is_explained_as_well(terminal: Terminal) -> None:
    (terminal.folder / "torchvision").mkdir()
    terminal.writes("torchvision/__init__.py", "import torch\ntorch._C._import_ops()\n")
    terminal.writes("script.py", "import torchvision\n")
    assert "torchvision calls what is compiled into PyTorch itself" in terminal.types("run script.py").err
