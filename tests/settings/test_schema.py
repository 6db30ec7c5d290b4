import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm import i18n
from charterm.errors import UsageError
from charterm.settings import schema
from charterm.settings.schema import BY_KEY, GROUPS, SETTINGS, Setting, find_setting


def test_keys_are_distinct_and_belong_to_a_group() -> None:
    assert len(BY_KEY) == len(SETTINGS)
    for setting in SETTINGS:
        assert setting.group in GROUPS
        assert setting.key.startswith(f"{setting.group}.")
        assert setting.title
        assert setting.help
        assert not setting.help.endswith(".")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_the_default_is_allowed(setting: Setting[Any]) -> None:
    assert setting.check(setting.default) == setting.default
    assert setting.parse(str(setting.default)) == setting.default


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (schema.THRESHOLD, "0.4"),
        (schema.THRESHOLD, True),
        (schema.THRESHOLD, -0.01),
        (schema.THRESHOLD, 3.5),
        (schema.THRESHOLD, math.nan),
        (schema.THRESHOLD, math.inf),
        (schema.ALTERNATIVES, 5.0),
        (schema.ALTERNATIVES, 0),
        (schema.ALTERNATIVES, [5]),
        (schema.ANIMATIONS, 1),
        (schema.ANIMATIONS, "true"),
        (schema.LANGUAGE, "fr"),
        (schema.LANGUAGE, ["en"]),
        (schema.THEME, ""),
        (schema.THEME, "a\nb"),
        (schema.THEME, 3),
        (schema.FOLDER, "texts"),
        (schema.FOLDER, ""),
        (schema.FOLDER, "/a\0b"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(setting: Setting[Any], value: object) -> None:
    with pytest.raises(UsageError) as refused:
        setting.check(value)
    message = str(refused.value)
    assert message.startswith(f"{setting.key} must be {setting.allowed}, not ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        (schema.ANIMATIONS, "off", False),
        (schema.ANIMATIONS, "Yes", True),
        (schema.ALTERNATIVES, " 7 ", 7),
        (schema.THRESHOLD, "1", 1.0),
        (schema.FOLDER, "~/texts", Path("~/texts")),
        (schema.FOLDER, ".", Path()),
        (schema.LANGUAGE, "ko", "ko"),
    ],
)
def test_text_stands_for_a_value(setting: Setting[Any], text: str, value: object) -> None:
    parsed = setting.parse(text)
    assert parsed == value
    assert type(parsed) is type(setting.default) or isinstance(parsed, Path)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SETTINGS), st.text())
def test_any_text_is_either_a_value_or_one_line(setting: Setting[Any], text: str) -> None:
    try:
        value = setting.parse(text)
    except UsageError as error:
        lines = str(error).splitlines()
    else:
        lines = [setting.key]
        assert setting.check(value) == value
    assert len(lines) == 1


def test_an_unknown_setting_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean write\.threshold\?"):
        find_setting("write.treshold")
    with pytest.raises(UsageError, match="charterm config list"):
        find_setting("zzzz")


def test_every_language_of_the_interface_can_be_chosen() -> None:
    assert schema.LANGUAGE.choices == ("auto", *i18n.LANGUAGES)
