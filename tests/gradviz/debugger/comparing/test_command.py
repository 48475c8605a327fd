"""`gradviz compare` from a shell's point of view."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradviz.__main__ import main

from .test_comparison import FORGOT, SEED

NOISE = "import torch\nx = torch.randn(4, requires_grad=True)\n(x * x).sum().backward()\nprint(x.grad)\n"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """The seed pair as files."""
    a, b = tmp_path / "with.py", tmp_path / "without.py"
    a.write_text(SEED)
    b.write_text(FORGOT)
    return str(a), str(b)


def test_scripts_and_recordings_say_the_same(pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = pair
    assert main(["compare", a, b]) == 1
    printed = capsys.readouterr().out
    assert "zero_grad only in A; first difference at step 1, accumulate into weights.grad, 3 against 6." in printed
    kept = str(tmp_path / "a.gvrec")
    assert main(["record", a, "-o", kept]) == 0
    capsys.readouterr()
    assert main(["compare", kept, b, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] + "." in printed
    assert told["first"]["step"] == 1


def test_the_same_script_twice_is_the_same_also_with_random_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "noise.py"
    script.write_text(NOISE)
    assert main(["compare", str(script), str(script)]) == 0
    out, err = capsys.readouterr()
    assert "the same to the last bit" in out
    assert "tensor(" not in out
    assert err.count("tensor(") == 2


@pytest.mark.parametrize("bad", ["missing.py", "missing.gvrec", "broken.py"])
def test_what_cannot_be_read_is_one_line_and_code_2(
    bad: str, pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.py").write_text("def (:\n")
    assert main(["compare", pair[0], str(tmp_path / bad)]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.splitlines()[-1].startswith("gradviz: ")
    assert main(["compare", *pair, "--tolerance", "-1"]) == 2
