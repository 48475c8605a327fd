"""What leaves the app as text: read back by programs that are not ours, and checked against the recording."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import networkx
import pytest

from gradviz.debugger.session import Session
from gradviz.export.cancelled import Cancelled
from gradviz.export.dot import quoted, to_dot
from gradviz.export.latex import number, text, to_latex, whole_derivation
from gradviz.export.replay import to_html
from gradviz.export.table import to_csv
from gradviz.lessons import first
from gradviz.recording.event import Kind
from gradviz.recording.file.gvrec import load
from gradviz.running.recorded import record_here


@pytest.fixture
def session() -> Session:
    return Session(load(str(first.RECORDING)))


def data_of(page: str) -> Any:
    return json.loads(re.search(r"const DATA = (.*);\n", page)[1])  # type: ignore[index]


def test_dot_has_all_nodes_and_edges_and_graphviz_reads_it(session: Session) -> None:
    session.seek(60)
    made = to_dot(session.graph(), session.moment())
    assert set(map(int, re.findall(r"^  n(\d+) \[", made, re.MULTILINE))) == {node.id for node in session.graph().nodes}
    assert len(re.findall(" -> ", made)) == len(session.graph().edges)
    program = shutil.which("dot")
    if program is None:
        pytest.skip("Graphviz is not installed")
    plain = subprocess.run([program, "-Tplain"], input=made, capture_output=True, text=True, check=True, timeout=60).stdout
    found = networkx.DiGraph(re.findall(r"^edge (n\d+) (n\d+)", plain, re.MULTILINE))
    assert networkx.is_directed_acyclic_graph(found)


def test_a_derivation_has_complex_numbers_and_does_not_hide_what_is_not_finite(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import torch\nz = torch.tensor([1 + 2j, 3 - 0.5j], requires_grad=True)\n(z * z).abs().sum().backward()\n"
        "w = torch.full((20,), float('inf'), requires_grad=True)\n(w * w).sum().backward()\n"
    )
    made = whole_derivation(Session(record_here(str(script))[0]))
    assert "1+2i" in made and "3-0.5i" in made
    assert r"norm $\infty$" in made


def test_names_with_quotes_and_backslashes_stay_one_label() -> None:
    assert quoted('a"b\\c\nd') == '"a\\"b\\\\c\\nd"'


def test_csv_has_the_numbers_of_the_ledger(session: Session) -> None:
    leaf = next(leaf for leaf in session.leaves() if session.graph().node(leaf).line == 55)  # type: ignore[union-attr]
    rows = list(csv.DictReader(io.StringIO(to_csv(session.series(leaf)))))
    assert [float(row["weights[0]"]) for row in rows if row["write"] == "accumulate"] == [3.0, 6.0, 9.0]
    assert session.recording.event(int(rows[0]["event"]) - 1).kind == Kind.ACCUMULATE


def typeset(document: str, folder: Path) -> None:
    """Let TeX read a document, where there is one."""
    program = shutil.which("pdflatex")
    if program is None:
        pytest.skip("there is no TeX on this machine")
    (folder / "made.tex").write_text(document, encoding="utf-8")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "made.tex"]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (folder / "made.pdf").read_bytes().startswith(b"%PDF")


def test_a_derivation_is_a_latex_document_with_its_numbers(session: Session, tmp_path: Path) -> None:
    while not (session.derivation() and session.derivation()[0].operands):
        session.seek(session.position + 1)
    made = to_latex(session.derivation(), session.moment().caption)
    assert made.startswith(r"\documentclass") and made.rstrip().endswith(r"\end{document}")
    for name in ("document", "align*", "pmatrix"):
        assert made.count(rf"\begin{{{name}}}") == made.count(rf"\end{{{name}}}") > 0
    array = session.derivation()[0].product.picture.array
    assert array is not None
    assert number(float(array.reshape(-1)[0])) in made
    typeset(made, tmp_path)


def test_the_whole_derivation_has_each_node_once_in_the_order_in_which_they_fired(session: Session, tmp_path: Path) -> None:
    where = session.position
    made = whole_derivation(session)
    assert session.position == where
    fired = {int(e.site) for e in session.recording if e.kind == Kind.VJP}
    headings = re.findall(r"\\subsection\*\{(\w+) fires", made)
    assert len(headings) == len(fired) > 10
    assert headings[:2] == ["MeanBackward0", "MulBackward0"]
    passes = [int(number) for number in re.findall(r"\\section\*\{Backward pass (\d+)\}", made)]
    assert passes == sorted(set(passes))
    typeset(made, tmp_path)


def test_a_moment_without_a_derivation_says_what_to_do(session: Session) -> None:
    session.seek(0)
    with pytest.raises(ValueError, match="step to a backward node"):
        to_latex(session.derivation(), "")


def test_words_and_numbers_for_latex() -> None:
    assert text("a_b & 50%") == r"a\_b \& 50\%"
    assert number(1.5e-7) == r"1.5\cdot 10^{-7}"
    assert number(float("nan")) == r"\mathrm{nan}"


def test_a_replay_has_every_moment_and_leaves_the_cursor_alone(session: Session) -> None:
    session.seek(17)
    data = data_of(to_html(session, "Lesson"))
    assert session.position == 17
    assert [step["e"] - 1 for step in data["steps"]] == session.columns.steps.tolist()
    session.seek(data["steps"][40]["e"] - 1)
    assert data["steps"][40]["t"] == session.moment().caption
    assert data["source"] == session.recording.source


def test_a_replay_needs_nothing_from_the_net_and_no_text_breaks_out_of_it(session: Session) -> None:
    page = to_html(session, "</title><script>alert(1)</script>")
    assert "<title>&lt;/title&gt;" in page
    assert not re.search(r"""(src|href)\s*=|url\(|@import|https?://(?!www\.w3\.org)""", page)
    assert page.count("</script>") == 1


def test_the_replay_steps_in_a_javascript_engine(session: Session, tmp_path: Path) -> None:
    program = shutil.which("node")
    if program is None:
        pytest.skip("there is no JavaScript engine on this machine")
    page = to_html(session, "Lesson")
    (tmp_path / "replay.js").write_text(re.search(r"<script>(.*)</script>", page, re.DOTALL)[1])  # type: ignore[index]
    ask = "const r = require('./replay.js'); console.log(JSON.stringify(r.DATA.steps.map((s, k) => Object.fromEntries(r.statesAt(r.DATA, k)))))"
    told = subprocess.run([program, "-e", ask], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60).stdout
    states = json.loads(told)
    for k in range(0, len(states), 13):
        session.seek(data_of(page)["steps"][k]["e"] - 1)
        moment = session.moment()
        for node in session.graph().nodes:
            now = moment.states.get(node.id)
            assert states[k][str(node.id)][0] == (0 if now is None else int(now.status))


def test_a_cancelled_replay_leaves_the_cursor_alone(session: Session) -> None:
    session.seek(5)
    with pytest.raises(Cancelled):
        to_html(session, "x", progress=lambda done, _of: done < 10)
    assert session.position == 5
