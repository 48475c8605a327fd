"""Tests run without a screen unless the environment names another Qt platform; those marked torch ask for a real PyTorch."""

import os
from importlib.metadata import PackageNotFoundError, version

import hypothesis
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])  # on a busy machine
hypothesis.settings.load_profile("patient")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs a PyTorch that is not there; where several processes share the tests, the files with slow ones come first.

    An import cannot tell whether PyTorch is there: while a script runs the engine stands under its name.
    """
    if hasattr(config, "workerinput"):  # a long file that came last would leave the other processes idle
        long = {item.path for item in items if item.get_closest_marker("slow") is not None}
        items.sort(key=lambda item: item.path not in long)
    try:
        version("torch")
    except PackageNotFoundError:
        for item in items:
            if item.get_closest_marker("torch") is not None:
                item.add_marker(pytest.mark.skip(reason="PyTorch is not installed"))
