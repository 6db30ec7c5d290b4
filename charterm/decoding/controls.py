"""Every control of a generation in one schema: options, forms and presets are made from it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final, Literal, Self

from charterm.errors import Phrase, UsageError, number_from
from charterm.i18n import N_

Kind = Literal["choice", "int", "float", "text", "texts"]

SAMPLE: Final = "sample"
BEAM: Final = "beam"
DIVERSE_BEAM: Final = "diverse-beam"
STOCHASTIC_BEAM: Final = "stochastic-beam"
METHODS: Final = (SAMPLE, BEAM, DIVERSE_BEAM, STOCHASTIC_BEAM)

_SEARCHES = (BEAM, DIVERSE_BEAM)
_RANDOM = (SAMPLE, STOCHASTIC_BEAM)


@dataclass(frozen=True, slots=True)
class Control:
    """One control: what a command-line option or a field of a form needs to know.

    Attributes:
        name: the attribute of :class:`Controls`; with ``_`` as ``-`` it is the option.
        kind: ``"texts"`` is any number of strings.
        default: the value where nothing is chosen.
        minimum: smallest number allowed, or ``None``.
        maximum: largest number allowed, or ``None``.
        choices: the values of a ``"choice"``, else empty.
        methods: the methods that read it; a form greys it out for the others.
        help: one line (English; pass it through ``_``).
    """

    name: str
    kind: Kind
    default: Any
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    methods: tuple[str, ...]
    help: str

    def parse(self, value: Any) -> Any:
        """``value``, which may be text from a form, as this control's type and within its range.

        Raises:
            UsageError: it is not.
        """
        try:
            parsed = self._convert(value)
        except (TypeError, ValueError):
            wanted = {"int": Phrase("a whole number"), "float": Phrase("a number")}.get(
                self.kind, Phrase("a text")
            )
            raise UsageError(
                "{name} must be {wanted}, not {value!r}", name=self.name, wanted=wanted, value=value
            ) from None
        if self.kind == "choice" and parsed not in self.choices:
            raise UsageError(
                "{name} must be one of {known}, not {value!r}",
                name=self.name,
                known=", ".join(self.choices),
                value=value,
            )
        if self.kind in ("int", "float"):
            low, high = self.minimum, self.maximum
            if (low is not None and not parsed >= low) or (high is not None and not parsed <= high):
                raise UsageError(
                    "{name} must be {wanted}, not {parsed:.12g}",
                    name=self.name,
                    wanted=number_from(low, high, whole=self.kind == "int"),
                    parsed=parsed,
                )
        return parsed

    def _convert(self, value: Any) -> Any:
        if self.kind == "int":
            if isinstance(value, float) and not value.is_integer():
                raise ValueError(value)
            return int(value)
        if self.kind == "float":
            return float(value)
        if self.kind == "texts":
            texts = (value,) if isinstance(value, str) else tuple(value)
            if not all(isinstance(text, str) for text in texts):
                raise TypeError(value)
            return tuple(text for text in texts if text)
        if not isinstance(value, str):
            raise TypeError(value)
        return value


def _control(
    kind: Kind,
    default: Any,
    text: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    methods: tuple[str, ...] = METHODS,
) -> Any:
    return field(
        default=default,
        metadata={
            "kind": kind,
            "minimum": minimum,
            "maximum": maximum,
            "choices": choices,
            "methods": methods,
            "help": text,
        },
    )


@dataclass(frozen=True, slots=True)
class Controls:
    """How to generate. Names and defaults are those of Hugging Face transformers' generation
    configuration, and of llama.cpp for what only it has (``repeat_last_n``, ``dry_*``, ``seed``).

    Lengths and windows count characters (tokens, for the few characters spelt in bytes). What
    each value does is in its ``help``; :data:`CONTROLS` lists them all.

    Raises:
        UsageError: a value is of the wrong type or out of its range.
    """  # noqa: D205 (the summary is one sentence)

    method: str = _control(
        "choice", SAMPLE, N_("how the next characters are found"), choices=METHODS
    )
    n: int = _control("int", 1, N_("number of alternatives"), minimum=1, maximum=100)
    length: int = _control(
        "int", 400, N_("longest text to generate, in characters"), minimum=1, maximum=1_000_000
    )
    until: str = _control(
        "choice",
        "length",
        N_(
            "stop at the end of a word, sentence or paragraph, only at the length, or with the "
            "sentence in which the length is reached (finish)"
        ),
        choices=("length", "finish", "word", "sentence", "paragraph"),
    )
    stop: tuple[str, ...] = _control("texts", (), N_("stop after this text was generated"))
    line_breaks: str = _control(
        "choice",
        "keep",
        N_(
            "keep line breaks, write a space for each (space), or do that as long as the text "
            "before has none (auto)"
        ),
        choices=("keep", "space", "auto"),
    )
    seed: int = _control(
        "int", -1, N_("repeats a generation; -1 takes a fresh one"), minimum=-1, methods=_RANDOM
    )
    temperature: float = _control(
        "float",
        1.0,
        N_("below 1 safer, above 1 wilder, 0 always takes the most probable (greedy)"),
        minimum=0.0,
        maximum=10.0,
        methods=_RANDOM,
    )
    top_k: int = _control(
        "int",
        50,
        N_("keep the k most probable characters; 0 keeps all"),
        minimum=0,
        methods=_RANDOM,
    )
    typical_p: float = _control(
        "float",
        1.0,
        N_("keep this mass of the characters whose surprise is near the expected; 1 is off"),
        minimum=0.01,
        maximum=1.0,
        methods=_RANDOM,
    )
    top_p: float = _control(
        "float",
        1.0,
        N_("keep the most probable characters up to this mass; 1 is off"),
        minimum=0.0,
        maximum=1.0,
        methods=_RANDOM,
    )
    min_p: float = _control(
        "float",
        0.0,
        N_("drop characters less probable than this times the most probable; 0 is off"),
        minimum=0.0,
        maximum=1.0,
        methods=_RANDOM,
    )
    epsilon_cutoff: float = _control(
        "float",
        0.0,
        N_("drop characters less probable than this; 0 is off"),
        minimum=0.0,
        maximum=1.0,
        methods=_RANDOM,
    )
    eta_cutoff: float = _control(
        "float",
        0.0,
        N_("the same, but lower where the model is unsure; 0 is off"),
        minimum=0.0,
        maximum=1.0,
        methods=_RANDOM,
    )
    repetition_penalty: float = _control(
        "float",
        1.0,
        N_("above 1 makes recent characters rarer; 1 is off"),
        minimum=0.01,
        maximum=10.0,
    )
    repeat_last_n: int = _control(
        "int", 64, N_("window of the repetition penalty; -1 all, 0 none"), minimum=-1
    )
    no_repeat_ngram_size: int = _control(
        "int", 0, N_("never repeat a run of this many characters; 0 is off"), minimum=0
    )
    dry_multiplier: float = _control(
        "float",
        0.0,
        N_("strength of the penalty on repeated runs (DRY); 0 is off"),
        minimum=0.0,
        maximum=100.0,
    )
    dry_base: float = _control(
        "float",
        1.75,
        N_("growth of the DRY penalty with each further character"),
        minimum=1.0,
        maximum=10.0,
    )
    dry_allowed_length: int = _control(
        "int", 2, N_("longest repeated run that DRY leaves alone"), minimum=0
    )
    dry_penalty_last_n: int = _control("int", -1, N_("window of DRY; -1 all, 0 none"), minimum=-1)
    dry_sequence_breakers: str = _control(
        "text", '\n:"*', N_("characters over which DRY sees no repeated run")
    )
    num_beams: int = _control(
        "int",
        1,
        N_("texts kept at each step of a search (never fewer than n)"),
        minimum=1,
        maximum=1000,
        methods=_SEARCHES,
    )
    length_penalty: float = _control(
        "float",
        1.0,
        N_("p in score = log-probability / length^p; above 0 favours long texts"),
        minimum=-10.0,
        maximum=10.0,
        methods=_SEARCHES,
    )
    early_stopping: str = _control(
        "choice",
        "false",
        N_(
            "stop at the first num_beams ended texts (true), when better ones are unlikely "
            "(false), or impossible (never)"
        ),
        choices=("false", "true", "never"),
        methods=_SEARCHES,
    )
    num_beam_groups: int = _control(
        "int",
        1,
        N_("groups that the beams are split into, each unlike those before"),
        minimum=1,
        maximum=100,
        methods=(DIVERSE_BEAM,),
    )
    diversity_penalty: float = _control(
        "float",
        0.0,
        N_("taken off a character's log-probability for each beam of earlier groups that chose it"),
        minimum=0.0,
        maximum=100.0,
        methods=(DIVERSE_BEAM,),
    )

    def __post_init__(self) -> None:
        for control in CONTROLS:
            object.__setattr__(self, control.name, control.parse(getattr(self, control.name)))

    def changed(self, values: Mapping[str, Any]) -> Self:
        """These controls with ``values``, by name, in place.

        Raises:
            UsageError: a name is unknown or a value does not fit.
        """
        unknown = sorted(set(values) - set(BY_NAME))
        if unknown:
            raise UsageError(
                "unknown control {unknown!r}: choose from {known}",
                unknown=unknown[0],
                known=", ".join(sorted(BY_NAME)),
            )
        return replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, those that differ from the defaults only: a saved preset."""
        values = asdict(self)
        return {c.name: values[c.name] for c in CONTROLS if values[c.name] != c.default}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_json`. Errors as in :meth:`changed`."""
        return cls().changed(values)


CONTROLS: Final[tuple[Control, ...]] = tuple(
    Control(name=f.name, default=f.default, **f.metadata) for f in fields(Controls)
)
"""Every control in the order in which a form shows them."""

BY_NAME: Final[dict[str, Control]] = {control.name: control for control in CONTROLS}

PRESETS: Final[dict[str, Controls]] = {
    # a character model repeats letters all the time: DRY only from a dozen characters on
    # a model that learnt from lines would write lines, whatever it is to go on with
    "careful": Controls(until="finish", line_breaks="auto", temperature=0.6, top_k=0, min_p=0.1,
                        dry_multiplier=0.8, dry_allowed_length=12),
    "balanced": Controls(until="finish", line_breaks="auto", temperature=0.7, top_k=0, min_p=0.1,
                         dry_multiplier=0.8, dry_allowed_length=12),
    "wild": Controls(until="finish", line_breaks="auto", temperature=1.2, top_k=0, min_p=0.05),
    "beam": Controls(method=BEAM, num_beams=8, length=120, until="sentence", line_breaks="auto",
                     dry_multiplier=0.8, dry_allowed_length=12),
}  # fmt: skip
"""Built-in presets by name. Temperature comes last in the chain, so that ``min_p`` judges the
model's own distribution."""


def for_method(method: str) -> Controls:
    """The controls to begin from for ``method``.

    The defaults, except that transformers has one beam, one group and no diversity by default,
    with which a search is greedy: a search that was asked for gets eight beams, a diverse one
    four groups.

    Raises:
        UsageError: there is no such method.
    """
    controls = Controls(method=method)
    if method == BEAM:
        return replace(controls, num_beams=8)
    if method == DIVERSE_BEAM:
        return replace(controls, num_beams=8, num_beam_groups=4, diversity_penalty=1.0)
    return controls
