"""What can be exported, by the ending of the file: the one list that the dialog, the command and the tests read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExportKind:
    """One kind of file.

    Attributes:
        ending: with its dot.
        text: what it is.
        needs: "moment" (the graph at the cursor), "span" (several events), "leaf" (a curve) or "script".
    """

    ending: str
    text: str
    needs: str


KINDS = (
    ExportKind(".png", "Picture of the graph at this moment (PNG)", "moment"),
    ExportKind(".svg", "Picture of the graph at this moment (SVG)", "moment"),
    ExportKind(".pdf", "Picture of the graph at this moment (PDF)", "moment"),
    ExportKind(".html", "Replay that steps in a browser (HTML)", "span"),
    ExportKind(".gif", "Film (GIF)", "span"),
    ExportKind(".mp4", "Film (MP4)", "span"),
    ExportKind(".tex", "Derivation at this moment (LaTeX)", "moment"),
    ExportKind(".dot", "Graph at this moment (Graphviz DOT)", "moment"),
    ExportKind(".csv", "Curve of a leaf's .grad (CSV)", "leaf"),
    ExportKind(".py", "The script (Python)", "script"),
)
PICTURES = (".svg", ".png", ".pdf")
FILMS = (".gif", ".mp4")
BY_ENDING = {kind.ending: kind for kind in KINDS}
