"""Short numbers say what they can in the room that they have."""

from __future__ import annotations

import pytest

from ui.pictures.numbers import brief, brief_complex


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.514, "0.514"),
        (0.001203, "0.0012"),
        (-0.00004567, "-4.6e-5"),
        (1e-5, "1e-5"),
        (12345.0, "1.2e4"),
        (0.0, "0"),
        (float("nan"), "nan"),
    ],
)
def test_a_brief_number_keeps_two_digits_at_least(value: float, text: str) -> None:
    assert brief(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 + 2j, "1+2j"),
        (3 - 1j, "3-1j"),
        (0.5j, "0+0.5j"),
        (complex(float("nan"), -1e-5), "nan-1e-5j"),
        (complex(-1.23456, float("inf")), "-1.23+infj"),
    ],
)
def test_a_brief_complex_number_has_both_parts(value: complex, text: str) -> None:
    assert brief_complex(value) == text
