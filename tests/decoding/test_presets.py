import pytest

from charterm.decoding.controls import PRESETS, Controls
from charterm.decoding.presets import (
    all_presets,
    delete_preset,
    find_preset,
    presets_path,
    save_preset,
    saved_presets,
)
from charterm.errors import ChartermError, UsageError


def test_presets_are_kept_with_every_value() -> None:
    mine = Controls(method="beam", num_beams=7, stop=("\n", "끝"), dry_sequence_breakers='"\n')
    save_preset("mine", mine)
    save_preset("other", Controls(temperature=0.25))
    assert saved_presets() == {"mine": mine, "other": Controls(temperature=0.25)}
    assert list(all_presets()) == [*PRESETS, "mine", "other"]
    save_preset("mine", Controls())
    assert find_preset("mine") == Controls()
    delete_preset("mine")
    assert list(saved_presets()) == ["other"]


@pytest.mark.parametrize("name", ["", "wild", "a\nb", "x" * 41])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(UsageError):
        save_preset(name, Controls())
    assert saved_presets() == {}


def test_a_damaged_file_is_told_and_stays() -> None:
    save_preset("mine", Controls())
    for content in ("{", "[]", '{"mine": {"temperature": "hot"}}', '{"mine": {"unknown": 1}}'):
        presets_path().write_text(content)
        with pytest.raises(ChartermError, match=r"presets\.json"):
            all_presets()
    assert presets_path().read_text() == content


def test_unknown_presets_are_told() -> None:
    with pytest.raises(UsageError, match="careful"):
        find_preset("none")
    with pytest.raises(UsageError, match="none"):
        delete_preset("none")
    with pytest.raises(UsageError, match="built-in"):
        delete_preset("careful")
