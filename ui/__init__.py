"""The window. Everything that knows Qt is in here."""

from . import imports, overrides

imports.restore()
overrides.install()
