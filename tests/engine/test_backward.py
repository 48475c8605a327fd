"""The backward pass: gradients, what is kept and freed, and what a watcher is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

from .listening import Listener, listening

torch = torch_module.module()


def leaf(*values: float) -> Any:
    return torch.tensor(values, requires_grad=True)


def test_gradients_add_up_until_they_are_cleared() -> None:
    x = leaf(1.0, 2.0)
    for expected in ([2.0, 4.0], [4.0, 8.0]):
        (x * x).sum().backward()
        assert x.grad.tolist() == expected
    x.grad = None
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_a_broadcast_operand_gets_the_sum() -> None:
    a, b = torch.ones(2, 3, requires_grad=True), leaf(1.0, 2.0, 3.0)
    (a * b).sum().backward()
    assert b.grad.tolist() == [2.0, 2.0, 2.0]
    assert a.grad.tolist() == [[1.0, 2.0, 3.0]] * 2


def test_a_graph_runs_once_unless_it_is_retained() -> None:
    x = leaf(2.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [8.0]
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        y.backward()


def test_gradients_of_gradients() -> None:
    x = leaf(3.0)
    (first,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    (third,) = torch.autograd.grad(second.sum(), x)
    assert (first.item(), second.item(), third.item()) == (27.0, 18.0, 6.0)


def test_a_number_factor_can_be_differentiated_twice() -> None:
    x = leaf(2.0)
    (first,) = torch.autograd.grad((3 * x**2).sum(), x, create_graph=True)
    assert torch.autograd.grad(first.sum(), x)[0].tolist() == [6.0]


def test_only_the_named_inputs_get_their_gradient() -> None:
    a, b = leaf(2.0), leaf(5.0)
    (a * b).sum().backward(inputs=[a])
    assert a.grad.tolist() == [5.0]
    assert b.grad is None


def test_grad_leaves_grad_alone() -> None:
    x, unused = leaf(1.0), leaf(1.0)
    y = (x * 4).sum()
    used, nothing = torch.autograd.grad(y, [x, unused], allow_unused=True, retain_graph=True)
    assert used.tolist() == [4.0] and nothing is None
    assert torch.autograd.grad(y, [x, unused], materialize_grads=True)[1].tolist() == [0.0]
    assert x.grad is None


def test_a_gradient_edge_stands_for_its_tensor() -> None:
    x = leaf(1.0, 2.0)
    y = x * x
    edge = torch.autograd.graph.get_gradient_edge(y)
    assert torch.autograd.grad((y * 3).sum(), edge)[0].tolist() == [3.0, 3.0]


def test_batched_cotangents_give_the_rows_of_the_jacobian() -> None:
    x = leaf(1.0, 2.0)
    (rows,) = torch.autograd.grad(x * x, x, torch.eye(2), is_grads_batched=True)
    assert rows.tolist() == [[2.0, 0.0], [0.0, 4.0]]


def test_ten_thousand_ops_are_no_recursion() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(10_000):
        y = y + 1
    y.sum().backward()
    assert x.grad.tolist() == [1.0]


def test_a_cotangent_of_another_dtype_is_cast() -> None:
    x = leaf(1.0)
    (x * 2).backward(torch.ones(1, dtype=torch.float64))
    assert x.grad.dtype == torch.float32


def test_what_a_watcher_is_told() -> None:
    x, heard = leaf(1.0, 2.0), Listener()
    with listening(heard):
        (x * x).sum().backward()
    assert heard.kinds() == [
        "op", "save", "save", "op", "backward_begin", "seed", "vjp", "deliver", "vjp", "free_saves", "deliver", "deliver", "accumulate",
        "backward_end",
    ]  # fmt: skip
    assert [arguments[0].name() for arguments in heard.of("vjp")] == ["SumBackward0", "MulBackward0"]
    first, second = heard.of("deliver")[1:]
    assert (first[6], first[7], second[6], second[7]) == (1, 2, 2, 2)  # arrived, expected
    assert second[5].tolist() == [2.0, 4.0]
    assert heard.of("accumulate")[0][4].tolist() == [2.0, 4.0]


def test_a_failing_pass_ends_with_its_error() -> None:
    x, heard = leaf(1.0), Listener()
    y = x.exp()
    y.add_(1)
    with listening(heard), pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
    ((error,),) = heard.of("backward_end")
    assert isinstance(error, RuntimeError)


def test_zeroing_and_clearing_are_told() -> None:
    x, heard = leaf(1.0), Listener()
    (x * 2).sum().backward()
    with listening(heard):
        x.grad = None
    ((who, to_none),) = heard.of("zero_grad")
    assert who is x and to_none


def test_the_slope_of_a_step_is_zero_and_not_nothing() -> None:
    x, w = leaf(-0.5, 0.5), leaf(3.0, 4.0)
    for step in (torch.relu, torch.nn.functional.leaky_relu, torch.nn.functional.hardtanh):
        (first,) = torch.autograd.grad((step(x) * w).sum(), x, create_graph=True)
        by_x, by_w = torch.autograd.grad((first**2).sum(), [x, w])
        assert by_x.tolist() == [0.0, 0.0]
        assert by_w.any()


def test_leaves_that_are_ready_together_fill_in_the_order_of_arrival() -> None:
    order = []
    for _ in range(20):
        leaves = [torch.ones(2, requires_grad=True) for _ in range(2)]
        held = [object() for _ in range(50)]  # other addresses each time
        for k, leaf in enumerate(leaves):
            leaf.register_hook(lambda _, k=k: order.append(k))
        (leaves[0] * leaves[1]).sum().backward()
        assert len(held) == 50
    assert order == [0, 1] * 20


@pytest.mark.parametrize(
    ("program", "shown"),
    [
        ("x = T.tensor(1.5, requires_grad=True); F.gelu(x).backward(); show = x.grad", "tensor(1.1275)"),
        ("x = T.tensor([3.0, 4.0], requires_grad=True); y = x.norm(); T.autograd.grad(y.sum(), y); y.backward(); show = x.grad", "tensor([0.6000, 0.8000])"),
        ("x = T.tensor([1.0, 3.0], requires_grad=True); y = -x.max(); y.backward(); show = x.grad", "tensor([ 0., -1.])"),
        ("x = T.tensor([1.0, 3.0], requires_grad=True); y = x.max(); y.data -= 1; y.backward(); show = x.grad", "tensor([0., 0.])"),
        ("x = T.tensor(2.0, requires_grad=True); (x * x).backward(create_graph=True); x.sum().backward(); show = x.grad", "tensor(5., grad_fn=<CopyBackwards>)"),
        ("x = T.tensor([1.0], requires_grad=True); T.set_grad_enabled(False); show = x.numpy(); T.set_grad_enabled(True)", "[1.]"),
        ("x = T.tensor([1.0], requires_grad=True); y = x * 2; x.requires_grad_(False); y.backward(); show = x.grad", "None"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_short_program_shows_what_pytorch_shows(program: str, shown: str) -> None:
    scope: dict[str, Any] = {"T": torch, "F": torch.nn.functional}
    exec(program, scope)
    assert str(scope["show"]) == shown


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("y = x * 2; y.requires_grad = True", "you can only change requires_grad flags of leaf variables."),
        ("(x * 2).sum().backward(inputs=[T.ones(2)])", "can't retain_grad on Tensor that has requires_grad=False"),
    ],
)
def test_a_wrong_call_is_told_as_in_pytorch(program: str, told: str) -> None:
    with pytest.raises(RuntimeError) as problem:
        exec(program, {"T": torch, "x": leaf(1.0, 2.0)})
    assert str(problem.value) == told


@pytest.mark.parametrize(
    "call",
    [
        "F.embedding(i, x)", "x[i]", "x[x > 1]", "x.gather(0, i[None])", "x.index_select(0, i)", "x.masked_select(x > 1)", "x.take(i)",
        "F.nll_loss(x, i)", "F.avg_pool1d(x[None], 2)", "F.pad(x[None], (1, 1), mode='reflect')", "x.put(i, torch.ones(2))",
        "x.index_fill(0, i, 3.0)", "x.clone().index_fill_(0, i, 3.0)", "x.index_copy(0, i, torch.ones(2, 2))", "x.index_put((i,), torch.ones(2))",
        "torch.nn.utils.rnn.pack_padded_sequence(x[:, None], [2]).data",
    ],
)  # fmt: skip
def test_a_node_that_keeps_places_fires_once(call: str) -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = eval(call, {"x": x, "F": torch.nn.functional, "i": torch.tensor([0, 1]), "torch": torch}).sum()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


@pytest.mark.parametrize(
    "call",
    [
        "x[0]", "x[:, 1:]", "x.fmod(2)", "x.expand(2, 2, 2)", "x + 1", "torch.addcmul(x, torch.ones(2), torch.ones(2))",
        "torch.lerp(x, torch.ones(2), 0.3)", "x.clone().lerp_(torch.ones(2), 0.3)",
    ],
)  # fmt: skip
def test_a_node_that_keeps_nothing_fires_again(call: str) -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = eval(call, {"x": x, "torch": torch}).sum()
    y.backward()
    once = x.grad.clone()
    y.backward()
    assert once.count_nonzero() and x.grad.equal(once * 2)


def test_grad_takes_its_old_argument() -> None:
    x = torch.tensor(3.0, requires_grad=True)
    assert torch.autograd.grad(outputs=x * x, inputs=x, only_inputs=True)[0].item() == 6
    with pytest.warns(FutureWarning, match="only_inputs argument is deprecated and is ignored now"):
        torch.autograd.grad(x * x, x, only_inputs=False)


def test_what_a_clamp_stops_is_zero_without_a_sign() -> None:
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    torch.clamp(x, min=torch.zeros(2)).mul(-1).sum().backward()
    assert str(x.grad) == "tensor([ 0., -1.])"
