"""PyTorch's autograd on numpy; the public names are torch's.

Nothing is loaded before a name is asked for (PEP 562): the window imports single modules of this package
to show a recording, and should not pay for the rest.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if name != "tensor" and importlib.util.find_spec(f"{__name__}.{name}") is not None:
        return importlib.import_module(f"{__name__}.{name}")
    return importlib.import_module(f"{__name__}.torch_module").lookup(name)


def __dir__() -> list[str]:
    return importlib.import_module(f"{__name__}.torch_module").public_names()  # type: ignore[no-any-return]
