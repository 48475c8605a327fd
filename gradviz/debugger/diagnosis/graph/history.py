"""Roots without a history: where the way back is cut."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...scene import GraphNode, NodeKind
from ...script.syntax import syntax_tree, unparse, walk
from ...words.names import node_title
from ..finding import Diagnosis, Fix, bound, last_of_line, maker, replaced, source_line

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_FAR = 200  # events that are looked through
_RESULTS = 400  # ops before a leaf among which its numbers are looked for
_LEFT = re.compile(r"\.item\(\)|\.numpy\(\)|\.tolist\(\)|\bfloat\(|\bint\(")  # values leave the graph
_REWRAPPED = re.compile(r"torch\.(tensor|as_tensor|from_numpy|FloatTensor|Tensor)\(")


def no_history(run: RecordedRun, _text: str, line: int) -> Diagnosis | None:
    """Walk back from the root to the first cut."""
    graph = run.graph()
    called = re.search(r"([A-Za-z_]\w*)\.backward\(", source_line(run, line))
    differentiated = re.search(r"\bgrad\(\s*([A-Za-z_]\w*)", source_line(run, line))
    name = called[1] if called is not None else differentiated[1] if differentiated is not None else ""
    first = _inside_of_a_function(run, line) or _first_order(run, name, line)
    if first is not None:
        return first
    named = [node for node in graph.nodes if name and node.title == name]
    made = [node for node in graph.nodes if node.kind in (NodeKind.OP, NodeKind.NO_GRAD, NodeKind.LOSS)]
    if not named and not made:
        return None
    root = (named or made)[-1]
    above = _above(run, root.id)
    names = dict.fromkeys(node.title for node in graph.nodes if node.id in above)
    lines = {node.line for node in graph.nodes if node.id in above}
    written = dict.fromkeys(word for number in sorted(lines) for word in re.findall(r"[A-Za-z_]\w*", source_line(run, number)))
    first = next((found for word in written if word != name and (found := _first_order(run, word, -1)) is not None), None)
    if first is not None:
        return first
    moved = next((found for title in names if (found := _rebound(run, root, title)) is not None), None)
    if moved is not None:
        return moved
    leaves = [node for node in graph.nodes if node.id in above and node.is_leaf]
    frozen = next((found for leaf in leaves if (found := _frozen_in_the_loop(run, root, leaf.id)) is not None), None)
    if frozen is not None:
        return frozen
    for leaf in (node for node in leaves if node.kind == NodeKind.PARAMETER and node is not root):
        why = run.why_not(leaf.id, root.id)
        if why.reason != "reached":
            cut = run.trace.latest_made(why.node, run.length)
            nodes = tuple(dict.fromkeys((leaf.id, why.node)))
            sentence = f"{root.title} has no history: {why.sentence}"
            advice = _ADVICE.get(why.reason, "")
            fix = _cut_fix(run, why.reason, why.node, why.line)
            return Diagnosis("no history", sentence, -1 if cut is None else cut, nodes, fix, advice, why.line)
    return _rewrapped(run, root, leaves) or _renewed(run, root) or _unflagged(run, root, leaves)


_ADVICE = {
    "not differentiable": "Use a smooth stand-in: softmax for argmax, a sigmoid for a comparison.",
    "dtype": "Use a smooth stand-in: softmax or cross_entropy for argmax, a sigmoid for a comparison.",
    "inference_mode": "Compute it outside inference_mode.",
    "flag": "Set requires_grad=True on what you want the gradient of.",
}


def _inside_of_a_function(run: RecordedRun, line: int) -> Diagnosis | None:
    """grad() or backward() in the backward of a Function, where nothing is recorded unless it is switched on."""
    tree = syntax_tree(run.recording.source)
    for holder in walk(tree):
        if not (
            isinstance(holder, ast.FunctionDef)
            and holder.name == "backward"
            and holder.args.args
            and holder.args.args[0].arg in ("ctx", "self")
        ):
            continue
        asking = [node for node in walk(holder) if isinstance(node, ast.Call) and unparse(node.func).split(".")[-1] in ("grad", "backward")]
        inside = any(holder.lineno <= node.lineno <= line <= (node.end_lineno or node.lineno) for node in asking)
        begun = (run.columns.kind == int(Kind.BACKWARD_BEGIN)) & (run.columns.line == line)
        if not asking or "enable_grad" in unparse(holder) or not (inside or begun.any()):
            continue
        rows = np.flatnonzero(
            (run.columns.line > holder.lineno) & (run.columns.line <= asking[0].lineno) & (run.columns.kind == int(Kind.OP))
        )
        made = run.trace.event(int(rows[-1])) if len(rows) else None
        where = made.line if made is not None else asking[0].lineno
        return Diagnosis(
            "no history", f"Inside of the backward() of a Function (line {holder.lineno}) nothing is recorded: what line {where} computes there has no history, and line {asking[0].lineno} asks for its gradient.",
            -1 if made is None else made.index, (made.site,) if made is not None and made.site >= 0 else (), None, "Compute it within with torch.enable_grad():.", where,
        )  # fmt: skip
    return None


def _frozen_in_the_loop(run: RecordedRun, root: GraphNode, leaf: int) -> Diagnosis | None:
    """A parameter that a turn of the loop froze, such as a discriminator while the generator learns, and that nothing has unfrozen again."""
    trace = run.trace
    made = trace.event(int(trace.made[leaf][-1])) if len(trace.made[leaf]) else None
    if made is None or not made.writes or not made.detail.get("requires_grad"):
        return None
    flag = trace.last_write(trace.location("flag", trace.tensor_of(made.writes[0].location)), run.length - 1)
    event = trace.event(flag) if flag is not None else None
    if event is None or event.kind != Kind.SET_REQUIRES_GRAD or event.detail.get("value") or event.epoch < 0:
        return None
    name = node_title(trace, run.recording.sites[leaf])
    return Diagnosis(
        "no history", f"{root.title} has no history: {name} and what else it is computed from does not require grad. Line {event.line} has frozen it in this turn of the loop, and nothing "
        f"has unfrozen it before {root.title} was computed.", flag if flag is not None else -1, (leaf,), None,
        "Unfreeze it before its own turn: requires_grad_(True) on the same module.", event.line,
    )  # fmt: skip


def _above(run: RecordedRun, root: int) -> set[int]:
    into: dict[int, list[int]] = {}
    for edge in run.graph().edges:
        if edge.kind != "bucket":
            into.setdefault(edge.target, []).append(edge.source)
    above, queue = {root}, [root]
    while queue:
        for source in into.get(queue.pop(), ()):
            if source not in above:
                above.add(source)
                queue.append(source)
    return above


def _first_order(run: RecordedRun, name: str, line: int) -> Diagnosis | None:
    """The root is itself a gradient, and the pass that made it was not recorded."""
    trace, columns = run.trace, run.columns
    found = bound(run, name) if name else None
    begins = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN)).tolist()
    candidates = [trace.event(row) for row in begins if not trace.event(row).detail.get("create_graph")]
    text = source_line(run, found.line) if found is not None else source_line(run, line)
    made_by = next((event for event in reversed(candidates) if found is not None and event.line == found.line), None)
    if made_by is None and re.search(r"\.grad\b", source_line(run, line)) and candidates:
        made_by, text = candidates[-1], source_line(run, candidates[-1].line)
    if made_by is None or not re.search(r"\bgrad\(|\.backward\(", text):
        return None
    where = made_by.line
    before = source_line(run, where)
    after = re.sub(r"\)(\s*(?:#.*)?)$", r", create_graph=True)\1", before, count=1).replace("(, ", "(")
    return Diagnosis(
        "no history",
        f"{name or 'The root'} is a gradient, computed in line {where} without create_graph=True: it is a plain number, and how it came about was not recorded.",
        made_by.index, tuple(dict.fromkeys(n for n in (made_by.site,) if n >= 0)), Fix(where, before, after) if after != before else None,
        "create_graph=True records the backward pass, so that it can be differentiated again.",
    )  # fmt: skip


def _rebound(run: RecordedRun, root: GraphNode, title: str) -> Diagnosis | None:
    """An update that bound the parameter's name to a new tensor: `w = w - lr * w.grad` under no_grad."""
    event = maker(run, title)
    if event is None:
        return None
    text = source_line(run, event.line)
    found = re.match(r"^(\s*)([A-Za-z_]\w*)\s*=\s*\2\s*-\s*(.+)$", text)
    if found is None or event.grad_mode or ".grad" not in text:
        return None
    indent, name, update = found.groups()
    return Diagnosis(
        "no history",
        f"Line {event.line} makes a new tensor under no_grad and gives it the name {name}: it is no parameter any more, it does not require grad, "
        f"and {root.title} is computed from it.",
        event.index, (event.site, root.id), Fix(event.line, text, f"{indent}{name} -= {update}"), "Write into the old tensor: -= keeps the leaf.",
    )  # fmt: skip


def _switched_off(run: RecordedRun, root: GraphNode, made: Event) -> Diagnosis | None:
    """Recording was off when the root was computed: where it was switched off."""
    trace, columns = run.trace, run.columns
    modes = np.flatnonzero(np.isin(columns.kind[: made.index], (int(Kind.MODE_ENTER), int(Kind.MODE_EXIT)))).tolist()
    off = next((event for row in reversed(modes) if not (event := trace.event(row)).detail.get("enabled", True)), None)
    if off is None:
        return None
    mode = str(off.detail.get("mode", "no_grad"))
    return Diagnosis(
        "no history",
        f"{root.title} was computed in line {made.line} while nothing was recorded: {mode} in line {off.line} switched it off.", made.index,
        (root.id,), None, "Use it as a block (with torch.no_grad():), which ends by itself, or switch recording on again: torch.set_grad_enabled(True).", off.line,
    )  # fmt: skip


def _renewed(run: RecordedRun, root: GraphNode) -> Diagnosis | None:
    """What the root was computed from was itself computed in an earlier turn, under no_grad, from something that had a history."""
    trace = run.trace
    row = trace.latest_made(root.id, run.length)
    queue = [trace.event(row)] if row is not None else []
    seen = {event.index for event in queue}
    if queue and not queue[0].grad_mode:
        return _switched_off(run, root, queue[0])
    for event in queue:
        for ref in event.reads:
            if trace.requires_grad(ref.location, event.index - 1) and not event.grad_mode and event.kind == Kind.OP:
                text = source_line(run, event.line).strip()
                return Diagnosis(
                    "no history",
                    f"{root.title} is computed from what line {event.line} has made under no_grad ({text}): a new tensor, which does not require grad, in the place of "
                    "the parameter.",
                    event.index, tuple(dict.fromkeys(n for n in (event.site, root.id) if n >= 0)), None,
                    "Write into the old tensor (p -= lr * p.grad), or ask for grad again: new.requires_grad_().", event.line,
                )  # fmt: skip
            made = trace.last_write(ref.location, event.index - 1)
            if made is not None and made not in seen and len(queue) < _FAR:
                seen.add(made)
                queue.append(trace.event(made))
    return None


def _rewrapped(run: RecordedRun, root: GraphNode, leaves: list[GraphNode]) -> Diagnosis | None:
    """A leaf that was made of numbers which had left the graph: torch.tensor(x.item()), from_numpy(x.detach().numpy())."""
    lines = run.recording.source.splitlines()
    others = [node for node in run.graph().nodes if node.kind == NodeKind.PARAMETER]
    for leaf in leaves:
        text = source_line(run, leaf.line)
        filled = next(
            (k for k, line in enumerate(lines, 1) if re.match(rf"\s*{re.escape(leaf.title)}\[.*\]\s*=", line) and _LEFT.search(line)), 0
        )
        if filled and others:
            row = run.trace.latest_made(leaf.id, run.length)
            return Diagnosis(
                "no history", f"{leaf.title} (line {leaf.line}) is filled with plain numbers: line {filled} takes them out of the graph before it writes them.",
                -1 if row is None else row, tuple(dict.fromkeys((leaf.id, root.id))), replaced(run, filled, r"\.item\(\)", ""),
                "Write the tensors themselves, or collect them in a list for torch.stack.", filled,
            )  # fmt: skip
        listed = re.search(r"torch\.(?:tensor|as_tensor)\(\s*([A-Za-z_]\w*)\s*\)", text)
        of_results = any(f"{listed[1]}.append(" in line for line in lines) or _of_results(run, leaf) if listed is not None else False
        if listed is not None and others and of_results:
            row = run.trace.latest_made(leaf.id, run.length)
            return Diagnosis(
                "no history", f"torch.tensor({listed[1]}) in line {leaf.line} makes a new leaf of the numbers in the list: the histories of its entries are left behind.",
                -1 if row is None else row, tuple(dict.fromkeys((leaf.id, root.id))), replaced(run, leaf.line, r"torch\.(?:tensor|as_tensor)\(", "torch.stack("),
                "torch.stack(list) keeps them.", leaf.line,
            )  # fmt: skip
        wrapped = _REWRAPPED.search(text)
        if wrapped is None or not others:
            continue
        names = set(re.findall(r"[A-Za-z_]\w*", text[wrapped.end() :]))
        gone = leaf.line if _LEFT.search(text[wrapped.end() :]) else 0
        if not gone:
            gone = next((k for k in range(leaf.line - 1, 0, -1) if _LEFT.search(lines[k - 1]) and names & set(re.findall(r"[A-Za-z_]\w*", lines[k - 1].split("=")[0]))), 0)  # fmt: skip
        inner = re.search(r"torch\.tensor\(\s*([A-Za-z_][\w.]*)\s*\)", text)
        if not gone and (inner is None or bound(run, inner[1]) is None):
            continue
        event = run.trace.latest_made(leaf.id, run.length)
        fix = None
        if inner is not None and not gone:
            fix = Fix(leaf.line, text, text.replace(inner[0], inner[1], 1))
        elif gone:
            fix = replaced(run, gone, r"torch\.tensor\((.+)\.item\(\)\)", r"\1") if gone == leaf.line else None
        how = _LEFT.search(lines[gone - 1])[0].strip("(") if gone and _LEFT.search(lines[gone - 1]) else "torch.tensor"  # type: ignore[index]
        where = f"{how} in line {gone} took the numbers out of the graph, and line" if gone else "line"
        sentence = f"{leaf.title} (line {leaf.line}) is a new leaf of plain numbers: {where} {leaf.line} wrapped them up again without their history."
        return Diagnosis(
            "no history", sentence, -1 if event is None else event, tuple(dict.fromkeys((leaf.id, root.id))), fix,
            "Stay with tensors from the parameters to the loss; take numbers out only to print them.",
        )  # fmt: skip
    return None


def _of_results(run: RecordedRun, leaf: GraphNode) -> bool:
    """Whether the numbers of a leaf are those of single results with a history, as when a list of losses is made a tensor."""
    row = run.trace.latest_made(leaf.id, run.length)
    made = run.trace.event(row) if row is not None else None
    array = run.recording.array(made.writes[0].value) if made is not None and made.writes and made.writes[0].value >= 0 else None
    if made is None or array is None or array.ndim != 1 or not array.size:
        return False
    rows = np.flatnonzero(run.columns.kind[: made.index] == int(Kind.OP))[-_RESULTS:].tolist()
    single = [
        value
        for event in map(run.trace.event, rows)
        if event.detail.get("grad_fn")
        and event.writes
        and event.writes[0].value >= 0
        and run.recording.form(event.writes[0].value)[0] == ()
        for value in (run.recording.array(event.writes[0].value),)
        if value is not None
    ]
    return all(any(one == value for value in single) for one in array)


def _unflagged(run: RecordedRun, root: GraphNode, leaves: list[GraphNode]) -> Diagnosis:
    names = ", ".join(dict.fromkeys(node.title for node in leaves[:4])) or "numbers"
    fix, event = None, -1
    floating = [node for node in leaves if node.dtype.startswith("float") and node.line]
    if floating:
        made = run.trace.latest_made(floating[0].id, run.length)
        event = -1 if made is None else made
        before = source_line(run, floating[0].line)
        if "torch." in before and "requires_grad" not in before:
            after = re.sub(r"\)(\s*(?:#.*)?)$", r", requires_grad=True)\1", before, count=1).replace("(, ", "(")
            fix = Fix(floating[0].line, before, after) if after != before else None
    return Diagnosis(
        "no history", f"{root.title} is computed from {names} only, and none of them requires grad.", event,
        (root.id, *(node.id for node in leaves)), fix, "Set requires_grad=True on what you want the gradient of.",
    )  # fmt: skip


def _cut_fix(run: RecordedRun, reason: str, node: int, mode: int) -> Fix | None:
    """Take the cut away, where it stands in one line."""
    line = run.recording.sites[node].line
    before = source_line(run, line)
    if reason == "detach" and ".detach()" in before:
        return Fix(line, before, before.replace(".detach()", "", 1))
    if reason == "no_grad":
        for number in (mode, *range(line, max(0, line - 30), -1)):
            text = source_line(run, number)
            if re.match(r"^\s*with torch\.no_grad\(\):\s*$", text):
                return Fix(number, text, text.replace("torch.no_grad()", "torch.enable_grad()"))
    return None


def none_has_no(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """A `.grad` that is None was used as a tensor: why it is None."""
    found = re.search(r"([A-Za-z_]\w*)\.grad\b", source_line(run, line))
    if found is None or "NoneType" not in text:
        return None
    name = found[1]
    made, named = maker(run, name), bound(run, name)
    if made is None or named is None:
        return _of_a_parameter(run, found[0].removesuffix(".grad"), line)
    tensor = run.trace.tensor_of(named.reads[0].location)
    if made.kind != Kind.CREATE_LEAF and made.detail.get("grad_fn"):
        return _of_non_leaf(run, name, made, named, line)
    writes = run.trace.writes(run.trace.location("grad", tensor))
    zeroed = next((run.trace.event(row) for row in reversed(writes) if run.columns.kind[row] == int(Kind.ZERO_GRAD)), None)
    if zeroed is not None:
        return Diagnosis(
            "grad is None", f"{name}.grad is None in line {line}: it was set to None in line {zeroed.line}, and no backward() has come since.",
            zeroed.index, (made.site,), replaced(run, line, rf"{name}\.grad\.zero_\(\)", f"{name}.grad = None"),
            "Use it before it is cleared, or call backward() first.",
        )  # fmt: skip
    first = not (run.columns.kind == int(Kind.BACKWARD_BEGIN)).any()
    why = "no backward() has run yet" if first else run.why_not(made.site).sentence.rstrip(".")
    guard = replaced(run, line, r"^(\s*)(\S.*)$", rf"\1if {name}.grad is not None:\n\1    \2")
    return Diagnosis(
        "grad is None", f"{name}.grad is None in line {line}: {why}.", made.index, (made.site,), guard,
        "A .grad comes into being with the first backward() that reaches the leaf.",
    )  # fmt: skip


def _of_a_parameter(run: RecordedRun, name: str, line: int) -> Diagnosis | None:
    """The `.grad` of what a loop over parameters gives: whether all were None then, and since when, or which one was never reached."""
    columns = run.columns
    failed = last_of_line(run, line)
    begun = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    cleared = np.flatnonzero(columns.kind == int(Kind.ZERO_GRAD))
    if len(cleared) and len(begun) and cleared[-1] > begun[-1]:
        zeroed = run.trace.event(int(cleared[-1]))
        why, advice = (
            f"line {zeroed.line} set it to None, and no backward() has come since",
            "Use it before it is cleared, or after backward().",
        )
        return Diagnosis("grad is None", f"{name}.grad is None in line {line}: {why}.", zeroed.index, (), None, advice, line)
    if not len(begun):
        why, advice = (
            "no backward() has run yet",
            "Call backward() first: a .grad comes into being with the first one that reaches the leaf.",
        )
        return Diagnosis("grad is None", f"{name}.grad is None in line {line}: {why}.", failed, (), None, advice, line)
    reached = set(run.recording.first_owners(np.flatnonzero(columns.kind == int(Kind.ACCUMULATE))).tolist())
    for site in run.recording.sites:
        rows = run.trace.made[site.index] if site.role == "leaf" else []
        event = run.trace.event(int(rows[-1])) if len(rows) else None
        if (
            event is None
            or not event.writes
            or not event.detail.get("requires_grad")
            or run.trace.tensor_of(event.writes[0].location) in reached
        ):
            continue
        why = run.why_not(site.index).sentence.rstrip(".")
        return Diagnosis(
            "grad is None", f"{name}.grad is None in line {line}, of {node_title(run.trace, site)}: {why}.", event.index, (site.index,), None,
            f"Leave out those without a gradient: if {name}.grad is not None.", line,
        )  # fmt: skip
    return None


def _of_non_leaf(run: RecordedRun, name: str, made: Event, named: Event, line: int) -> Diagnosis:
    text = source_line(run, named.line)
    update = re.match(rf"^(\s*){name}\s*=\s*{name}\s*-\s*(.+)$", text)
    if update is not None:
        fix: Fix | None = Fix(
            named.line, text, f"{update[1]}with torch.no_grad():\n{update[1]}    {name} -= {update[2]}\n{update[1]}{name}.grad = None"
        )
        why = f"the update in line {named.line} made a new tensor and gave it the name {name}"
        advice = "Write into the leaf under no_grad, so that it stays one."
    else:
        moved = re.match(rf"^(\s*){name}\s*=\s*(.+?),?\s*requires_grad=True\)(.*)$", text)
        fix = Fix(named.line, text, f"{moved[1]}{name} = ({moved[2]}){moved[3]}).requires_grad_()") if moved is not None else None
        why = f"line {named.line} computed it ({made.detail.get('op')}) from a leaf, and the leaf is where the gradient went"
        advice = "Ask for grad last, on the finished tensor: .requires_grad_(); or keep the gradient here with retain_grad()."
    return Diagnosis(
        "grad is None", f"{name}.grad is None in line {line}, for {name} is no leaf: {why}.", named.index, (made.site,), fix, advice
    )
