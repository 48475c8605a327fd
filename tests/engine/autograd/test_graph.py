"""Looking at the graph: names, edges, saved values, pack hooks; and names that do not exist."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module
from engine.calls import absent

torch = torch_module.module()
graph = torch.autograd.graph


def leaf(*values: float) -> Any:
    return torch.tensor(values, requires_grad=True)


def test_a_graph_can_be_walked() -> None:
    x = leaf(1.0, 2.0)
    root = (x * x).sum().grad_fn
    (product, number), = root.next_functions  # fmt: skip
    assert (root.name(), product.name(), number) == ("SumBackward0", "MulBackward0", 0)
    bucket = product.next_functions[0][0]
    assert bucket.name() == "torch::autograd::AccumulateGrad" and bucket.variable is x
    assert repr(bucket).startswith("<AccumulateGrad object at 0x")
    root.metadata["note"] = 1
    assert root.metadata == {"note": 1}


def test_saved_values_have_pytorchs_names() -> None:
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    node = (x * y).grad_fn
    assert [n for n in dir(node) if n.startswith("_saved")] == ["_saved_other", "_saved_self"]
    assert node._saved_other is y
    assert x.exp().grad_fn._saved_result.grad_fn.name() == "ExpBackward0"
    with pytest.raises(AttributeError, match="'MulBackward0' object has no attribute '_saved_colour'"):
        _ = node._saved_colour


def test_saved_values_go_through_the_hooks() -> None:
    x, log = leaf(1.0, 2.0), []
    with graph.saved_tensors_hooks(
        lambda t: log.append("pack") or t.numpy(force=True), lambda a: log.append("unpack") or torch.from_numpy(a)
    ):
        y = (x * x).exp()
    assert log == ["pack"] * 3
    y.sum().backward()
    assert log.count("unpack") == 3
    assert torch.allclose(x.grad, 2 * x.detach() * (x.detach() ** 2).exp())


def test_hooks_keep_the_way_to_the_second_derivative() -> None:
    x = leaf(2.0)
    with graph.saved_tensors_hooks(lambda t: t.detach(), lambda t: t):
        y = x**3
        (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    assert torch.autograd.grad(first.sum(), x)[0].item() == 12.0


def test_the_innermost_hooks_count_and_end_with_their_block() -> None:
    x, log = leaf(1.0), []
    with graph.saved_tensors_hooks(lambda t: log.append("outer") or t, lambda t: t):
        with graph.saved_tensors_hooks(lambda t: log.append("inner") or t, lambda t: t):
            x.exp()
        x.exp()
    x.exp()
    assert log == ["inner", "outer"]


def test_hooks_can_be_refused() -> None:
    with (
        graph.disable_saved_tensors_hooks("not here"),
        pytest.raises(RuntimeError, match="not here"),
        graph.saved_tensors_hooks(lambda t: t, lambda t: t),
    ):
        pass


def test_unpacking_must_give_a_tensor() -> None:
    x = leaf(1.0)
    with graph.saved_tensors_hooks(lambda _: 1, lambda _: 2):
        y = x.exp()
    with pytest.raises(TypeError, match="Output of saved tensor unpack_hook expected to be a Tensor but got result of type int"):
        y.sum().backward()


def test_one_saved_value_can_have_hooks_of_its_own() -> None:
    x = leaf(0.0)
    y = x.exp()
    handle = y.grad_fn._raw_saved_result
    handle.register_hooks(lambda t: t * 2, lambda t: t)
    with pytest.raises(RuntimeError, match="whose hooks have already been set"):
        handle.register_hooks(lambda t: t, lambda t: t)
    y.sum().backward()
    assert x.grad.item() == 2.0
    with pytest.raises(RuntimeError, match="after it has been freed"):
        handle.register_hooks(lambda t: t, lambda t: t)


def test_copies_on_saving_allow_writes() -> None:
    x = leaf(0.0)
    with graph.allow_mutation_on_saved_tensors():
        y = x.exp()
        y.add_(5)
        y.sum().backward()
    assert x.grad.item() == 1.0


def test_a_tensor_without_gradient_has_no_edge() -> None:
    with pytest.raises(RuntimeError, match="It is not possible to get the gradient edge for a Tensor that does not require gradients"):
        graph.get_gradient_edge(torch.ones(1))


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda: torch.rely, "module 'torch' has no attribute 'rely'"),
        (lambda: torch.nn.Lineer, "module 'torch.nn' has no attribute 'Lineer'"),
        (lambda: torch.ones(1).sqroot, "'Tensor' object has no attribute 'sqroot'"),
    ],
)
def test_a_name_that_nobody_has_gives_pytorchs_words_and_a_hint(ask: Any, text: str) -> None:
    with pytest.raises(AttributeError) as raised:
        ask()
    assert str(raised.value) == text
    absent.hint(raised.value)  # a tensor's attributes are Python's own: the hint comes where the error is told
    assert raised.value.__notes__[0].startswith("The nearest that exists is torch.")


def test_a_name_of_pytorchs_says_that_it_is() -> None:
    error = absent.absent("torch", "compile", ["complex", "cumsum"])
    assert str(error) == (
        "module 'torch' has no attribute 'compile': torch.compile is PyTorch's, and gradviz's engine does not have it. "
        "The nearest that exists is torch.complex."
    )


def test_a_method_of_pytorchs_says_that_it_is() -> None:
    assert "to_sparse_csr" in absent.pytorch_names()["torch.Tensor"]
    with pytest.raises(
        AttributeError, match=r"'Tensor' object has no attribute 'to_sparse_csr': torch.Tensor.to_sparse_csr is PyTorch's, and"
    ) as raised:
        torch.ones(1).to_sparse_csr  # noqa: B018 - asking is the test
    assert "to_sparse_csr" not in absent.existing(torch.Tensor)
    assert not getattr(raised.value, "__notes__", None)


def test_asking_whether_a_tensor_has_an_attribute_is_no_error() -> None:
    assert not hasattr(torch.ones(1), "colour")
    assert not hasattr(torch.ones(1), "_private")


def test_pack_hooks_see_the_tensor_that_is_saved() -> None:
    x = torch.ones(2, requires_grad=True)
    seen: list[Any] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: seen.append(t) or t, lambda t: t):
        y = (x * 3).sin()
    assert str(seen[-1]) == "tensor([3., 3.], grad_fn=<MulBackward0>)"
    y.sum().backward()
    assert x.grad.tolist() == pytest.approx([-2.9699775, -2.9699775])


def _drawn(result: Any) -> list[str]:
    """The nodes in the order in which torchviz's make_dot draws them, each behind what it keeps."""
    told: list[str] = []
    met = set()

    def visit(node: Any) -> None:
        if node in met:
            return
        met.add(node)
        for name in dir(node):
            if name.startswith("_saved_"):
                kept = getattr(node, name)
                for each in kept if isinstance(kept, tuple) else (kept,):
                    if torch.is_tensor(each):
                        told.append(f"{name.removeprefix('_saved_')} {tuple(each.shape)}")
        if hasattr(node, "variable"):
            told.append(f"leaf {tuple(node.variable.shape)}")
        told.append(type(node).__name__)
        for following, _ in node.next_functions:
            if following is not None:
                visit(following)

    visit(result.grad_fn)
    return told


def test_a_graph_is_drawn_as_torchviz_draws_it() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2))
    loss = torch.nn.functional.cross_entropy(net(torch.ones(4, 2)), torch.tensor([0, 1, 0, 1]))
    assert _drawn(loss) == [
        "self (4, 2)", "target (4,)", "NllLossBackward0", "result (4, 2)", "LogSoftmaxBackward0",
        "mat1 (4, 3)", "mat2 (3, 2)", "AddmmBackward0", "leaf (2,)", "AccumulateGrad", "result (4, 3)", "TanhBackward0",
        "mat1 (4, 2)", "AddmmBackward0", "leaf (3,)", "AccumulateGrad", "TBackward0", "leaf (3, 2)", "AccumulateGrad",
        "TBackward0", "leaf (2, 3)", "AccumulateGrad",
    ]  # fmt: skip  # PyTorch keeps the total weight of the classes, too
    cell = torch.nn.GRUCell(2, 3)
    assert _drawn(cell(torch.ones(1, 2))) == [
        "AddBackward0", "other (1, 3)", "self (1, 3)", "MulBackward0", "SubBackward0", "result (1, 3)", "TanhBackward0", "AddBackward0",
        "UnsafeSplitBackward0", "mat1 (1, 2)", "AddmmBackward0", "leaf (9,)", "AccumulateGrad", "TBackward0", "leaf (9, 2)", "AccumulateGrad",
        "other (1, 3)", "self (1, 3)", "MulBackward0", "UnsafeSplitBackward0", "mat1 (1, 3)", "AddmmBackward0", "leaf (9,)", "AccumulateGrad",
        "TBackward0", "leaf (9, 3)", "AccumulateGrad", "result (1, 3)", "SigmoidBackward0", "AddBackward0",
        "result (1, 3)", "SigmoidBackward0", "AddBackward0",
    ]  # fmt: skip


def test_what_a_node_keeps_has_pytorchs_names_and_numbers() -> None:
    x, weight, bias = torch.ones(2, 3, requires_grad=True), torch.ones(4, 3, requires_grad=True), torch.ones(4, requires_grad=True)
    node = torch.nn.functional.linear(x, weight, bias).grad_fn
    assert [name for name in dir(node) if "_saved_" in name] == [
        "_raw_saved_mat1", "_raw_saved_mat2", "_saved_alpha", "_saved_beta", "_saved_mat1", "_saved_mat1_sym_sizes", "_saved_mat1_sym_strides",
        "_saved_mat2", "_saved_mat2_sym_sizes", "_saved_mat2_sym_strides",
    ]  # fmt: skip
    assert node._saved_mat1 is x and node._saved_mat2.shape == (3, 4)
    assert (node._saved_alpha, node._saved_mat1_sym_sizes, node._saved_mat1_sym_strides) == (1, (2, 3), (3, 1))
    node = x.sum(-1, keepdim=True).grad_fn
    assert (node._saved_keepdim, node._saved_self_sym_sizes, node.requires_grad) == (True, (2, 3), True)
    assert x.select(0, 1).grad_fn._saved_self_sym_sizes == (2, 3)
    ones, zeros = (torch.full((3,), number, requires_grad=True) for number in (1.0, 0.0))
    assert torch.nn.functional.layer_norm(x, (3,), ones, zeros).grad_fn._saved_bias is zeros
    product = (x * 2).exp().grad_fn
    torch.autograd.backward((x * 2).exp().sum())
    assert product._saved_result.shape == (2, 3)


def test_pack_hooks_see_inputs_in_the_order_of_pytorchs_names() -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = torch.tensor([[5.0, 6.0], [7.0, 8.0]], requires_grad=True)
    for call, sums in {
        lambda: x * y: [26.0, 10.0],  # other, self
        lambda: x / y: [26.0, 10.0],
        lambda: x @ y: [26.0, 10.0],  # mat2, self
        lambda: torch.pow(x, y): [26.0, 10.0, 67788.0],  # exponent, self, result
        lambda: torch.addmm(x, x, y): [10.0, 26.0],  # mat1, mat2
        lambda: torch.lerp(x, y, x.detach().requires_grad_()): [26.0, 10.0, 10.0],  # end, self, weight
    }.items():
        seen: list[float] = []
        with graph.saved_tensors_hooks(lambda t, seen=seen: seen.append(t.sum().item()) or t, lambda t: t):
            made = call()
        assert seen == sums
        made.sum().backward()
