"""A script as `python SCRIPT ARGUMENTS` runs it, with `import torch` meaning the engine. The process ends with it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import CodeType

from ..loading.kind import DOCUMENT, is_recording, kind_of
from ..packages.stand_ins import stand_in
from ..problem import Problem
from .execute import become_main, without_internals


def run_plain(file: str, arguments: Sequence[str] = ()) -> int:
    """Run it; gives the exit code, or raises what Python itself has to end with.

    Nothing is put back afterwards: threads of the script, and what it registered with atexit, still run in its world.

    Raises:
        Problem: it cannot be read, or is a recording.
        KeyboardInterrupt: the script was interrupted and its traceback printed; Python then ends by the signal.
    """
    if is_recording(file):
        raise Problem(f"{file} is a recording, not a script: open it with `gradviz {file}`")
    path = str(Path(file).absolute())
    try:
        source = _program_of(file) if kind_of(file) == DOCUMENT else Path(file).read_bytes()
    except OSError as e:
        raise Problem(f"can't open file {path!r}: [Errno {e.errno}] {e.strerror}") from None
    try:
        code: CodeType = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as e:
        traceback.print_exception(type(e), e, None)
        return 1
    main = become_main(path, [file, *arguments])
    stand_in()
    try:
        exec(code, main.__dict__)
    except SystemExit:
        raise  # Python's own way from here: what the exit code is, and what is printed
    except BaseException as e:
        told = without_internals(e, path)
        if sys.excepthook is not sys.__excepthook__:
            sys.excepthook(type(e), e, e.__traceback__ and e.__traceback__.tb_next)  # without this frame
        else:
            print(told, end="", file=sys.stderr)
        if isinstance(e, KeyboardInterrupt):
            sys.excepthook = lambda *_: None
            raise
        return 1
    return 0


def _program_of(file: str) -> bytes:
    from ..loading.script import load_script

    return load_script(file).encode()
