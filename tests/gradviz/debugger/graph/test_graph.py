"""The graph of a recording: nodes, edges, frames, groups."""

from __future__ import annotations

from gradviz.debugger.scene import Graph, NodeKind
from gradviz.debugger.session import Session

from ..conftest import Open


def edges(graph: Graph) -> set[tuple[str, str, int, str]]:
    titles = {node.id: node.title for node in graph.nodes}
    return {(titles[e.source], titles[e.target], e.port, e.kind) for e in graph.edges}


def test_nodes_have_the_variables_names_and_kinds(basics: Session) -> None:
    nodes = [(node.title, node.kind, node.op) for node in basics.graph().nodes]
    assert nodes == [
        ("x", NodeKind.PARAMETER, "tensor"),
        ("x.grad", NodeKind.BUCKET, "AccumulateGrad"),
        ("y", NodeKind.OP, "add"),
        ("mul", NodeKind.OP, "mul"),
        ("z", NodeKind.OP, "mul"),
        ("z", NodeKind.LOSS, "mean"),
    ]


def test_edges_carry_ports_so_that_y_times_y_has_two(basics: Session) -> None:
    assert edges(basics.graph()) == {
        ("x", "x.grad", 0, "bucket"),
        ("x", "y", 0, "grad"),
        ("y", "mul", 0, "grad"),
        ("y", "mul", 1, "grad"),
        ("mul", "z", 0, "grad"),
        ("z", "z", 0, "grad"),
    }


def test_epochs_share_their_nodes_and_each_loop_is_a_group(loops: Session) -> None:
    assert [(node.title, node.group) for node in loops.graph().nodes] == [
        (title, group) for group in (0, 1) for title in ("weights", "weights.grad", "mul", "out")
    ]


def test_what_fills_a_tensor_from_nothing_is_told_at_the_tensor_and_has_no_card(open_script: Open) -> None:
    session = open_script(
        "import torch\nw = torch.ones(2, requires_grad=True)\ntorch.nn.init.zeros_(w)\nout = (w * 3).sum()\nout.backward()\n"
        "torch.nn.utils.clip_grad_norm_([w], 0.1)\n"
    )
    titles = {node.id: node.title for node in session.graph().nodes}
    assert list(titles.values()) == ["w", "w.grad", "mul", "out"]
    session.to_end()
    moment = session.moment()
    assert moment.caption.startswith("w.grad overwritten in place") and titles[moment.current[0]] == "w.grad"
    assert titles[session.latest_site] == "w.grad"


def test_detach_cuts_and_what_follows_is_plain(open_script: Open) -> None:
    session = open_script(
        "import torch\nx = torch.ones(2, requires_grad=True)\nd = x.detach()\ny = d * 2\nq = (x * y).sum()\nq.backward()\n"
    )
    assert edges(session.graph()) >= {("x", "d", 0, "cut"), ("d", "y", 0, "plain"), ("x", "mul", 0, "grad"), ("y", "mul", 1, "plain")}


def test_inside_a_function_nothing_is_cut_its_own_node_has_the_gradient(open_script: Open) -> None:
    session = open_script(
        "import torch\nclass Double(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x)\n"
        "        return x * 2\n    @staticmethod\n    def backward(ctx, g):\n        (x,) = ctx.saved_tensors\n        return g * 2 + x * 0\n"
        "x = torch.ones(2, requires_grad=True)\ny = Double.apply(x)\ny.sum().backward()\nwith torch.no_grad():\n    k = x * 3\n"
    )
    kinds = {(target, kind) for source, target, _, kind in edges(session.graph()) if source == "x"}
    assert {("y", "grad"), ("mul", "plain"), ("k", "cut")} <= kinds and ("mul", "cut") not in kinds
    session.to_end()
    inner = next(node.id for node in session.graph().nodes if node.title == "mul")
    assert "inside Double.forward" in session.inspect(inner).grad_label


def test_a_no_grad_block_is_one_frame_for_all_epochs(open_script: Open) -> None:
    session = open_script(
        "import torch\n"
        "w = torch.ones(2, requires_grad=True)\n"
        "for epoch in range(3):\n"
        "    (w * 3).sum().backward()\n"
        "    with torch.no_grad():\n"
        "        k = w * 2\n"
        "        m = k + 1\n"
    )
    graph = session.graph()
    inside = {node.title for node in graph.nodes if node.frame == 0}
    assert (len(graph.frames), graph.frames[0].label, graph.frames[0].line, inside) == (1, "no_grad", 5, {"k", "m"})
    assert {(s, t, kind) for s, t, _, kind in edges(graph)} >= {("w", "k", "cut"), ("k", "m", "plain")}
    assert next(node for node in graph.nodes if node.title == "m").kind == NodeKind.NO_GRAD


def test_a_hidden_state_carried_into_the_next_step_closes_no_circle(open_script: Open) -> None:
    session = open_script(
        "import torch\n"
        "w = torch.ones(2, requires_grad=True)\n"
        "h = torch.zeros(2)\n"
        "for epoch in range(3):\n"
        "    h = h.detach() + w\n"
        "    h.sum().backward()\n"
    )
    graph = session.graph()
    place = {node.id: number for number, node in enumerate(graph.nodes)}
    assert all(place[e.source] < place[e.target] for e in graph.edges)
    assert len(graph.nodes) == 6


def test_an_op_after_an_in_place_write_hangs_on_the_write(open_script: Open) -> None:
    session = open_script("import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\ny.add_(1)\nz = (y * 3).sum()\nz.backward()\n")
    graph = session.graph()
    write = next(node for node in graph.nodes if session.recording.sites[node.id].role == "inplace")
    user = next(node for node in graph.nodes if node.op == "mul" and node.line == 5)
    assert (write.id, user.id, "grad") in {(e.source, e.target, e.kind) for e in graph.edges}


def test_what_takes_another_shape_in_place_is_made_from_itself(open_script: Open) -> None:
    graph = open_script(
        "import torch\nw = torch.ones(3, 2, requires_grad=True)\ny = w * 2\ny.transpose_(0, 1)\nz = y * 3\ny.unsqueeze_(0)\n(y.sum() + z.sum()).backward()\n"
    ).graph()
    assert {("y", "transpose", 0, "grad"), ("transpose", "z", 0, "grad"), ("transpose", "unsqueeze", 0, "grad")} <= edges(graph)


def test_the_states_of_a_recurrent_layer_lead_on_to_the_loss(open_script: Open) -> None:
    session = open_script(
        "import torch\ngru = torch.nn.GRU(2, 3, batch_first=True)\nout, _ = gru(torch.ones(2, 3, 2))\nloss = out[:, -1].sum()\nloss.backward()\n"
    )
    nodes = {node.title: node for node in session.graph().nodes}
    assert nodes["weight_ih_l0"].group == nodes["loss"].group
    assert session.why_not(nodes["weight_ih_l0"].id).reason == "reached"


def test_an_edge_says_which_result_of_its_source_is_read(open_script: Open) -> None:
    session = open_script(
        "import torch\nx = torch.ones(2, 3, requires_grad=True)\na, b = x.unbind(0)\ny = b * 2\n"
        "parts = x.split(1)\ns = parts[1].sum()\n(y.sum() + s).backward()\n"
    )
    graph = session.graph()
    nodes = {node.title: node for node in graph.nodes}
    assert nodes["a"].outputs == ("a", "b") and nodes["y"].outputs == ()
    assert nodes["split"].outputs == ("output 0", "output 1")
    read = {(e.source, e.target): e.output for e in graph.edges}
    assert read[nodes["a"].id, nodes["y"].id] == 1 and read[nodes["split"].id, nodes["s"].id] == 1
    assert read[nodes["x"].id, nodes["a"].id] == 0
    told = []
    for k in range(session.length):
        session.seek(k)
        told.append(session.moment().caption)
    assert "a, b = x.unbind(dim=0) computed: [1, 1, 1] and [1, 1, 1]; it shares the memory of x" in told
    assert "the gradient arrived at b: [2, 2, 2]" in told
    assert any(words.startswith("the gradient arrived at output 1 of ") for words in told)
    session.seek(session.length - 1)
    unread, used = session.inspect(nodes["a"].id).results
    assert unread.grad is None and unread.grad_label == "no gradient: none came to a, it counts as zeros"
    assert used.grad is not None and used.grad.array.tolist() == [2.0, 2.0, 2.0]


def test_results_without_a_variable_are_called_as_pytorch_calls_the_fields(open_script: Open) -> None:
    session = open_script(
        "import torch\nx = torch.ones(2, 3, requires_grad=True)\nbest = x.max(1).values\n(best.sum() + x.topk(2)[0].sum()).backward()\n"
    )
    nodes = {node.title: node for node in session.graph().nodes}
    assert nodes["best"].outputs == ("best", ".indices")
    assert nodes["topk"].outputs == (".values", ".indices")
    told = []
    for k in range(session.length):
        session.seek(k)
        told.append(session.moment().caption)
    assert any(".values: " in words for words in told if words.startswith("the gradient arrived at "))
