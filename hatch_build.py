"""Build hook: in the wheel, `engine` and `ui` live inside `gradviz`.

In the source tree the three packages stand side by side. Thousands of users' projects have an `engine.py` or a
`ui/` of their own, so an installed gradviz must not own those names: the hook puts the files below `gradviz/`
and rewrites the imports that cross packages (`from engine.x import y` -> `from gradviz.engine.x import y`).
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MOVED = ("engine", "ui")
_CROSS = re.compile(rf"^(\s*)(from|import) ({'|'.join(MOVED)})(?=[. ])", re.MULTILINE)


def rewritten(text: str) -> str:
    """The source of a module with its cross-package imports pointing below gradviz."""
    return _CROSS.sub(r"\1\2 gradviz.\3", text)


class GradvizBuildHook(BuildHookInterface[Any]):
    """Adds the rewritten copies to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Copy the three packages into a scratch folder, rewritten, and force them into the wheel."""
        if version == "editable":
            build_data["pth_file"] = True
            return
        root = Path(self.root)
        scratch = root / "build" / "wheel"
        shutil.rmtree(scratch, ignore_errors=True)
        for package in ("gradviz", *MOVED):
            for source in sorted((root / package).rglob("*")):
                if not source.is_file() or "__pycache__" in source.parts:
                    continue
                inside = source.relative_to(root)
                target = Path("gradviz") / inside if package in MOVED else inside
                copy = scratch / target
                copy.parent.mkdir(parents=True, exist_ok=True)
                if source.suffix == ".py":
                    copy.write_text(rewritten(source.read_text(encoding="utf-8")), encoding="utf-8")
                else:
                    shutil.copyfile(source, copy)
                build_data["force_include"][str(copy)] = str(target)
