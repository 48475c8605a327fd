"""Tests run without a screen unless the environment names another Qt platform."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
