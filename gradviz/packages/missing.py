"""What is said of an import that fails: why it does in gradviz, and what to do."""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path
from types import TracebackType

# They call what is compiled into PyTorch itself, which nothing else can stand in for.
_OF_PYTORCH = frozenset(
    (
        "accelerate", "bitsandbytes", "botorch", "captum", "fastai", "gpytorch", "ignite", "kornia", "lightning", "pyro",
        "pytorch_lightning", "timm", "torch_geometric", "torchaudio", "torchdata", "torcheval", "torchinfo", "torchmetrics", "torchrl",
        "torchsummary", "torchtext", "torchvision", "torchviz", "transformers",
    )
)  # fmt: skip
# Packages that are installed under another name than they are imported.
_INSTALLED_AS = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
_KNOWN = frozenset(
    (
        "IPython", "einops", "gym", "gymnasium", "h5py", "matplotlib", "networkx", "pandas", "plotly", "requests", "rich", "scipy",
        "seaborn", "sympy", "tabulate", "tqdm",
    )
)  # fmt: skip
_MISSING = re.compile(r"No module named '([\w.]+)'")


def installs(package: str) -> str:
    """The command that installs a package for the Python that runs scripts."""
    return f"{sys.executable} -m pip install {_INSTALLED_AS.get(package, package)}"


def of_text(text: str) -> tuple[str, str] | None:
    """What to say of "No module named ...", and what to do; None where the text is another."""
    found = _MISSING.match(text)
    if found is None:
        return None
    package = found[1].partition(".")[0]
    if package == "torch":
        return None
    if package in _OF_PYTORCH:
        return _of_pytorch(package)
    if package in _INSTALLED_AS or package in _KNOWN:
        return f"{package} is not installed for the Python that runs scripts here.", f"Install it: {installs(package)}"
    right = misspelt(text)[1]
    if right:
        return f"There is no package {package}.", f"Is {right} meant?"
    return (
        f"There is neither a {package}.py beside the script nor an installed package of that name.",
        f"Put the file beside the script, or install the package: {installs(package)}",
    )


def misspelt(text: str) -> tuple[str, str]:
    """The package that is missing, and the one that is probably meant, "" where none comes near."""
    found = _MISSING.match(text)
    package = found[1].partition(".")[0] if found is not None else ""
    near = difflib.get_close_matches(package, ["torch", "numpy", *_KNOWN, *_INSTALLED_AS], n=1, cutoff=0.75)
    return package, near[0] if near and near[0] != package and package not in _OF_PYTORCH else ""


def of_error(error: BaseException) -> tuple[str, str] | None:
    """The same for an exception: also where a package is there and does not work on this engine."""
    package = _inside(error.__traceback__)
    if package:
        return _of_pytorch(package)
    return of_text(str(error)) if isinstance(error, ModuleNotFoundError) else None


def _of_pytorch(package: str) -> tuple[str, str]:
    return (
        f"{package} calls what is compiled into PyTorch itself, and gradviz runs scripts on an engine of its own.",
        "Take what the script needs of it into the script: layers as nn.Modules, data from a .npy or .csv file by numpy.",
    )


def _inside(trace: TracebackType | None) -> str:
    """The package of PyTorch's world in which an error happened, "" for none."""
    while trace is not None:
        for part in Path(trace.tb_frame.f_code.co_filename).parts:
            if part in _OF_PYTORCH:
                return part
        trace = trace.tb_next
    return ""
