import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import os
from charterm.priority import give_way
before = os.nice(0)
give_way()
print(os.nice(0) - before)
"""


@pytest.mark.skipif(os.name != "posix", reason="priorities as of POSIX")
@pytest.mark.parametrize("own_session", [True, False])
def test_a_process_in_the_background_lowers_itself_and_nobody_else(own_session: bool) -> None:
    group = Path("/proc/self/autogroup")
    before = group.read_text() if group.exists() else ""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        check=True,
        encoding="utf-8",
        start_new_session=own_session,
    )
    assert int(done.stdout) == 5
    assert (group.read_text() if before else "") == before
