"""The window. Everything that knows Qt is in here."""

from . import imports

imports.load_numpy()
imports.load_qt()
imports.restore()

from . import qt_overrides  # noqa: E402  (it needs Qt)

qt_overrides.install()
