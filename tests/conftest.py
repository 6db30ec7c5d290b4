"""Every test gets folders of its own, so that none touches the user's files."""

from pathlib import Path

import pytest
from hypothesis import settings

from charterm.tui.tour import keep_shown

# a busy machine is no failure: time is measured in tests/benchmarks, never asserted
settings.register_profile("charterm", deadline=None)
settings.load_profile("charterm")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("DATA", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"CHARTERM_{kind}_DIR", str(tmp_path / "charterm" / kind.lower()))
    keep_shown()  # the tour is for those who open the program for the first time
    return tmp_path
