"""A vjp written out: formula, upstream gradient, local derivative, product, sum over broadcast axes, with the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Event, Stats
from ..answers import Derivation, Operand
from ..scene import Picture
from ..words.captions import joined, numbers
from ..words.mathtext import plain_text
from ..words.names import name_of, result_name
from .engine_rows import Call, row_of

if TYPE_CHECKING:
    from ...recording.recording import Recording
    from ..trace.trace import Trace

Array = np.ndarray[Any, Any]


def picture_of(array: Array) -> Picture:
    """A value that is computed for the explanation and stands in no recording."""
    flat = np.abs(array) if array.dtype.kind == "c" else array
    finite = flat[np.isfinite(flat)].astype(np.float64) if flat.size else np.zeros(0)
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    stats = Stats(
        shape=array.shape,
        dtype=str(array.dtype),
        norm=float(np.linalg.norm(finite)),
        max_abs=max(abs(low), abs(high)),
        mean=float(finite.mean()) if finite.size else 0.0,
        minimum=low,
        maximum=high,
        nans=int(np.isnan(flat).sum()),
        infs=int(np.isinf(flat).sum()),
        zeros=int((flat == 0).sum()),
    )
    return Picture(array, stats)


def derive(recording: Recording, trace: Trace, position: int) -> tuple[Derivation, ...]:
    """The derivation of a VJP event for each input that got a gradient."""
    event = trace.event(position)
    made = trace.rows_of_call(event.call).made
    incoming = [ref for ref in event.reads if recording.locations[ref.location].kind == "gin"]
    arrived = [(recording.locations[ref.location].slot, picture) for ref in incoming if (picture := trace.picture(ref.value)) is not None]
    if not made or not arrived:
        return ()
    writer = _Writer(recording, trace, event, trace.event(made[0]), arrived)
    numbers_ = event.detail.get("inputs") or range(len(event.writes))
    found = (writer.derivation(int(nr), ref.value) for nr, ref in zip(numbers_, event.writes, strict=False))
    return tuple(derivation for derivation in found if derivation is not None)


def call_at(recording: Recording, trace: Trace, position: int) -> tuple[Call, Picture, dict[int, str]] | None:
    """The op call that fires at a VJP event with the gradient that came in, and the names of its inputs; None where it is not known."""
    event = trace.event(position)
    made = trace.rows_of_call(event.call).made
    incoming = [ref for ref in event.reads if recording.locations[ref.location].kind == "gin"]
    upstream = trace.picture(incoming[0].value) if incoming else None
    if not made or upstream is None:
        return None
    writer = _Writer(recording, trace, event, trace.event(made[0]), [(recording.locations[incoming[0].location].slot, upstream)])
    return (writer.call, upstream, writer.titles) if writer.call is not None else None


class _Writer:
    """Writes the derivations of one VJP event."""

    def __init__(self, recording: Recording, trace: Trace, event: Event, forward: Event, arrived: list[tuple[int, Picture]]) -> None:
        """`arrived`: the gradients that came in, each with the number of its output."""
        self._trace = trace
        self._event = event
        self._forward = forward
        self._upstream = arrived[0][1]
        self._arrived = [(number, result_name(trace, event.call, number, event.index), picture) for number, picture in arrived]
        site = recording.sites[event.site]
        self._output = name_of(trace, event.site, event.index)
        self._grad_fn = site.grad_fn or site.op
        self._op = str(forward.detail.get("op") or site.op)
        self.titles: dict[int, str] = {int(k): str(v) for k, v in (forward.detail.get("numbers") or {}).items()}
        values: dict[int, Any] = {int(k): v for k, v in (forward.detail.get("numbers") or {}).items()}
        ports = forward.detail.get("ports") or range(len(forward.reads))
        self._shapes: dict[int, tuple[int, ...]] = {}
        for port, ref in zip(ports, forward.reads, strict=False):
            source = trace.producer(ref.location, forward.index)
            self.titles[int(port)] = name_of(trace, source, forward.index) if source >= 0 else f"input {port}"
            picture = trace.picture(ref.value)
            values[int(port)] = picture.array if picture is not None else None
            self._shapes[int(port)] = picture.stats.shape if picture is not None else ()
        self._tell_apart()
        row = row_of(self._op, self._grad_fn)
        self.call: Call | None = None
        if row is not None:
            count = max(values, default=-1) + 1
            result = trace.picture(forward.writes[0].value)
            self.call = Call(
                row,
                [values.get(k) for k in range(count)],
                [self._shapes.get(k, ()) for k in range(count)],
                result.array if result is not None else None,
                forward.detail.get("params") or {},
            )

    def _tell_apart(self) -> None:
        """y * y has two inputs of one name: "the first y" and "the second y"."""
        shared: dict[str, list[int]] = {}
        for port in sorted(self._shapes):
            shared.setdefault(self.titles[port], []).append(port)
        for title, ports in shared.items():
            if len(ports) > 1:
                for word, port in zip(("first", "second", "third", "fourth", "fifth", "sixth"), ports, strict=False):
                    self.titles[port] = f"the {word} {title}"

    def derivation(self, nr: int, value: int) -> Derivation | None:
        """The rule of one input with the numbers, None where its gradient was not kept at all."""
        arrived = self._trace.picture(value)
        if arrived is None:
            return None
        call = self.call
        names = call.row.inputs if call is not None else ()
        name = names[nr] if nr < len(names) else f"x_{nr}"
        formula = self._formula(nr, name)
        local = self._local(nr)
        product = self._product(nr, arrived)
        summed = product.stats.shape != arrived.stats.shape
        upstream, *others = self._incoming(formula)
        title = self.titles.get(nr, name)
        operands = self._operands(nr)
        by = f"local derivative of {self._output} by {title}"
        return Derivation(
            node=self._event.site,
            call=self._event.call,
            input_nr=nr,
            input_name=title,
            formula=formula,
            plain=plain_text(formula),
            upstream=upstream,
            operands=operands,
            others=tuple(others),
            local=Operand(rf"\partial z/\partial {name}", by, local) if local else None,
            product=Operand(rf"\bar{{{name}}}", f"gradient for {title}" + (" before the sum" if summed else ""), product),
            reduced=Operand(rf"\bar{{{name}}}", f"gradient for {title}, summed to its shape", arrived) if summed else None,
            steps=self._steps(title, formula, operands, local, product, arrived if summed else None),
        )

    def _incoming(self, formula: str) -> list[Operand]:
        """The gradients that came in, with the letters that a formula has for them."""
        numbered = r"\bar{z}_1" in formula
        letter = r"\bar{z}" if r"\bar{z}" in formula else r"\bar{y}"
        return [
            Operand(f"{letter}_{number + 1}" if numbered else letter, f"gradient of {name} (upstream)", picture)
            for number, name, picture in self._arrived
        ]

    def _formula(self, nr: int, name: str) -> str:
        formulas = self.call.row.formulas if self.call is not None else ()
        if nr < len(formulas):
            return formulas[nr]
        if formulas:
            return formulas[-1]
        return rf"\bar{{{name}}} = \left(\frac{{\partial z}}{{\partial {name}}}\right)^{{\mathsf{{T}}}} \bar{{z}}"

    def _local(self, nr: int) -> Picture | None:
        """dz/dx of an elementwise op: its vjp of ones."""
        call = self.call
        upstream = self._upstream.array
        if call is None or not call.row.elementwise or upstream is None:
            return None
        found = call.vjp(nr, np.ones_like(upstream))
        return picture_of(found) if found is not None else None

    def _product(self, nr: int, arrived: Picture) -> Picture:
        """The vjp before the sum over broadcast axes; what was recorded where it cannot be computed again."""
        upstream = self._upstream.array if len(self._forward.writes) < 2 else None  # the first of several outputs is not all of it
        found = self.call.vjp(nr, upstream) if self.call is not None and upstream is not None else None
        if found is None or found.shape == arrived.stats.shape:
            return arrived
        return picture_of(found)

    def _operands(self, nr: int) -> tuple[Operand, ...]:
        """The saved values that the rule reads."""
        call = self.call
        if call is None:
            return ()
        found = []
        for name in call.wanted(nr):
            value = call.value(name)
            if value is None:
                continue
            if name == "result":
                words = f"{self._output} (saved)"
            else:
                position = call.row.inputs.index(name)
                words = f"{self.titles.get(position, name)} (saved)" if isinstance(value, np.ndarray) else "a number"
            found.append(Operand("z" if name == "result" else name, words, picture_of(np.asarray(value))))
        return tuple(found)

    def _steps(
        self, title: str, formula: str, operands: tuple[Operand, ...], local: Picture | None, product: Picture, reduced: Picture | None
    ) -> tuple[str, ...]:
        """What is shown when: upstream, local derivative or saved values, product, sum."""
        told = joined([f"that of {name} is {numbers(picture)}" for _, name, picture in self._arrived])
        first = f"The gradient of {self._arrived[0][1]} comes in: {numbers(self._upstream)}."
        steps = [f"The gradients of {len(self._arrived)} results come in: {told}." if len(self._arrived) > 1 else first]
        if local is not None:
            steps.append(f"The local derivative of {self._output} by {title} is {numbers(local)}.")
            steps.append(f"Upstream times local: {numbers(product)}.")
        else:
            read = ", ".join(f"{o.words.removesuffix(' (saved)')} = {numbers(o.picture)}" for o in operands)
            steps.append(f"The rule of {self._op} is {plain_text(formula)}" + (f", with {read}." if read else "."))
            steps.append(f"It gives {title} {numbers(product)}.")
        if reduced is not None:
            axes = _summed_axes(product.stats.shape, reduced.stats.shape)
            word = "axis" if len(axes) == 1 else "axes"
            steps.append(
                f"{title} was broadcast from {reduced.stats.shape} to {product.stats.shape}, so the sum over {word} "
                f"{', '.join(map(str, axes))} goes on: {numbers(reduced)}."
            )
        return tuple(steps)


def _summed_axes(wide: tuple[int, ...], narrow: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of `wide` that a sum takes away to come to `narrow`."""
    extra = len(wide) - len(narrow)
    return (*range(extra), *(k + extra for k, n in enumerate(narrow) if n == 1 and wide[k + extra] != 1))
