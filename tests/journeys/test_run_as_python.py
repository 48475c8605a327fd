"""`gradviz run` beside `python`: the same script, and stdout, stderr and exit code are compared."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.terminal import DATA, LESSON, ROOT, Terminal

STORIES = {
    "exit code": "import sys\nprint('a')\nsys.exit(7)",
    "exit code below zero": "raise SystemExit(-1)",
    "exit with a sentence": "import sys\nprint('a')\nsys.exit('bye now')",
    "exit with nothing": "raise SystemExit",
    "exit with a tuple": "raise SystemExit((1, 2))",
    "exception": "def f(x):\n    raise ValueError('bad thing')\nprint('before')\nf(1)",
    "exception from another": "try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise RuntimeError('outer') from e",
    "exception while handling": "try:\n    1/0\nexcept ZeroDivisionError:\n    {}['k']",
    "group of exceptions": "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])",
    "exception with a note": "e = ValueError('x')\ne.add_note('a note')\nraise e",
    "interrupted": "def f():\n    raise KeyboardInterrupt\nprint('a')\nf()",
    "syntax error": "print('no')\nx = (1,\nprint(x",
    "indentation": "def f():\nx = 1",
    "empty": "",
    "its own names": "import sys\nprint(__name__, __file__, sys.argv, __doc__, __package__, __spec__, sys.path[0])",
    "docstring": '"""Doc."""\nprint(__doc__)\nx: int = 3\nprint(__annotations__)',
    "input": "name = input('name? ')\nimport sys\nprint('hello', name, repr(sys.stdin.read()))",
    "input at the end of the file": "input(); input(); input()",
    "stderr": "import sys\nprint('err', file=sys.stderr)\nprint('out')\nsys.stderr.write('no newline')",
    "bytes": "import sys\nsys.stdout.buffer.write(b'raw\\n')\nsys.stdout.write('text')",
    "excepthook": "import sys\nsys.excepthook = lambda kind, error, trace: print('hook', kind.__name__, error)\nraise ValueError(3)",
    "atexit": "import atexit, sys\natexit.register(lambda: print('bye', sys.argv, X))\nX = 3\nsys.exit(4)",
    "thread that lives longer": (
        "import threading\ndone = threading.Event()\n"
        "def f():\n    done.wait()\n    import beside\n    print('thread', beside.NAME)\n"
        "threading.Thread(target=f).start()\nprint('end of the script')\ndone.set()"
    ),
    "exception in a thread": (
        "import threading\ndef f():\n    raise ValueError('in a thread')\n"
        "t = threading.Thread(target=f, name='T')\nt.start(); t.join()\nprint('ok')"
    ),
    "pickle of its own class": "import pickle\nclass A:\n    pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)",
    "its own module": "import __main__\nX = 5\nprint(__main__.X)",
    "source of a function": "import inspect\ndef f():\n    return 1\nprint(inspect.getsource(f))",
    "killed": "import os, signal\nprint('a', flush=True)\nos.kill(os.getpid(), signal.SIGTERM)",
    "gone at once": "import os\nprint('a', flush=True)\nos._exit(5)",
    "traceback of a caught one": "import traceback\ntry:\n    1/0\nexcept Exception:\n    traceback.print_exc()\nprint('on')",
    "a sibling": "import beside\nprint(beside.NAME)",
    "warning": "import warnings\nwarnings.warn('careful')\nprint('x')",
}


@pytest.mark.parametrize("story", STORIES)
def test_run_does_what_python_does(terminal: Terminal, story: str) -> None:
    terminal.writes("beside.py", "NAME = 'beside'\n")
    terminal.writes("script.py", STORIES[story] + "\n")
    stdin = "Ada\nand more\n"
    assert terminal.types("run script.py a --b -c", stdin) == terminal.python("script.py a --b -c", stdin)


def test_the_lesson_prints_what_pytorch_prints(terminal: Terminal) -> None:
    done = terminal.types("run lesson.py")
    assert (done.out, done.code) == ((DATA / "gradient_computation.out").read_text(), 0)


def test_a_sibling_that_imports_torch_gets_the_engine_too(terminal: Terminal) -> None:
    terminal.writes("model.py", "import torch\ndef f(x):\n    return (x * 3).sum()\n")
    terminal.writes(
        "main_script.py",
        "import model, torch\nx = torch.ones(2, requires_grad=True)\nmodel.f(x).backward()\nprint(x.grad, model.torch is torch)\n",
    )
    assert terminal.types("run main_script.py").out == "tensor([3., 3.]) True\n"


def test_an_error_of_the_engine_is_told_in_the_lines_of_the_script(terminal: Terminal) -> None:
    terminal.writes("wrong.py", "import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\ny.backward()\n")
    done = terminal.types("run wrong.py")
    assert done.code == 1
    assert done.err.splitlines() == [
        "Traceback (most recent call last):",
        f'  File "{terminal.folder / "wrong.py"}", line 4, in <module>',
        "    y.backward()",
        "RuntimeError: grad can be implicitly created only for scalar outputs",
    ]


def test_a_reader_that_goes_away_ends_it_as_it_ends_python(terminal: Terminal) -> None:
    terminal.writes("talks.py", "while True:\n    print('x' * 1000)\n")
    codes = []
    for command in ([str(ROOT / "main.py"), "run", "talks.py"], ["talks.py"]):
        pipe = subprocess.PIPE
        with subprocess.Popen([sys.executable, *command], cwd=terminal.folder, stdout=pipe, stderr=pipe, text=True) as going:
            assert going.stdout is not None
            assert going.stderr is not None
            assert going.stdout.readline() == "x" * 1000 + "\n"
            going.stdout.close()
            assert going.stderr.read().endswith("BrokenPipeError: [Errno 32] Broken pipe\n")
            codes.append(going.wait(timeout=120))
    assert codes[0] == codes[1] != 0


def test_ctrl_c_ends_it_by_the_signal_as_python_does(terminal: Terminal) -> None:
    terminal.writes("endless.py", "print('started', flush=True)\nwhile True:\n    pass\n")
    going = terminal.starts("run endless.py")
    assert going.stdout is not None
    assert going.stdout.readline() == "started\n"
    going.send_signal(signal.SIGINT)
    _, err = going.communicate(timeout=120)
    assert going.returncode == -signal.SIGINT
    assert err.splitlines()[0] == "Traceback (most recent call last):"
    assert err.splitlines()[-1] == "KeyboardInterrupt"
    assert "gradviz" not in err.replace(str(terminal.folder), "")


@pytest.mark.parametrize("name", ["torch.py", "numbers_.py"])
def test_a_file_beside_the_script_does_not_stand_for_the_engine(terminal: Terminal, name: str) -> None:
    terminal.writes(name, "raise SystemExit('imported')\n")
    assert terminal.types("run lesson.py").out == (DATA / "gradient_computation.out").read_text()


def test_it_does_not_matter_where_one_stands(terminal: Terminal, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    shutil.copy(LESSON, inner / "deep.py")
    assert terminal.types("run inner/deep.py").out == terminal.types(f"run {inner / 'deep.py'}").out != ""


def test_a_project_with_an_engine_of_its_own_gets_its_own(terminal: Terminal) -> None:
    terminal.writes("engine.py", "import torch\ndef train(w):\n    (w * w).sum().backward()\n    return w.grad\n")
    (terminal.folder / "ui" / "deep").mkdir(parents=True)
    terminal.writes("ui/__init__.py", "from . import deep\nfrom .deep import thing\n")
    terminal.writes("ui/deep/__init__.py", "from .thing import NAME\n")
    terminal.writes("ui/deep/thing.py", "NAME = 'mine'\n")
    terminal.writes(
        "project.py",
        "import torch\nfrom engine import train\nimport engine, ui.deep.thing as thing\n"
        "print(train(torch.ones(3, requires_grad=True)), thing.NAME, engine.__file__)\n"
        "print(torch.nn.BatchNorm1d(2)(torch.ones(2, 2)).sum().item())\n"
        "try:\n    import engine.nothing\nexcept ModuleNotFoundError as e:\n    print(e)\n",
    )
    wanted = f"tensor([2., 2., 2.]) mine {terminal.folder / 'engine.py'}\n0.0\nNo module named 'engine.nothing'\n"
    for command in ("run project.py", "record project.py -o project.gvrec"):
        done = terminal.types(command)
        assert (done.out, done.err, done.code) == (wanted, "", 0)
    done = terminal.types("render project.py -o project.svg")  # in the child process
    assert (done.err, done.code) == ("", 0)
