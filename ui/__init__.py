"""The window. Everything that knows Qt is in here."""

from .qt import imports

imports.load_numpy()
imports.load_qt()
imports.restore()

from .qt import overridden_methods  # noqa: E402  (it needs Qt)

overridden_methods.install()
