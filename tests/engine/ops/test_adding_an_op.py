"""The op that docs/adding-an-op.md adds: its block is put into a copy of the file that it names, and the op then does all that the text says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
USE = """
from engine import torch_module
torch = torch_module.install()
x = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
y = x.gd()
assert torch.equal(y, torch.gd(x))
assert y.grad_fn.name() == "GdBackward0", y.grad_fn.name()
y.sum().backward()
assert torch.allclose(x.grad, 1 / torch.cosh(x.detach()))
assert torch.autograd.gradcheck(torch.gd, x) and torch.autograd.gradgradcheck(torch.gd, x)
assert torch.gd(torch.tensor([1, 2])).dtype == torch.float32
z = torch.zeros(2)
assert z.gd_() is z
from gradviz.document.palette.catalogue import catalogue
assert "torch.gd" in catalogue()
print("done")
"""


def test_the_block_of_the_document_adds_the_op(tmp_path: Path) -> None:
    text = (ROOT / "docs/adding-an-op.md").read_text()
    block = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert block is not None
    assert len(block[1].splitlines()) <= 5
    for package in ("engine", "gradviz"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    family = tmp_path / "engine/ops/pointwise/functions.py"
    family.write_text(f"{family.read_text()}\n\n{block[1]}")
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout.strip() == "done", done.stderr
