"""What a file is: by its first bytes where they are certain, else by its ending. Nothing is run, and nothing else is read."""

from __future__ import annotations

from pathlib import Path

SCRIPT, DOCUMENT, RECORDING, LESSON = "script", "document", "recording", "lesson"
_ENDINGS = {".gradviz": DOCUMENT, ".gvrec": RECORDING, ".toml": LESSON}
_DATABASE = b"SQLite format 3\0"


def kind_of(file: str | Path) -> str:
    """One of the kinds above; a recording is known under every name, and what nobody knows is taken for a script."""
    path = Path(file)
    try:
        with path.open("rb") as begun:
            if begun.read(len(_DATABASE)) == _DATABASE:
                return RECORDING
    except OSError:
        pass  # whoever reads it tells
    return _ENDINGS.get(path.suffix.lower(), SCRIPT)
