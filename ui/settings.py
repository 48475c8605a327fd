"""What the app remembers between starts: windows, theme, recent files, trusted folders."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

RECENT = 9  # Ctrl+1 to Ctrl+9
MEMORY, LEAST_MEMORY = 512, 16


class Settings:
    """Typed access to QSettings; a path of its own for tests."""

    def __init__(self, path: str | None = None) -> None:
        self._store = QSettings(path, QSettings.Format.IniFormat) if path else QSettings("gradviz", "gradviz")
        self._path = path

    @property
    def folder(self) -> Path:
        """Where journals and earlier versions of documents are kept."""
        if self._path:
            return Path(self._path).parent / "state"
        from PySide6.QtCore import QStandardPaths  # its enumerations take a moment of the first picture's time

        return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)) / "state"

    @property
    def theme(self) -> str:
        """ "dark" or "light"."""
        return "light" if self._store.value("theme", "dark") == "light" else "dark"

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("theme", name)

    @property
    def direction(self) -> str:
        """Of the canvas: "LR" or "TB"."""
        return "TB" if self._store.value("direction", "LR") == "TB" else "LR"

    @direction.setter
    def direction(self, value: str) -> None:
        self._store.setValue("direction", value)

    @property
    def fold(self) -> str:
        """What the canvas draws as one card: "" (an operation), "layers" or "modules"."""
        level = str(self._store.value("fold", ""))
        return level if level in ("layers", "modules") else ""

    @fold.setter
    def fold(self, level: str) -> None:
        self._store.setValue("fold", level)

    @property
    def speed(self) -> float:
        """Of the flow on the canvas: 1 is normal, 0 is instant."""
        try:
            return max(0.0, float(str(self._store.value("speed", 1.0))))
        except ValueError:
            return 1.0

    @speed.setter
    def speed(self, value: float) -> None:
        self._store.setValue("speed", value)

    @property
    def hidden(self) -> frozenset[str]:
        """What the cards of nodes leave out: "shapes", "values", "grads"."""
        return frozenset(str(self._store.value("hidden", "")).split()) & {"shapes", "values", "grads"}

    @hidden.setter
    def hidden(self, names: frozenset[str]) -> None:
        self._store.setValue("hidden", " ".join(sorted(names)))

    @property
    def memory(self) -> int:
        """Megabytes that a recording may take."""
        found = self._store.value("memory", MEMORY)
        try:
            return max(LEAST_MEMORY, int(str(found)))
        except ValueError:
            return MEMORY

    @memory.setter
    def memory(self, megabytes: int) -> None:
        self._store.setValue("memory", megabytes)

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The keys that the user chose for actions, by their names."""
        found = self._store.value("keys", [])
        rows = [found] if isinstance(found, str) else list(found) if isinstance(found, list) else []
        return {name: tuple(keys) for name, *keys in (str(row).split("\t") for row in rows)}

    @keys.setter
    def keys(self, chosen: dict[str, tuple[str, ...]]) -> None:
        self._store.setValue("keys", ["\t".join((name, *keys)) for name, keys in chosen.items()])

    @property
    def wheel_scrolls(self) -> bool:
        """Whether the wheel moves a canvas; else it zooms."""
        return bool(self._store.value("wheel", "zooms") == "scrolls")

    @wheel_scrolls.setter
    def wheel_scrolls(self, value: bool) -> None:
        self._store.setValue("wheel", "scrolls" if value else "zooms")

    def window(self) -> tuple[QByteArray, QByteArray] | None:
        """Geometry and docks of the last window, None at the first start."""
        geometry, state = self._store.value("geometry"), self._store.value("docks")
        if isinstance(geometry, QByteArray) and isinstance(state, QByteArray):
            return geometry, state
        return None

    def keep_window(self, geometry: QByteArray, state: QByteArray) -> None:
        """Remember geometry and docks."""
        self._store.setValue("geometry", geometry)
        self._store.setValue("docks", state)

    def forget_window(self) -> None:
        """Start with the standard layout again."""
        self._store.remove("geometry")
        self._store.remove("docks")

    def recent(self) -> list[str]:
        """The last files, newest first."""
        found = self._store.value("recent", [])
        rows = [found] if isinstance(found, str) else list(found) if isinstance(found, list) else []
        return [str(r) for r in rows if r]

    def add_recent(self, path: str) -> None:
        """A file was opened."""
        rows = [path, *(r for r in self.recent() if r != path)]
        self._store.setValue("recent", rows[:RECENT])

    def trusted(self, path: str) -> bool:
        """Whether the user said that programs of this file's folder may run."""
        found = self._store.value("trusted", [])
        rows = [found] if isinstance(found, str) else list(found) if isinstance(found, list) else []
        return str(Path(path).resolve().parent) in rows

    def trust(self, path: str) -> None:
        """Programs of this file's folder may run from now on."""
        found = self._store.value("trusted", [])
        rows = [found] if isinstance(found, str) else list(found) if isinstance(found, list) else []
        folder = str(Path(path).resolve().parent)
        if folder not in rows:
            self._store.setValue("trusted", [*rows, folder])

    @property
    def gallery_wanted(self) -> bool:
        """Whether the user wants the gallery of lessons at each start."""
        return self._store.value("gallery", "no") == "yes"

    @gallery_wanted.setter
    def gallery_wanted(self, value: bool) -> None:
        self._store.setValue("gallery", "yes" if value else "no")

    @property
    def export_folder(self) -> str:
        """Where the last export went."""
        return str(self._store.value("export_folder", str(Path.home())))

    @export_folder.setter
    def export_folder(self, folder: str) -> None:
        self._store.setValue("export_folder", folder)

    @property
    def export_ending(self) -> str:
        """The kind of the last export, by its ending."""
        return str(self._store.value("export_ending", ".png"))

    @export_ending.setter
    def export_ending(self, ending: str) -> None:
        self._store.setValue("export_ending", ending)

    @property
    def first_start(self) -> bool:
        """Whether no window was ever closed with these settings."""
        return self.window() is None

    @property
    def tour_offered(self) -> bool:
        """Whether the user was asked to take the tour, or took it."""
        return self._store.value("tour", "no") == "yes"

    @tour_offered.setter
    def tour_offered(self, value: bool) -> None:
        self._store.setValue("tour", "yes" if value else "no")

    def lessons_done(self) -> set[str]:
        """The ids of the lessons whose check was passed."""
        found = self._store.value("lessons", [])
        rows = [found] if isinstance(found, str) else list(found) if isinstance(found, list) else []
        return {str(r) for r in rows if r}

    def mark_lesson(self, lesson: str) -> None:
        """The check of a lesson was passed."""
        self._store.setValue("lessons", sorted(self.lessons_done() | {lesson}))

    def sync(self) -> None:
        """Write to disk now."""
        self._store.sync()
