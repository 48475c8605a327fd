"""What training scripts of several processes and GPUs import and set at their top is there; what one process cannot do says PyTorch's words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import torch, torch.nn as nn, torch.overrides, torch.sparse
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.distributed import init_process_group, destroy_process_group
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils._pytree import tree_map

def told(call):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)

told(lambda: DDP(nn.Linear(2, 3)))
told(lambda: init_process_group(backend="gloo"))
told(destroy_process_group)
told(dist.get_rank)
told(lambda: torch._assert(False, "bad"))
torch.backends.cuda.matmul.allow_tf32 = True
print(torch.backends.cuda.matmul.allow_tf32, torch.backends.cuda.flash_sdp_enabled(), dist.is_initialized(), mp.cpu_count() > 0)
print(tree_map(lambda x: x * 2, {"a": [1, (2, 3)]}), torch.overrides.is_tensor_like(torch.ones(1)), torch.nn.attention.SDPBackend.MATH)
"""
PRINTED = """\
ValueError Default process group has not been initialized, please make sure to call init_process_group.
ValueError Error initializing torch.distributed using env:// rendezvous: environment variable RANK expected, but not set
AssertionError Process group cannot be None
ValueError Default process group has not been initialized, please make sure to call init_process_group.
AssertionError bad
True True False True
{'a': [2, (4, 6)]} True SDPBackend.MATH
"""  # what PyTorch 2.13 prints


def test_the_top_of_a_training_script(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    done = subprocess.run([sys.executable, ROOT / "main.py", "run", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == (PRINTED, 0), done.stderr
