"""A lesson as a PDF to print: each step with its text, its picture and its question; the answers on a page of their own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSize, QUrl
from PySide6.QtGui import QColor, QFont, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextCursor, QTextDocument, QTextFormat

from gradviz.debugger.session import Session
from gradviz.lessons import shelf
from gradviz.lessons.answers import Reader
from gradviz.lessons.lesson import Ask, Knob, Lesson, MomentName, Pointer, Try
from gradviz.lessons.record import record_in_child, source_of
from gradviz.lessons.walk import Walk
from gradviz.recording.recording import Recording

from ..lessons.card import picture_at
from ..pictures.kinds import KINDS, chosen_by
from ..style.theme import LIGHT, MONO_FAMILIES, UI_FAMILIES, Theme

RESOLUTION = 96  # of the page in which the text is set
PICTURE = QSize(620, 250)
SHARP = 2.0
BLANK = "\\_" * 40
IDEA = QSize(520, 230)
ROOM = 12.0  # that page breaks leave below
ANSWERS = "Answers"


def write_handout(lesson: Lesson, path: Path, theme: Theme, recording: Recording | None = None) -> None:
    """Write the PDF. Paper is white: a dark theme is printed in the light one.

    Args:
        recording: of the lesson's script; without it a stored one is taken, or the script runs.

    Raises:
        OSError: it cannot be written.
        LessonProblem: the lesson names what its recording does not have.
    """
    theme = LIGHT if theme.dark else theme
    recording = recording or shelf.stored(lesson) or record_in_child(lesson.source, source_of(lesson.source))
    session = Session(recording)
    document = QTextDocument()
    font = QFont()
    font.setFamilies(UI_FAMILIES)
    font.setPointSizeF(10.5)
    document.setDefaultFont(font)
    images: dict[str, QImage] = {}
    document.setMarkdown("\n\n".join(_pages(lesson, session, images, theme)))
    for name, image in images.items():  # afterwards: `setMarkdown` forgets all pictures
        document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), image)
    _mono(document)
    beside = path.with_name(f".{path.stem}.saving.pdf")
    beside.touch()  # the error of a folder that cannot be written
    try:
        writer = QPdfWriter(str(beside))
        writer.setResolution(RESOLUTION)
        writer.setTitle(lesson.title)
        writer.setCreator("gradviz")
        writer.setPageLayout(QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(16, 14, 16, 14)))
        _print(document, writer)
        del writer
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _print(document: QTextDocument, writer: QPdfWriter) -> None:
    """Page by page (`QTextDocument.print_` prints a copy, which has lost its pictures)."""
    page = QRectF(0, 0, writer.width(), writer.height())
    document.documentLayout().setPaintDevice(writer)
    _keep_together(document, page.width(), page.height())
    document.setPageSize(page.size())
    p = QPainter(writer)
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        p.save()
        p.translate(0, -number * page.height())
        document.drawContents(p, page.translated(0, number * page.height()))
        p.restore()
    p.end()


def _keep_together(document: QTextDocument, width: float, height: float) -> None:
    """A step begins a new page where the rest of this one has no room for it, and so does the script; the answers always do."""
    document.setTextWidth(width)
    layout, starts = document.documentLayout(), []
    block = document.begin()
    while block.isValid():
        if block.blockFormat().headingLevel() == 2:
            starts.append(block)
        block = block.next()
    tops = [layout.blockBoundingRect(start).top() for start in starts]
    ends = [*tops[1:], layout.documentSize().height()]
    begun = 0.0  # where the page begins, in the text as one long page
    for start, top, end in zip(starts, tops, ends, strict=True):
        if (end - begun > height - ROOM and top - begun > height / 5) or start.text() == ANSWERS:
            form = start.blockFormat()
            form.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            QTextCursor(start).setBlockFormat(form)
            begun = top
        while end - begun > height:  # longer than a page
            begun += height


def _pages(lesson: Lesson, session: Session, images: dict[str, QImage], theme: Theme) -> list[str]:
    walk = Walk(lesson, session)
    reader = Reader(session, lesson)
    number = f"Lesson {lesson.number}: " if lesson.number else ""
    parts = [f"# {number}{lesson.title}", f"*{lesson.minutes} minutes.* {lesson.summary}"]
    answers = []
    for k, step in enumerate(lesson.steps, 1):
        session.seek(walk.row(step.at))
        name = f"step{k}"
        images[name] = picture_at(session, theme, PICTURE, SHARP).toImage()
        parts += [f"## {k}", walk.text(step.text, step.at), f"![{session.moment().caption}]({name})"]
        if step.ask is not None:
            parts += [f"**{walk.text(step.ask.prompt, step.at)}**", _room(step.ask, walk)]
            why = f": {walk.text(step.why.text, step.why.at)}" if step.why is not None else ""
            answers.append(f"- **{k}** {reader.told(step.ask)}{why}")
        for pointer in step.look:
            found = _idea(session, pointer, theme) if pointer.kind == "picture" else None
            if found is not None:
                images[f"{name}-{pointer.panel}"], words = found
                parts += [f"![{pointer.panel}]({name}-{pointer.panel})", f"*{words}*"]
        if step.try_ is not None:
            parts += _tried(step.try_, walk, step.at)
    parts += ["## The script", "```\n" + recording_source(session) + "\n```"]
    if answers:
        parts += [f"## {ANSWERS}", "\n".join(answers)]
    return parts


def _tried(tried: Try, walk: Walk, at: MomentName) -> list[str]:
    """What to change, and what to watch."""
    parts = [f"**Try:** {walk.text(tried.text, at)}"]
    if tried.line:
        parts.append(f"Line {tried.line}: `{tried.after}`" + "".join(f"; {{{knob.name}}} {_reach(knob)}" for knob in tried.knobs))
    return [*parts, f"*Watch:* {walk.text(tried.watch, at)}"]


def _reach(knob: Knob) -> str:
    """What a knob can be, in words."""
    return "is " + " or ".join(f"`{word}`" for word in knob.words) if knob.words else f"goes from {knob.low:g} to {knob.high:g}"


def _idea(session: Session, pointer: Pointer, theme: Theme) -> tuple[QImage, str] | None:
    """The picture of an idea at the session's moment and its caption; None where there is none."""
    kind = next((kind for kind in KINDS if kind.id == pointer.panel), None)
    if kind is None or not kind.fits(session):
        return None
    data = kind.make(session, session.position, chosen_by(kind, session, session.position, pointer.chosen))
    if data is None:
        return None
    picture = QImage(IDEA * SHARP, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(SHARP)
    picture.fill(QColor(theme.window))
    p = QPainter(picture)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    kind.paint(p, QRectF(0, 0, IDEA.width(), IDEA.height()).adjusted(8, 8, -8, -8), data, theme)
    p.end()
    return picture, kind.caption(data)


def _room(ask: Ask, walk: Walk) -> str:
    """Where the answer is written: a box before each choice, a line before each thing to put in order."""
    if ask.options:
        return "\\\n".join(f"☐  {walk.text(option.text)}" for option in ask.options)
    return "\\\n".join(f"\\_\\_\\_  {walk.text(item.text)}" for item in ask.items) or BLANK


def recording_source(session: Session) -> str:
    """The text of the script."""
    return session.recording.source.rstrip()


def _mono(document: QTextDocument) -> None:
    """Code in the font of the app."""
    block = document.begin()
    while block.isValid():
        it = block.begin()
        while not it.atEnd():
            fragment = it.fragment()
            form = fragment.charFormat()
            if form.fontFixedPitch():
                form.setFontFamilies(MONO_FAMILIES)
                _apply(document, fragment.position(), fragment.length(), form)
                break
            it += 1
        block = block.next()


def _apply(document: QTextDocument, start: int, length: int, form: object) -> None:
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
    cursor.setCharFormat(form)  # type: ignore[arg-type]
