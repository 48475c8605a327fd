"""The long campaigns behind the guarantees of docs/reliability.md, by one command: `python -m tests.campaigns`.

Each is a test of the suite that does a share of its full number of rounds: a tenth, or what GRADVIZ_SHARE says.
This command runs them whole, and prints a line for each; docs/reliability.md says how long that takes.
"""

from __future__ import annotations

import os
import re
import sys
import time

SHARE = float(os.environ.get("GRADVIZ_SHARE", "0.1"))

CAMPAIGNS = {
    "1 opening any file runs nothing": "tests/gradviz/document/test_values.py::test_opening_runs_nothing",
    "2 100,000 mutated files": "tests/gradviz/document/test_files.py::test_mutated_files_are_read_or_refused_and_never_crash",
    "4 500 kills while saving": "tests/gradviz/document/test_files.py::test_a_save_that_is_killed_leaves_a_whole_file",
    "4 full disks at 50 sizes": "tests/gradviz/document/test_files.py::test_a_full_disk_leaves_the_old_file_and_says_so",
    "5 200 kills while editing": "tests/gradviz/document/test_files.py::test_a_killed_session_loses_the_last_edit_at_most",
    "6, 7 2,000 random histories of 50 edits": "tests/ui/editor/test_histories.py::test_random_histories",
    "6 10,000 documents written and read": "tests/gradviz/document/test_round_trip.py",
    "11 100,000 random events": "tests/ui/editor/test_monkey.py::test_a_monkey_breaks_nothing",
    "12 200 rounds of opening and closing": "tests/ui/window/test_growth.py",
    "13 every script recorded both ways": "tests/gradviz/recording/recorder/following/test_whole_scripts.py",
}


def share(full: int) -> int:
    """How many of a campaign's rounds are run now."""
    return max(1, round(full * SHARE))


def main() -> int:
    """Run all campaigns, or those whose number is given."""
    import pytest

    wanted = set(sys.argv[1:])
    worst = 0
    for name, test in CAMPAIGNS.items():
        numbers = re.match(r"\d+(, \d+)*", name)
        if wanted and (numbers is None or wanted.isdisjoint(numbers[0].split(", "))):
            continue
        begun = time.monotonic()
        code = int(pytest.main(["-q", "-s", "--no-header", "-p", "no:cacheprovider", "-o", "faulthandler_timeout=0", test]))
        worst = max(worst, code)
        print(f"{'holds' if code == 0 else 'BROKEN'}: {name} ({time.monotonic() - begun:.0f} s)", flush=True)
    return worst


if __name__ == "__main__":
    if "GRADVIZ_SHARE" not in os.environ:  # tests ask for their share when they are imported
        os.environ["GRADVIZ_SHARE"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "tests.campaigns", *sys.argv[1:]])
    sys.exit(main())
