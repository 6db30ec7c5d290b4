"""Every setting in one table: the config file, the settings screen and ``charterm config`` follow.

A new setting is one entry here. Read it with ``settings.get(schema.NAME)``, which knows its type.
"""

import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, Literal, TypeVar

from charterm import i18n
from charterm.actions import ACTIONS
from charterm.errors import Phrase, UsageError, number_from
from charterm.i18n import N_
from charterm.settings.keys import normal_keys
from charterm.widget_keys import WIDGET_KEYS

T = TypeVar("T", bool, int, float, str, Path)
Kind = Literal["bool", "int", "float", "str", "choice", "path", "keys"]

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")

KEYS: Final = "keys"
"""The group of the key bindings: ``keys.ID`` are the keys of the binding ``ID``."""

GROUPS: Final[Mapping[str, str]] = {
    "write": N_("Writing"),
    "models": N_("Models"),
    "train": N_("Training"),
    "interface": N_("Interface"),
    KEYS: N_("Keys"),
}
"""Groups of settings, each a table of the file: id, and title (pass it through ``_``)."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One setting: what the file, a form and a command line need to know about it.

    Attributes:
        key: ``GROUP.NAME``, in the file the entry ``NAME`` of the table ``[GROUP]``.
        kind: how it is written and edited.
        default: its value where the file has none.
        title: label in a form (English; pass it through ``_``).
        help: one sentence in plain words (English; pass it through ``_``).
        minimum: smallest number allowed, or ``None``.
        maximum: largest number allowed, or ``None``.
        choices: the values of a ``"choice"``, else empty.
        restart: whether a change counts only from the next start of the program.
    """

    key: str
    kind: Kind
    default: T
    title: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    restart: bool = False

    @property
    def group(self) -> str:
        """The key's first part, one of :data:`GROUPS`."""
        return self.key.partition(".")[0]

    @property
    def allowed(self) -> Phrase:
        """What a value must be, to follow "must be"."""
        if self.kind in ("int", "float"):
            return number_from(self.minimum, self.maximum, whole=self.kind == "int")
        return {
            "bool": Phrase("true or false"),
            "choice": Phrase("one of {choices}", choices=", ".join(self.choices)),
            "path": Phrase(
                'a path from the root or from "~", such as "~/texts", or "." for the folder in '
                "which charterm is started"
            ),
            "keys": Phrase('keys such as "ctrl+s, f5"'),
        }.get(self.kind, Phrase("text, not empty"))

    def _refuse(self, value: object) -> UsageError:
        shown = str(value).lower() if isinstance(value, bool) else repr(value)
        return UsageError(
            "{key} must be {allowed}, not {shown}", key=self.key, allowed=self.allowed, shown=shown
        )

    def check(self, value: object) -> T:
        """``value``, as TOML or a widget gives it, if it is of the type and in the range.

        Raises:
            UsageError: it is not; the message says what is allowed.
        """
        checked: Any = value
        match self.kind:
            case "bool":
                good = isinstance(value, bool)
            case "int" | "float":
                numbers = (int,) if self.kind == "int" else (int, float)
                good = isinstance(value, numbers) and not isinstance(value, bool)
                good = good and self._in_range(checked)
                checked = float(checked) if good and self.kind == "float" else checked
            case "choice":
                good = value in self.choices
            case "path":
                good = isinstance(value, (str, Path)) and "\0" not in str(value)
                checked = Path(checked) if good else checked
                from_root = good and (checked.is_absolute() or checked.parts[:1] == ("~",))
                good = from_root or str(value) == "."
            case "keys":
                return self._check_keys(value)  # type: ignore[return-value]
            case _:
                good = isinstance(value, str) and bool(value.strip()) and value.isprintable()
        if not good:
            raise self._refuse(value)
        return checked  # type: ignore[no-any-return]

    def _in_range(self, number: float) -> bool:
        return (
            math.isfinite(number)
            and (self.minimum is None or number >= self.minimum)
            and (self.maximum is None or number <= self.maximum)
        )

    def _check_keys(self, value: object) -> str:
        if isinstance(value, list) and all(isinstance(key, str) for key in value):
            value = ",".join(value)
        if not isinstance(value, str):
            raise self._refuse(value)
        try:
            return normal_keys(value)
        except UsageError as error:
            raise UsageError("{key}: {error}", key=self.key, error=error) from None

    def parse(self, text: str) -> T:
        """The value that ``text`` from a command line or a form stands for.

        Raises:
            UsageError: it stands for none; the message says what is allowed.
        """
        value: object = text
        try:
            if self.kind == "bool":
                value = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}[
                    text.strip().lower()
                ]
            elif self.kind == "int":
                value = int(text)
            elif self.kind == "float":
                value = float(text)
        except (KeyError, ValueError):
            raise self._refuse(text) from None
        return self.check(value)


STARTERS: Final[Mapping[str, str]] = {"en": "english", "ko": "korean"}
"""The model that completes where none was chosen, by the language of the interface."""

MODEL: Final = Setting(
    "models.default",
    "str",
    STARTERS["en"],
    N_("Default model"),
    N_("The model that completes what you write unless you choose another"),
)
THRESHOLD: Final = Setting(
    "write.threshold",
    "float",
    0.1,
    N_("Suggestion threshold"),
    N_("Suggest only what is expected to save more than this many keys; 0 suggests always"),
    minimum=0,
    maximum=3,
)
ALTERNATIVES: Final = Setting(
    "write.alternatives",
    "int",
    5,
    N_("Alternatives"),
    N_("How many continuations to list"),
    minimum=1,
    maximum=20,
)
PHRASE_WORDS: Final = Setting(
    "write.phrase_words",
    "int",
    1,
    N_("Words per phrase"),
    N_("How many words a continuation may have"),
    minimum=1,
    maximum=5,
)
BARS: Final = Setting(
    "write.bars",
    "int",
    10,
    N_("Next-character bars"),
    N_("How many of the likeliest next characters to show; 0 hides them"),
    minimum=0,
    maximum=40,
)
PRESET: Final = Setting(
    "write.preset",
    "str",
    "balanced",
    N_("Preset of stories"),
    N_("How the model writes in a story at first: the preset that was chosen there last"),
)
AUTOSAVE: Final = Setting(
    "write.autosave_seconds",
    "float",
    0.8,
    N_("Autosave after seconds"),
    N_("The longest time from a change until it is on the disk"),
    minimum=0.2,
    maximum=600,
)
MEMORY: Final = Setting(
    "write.memory",
    "choice",
    "shared",
    N_("Personal memory"),
    N_("Learn from what you write here: shared by all models, one for each model, or off"),
    choices=("shared", "model", "off"),
)
FOLDER: Final = Setting(
    "write.folder",
    "path",
    Path(),
    N_("Folder"),
    N_('Where opening and saving a text begins; "." is where charterm was started'),
)
TRAIN_CELL: Final = Setting(
    "train.cell",
    "choice",
    "lstm",
    N_("Cell"),
    N_("The kind of recurrent layer a new model gets; lstm learns more in the same time"),
    choices=("gru", "lstm"),
)
TRAIN_MINUTES: Final = Setting(
    "train.minutes",
    "float",
    10.0,
    N_("Minutes"),
    N_("How long to train; the size of the model and its learning rate follow from it"),
    minimum=0.1,
    maximum=10080,
)
TRAIN_VALIDATION: Final = Setting(
    "train.validation",
    "float",
    0.1,
    N_("Validation share"),
    N_("The share of the text that is kept back to measure how well the model does"),
    minimum=0.001,
    maximum=0.5,
)
TRAIN_MIN_COUNT: Final = Setting(
    "train.min_count",
    "int",
    1,
    N_("Rare characters"),
    N_("How often a character must occur to get a place of its own in the alphabet"),
    minimum=1,
    maximum=1_000_000,
)
TRAIN_SEED: Final = Setting(
    "train.seed",
    "int",
    0,
    N_("Seed"),
    N_("Repeats a training whose length is given in epochs or steps"),
    minimum=0,
    maximum=2**31 - 1,
)
THEME: Final = Setting(
    "interface.theme",
    "str",
    "charterm-night",
    N_("Theme"),
    N_("The colours of the interface"),
)
ANIMATIONS: Final = Setting(
    "interface.animations",
    "bool",
    True,
    N_("Animations"),
    N_("Let things glide and fade instead of jumping"),
)
HIGH_CONTRAST: Final = Setting(
    "interface.high_contrast",
    "bool",
    False,
    N_("High contrast"),
    N_("Use the strongest differences of colour, and no faint text"),
)
LANGUAGE: Final = Setting(
    "interface.language",
    "choice",
    i18n.AUTO,
    N_("Language"),
    N_("The language of the interface; auto takes the system's"),
    choices=(i18n.AUTO, *i18n.LANGUAGES),
)


def _key_settings() -> Iterator[Setting[str]]:
    for action in ACTIONS:
        yield Setting(f"{KEYS}.{action.id}", "keys", action.keys, action.title, action.help)
    for widget_key in WIDGET_KEYS:
        title = widget_key.title
        yield Setting(f"{KEYS}.{widget_key.id}", "keys", widget_key.keys, title, title)


SETTINGS: Final[tuple[Setting[Any], ...]] = (
    THRESHOLD,
    ALTERNATIVES,
    PHRASE_WORDS,
    BARS,
    PRESET,
    AUTOSAVE,
    MEMORY,
    FOLDER,
    MODEL,
    TRAIN_CELL,
    TRAIN_MINUTES,
    TRAIN_VALIDATION,
    TRAIN_MIN_COUNT,
    TRAIN_SEED,
    LANGUAGE,
    THEME,
    ANIMATIONS,
    HIGH_CONTRAST,
    *_key_settings(),
)
"""Every setting, in the order in which a form shows them, the key bindings last."""

BY_KEY: Final[Mapping[str, Setting[Any]]] = {setting.key: setting for setting in SETTINGS}


def find_setting(key: str) -> Setting[Any]:
    """The setting with this key.

    Raises:
        UsageError: there is none; the message names the nearest.
    """
    if key in BY_KEY:
        return BY_KEY[key]
    raise UsageError("unknown setting {key}; {suggestion}", key=key, suggestion=suggest_key(key))


def suggest_key(key: str) -> Phrase:
    """What to do about a key that no setting has."""
    nearest = difflib.get_close_matches(key, BY_KEY, 1)
    if nearest:
        return Phrase("did you mean {nearest}?", nearest=nearest[0])
    listing = "keys" if key.startswith(f"{KEYS}.") else "config list"
    return Phrase("charterm {listing} shows those there are", listing=listing)
