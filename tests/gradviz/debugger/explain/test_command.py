"""`gradviz explain` as a command: what stands on stdout, the exit codes, recordings, graphs, and scripts without an end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.__main__ import main
from gradviz.document import edits
from gradviz.document.file.keeping import save
from gradviz.document.model import TENSOR, Document, Value

ROOT = Path(__file__).resolve().parents[4]
HEAD = "import torch\n\nw = torch.tensor([1.0, 2.0], requires_grad=True)\n"
CUT = HEAD + "h = (w * 3).detach()\nprint('in between')\nh.sum().backward()\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "script.py"


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def test_json_is_all_that_stands_on_stdout(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(CUT)
    assert main(["explain", str(script), "--json"]) == 1
    out, err = capsys.readouterr()
    (one,) = json.loads(out)
    assert (one["kind"], one["line"], one["node"]) == ("no-history", 4, "w")
    assert "in between" in err
    assert one["message"].startswith("RuntimeError: element 0 of tensors does not require grad")


def test_a_fix_is_a_diff_that_mends_the_script(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(CUT)
    main(["explain", str(script), "--json"])
    (one,) = told(capsys)
    diff = str(one["fix"]).splitlines()
    assert diff[:2] == ["--- script.py", "+++ script.py"]
    taken = next(line[1:] for line in diff if line.startswith("-") and not line.startswith("---"))
    given = next(line[1:] for line in diff if line.startswith("+") and not line.startswith("+++"))
    script.write_text(CUT.replace(taken, given))
    assert main(["explain", str(script), "--json"]) == 0
    assert told(capsys) == []


def test_text_is_one_line_for_each_diagnosis(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(HEAD + "y = (w - 1).sqrt().sum()\ny.backward()\n")
    assert main(["explain", str(script)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("line 4: inf: ")
    assert "Fix: " in line


def test_of_a_right_script_it_says_so(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(HEAD + "(w * 3).sum().backward()\nprint(w.grad)\n")
    assert main(["explain", str(script)]) == 0
    assert capsys.readouterr().out == "Nothing is wrong or suspicious.\n"


def test_a_recording_is_explained_as_it_is(script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(CUT)
    kept = tmp_path / "run.gvrec"
    main(["record", str(script), "-o", str(kept)])
    capsys.readouterr()
    script.unlink()
    assert main(["explain", str(kept), "--json"]) == 1
    (one,) = told(capsys)
    assert (one["kind"], one["line"]) == ("no-history", 4)


def test_a_graph_is_run_as_its_program_and_nodes_are_called_as_on_the_canvas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document, w = edits.add(Document(), TENSOR, 0, 0, name="w", value=Value((2,), (0.0, 4.0)), requires_grad=True)
    document, root = edits.add(document, "torch.sqrt", 1, 0, name="root")
    document, total = edits.add(document, "torch.sum", 2, 0)
    document = edits.connect(edits.connect(document, w, root, "input"), root, total, "input")
    save(document, str(tmp_path / "one.gradviz"))
    assert main(["explain", str(tmp_path / "one.gradviz"), "--json"]) == 0
    (one,) = told(capsys)
    assert (one["kind"], one["node"]) == ("inf", "root")


@pytest.mark.parametrize("text", ["def broken(:\n", "", "\0\1\2"])
def test_what_is_no_script_is_one_line_on_stderr(text: str, script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(text)
    assert main(["explain", str(script), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1


def test_what_is_not_there_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "no/such/file.py"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_error_that_is_no_business_of_autograd_is_told_in_its_own_words(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(HEAD + "print(undefined_name)\n")
    assert main(["explain", str(script), "--json"]) == 1
    (one,) = told(capsys)
    assert (one["kind"], one["line"]) == ("error", 4)
    assert "undefined_name" in str(one["message"])


def test_a_script_without_an_end_is_stopped(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(HEAD + "while True:\n    (w * 3).sum().backward()\n")
    assert main(["explain", str(script), "--json", "--seconds", "1"]) == 1
    out, err = capsys.readouterr()
    assert isinstance(json.loads(out), list)
    assert "stopped" in err.splitlines()[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_ctrl_c_stops_the_script_and_explains_what_was_recorded(script: Path) -> None:
    turns = "for k in range(4):\n    (w * 3).sum().backward()\n    opt.step()\n"
    script.write_text(HEAD + "opt = torch.optim.SGD([w], lr=0.1)\n" + turns + "print('turned', flush=True)\nwhile True:\n    pass\n")
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "explain", str(script), "--json", "--seconds", "10000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite that runs in the background ignores it
    )
    assert process.stderr is not None
    while "turned" not in process.stderr.readline():
        assert process.poll() is None
    os.kill(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert json.loads(out)[0]["kind"] == "zero-grad-missing"


def test_seconds_are_numbers(script: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["explain", str(script), "--seconds", "soon"])
    assert ended.value.code == 2


def test_two_nans_that_have_nothing_to_do_with_each_other_are_both_told(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(
        "import torch\n\np = torch.tensor([0.0, 4.0, 1.0], requires_grad=True)\nq = torch.tensor([4.0, 0.0, 1.0], requires_grad=True)\n"
        "a = p / p\nb = a + q.log()\nb.sum().backward()\n"
    )
    assert main(["explain", str(script), "--json"]) == 0
    one = told(capsys)[0]
    assert (one["kind"], one["line"]) == ("nan", 5)
    assert "one other origin" in str(one["message"]) and "line 6" in str(one["message"]) and "logarithm of 0" in str(one["message"])
    assert "line 7" not in str(one["message"])  # the sum and its backward only follow
