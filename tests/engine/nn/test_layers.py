"""Layers that take their sizes, or their numbers, from elsewhere; the values are real PyTorch's."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()
nn, F = torch.nn, torch.nn.functional


@pytest.mark.parametrize("kind", ["Linear", "Conv1d", "ConvTranspose1d", "BatchNorm1d"])
def test_a_lazy_layer_takes_the_numbers_of_a_made_one(kind: str) -> None:
    sizes = {"Linear": (3, 2), "BatchNorm1d": (3,)}.get(kind, (3, 2, 2))
    made, x = getattr(nn, kind)(*sizes).double(), torch.ones(4, 3, dtype=torch.float64).unsqueeze(-1).expand(4, 3, 3)
    lazy = getattr(nn, f"Lazy{kind}")(*sizes[1:]).double()
    lazy.load_state_dict(made.state_dict())
    made.eval(), lazy.eval()
    assert (lazy(x) == made(x)).all()
    assert type(lazy) is type(made)
    assert (repr(lazy) == repr(made)) == (kind == "Linear")  # PyTorch leaves the sizes of the others 0


@pytest.mark.parametrize(("p", "wanted"), [(2, [5.0, 7.2111, 9.2195]), (1, [7.0, 10.0, 13.0]), (float("inf"), [4.0, 6.0, 7.0])])
def test_power_average_pooling(p: float, wanted: list[float]) -> None:
    x = torch.tensor([[[3.0, 4.0, 6.0, 7.0]]])
    assert F.lp_pool1d(x, p, 2, stride=1)[0, 0].tolist() == pytest.approx(wanted, abs=1e-4)
    assert nn.LPPool2d(2, (1, 2))(x.unsqueeze(0)).flatten().tolist() == pytest.approx([5.0, 9.2195], abs=1e-4)


@pytest.mark.parametrize("shape", [(4, 2, 3), (4, 2, 1), (4, 1, 3), (4, 2)])
def test_one_variance_may_stand_for_a_dimension(shape: tuple[int, ...]) -> None:
    x, y = torch.arange(24.0).reshape(4, 2, 3), torch.ones(4, 2, 3)
    var = torch.full(shape, 2.0)
    assert F.gaussian_nll_loss(x, y, var).item() == pytest.approx(F.gaussian_nll_loss(x, y, torch.full((4, 2, 3), 2.0)).item())
    with pytest.raises(ValueError, match="var is of incorrect size"):
        F.gaussian_nll_loss(x, y, torch.ones(2, 3))


def test_bags_of_a_given_table() -> None:
    bag = nn.EmbeddingBag.from_pretrained(torch.arange(6.0).view(3, 2))
    assert bag(torch.tensor([[0, 2]])).tolist() == [[2, 3]]
    assert not bag.weight.requires_grad


def test_a_bag_is_one_node_on_its_table() -> None:
    bag = nn.EmbeddingBag(3, 2, mode="sum")
    out = bag(torch.tensor([0, 2, 2]), torch.tensor([0, 2]))
    assert out.grad_fn.name() == "EmbeddingBagBackward0"
    assert out.grad_fn.next_functions[0][0].variable is bag.weight
    (out * torch.tensor([[1.0], [10.0]])).sum().backward()
    assert bag.weight.grad.tolist() == [[1, 1], [0, 0], [11, 11]]


def test_the_maximum_of_a_bag_gives_its_gradient_to_the_first_of_equal_rows() -> None:
    table = torch.tensor([[1.0, 5.0], [3.0, 2.0], [3.0, 4.0]], requires_grad=True)
    bags = torch.nn.functional.embedding_bag(torch.tensor([0, 1, 2, 1]), table, torch.tensor([0, 3, 4]), mode="max")
    assert bags.tolist() == [[3.0, 5.0], [3.0, 2.0], [0.0, 0.0]]
    (bags * bags).sum().backward()
    assert table.grad.tolist() == [[0.0, 10.0], [12.0, 4.0], [0.0, 0.0]]
    weights = torch.tensor([0.5, 2.0, 1.0], requires_grad=True)
    torch.nn.functional.embedding_bag(
        torch.tensor([0, 1, 2]), table, torch.tensor([0]), mode="sum", per_sample_weights=weights
    ).sum().backward()
    assert weights.grad.tolist() == [6.0, 5.0, 7.0]


@pytest.mark.parametrize(
    ("function", "name"), [("torch.relu", "torch._VariableFunctionsClass.relu"), ("F.relu", "torch.nn.functional.relu"), ("F.dropout", "torch.nn.functional.dropout")]
)  # fmt: skip
def test_a_function_among_the_layers_is_called_as_pytorch_calls_it(function: str, name: str) -> None:
    home, _, word = function.partition(".")
    with pytest.raises(TypeError, match=f"^{name} is not a Module subclass$"):
        nn.Sequential(getattr({"torch": torch, "F": F}[home], word))


def test_a_bag_of_embeddings_takes_table_and_numbers_the_other_way_round_with_a_warning() -> None:
    table, numbers = torch.arange(8.0).reshape(4, 2), torch.tensor([0, 1, 3])
    with pytest.warns(UserWarning, match="Argument order of nn.functional.embedding_bag was changed"):
        turned = F.embedding_bag(table, numbers, torch.tensor([0, 2]))
    assert turned.tolist() == F.embedding_bag(numbers, table, torch.tensor([0, 2])).tolist() == [[1.0, 2.0], [6.0, 7.0]]
    with pytest.raises(ValueError, match="weight has to be a 2D Tensor, but got Tensor of dimension 1"):
        F.embedding_bag(numbers, torch.ones(4), torch.tensor([0]))


def test_a_norm_of_nothing_is_nothing_and_of_one_dimension_an_error() -> None:
    none = torch.zeros(0)
    assert tuple(F.batch_norm(none, none, none, training=True).shape) == (0,)
    with pytest.raises(IndexError, match=r"Dimension out of range \(expected to be in range of \[-1, 0\], but got 1\)"):
        F.batch_norm(torch.ones(3), None, None, training=True)


def test_a_relu_may_be_written_over_pooled_numbers() -> None:
    """As in nn.Sequential(conv, nn.MaxPool2d(2), nn.ReLU(True)): PyTorch keeps the places of the maxima, not the maxima."""
    x = torch.tensor([[[[1.0, -2.0, -3.0, -4.0], [-5.0, -6.0, -7.0, -1.0]]]], requires_grad=True)
    pooled = torch.nn.functional.max_pool2d(x * 1, 2)
    pooled.relu_().mul(3.0).sum().backward()
    assert x.grad.tolist() == [[[[3.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]]
