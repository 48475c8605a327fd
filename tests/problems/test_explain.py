"""`gradviz explain` of the scripts with mistakes: its first entry names the mistake and the line to change, and right scripts get none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradviz.__main__ import main
from gradviz.debugger.explain import KINDS, explain
from gradviz.debugger.explain.command import overrides_for
from gradviz.debugger.session import Session
from gradviz.running.recorded import record_here

from .expected import PROBLEMS
from .explained import FIRST

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPTS = {path.stem: path for path in sorted(HERE.glob("*/*.py")) if path.parent.name != "right"}
PRINTED = (
    "y09_same_target_for_all_steps",
    "ac37_divergence_averaged_over_classes",
)  # told by a warning on stderr, where pytest catches those of this process
RIGHT = sorted((HERE / "right").glob("*.py"))


@pytest.mark.parametrize("name", [*PROBLEMS, *PRINTED])
def test_the_command_names_the_mistake_first(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The 25 through the command itself, each in a process of its own."""
    code = main(["explain", str(SCRIPTS[name]), "--json"])
    told = json.loads(capsys.readouterr().out)
    wanted = FIRST[name]
    assert [(told[0]["kind"], told[0]["line"])] == [wanted] if wanted else told == []
    error = any(word in told[0]["message"] for word in ("RuntimeError", "TypeError")) if told else False
    assert code == int(error)
    for one in told:
        assert set(one) == {"kind", "line", "event", "node", "message", "fix"}
        assert one["message"].strip()


@pytest.mark.filterwarnings("ignore")  # what PyTorch warns of is the script's
@pytest.mark.parametrize("name", [name for name in FIRST if name not in (*PROBLEMS, *PRINTED)])
def test_the_first_entry_names_the_mistake(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = SCRIPTS[name]
    recording, _ = record_here(str(path), overrides_for(path.read_text()))
    capsys.readouterr()
    told = explain(Session(recording))
    wanted = FIRST[name]
    assert wanted is not None
    assert told, "nothing is said"
    assert (told[0].kind, told[0].line) == wanted
    assert told[0].event < len(recording)
    lines = recording.source.splitlines()
    assert all(0 <= one.line <= len(lines) for one in told)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_nothing_is_said_of_a_right_script(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording, code = record_here(str(path), overrides_for(path.read_text()))
    capsys.readouterr()
    assert code == 0
    assert explain(Session(recording)) == ()


def test_each_script_is_in_the_table() -> None:
    assert set(SCRIPTS) == set(FIRST)


def test_each_word_is_documented() -> None:
    page = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"| `{kind}` |" not in page] == []


def test_what_is_hidden_exists() -> None:
    assert {hidden for kind in KINDS.values() for hidden in kind.hides} <= set(KINDS)
