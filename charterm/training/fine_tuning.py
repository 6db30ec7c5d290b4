"""Training a model further on new text, with characters that it never had."""

import math
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from charterm.model.factorization import project_model, unprojected
from charterm.model.folder import ModelInfo, Tensors, load_info, load_tensors
from charterm.model.network import CharRNN
from charterm.model.pruning import Moments, prune_model
from charterm.text.alphabet import BYTES, Alphabet
from charterm.text.corpus import Corpus, Tokens
from charterm.training.settings import TrainSettings
from charterm.training.token_rows import TokenRows
from charterm.training.validation import HeldOutText

_NEVER = 0xFF  # a byte that no text has: its row is that of the tokens a model never learnt
_ROWS = ("output.weight", "output.bias", "embedding.weight")
_ONE_HOT = "layers.0.weight_ih"
_RECALL_TOKENS = 200_000  # read at most, once before and once after
_SURVEYED_PLACES, _SURVEYED_TOKENS = 128, 256  # of the text, to see which units matter
_UNRELATED_NATS = 2.0  # by which all new ones without a relative are less likely than a mean one
_RELATIVE_NATS = 5.0  # by which a new character begins less likely than its relative


@dataclass(frozen=True)
class BaseModel:
    """A trained model that a run begins with.

    Attributes:
        name: for people.
        info: its description.
        tensors: its weights, named and shaped as in :mod:`charterm.model.folder`.
    """

    name: str
    info: ModelInfo
    tensors: Tensors

    @classmethod
    def load(cls, name: str, folder: Path) -> "BaseModel":
        """Read the model in ``folder``. Raises ChartermError if that cannot be."""
        info = load_info(folder)
        return cls(name, info, load_tensors(folder, info.config))

    def shaped_for(self, settings: TrainSettings, corpus: Corpus) -> "BaseModel":
        """The model with fewer units or the projection that the settings ask for.

        Args:
            settings: may ask for fewer units than it has, or for a projection where it has none.
            corpus: the units that matter least on this text go.

        Raises:
            UsageError: it has another projection already.
        """
        config, tensors = self.info.config, self.tensors
        if settings.hidden and settings.hidden < config.hidden:
            moments = _hidden_moments(config, tensors, corpus)
            config, tensors = prune_model(config, tensors, settings.hidden, moments)
        if settings.projection and settings.projection != config.projection:
            config, tensors = project_model(config, tensors, settings.projection)
        return replace(self, info=replace(self.info, config=config), tensors=tensors)


@torch.no_grad()
def _hidden_moments(config: ModelConfig, tensors: Tensors, corpus: Corpus) -> list[Moments]:
    """Of each layer the mean of h hᵀ over places spread over the text, shape (H, H)."""
    config, tensors = unprojected(config, tensors)  # then a layer's outputs are its h
    network = CharRNN(config).eval()
    network.load_state_dict({name: torch.from_numpy(values) for name, values in tensors.items()})
    length = min(_SURVEYED_TOKENS, corpus.length)
    starts = np.linspace(0, corpus.length - length, _SURVEYED_PLACES).astype(np.int64)
    texts = [corpus.read(int(start), int(start) + length) for start in starts]
    tokens = torch.from_numpy(np.stack(texts).astype(np.int64))
    unknown = tokens >= config.vocabulary  # characters that are new to the model
    tokens[unknown] = int(corpus.alphabet.encode("\n")[0])
    found: list[Moments] = []

    def survey(_: nn.Module, __: object, given: tuple[Tensor, tuple[Tensor, ...]]) -> None:
        hidden = given[0].flatten(1).double()
        found.append((hidden @ hidden.t() / hidden.shape[1]).numpy())

    for layer in network.layers:
        layer.register_forward_hook(survey)
    network(tokens)
    return found


@dataclass(frozen=True)
class Recall:
    """Text of the kind that the base was trained on, to measure what it still knows.

    Attributes:
        name: for people.
        parts: tokens of the base's alphabet, or of one with more characters at its end.
        characters: of all parts.
    """

    name: str
    parts: tuple[Tokens, ...]
    characters: int

    def text(self, rows: TokenRows, alphabet: Alphabet) -> HeldOutText:
        """The text as the network under training reads it."""
        newline = int(alphabet.encode("\n")[0])
        return HeldOutText(self.parts, rows, self.characters, newline, _RECALL_TOKENS)


def shaped_like(settings: TrainSettings, base: ModelConfig) -> TrainSettings:
    """``settings`` with the cell and the sizes of the model that is trained further.

    Raises:
        UsageError: other sizes are asked for.
    """
    own: dict[str, Any] = {
        "cell": base.cell,
        "layers": base.layers,
        "hidden": base.hidden,
        "embedding": base.embedding or 0,
        "projection": base.projection or 0,
    }
    for name, value in own.items():
        asked = getattr(settings, name)
        if asked not in (None, value):
            raise UsageError(
                "the model has {name} {value}, not {asked}: training it further keeps its shape",
                name=name,
                value=value,
                asked=asked,
            )
    return replace(settings, **own)


def rows_of(base: BaseModel, alphabet: Alphabet, counts: NDArray[np.int64]) -> TokenRows:
    """The rows to train: the tokens that the model has learnt or the new text has.

    Args:
        base: the model.
        alphabet: its alphabet, with new characters at the end.
        counts: (V,) of the training tokens.
    """
    output = np.asarray(base.tensors["output.weight"])
    learnt = np.ones(alphabet.size, np.bool_)
    learnt[: len(output)] = (output != output[_NEVER]).any(1)
    learnt[len(output) :] = False
    return TokenRows(alphabet.size, np.flatnonzero(learnt | (counts > 0)))


def _relatives(character: str) -> list[str]:
    """Characters that are used like this one, the nearest first: other case, without accent."""
    plain = unicodedata.normalize("NFKD", character)[:1]
    return [character.lower(), character.upper(), plain, plain.lower()]


def _extended(base: BaseModel, alphabet: Alphabet) -> dict[str, Tensor]:
    """The model's tensors with rows for the new characters at the end.

    A new character begins as its nearest relative among the known ones (``Ä`` as ``ä`` or
    ``A``), or else as the mean of the learnt characters; less likely than these, so that the
    model's knowledge of them stays.
    """
    tensors = {n: torch.from_numpy(np.array(t, np.float32)) for n, t in base.tensors.items()}
    old = base.info.alphabet
    new = alphabet.characters[len(old.characters) :]
    if not new:
        return tensors
    names = [name for name in _ROWS if name in tensors]
    by_row = {name: tensors[name] for name in names}
    if "embedding.weight" not in tensors:
        by_row[_ONE_HOT] = tensors[_ONE_HOT].t()
    output = tensors["output.weight"]
    learnt = (output != output[_NEVER]).any(1)
    learnt[:BYTES] = False
    if not learnt.any():
        learnt[BYTES:] = True
    sources = []
    for character in new:
        known = next((other for other in _relatives(character) if other in old), None)
        sources.append(None if known is None else int(old.encode(known)[0]))
    unrelated = _UNRELATED_NATS + math.log(max(1, sources.count(None)))
    discount = torch.tensor([unrelated if s is None else _RELATIVE_NATS for s in sources])
    for name, rows in by_row.items():
        mean = rows[learnt].mean(0)
        added = torch.stack([mean if source is None else rows[source] for source in sources])
        if name == "output.bias":
            added -= discount
        by_row[name] = torch.cat((rows, added))
    if _ONE_HOT in by_row:
        by_row[_ONE_HOT] = by_row[_ONE_HOT].t().contiguous()
    return {**tensors, **by_row}


@torch.no_grad()
def adopt(network: CharRNN, rows: TokenRows, base: BaseModel, alphabet: Alphabet) -> None:
    """Give a fresh network the weights of the model, by the network's rows.

    The inverse of :meth:`TokenRows.expand` for what the model already has.

    Args:
        network: has ``rows.rows`` tokens and otherwise the model's shape.
        rows: as of :func:`rows_of`.
        base: the model.
        alphabet: its alphabet, with new characters at the end.
    """
    tensors = _extended(base, alphabet)
    tokens = torch.from_numpy(rows.active)
    if rows.shared:
        tokens = torch.cat((tokens, torch.tensor([_NEVER])))
    for name in _ROWS:
        if name in tensors:
            tensors[name] = tensors[name][tokens].clone()
    if "embedding.weight" not in tensors:
        tensors[_ONE_HOT] = tensors[_ONE_HOT][:, tokens].contiguous()
    if rows.shared:
        tensors["output.bias"][-1] += rows.surcharge
    network.load_state_dict(tensors)
