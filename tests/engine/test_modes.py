"""Grad modes: who builds a graph where, also after exceptions and in generators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine import torch_module

from .listening import Listener, listening

torch = torch_module.module()


@pytest.fixture(autouse=True)
def _modes_are_left() -> Iterator[None]:
    yield
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


def leaf(*values: float) -> Any:
    return torch.tensor(values, requires_grad=True)


def test_no_grad_makes_no_graph_and_enable_grad_does_again() -> None:
    x = leaf(1.0)
    with torch.no_grad():
        assert not (x * 2).requires_grad
        with torch.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_a_mode_ends_with_an_exception() -> None:
    with pytest.raises(KeyError), torch.no_grad():
        raise KeyError
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("decorate", [lambda: torch.no_grad(), lambda: torch.no_grad, lambda: torch.inference_mode()])
def test_modes_decorate_functions(decorate: Any) -> None:
    @decorate()
    def double(x: Any) -> Any:
        """Twice."""
        return x * 2

    assert not double(leaf(1.0)).requires_grad
    assert (double.__name__, double.__doc__) == ("double", "Twice.")


def test_a_decorated_generator_keeps_the_mode_to_itself() -> None:
    @torch.no_grad()
    def steps() -> Iterator[bool]:
        yield torch.is_grad_enabled()
        yield torch.is_grad_enabled()

    for inside in steps():
        assert not inside
        assert torch.is_grad_enabled()


def test_set_grad_enabled_holds_as_a_call_and_as_a_block() -> None:
    torch.set_grad_enabled(False)
    assert not torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    with torch.set_grad_enabled(False):
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def test_inference_tensors_stay_out_of_autograd() -> None:
    with torch.inference_mode():
        made = torch.ones(2)
        view = made[:1]
    assert made.is_inference() and view.is_inference()
    assert not (made * 2).is_inference()
    for act, text in [
        (lambda: made.requires_grad_(), "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."),
        (lambda: made.add_(1), "Inplace update to inference tensor outside InferenceMode is not allowed."),
        (lambda: view.add_(1), "Inplace update to inference tensor outside InferenceMode is not allowed."),
        (lambda: leaf(1.0, 2.0) * made, "Inference tensors cannot be saved for backward."),
        (lambda: made._version, "Inference tensors do not track version counter."),
    ]:
        with pytest.raises(RuntimeError, match=text):
            act()
    assert made.clone().add_(1).tolist() == [2.0, 2.0]


def test_a_view_made_without_grad_looks_like_its_base_but_has_no_history() -> None:
    x = leaf(1.0, 2.0, 3.0, 4.0)
    with torch.no_grad():
        view = x.view(2, 2)
    assert view.requires_grad and view.is_leaf
    assert not x.detach().view(2, 2).requires_grad


def test_anomaly_mode_finds_the_nan_and_names_its_line() -> None:
    x = torch.tensor([0.0], requires_grad=True)
    with pytest.warns(UserWarning, match="Anomaly Detection has been enabled"):
        mode = torch.autograd.detect_anomaly()
    with mode:
        y = (x.sqrt() * 0).sum()
        with (
            pytest.warns(UserWarning, match=r"Error detected in SqrtBackward0\. Traceback of forward call(.|\n)*x\.sqrt\(\)"),
            pytest.raises(RuntimeError, match=r"Function 'SqrtBackward0' returned nan values in its 0th output\."),
        ):
            y.backward()
    x.sqrt().sum().backward()


def test_anomaly_mode_without_the_search_for_nan() -> None:
    x = torch.tensor([0.0], requires_grad=True)
    with pytest.warns(UserWarning, match="Anomaly"):
        mode = torch.autograd.detect_anomaly(check_nan=False)
    with mode:
        (x.sqrt() * 0).sum().backward()
    assert x.grad.isnan().all()


def test_set_detect_anomaly_is_restored() -> None:
    from engine import modes

    with torch.autograd.set_detect_anomaly(True):
        assert modes.anomaly
        with torch.autograd.set_detect_anomaly(False):
            assert not modes.anomaly
        assert modes.anomaly
    assert not modes.anomaly


def test_modes_are_told() -> None:
    heard = Listener()
    with listening(heard), torch.no_grad(), torch.inference_mode():
        torch.ones(1)
    assert [(k, *a) for k, a in heard.told if k.startswith("mode")] == [
        ("mode_enter", "no_grad", False),
        ("mode_enter", "inference_mode", False),
        ("mode_exit", "inference_mode", False),
        ("mode_exit", "no_grad", True),
    ]


def test_set_grad_enabled_as_a_call_is_told() -> None:
    heard = Listener()
    with listening(heard):
        torch.set_grad_enabled(False)
        torch.ones(1)
        torch.set_grad_enabled(True)
    assert [(k, *a) for k, a in heard.told if k.startswith("mode")] == [
        ("mode_enter", "set_grad_enabled", False),
        ("mode_exit", "set_grad_enabled", True),
    ]


def test_set_grad_enabled_as_a_block_ends_as_it_began() -> None:
    heard = Listener()
    with listening(heard), torch.set_grad_enabled(False):
        torch.ones(1)
    told = [(k, *a) for k, a in heard.told if k.startswith("mode")]
    assert told[-2:] == [("mode_enter", "set_grad_enabled", False), ("mode_exit", "set_grad_enabled", True)]
    assert sum(1 if k == "mode_enter" else -1 for k, *_ in told) == 0
