"""A lesson as a PDF to print: each step with its text, its picture and its question; the answers on a page of their own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSize, QUrl
from PySide6.QtGui import QFont, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument

from gradviz.debugger.session import Session
from gradviz.lessons import shelf
from gradviz.lessons.answers import Reader
from gradviz.lessons.lesson import Ask, Lesson
from gradviz.lessons.record import record_in_child, source_of
from gradviz.lessons.walk import Walk

from ..lessons.card import picture_at
from ..theme import LIGHT, MONO_FAMILIES, UI_FAMILIES, Theme

RESOLUTION = 96  # of the page in which the text is set
PICTURE = QSize(620, 250)
SHARP = 2.0
BLANK = "\\_" * 40


def write_handout(lesson: Lesson, path: Path, theme: Theme) -> None:
    """Write the PDF. Paper is white: a dark theme is printed in the light one.

    Raises:
        OSError: it cannot be written.
        LessonProblem: the lesson names what its recording does not have.
    """
    theme = LIGHT if theme.dark else theme
    recording = shelf.stored(lesson) or record_in_child(lesson.source, source_of(lesson.source))
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
        if step.try_ is not None:
            parts.append(f"*Try:* {walk.text(step.try_.text, step.at)}")
    parts += ["## The script", "```\n" + recording_source(session) + "\n```"]
    if answers:
        parts += ["## Answers", "\n".join(answers)]
    return parts


def _room(ask: Ask, walk: Walk) -> str:
    """Where the answer is written."""
    choices = [option.text for option in ask.options] or [item.text for item in ask.items]
    return "\n".join(f"- ☐ {walk.text(text)}" for text in choices) if choices else BLANK


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
    from PySide6.QtGui import QTextCursor

    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
    cursor.setCharFormat(form)  # type: ignore[arg-type]
