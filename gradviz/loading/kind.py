"""What a file is: by its first bytes where they are certain, else by its ending. Nothing is run, and nothing else is read."""

from __future__ import annotations

from pathlib import Path

SCRIPT, DOCUMENT, RECORDING, LESSON = "script", "document", "recording", "lesson"
_ENDINGS = {".gradviz": DOCUMENT, ".gvrec": RECORDING, ".toml": LESSON}
_DATABASE = b"SQLite format 3\0"


def kind_of(file: str | Path) -> str:
    """One of the kinds above; a recording is known under every name, and what nobody knows is taken for a script."""
    return RECORDING if is_recording(file) else _ENDINGS.get(Path(file).suffix.lower(), SCRIPT)


def is_recording(file: str | Path) -> bool:
    """Whether a file is there that begins as recordings do. (A pipe would be waited for, and what was read of it would be lost.)"""
    try:
        if not Path(file).is_file():
            return False
        with Path(file).open("rb") as begun:
            return begun.read(len(_DATABASE)) == _DATABASE
    except OSError:
        return False  # whoever reads it tells
