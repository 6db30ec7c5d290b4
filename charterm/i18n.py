"""The language of the interface: gettext, with the language chosen while the program runs.

Text for people is written in English and passed through :func:`_` where it is drawn, never where
a module is imported, so that a change of language shows at the next paint. Text in tables that are
made at import is only marked with :func:`N_` and passed through :func:`_` when it is drawn::

    TITLE = N_("Open a text")      # found by the catalog, unchanged
    label.update(_(TITLE))         # translated now

Placeholders stand in the message and are filled afterwards: ``_("{n} words").format(n=n)``. After
a new message ``python -m tests.catalog`` adds it to ``charterm/locale``.
"""

import gettext as _gettext
import locale
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

AUTO: Final = "auto"
"""The language setting that follows the system's."""

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "ko": "한국어"}
"""Languages of the interface: code, and its own name."""

SOURCE: Final = "en"
"""The language the messages are written in."""

DOMAIN: Final = "charterm"
CATALOGS: Final = Path(__file__).parent / "locale"

_translations: _gettext.NullTranslations = _gettext.NullTranslations()
_language: str = SOURCE


def _(message: str) -> str:
    """``message`` in the language in use; unchanged where it has no translation."""
    return _translations.gettext(message) if message else ""  # gettext answers "" with its header


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form for ``n`` things, in the language in use."""
    return _translations.ngettext(singular, plural, n)


def N_(message: str) -> str:  # noqa: N802 (gettext's own name for it)
    """Mark ``message`` for the catalog without translating it."""
    return message


def use(language: str) -> str:
    """Translate into ``language`` from now on and return its code.

    Args:
        language: a code of :data:`LANGUAGES`, or :data:`AUTO` for the system's language. An
            unknown one counts as English.
    """
    global _translations, _language
    code = system_language() if language == AUTO else language
    if code not in LANGUAGES:
        code = SOURCE
    if code == SOURCE:
        _translations = _gettext.NullTranslations()
    else:
        _translations = _gettext.translation(DOMAIN, CATALOGS, languages=[code])
    _language = code
    return code


def language() -> str:
    """The code of the language in use."""
    return _language


def system_language(environment: Mapping[str, str] | None = None) -> str:
    """The first language the user's system asks for that charterm has, else English.

    The rule is gettext's: the first of ``LC_ALL``, ``LC_MESSAGES`` and ``LANG`` that is set is
    the locale; ``LANGUAGE``, a list, goes before it unless the locale is ``C`` or ``POSIX``.
    Where none is set, as on Windows, the system itself is asked.
    """
    variables = os.environ if environment is None else environment
    wanted = next(
        (variables[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if variables.get(name)),
        None,
    )
    if wanted is None and environment is None:
        wanted = locale.getlocale()[0]  # "Korean_Korea" on Windows, "ko_KR" elsewhere
    if wanted is None or wanted.partition(".")[0] in ("C", "POSIX"):
        return SOURCE
    for candidate in (*variables.get("LANGUAGE", "").split(":"), wanted):
        name = candidate.lower().replace("-", "_").partition(".")[0].partition("_")[0]
        code = {"korean": "ko", "english": "en"}.get(name, name)
        if code in LANGUAGES:
            return code
    return SOURCE
