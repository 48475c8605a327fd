"""No two files need each other: what one imports, at its head or inside a function, never leads back to it.

What stands under TYPE_CHECKING does not count in a window: a part may name the type of the whole that it belongs to. In gradviz it counts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import networkx as nx

ROOT = Path(__file__).parents[2]
# The heart of the engine: a tensor has operators, operators make tensors.
HEART = {"engine.tensor"}


def files() -> dict[str, Path]:
    found = {}
    for package in ("engine", "gradviz", "ui"):
        for file in (ROOT / package).rglob("*.py"):
            if "data" not in file.relative_to(ROOT).parts:
                found[".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = file
    return found


def imported(tree: ast.AST, types: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and not types:
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        yield from imported(node, types)


def arrows(module: str, file: Path, known: dict[str, Path], types: bool) -> Iterator[str]:
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in imported(ast.parse(file.read_text(encoding="utf-8")), types):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
            continue
        parts = package.split(".")
        base = (
            ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])]) if node.level else node.module or ""
        )
        for alias in node.names:
            yield from [name for name in (f"{base}.{alias.name}", base) if name in known][:1]


def circles(known: dict[str, Path], types: bool) -> list[list[str]]:
    graph = nx.DiGraph((module, to) for module, file in known.items() for to in arrows(module, file, known, types) if to != module)
    return [sorted(each) for each in nx.strongly_connected_components(graph) if len(each) > 1 and not HEART & each]


def test_no_circles() -> None:
    assert circles(files(), types=False) == []


def test_in_gradviz_not_even_types_lead_back() -> None:
    assert circles({module: file for module, file in files().items() if module.startswith("gradviz.")}, types=True) == []
