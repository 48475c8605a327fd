"""Images of bytes in other sizes: PyTorch takes rows first, then columns, and rounds each time."""

from __future__ import annotations

import pytest

from engine.torch_module import module

torch = module()

RESIZED = {
    ("bilinear", (3, 3), True): [0, 56, 111, 97, 153, 82, 193, 123, 53],
    ("bilinear", (5, 3), False): [6, 56, 105, 110, 160, 62, 103, 153, 97, 95, 108, 119, 199, 123, 47],
    ("bicubic", (3, 3), True): [0, 56, 111, 97, 178, 82, 193, 123, 53],
    ("bicubic", (5, 3), False): [0, 46, 110, 123, 193, 45, 101, 178, 99, 81, 93, 133, 211, 124, 38],
}


@pytest.mark.parametrize(("mode", "size", "align"), RESIZED)
def test_an_image_in_another_size(mode: str, size: tuple[int, int], align: bool) -> None:
    image = (torch.arange(16).reshape(1, 1, 4, 4) * 37 % 251).byte()
    made = torch.nn.functional.interpolate(image, size=size, mode=mode, align_corners=align)
    assert (made.dtype, made.flatten().tolist()) == (torch.uint8, RESIZED[mode, size, align])
