"""No two files need each other: what one imports, at its head, inside a function or for its types only, never leads back to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import networkx as nx

ROOT = Path(__file__).parents[2]
# Circles that are meant, by the files in them.
MEANT = (
    # The heart of the engine: a tensor has operators, operators make tensors, and both make the nodes that backward goes through.
    {
        "engine.calls.admission", "engine.graph.backward", "engine.graph.requests", "engine.graph.roots", "engine.creation.constructor", "engine.graph.cotangents", "engine.graph.course", "engine.creation.factories", "engine.calls.deprecated",
        "engine.environment", "engine.events", "engine.graph.firing", "engine.random.generator", "engine.creation.given", "engine.graph.node", "engine.memory.inplace", "engine.graph.kept",
        "engine.creation.legacy", "engine.modes", "engine.naming.namespace", "engine.nn.parameter", "engine.graph.node_hooks", "engine.op", "engine.ops.views.join",
        "engine.ops.reductions.reduce", "engine.ops.views.reshape", "engine.ops.views.shape", "engine.graph.pulls", "engine.calls.quick", "engine.naming.rows", "engine.graph.saved",
        "engine.calls.signatures", "engine.tensor", "engine.memory.views", "engine.graph.written",
    },
)  # fmt: skip


def files() -> dict[str, Path]:
    found = {}
    for package in ("engine", "gradviz", "ui"):
        for file in (ROOT / package).rglob("*.py"):
            if "data" not in file.relative_to(ROOT).parts:
                found[".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = file
    return found


def arrows(module: str, file: Path, known: dict[str, Path]) -> Iterator[str]:
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        if not isinstance(node, ast.ImportFrom):
            continue
        parts = package.split(".")
        base = (
            ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])]) if node.level else node.module or ""
        )
        for alias in node.names:
            yield from [name for name in (f"{base}.{alias.name}", base) if name in known][:1]


def circles(known: dict[str, Path]) -> list[list[str]]:
    graph = nx.DiGraph((module, to) for module, file in known.items() for to in arrows(module, file, known) if to != module)
    return [sorted(each) for each in nx.strongly_connected_components(graph) if len(each) > 1]


def test_only_what_is_meant_leads_back() -> None:
    assert circles(files()) == [sorted(circle) for circle in MEANT]  # what has left one is to be taken out above


def test_a_circle_is_found_by_every_kind_of_import(tmp_path: Path) -> None:
    texts = {
        "a": "from .b import B",
        "b": "def late():\n    from .c import C",
        "c": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import A",
        "d": "from . import a",
    }
    known = {f"p.{name}": tmp_path / f"{name}.py" for name in texts}
    for name, text in texts.items():
        known[f"p.{name}"].write_text(text)
    assert circles(known) == [["p.a", "p.b", "p.c"]]
