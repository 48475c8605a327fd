"""One plain English sentence for each event, with its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Event
from ...terminal import without_orders
from .names import expression, name_of, output_names, result_name

if TYPE_CHECKING:
    from ..scene import Picture
    from ..trace.trace import Trace

_LONGEST = 1000  # characters of what was printed
_SHOWN = 6  # numbers written out; more are told by shape and norm


def number(value: float) -> str:
    """Two or three digits that matter, as one says a number."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value and 1e-3 <= abs(value) < 0.1:
        return f"{value:.2g}"
    if value == 0 or 0.1 <= abs(value) < 1e5:
        text = f"{value:.2f}" if abs(value) < 100 else f"{value:.1f}"
        return text.rstrip("0").rstrip(".")
    return f"{value:.2e}"


def numbers(picture: Picture | None) -> str:
    """A value in words: its numbers when few, else shape and norm; "None" for none."""
    if picture is None:
        return "None"
    array = picture.array
    if array is None or array.size > _SHOWN:
        return f"{_sized(picture.stats.shape)} of norm {number(picture.stats.whole_norm)}"
    if array.dtype.kind not in "fiub":
        return np.array2string(array)
    return _nested(array.tolist())


def joined(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"; of more than three the first, and how many there are besides."""
    if len(parts) > 3:
        return f"{parts[0]} and {len(parts) - 1} more"
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _cut(text: str) -> str:
    """A script may print millions of characters at once: a caption is a sentence."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text) - _LONGEST:,} more characters)"


def _sized(shape: tuple[int, ...]) -> str:
    """ "8 numbers", "a 3x4 tensor", "an 8x3 tensor"."""
    if len(shape) == 1:
        return f"{shape[0]:,} number{'' if shape[0] == 1 else 's'}"
    text = "x".join(map(str, shape)) or "scalar"
    return f"{'an' if text[0] == '8' or text.split('x')[0] in ('11', '18') else 'a'} {text} tensor"


def _nested(values: Any) -> str:
    if isinstance(values, list):
        return "[" + ", ".join(_nested(v) for v in values) + "]"
    return str(values) if isinstance(values, bool) else number(float(values))


class _Teller:
    """One sentence a kind of event."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def title(self, site: int, event: Event) -> str:
        return name_of(self.trace, site, event.index)

    def tensor(self, location: int, event: Event) -> str:
        """The name of the tensor that a location belongs to."""
        return self.title(self.trace.site_of_tensor(self.trace.tensor_of(location)), event)

    def written(self, event: Event, place: int = 0) -> str:
        return numbers(self.trace.picture(event.writes[place].value)) if place < len(event.writes) else "None"

    def read(self, event: Event, place: int = 0) -> str:
        return numbers(self.trace.picture(event.reads[place].value)) if place < len(event.reads) else "None"

    def before(self, event: Event) -> str:
        """What the written location held before."""
        return numbers(self.trace.picture(self.trace.value_at(event.writes[0].location, event.index - 1)))

    def grad_fn(self, event: Event) -> str:
        if event.site < 0:
            return "a node"
        site = self.trace.recording.sites[event.site]
        return site.grad_fn or site.op

    def create_leaf(self, event: Event) -> str:
        flag = ", requires_grad=True" if event.detail.get("requires_grad") else ""
        return f"{self.title(event.site, event)} created: {self.written(event)}{flag}"

    def bind_name(self, event: Event) -> str:
        return f"the name {event.detail.get('name', '')} now stands for this tensor"

    def set_requires_grad(self, event: Event) -> str:
        value = bool(event.detail["value"])
        effect = "what follows is recorded" if value else "nothing that follows is recorded for it"
        return f"{self.tensor(event.writes[0].location, event)}.requires_grad is now {value}: {effect}"

    def mode_enter(self, event: Event) -> str:
        mode = event.detail.get("mode", "no_grad")
        return f"{mode} begins: operations are {'recorded' if event.detail.get('enabled') else 'not recorded'}"

    def mode_exit(self, event: Event) -> str:
        mode = event.detail.get("mode", "no_grad")
        return f"{mode} ends: operations are {'recorded again' if event.detail.get('enabled') else 'still not recorded'}"

    def op(self, event: Event) -> str:
        history = "" if self.trace.has_history(event) else " (not recorded for a gradient)"
        name = self.trace.recording.sites[event.site].name if event.site >= 0 else ""
        names = output_names(self.trace, event)
        if name and names:
            name = ", ".join(variable if variable.isidentifier() else "_" for variable in names)
        made = joined([self.written(event, place) for place in range(max(len(names), 1))])
        text = expression(self.trace, event)
        return f"{name} = {text} computed: {made}{history}" if name else f"{text} computed: {made}{history}"

    def view(self, event: Event) -> str:
        return f"{self.op(event)}; it shares the memory of {self.tensor(event.reads[0].location, event)}" if event.reads else self.op(event)

    def detach(self, event: Event) -> str:
        source = self.tensor(event.reads[0].location, event) if event.reads else "a tensor"
        return f"detached from {source}: the same numbers, no history, so no gradient goes back from here"

    def save(self, event: Event) -> str:
        what = self.tensor(event.reads[0].location, event) if event.reads else event.detail.get("name", "a value")
        return f"{self.grad_fn(event)} keeps {what} (version {event.detail.get('version', 0)}) for the backward pass"

    def inplace_write(self, event: Event) -> str:
        old, new = event.detail.get("old"), event.detail.get("new")
        versions = f" (version {old} becomes {new})" if old is not None and new is not None else ""
        how = {
            "data": "behind autograd's back (.data)",
            "optimizer": "by the optimizer",
            "what_if": "by a what-if change",
        }
        via = how.get(str(event.detail.get("via", "op")), "in place")
        return f"{self.tensor(event.writes[0].location, event)} overwritten {via}{versions}: now {self.written(event)}"

    def backward_begin(self, event: Event) -> str:
        roots = " and ".join(self.tensor(ref.location, event) for ref in event.reads) or "a tensor"
        return f"backward begins at {roots}"

    def seed(self, event: Event) -> str:
        root = self.title(event.site, event)
        if event.writes and (picture := self.trace.picture(event.writes[0].value)) and not picture.stats.shape:
            ratio = f"d{root}/d{root}" if root.isidentifier() else f"d({root})/d({root})"
            return f"{ratio} = {numbers(picture)} is put on {self.grad_fn(event)}"
        return f"the gradient {self.written(event)} is put on {self.grad_fn(event)} of {root}"

    def vjp(self, event: Event) -> str:
        incoming = [ref for ref in event.reads if self.trace.recording.locations[ref.location].kind == "gin"]
        upstream = joined([numbers(self.trace.picture(ref.value)) for ref in incoming]) or "the gradient"
        results = " and ".join(self.written(event, place) for place in range(len(event.writes)))
        come, go = ("come" if len(incoming) > 1 else "comes"), ("go" if len(event.writes) > 1 else "goes")
        return f"{self.grad_fn(event)} fires: {upstream} {come} in, {results or 'nothing'} {go} on"

    def deliver(self, event: Event) -> str:
        call, output = int(event.detail["target"]), int(event.detail.get("output_nr", 0))
        target = self.trace.site_of_call(call)
        arrived, expected = int(event.detail.get("arrived", 1)), int(event.detail.get("expected", 1))
        leaf = self.trace.leaf_of.get(target)
        name = self.title(leaf, event) if leaf is not None else result_name(self.trace, call, output, event.index)
        if expected <= 1:
            return f"the gradient arrived at {name}: {self.written(event)}"
        made = self.trace.rows_of_call(call).made
        if made and output_names(self.trace, self.trace.event(made[0])):  # those of different results are not summed
            site = self.trace.recording.sites[target]
            return f"{arrived} of {expected} cotangents arrived at {site.grad_fn or site.op}: that of {name} is {self.written(event)}"
        total = "the sum is now" if arrived > 1 else "so far"
        return f"{arrived} of {expected} cotangents arrived at {name}: {total} {self.written(event)}"

    def hook(self, event: Event) -> str:
        name = self.title(event.site, event).removesuffix(".grad")
        if not event.reads or not event.writes:
            return f"a hook at {name} ran ({event.detail.get('kind', '')})".replace(" ()", "")
        if event.detail.get("kind") == "retain_grad":
            return f"{name}.grad keeps the gradient (retain_grad): {self.written(event)}"
        if event.reads[0].value == event.writes[0].value:
            return f"a hook at {name} ran and left the gradient as it was: {self.written(event)}"
        return f"a hook at {name} changed the gradient: it was {self.read(event)}, now {self.written(event)}"

    def accumulate(self, event: Event) -> str:
        name = self.tensor(event.writes[0].location, event)
        if event.detail.get("first"):
            return f"{name}.grad was None, now {self.written(event)}"
        return f"{name}.grad was {self.before(event)}; {self.read(event)} is added: now {self.written(event)}"

    def free_saves(self, event: Event) -> str:
        return f"{self.grad_fn(event)} lets go of its saved values"

    def backward_end(self, event: Event) -> str:
        error = event.detail.get("error")
        return f"backward stopped with an error: {error}" if error else "backward is finished"

    def zero_grad(self, event: Event) -> str:
        name = self.tensor(event.writes[0].location, event)
        if event.detail.get("set_to_none"):
            return f"{name}.grad is set to None (it was {self.before(event)})"
        return f"{name}.grad is zeroed (it was {self.before(event)})"

    def assign_grad(self, event: Event) -> str:
        name = self.tensor(event.writes[0].location, event)
        return f"the script sets {name}.grad: it was {self.before(event)}, now {self.written(event)}"

    def optimizer_step(self, event: Event) -> str:
        optimizer = event.detail.get("optimizer", "the optimizer")
        location = event.writes[0].location if event.writes else None
        name = self.tensor(location, event) if location is not None else "a parameter"
        if event.detail.get("skipped"):
            return f"{optimizer} leaves {name} alone: its .grad is None"
        before, after = self.before(event), self.written(event)
        if before == after:
            return f"{optimizer} {self._small_move(name, event, after)}"
        return f"{optimizer} moves {name} from {before} to {after}"

    def _small_move(self, name: str, event: Event, words: str) -> str:
        """A step too small to be seen in the few digits of the numbers before and after it."""
        old = self.trace.picture(self.trace.value_at(event.writes[0].location, event.index - 1)) if event.writes else None
        new = self.trace.picture(event.writes[0].value) if event.writes else None
        if old is None or new is None or old.array is None or new.array is None or old.array.shape != new.array.shape:
            norms = [f"{picture.stats.whole_norm:.6g}" for picture in (old, new) if picture is not None]  # more digits of it are not sure
            if old is not None and len(set(norms)) == 2:
                return f"moves {name} from {_sized(old.stats.shape)} of norm {norms[0]} to one of norm {norms[1]}"
            return f"moves {name} a little: it was {words}, and looks the same"
        if np.array_equal(old.array, new.array, equal_nan=True):
            return f"leaves {name} as it was: {words}"
        step = np.subtract(new.array, old.array, dtype=np.result_type(new.array, np.float64))
        if new.array.size <= _SHOWN:
            return f"moves {name} by {_nested(step.tolist())}, to {words}"
        return f"moves {name} by {_sized(step.shape)} of norm {number(float(np.linalg.norm(step)))}, to {words}"

    def boundary(self, event: Event) -> str:
        kind = event.detail.get("kind", "step")
        if kind == "end":
            return f"the loop of line {event.line} is over"
        turn = event.detail.get("iteration", "")
        if kind == "step":  # steps are counted through all epochs, turns of the loop are not
            return f"step {event.step} begins: turn {turn} of the loop of line {event.line}"
        return f"{kind} {turn} begins"

    def print(self, event: Event) -> str:
        text = _cut(without_orders(str(event.detail.get("text", ""))).rstrip("\n"))
        return f"printed: {text}" if text else "printed an empty line"

    def error(self, event: Event) -> str:
        return f"{event.detail.get('type', 'Error')}: {_cut(str(event.detail.get('text', '')))}"


def caption(trace: Trace, event: Event) -> str:
    """What just happened, in one sentence."""
    tell: Callable[[Event], str] = getattr(_Teller(trace), event.kind.name.lower())
    return tell(event)
