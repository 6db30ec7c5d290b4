"""Keeps the message catalogs: ``python -m tests.catalog`` after a message was added or changed.

It reads every message in ``charterm/``, adds the new ones to each ``charterm.po``, drops those that
are gone, and compiles. The new ones are then translated in the ``.po`` and it is run once more.
"""

import ast
import builtins
import io
import re
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from charterm import __version__, i18n

PACKAGE = Path(i18n.__file__).parent
TRANSLATED = tuple(code for code in i18n.LANGUAGES if code != i18n.SOURCE)
_ARGUMENTS = {"_": 1, "N_": 1, "ngettext": 2}
_TOLD = re.compile(r"([A-Z]\w*)?Error|Phrase")  # charterm.errors: translated when it is shown
_ENGLISH_ONLY = ("charterm/cli/",)
_AUTHORS = "the charterm authors"
_HEADER = "# Translations of charterm. `python -m tests.catalog` adds new messages and compiles."


@dataclass(frozen=True)
class Message:
    """A message of the program: one form, or a singular and a plural, and where it stands."""

    forms: tuple[str, ...]
    place: tuple[str, int]


def messages() -> Iterator[Message]:
    """Every message that stands in the package, in the order of the files."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE.parent).as_posix()
        yield from messages_in(path.read_text(encoding="utf-8"), name)


def messages_in(source: str, name: str) -> Iterator[Message]:
    """Every message that stands in one file.

    Raises:
        ValueError: a message is put together before it is translated, so no catalog can have it.
    """
    for node in ast.walk(ast.parse(source, name)):
        if not isinstance(node, ast.Call):
            continue
        function = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
        function = function.id if isinstance(function, ast.Name) else function
        if isinstance(function, str) and _is_told(function):
            yield from _told_in(node, name)
            continue
        if not isinstance(function, str) or function not in _ARGUMENTS:
            continue
        forms = node.args[: _ARGUMENTS[function]]
        literal = [form.value for form in forms if isinstance(form, ast.Constant)]
        if forms and len(literal) == len(forms):
            yield Message(tuple(map(str, literal)), (name, node.lineno))
        elif not all(isinstance(form, ast.Name | ast.Attribute | ast.Subscript) for form in forms):
            raise ValueError(
                f"{name}:{node.lineno}: translate a plain text and fill it afterwards, "
                '_("{n} words").format(n=n)'
            )


def _is_told(function: str) -> bool:
    return _TOLD.fullmatch(function) is not None and not hasattr(builtins, function)


def _told_in(call: ast.Call, name: str) -> Iterator[Message]:
    """The message of an error that the interface may show, if it is written there."""
    place = f"{name}:{call.lineno}"
    if name.startswith(_ENGLISH_ONLY) or not call.args:
        return
    message, filled = call.args[0], {keyword.arg for keyword in call.keywords}
    parts = isinstance(message, ast.JoinedStr | ast.BinOp)
    if parts:
        raise ValueError(f'{place}: give the values apart, ChartermError("{{n}} words", n=n)')
    if not (isinstance(message, ast.Constant) and isinstance(message.value, str)):
        return
    wanted = {field for _, field, _, _ in string.Formatter().parse(message.value) if field}
    if filled and wanted != filled:
        raise ValueError(f"{place}: has {sorted(wanted)} to fill, and {sorted(filled)} is given")
    yield Message((message.value,), (name, call.lineno))


def po_path(language: str) -> Path:
    """The catalog of a language as people edit it."""
    return i18n.CATALOGS / language / "LC_MESSAGES" / f"{i18n.DOMAIN}.po"


def load(language: str) -> Catalog:
    """The catalog of a language."""
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language, domain=i18n.DOMAIN)


def compiled(catalog: Catalog) -> bytes:
    """The catalog in the form that the program reads."""
    content = io.BytesIO()
    write_mo(content, catalog)
    return content.getvalue()


def update(language: str) -> list[str]:
    """Bring the catalog of a language up to date and compile it.

    Returns:
        The messages that have no translation yet.
    """
    path = po_path(language)
    old = load(language) if path.exists() else Catalog(locale=language)
    new = Catalog(
        locale=language,
        domain=i18n.DOMAIN,
        header_comment=_HEADER,
        project="charterm",
        version=__version__,
        msgid_bugs_address=_AUTHORS,
        last_translator=_AUTHORS,
        language_team=_AUTHORS,
        fuzzy=False,
        creation_date=old.creation_date,
        revision_date=old.creation_date,
    )
    missing = []
    for message in messages():
        id = message.forms if len(message.forms) > 1 else message.forms[0]
        translation = old[id].string if id in old and old[id].id == id else ""
        new.add(id, translation, locations=[(message.place[0], 0)])
        if not (translation if isinstance(translation, str) else all(translation)):
            missing.append(message.forms[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    write_po(content, new, width=100, include_lineno=False)
    path.write_bytes(content.getvalue())
    path.with_suffix(".mo").write_bytes(compiled(new))
    return missing


def main() -> int:
    """Update every catalog; the exit code is 0 if nothing is left to translate."""
    left = 0
    for language in TRANSLATED:
        missing = update(language)
        left += len(missing)
        for message in missing:
            print(f"{po_path(language)}: to be translated: {message!r}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
