"""The window. Everything that knows Qt is in here."""

from .overrides import install

install()
