"""What a wire offers, tells and takes in: by mouse and keys on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from tests.ui.editor.pilot import Pilot, build


def test_a_wire_drawn_from_a_result_offers_what_can_read_it_and_goes_to_the_input_that_takes_it(pilot: Pilot) -> None:
    free = QPoint(560, 560)

    def offered(name: str) -> list[str]:
        pilot.drag(pilot.output(name), free)
        return [pilot.picker.list.item(k).text().split()[0] for k in range(pilot.picker.list.count())]

    build(pilot, "x = randn(8, 1, 12, 12)")
    assert offered("x")[:3] == ["Conv2d", "relu", "max_pool2d"]
    pilot.pick("flatten")
    assert pilot.block("flatten").params == {"start_dim": 1}  # the pictures of a batch stay apart
    build(pilot, "y = randint(0, 4, (8,))")
    offered("y")
    pilot.pick("cross_entropy")
    assert (pilot.block("cross_entropy").id, "target") in pilot.window.room.desk.document.wires
    build(pilot, "s = w * 2")
    numbers = offered("s")
    assert numbers[:3] == ["add", "mul", "sub"] and not {"Linear", "matmul", "Conv2d"} & set(numbers)
    pilot.pick("add")
    assert pilot.window.room.desk.document.wires[pilot.block("add").id, "input"].source == pilot.block("s").id
