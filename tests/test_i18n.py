import gettext
import pickle
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from charterm import i18n
from charterm.errors import ChartermError, UsageError
from charterm.i18n import N_, _, ngettext
from charterm.settings import schema
from tests import catalog


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    i18n.use(i18n.SOURCE)


def _placeholders(message: str) -> set[str]:
    return {
        f"{name}!{conversion or ''}:{form}"
        for _, name, form, conversion in string.Formatter().parse(message)
        if name is not None
    }


@pytest.mark.parametrize("language", catalog.TRANSLATED)
def test_every_message_is_translated_with_the_same_placeholders(language: str) -> None:
    translations = catalog.load(language)
    problems = []
    for message in catalog.messages():
        id = message.forms if len(message.forms) > 1 else message.forms[0]
        found = translations.get(id)
        strings = () if found is None else (found.string,)
        if found is not None and isinstance(found.string, tuple | list):
            strings = tuple(found.string)
        if not strings or not all(strings):
            problems.append(f"{message.place[0]}:{message.place[1]}: no translation of {id!r}")
            continue
        for translation in strings:
            # a form for several things may leave the number out, but never add a name
            if _placeholders(translation) != _placeholders(message.forms[-1]):
                problems.append(f"{message.place[0]}: placeholders differ in {translation!r}")
    assert not problems, "run python -m tests.catalog and translate:\n" + "\n".join(problems)


@pytest.mark.parametrize("language", catalog.TRANSLATED)
def test_no_translation_is_left_over_or_in_doubt(language: str) -> None:
    wanted = {message.forms[0] for message in catalog.messages()}
    translations = catalog.load(language)
    assert not translations.obsolete
    for message in translations:
        id = message.id if isinstance(message.id, str) else message.id[0]
        assert not message.fuzzy, id
        assert not id or id in wanted, f"run python -m tests.catalog: {id!r} is no message now"


@pytest.mark.parametrize("language", catalog.TRANSLATED)
def test_what_the_program_reads_is_what_people_edited(language: str) -> None:
    with catalog.po_path(language).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in catalog.load(language):
        if isinstance(message.id, str) and message.id:
            assert compiled.gettext(message.id) == message.string, "run python -m tests.catalog"
        elif message.id:
            for number, translation in enumerate(message.string, start=1):
                assert compiled.ngettext(*message.id, number) == translation


def test_a_message_must_be_plain_text() -> None:
    found = list(catalog.messages_in('_("a " "b")\nngettext("one", "{n}", n)\nN_("c"); _(x)', "f"))
    assert [message.forms for message in found] == [("a b",), ("one", "{n}"), ("c",)]
    for wrong in ('_(f"{n} words")', '_("a" + b)', '_("%s" % a)', '_("{}".format(a))'):
        with pytest.raises(ValueError, match="fill it afterwards"):
            list(catalog.messages_in(wrong, "f"))


def test_the_language_changes_while_the_program_runs() -> None:
    title = N_("Settings")
    assert (_(title), _("")) == ("Settings", "")
    assert i18n.use("ko") == i18n.language() == "ko"
    assert (_(title), _("")) == ("설정", "")
    assert _("no such message") == "no such message"
    assert ngettext("one thing", "{n} things", 2) == "{n} things"
    assert i18n.use("tlh") == "en"
    assert _(title) == "Settings"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:ko:en"}, "ko"),
        ({"LC_ALL": "C", "LANGUAGE": "ko"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LANG": "Korean_Korea.949"}, "ko"),
        ({"LANG": "ko"}, "ko"),
    ],
)
def test_the_system_says_its_language(environment: dict[str, str], language: str) -> None:
    assert i18n.system_language(environment) == language


def test_auto_follows_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert i18n.use(i18n.AUTO) == "ko"


def test_an_error_is_told_in_the_language_of_the_moment(tmp_path: Path) -> None:
    """Made in English and shown in Korean, with what the system said."""
    gone = FileNotFoundError(2, "No such file or directory")
    error = ChartermError("cannot read {path}: {reason}", path=tmp_path, reason=gone)
    whole = ChartermError("{error}; mend it or move it away, it is left as it is", error=error)
    assert str(whole).startswith(f"cannot read {tmp_path}: No such file or directory; mend it")
    i18n.use("ko")
    assert str(error) == f"{tmp_path}: 읽을 수 없습니다. 파일이나 폴더가 없음"
    assert str(whole).startswith(f"{error}. 고치거나")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert str(ChartermError("a {brace} of somebody's file name")).count("{") == 1


def test_a_setting_says_in_korean_what_it_may_be() -> None:
    i18n.use("ko")
    with pytest.raises(UsageError, match=r"1부터 20까지의 정수이어야 합니다. 지금 값: 'many'"):
        schema.ALTERNATIVES.parse("many")


def test_errors_give_their_values_apart() -> None:
    found = catalog.messages_in('UsageError("no {x}", x=x); OSError(f"{y}"); Phrase("a")', "f")
    assert [message.forms for message in found] == [("no {x}",), ("a",)]
    for wrong in ('UsageError(f"no {x}")', 'ChartermError("{x}", y=1)', 'LockedError("a" + b)'):
        with pytest.raises(ValueError, match="f:1"):
            list(catalog.messages_in(wrong, "f"))
    assert not list(catalog.messages_in('UsageError(f"no {x}")', "charterm/cli/x.py"))
