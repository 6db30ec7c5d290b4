"""What a training leaves: the model's files, and the facts that stand in them."""

import math
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from torch import Tensor

from charterm.model.config import ModelConfig
from charterm.model.folder import ModelInfo, save_model
from charterm.model.network import CharRNN
from charterm.text.corpus import Corpus
from charterm.text.verbatim import search_verbatim
from charterm.training.progress import Progress
from charterm.training.settings import Recipe, TrainSettings
from charterm.training.token_rows import TokenRows
from charterm.training.validation import held_out_text
from charterm.training.writing import write_sample

_TRAIN_TOKENS = 200_000  # training tokens read to compare with validation
_WRITTEN = 1000  # characters that are looked for in the training text


def known(value: float) -> float | None:
    """The value for JSON: None where it is not finite."""
    return value if math.isfinite(value) else None


def training_facts(
    corpus: Corpus,
    settings: TrainSettings,
    recipe: Recipe,
    progress: Progress,
    *,
    nats: float,
    characters_seen: int,
    epochs: float,
) -> dict[str, Any]:
    """The facts of a run at any moment, for ``model.json``.

    Args:
        corpus: trained on.
        settings: asked for.
        recipe: chosen.
        progress: so far.
        nats: validation loss of the weights that are saved; infinite or NaN if unknown.
        characters_seen: trained on so far.
        epochs: passes over the text so far.
    """
    return {
        "validation_nats": known(nats),
        "validation_bits": known(nats / math.log(2)),
        "train_nats": known(progress.train_nats),
        "characters_seen": characters_seen,
        "steps": progress.step,
        "epochs": epochs,
        "seconds": progress.seconds,
        "characters_per_second": characters_seen / max(progress.seconds, 1e-9),
        "best_step": progress.best_step,
        "train_characters": corpus.train_characters,
        "validation_characters": corpus.validation_characters,
        "recipe": recipe.to_json(),
        "settings": settings.to_json(),
    }


def final_facts(
    network: CharRNN, rows: TokenRows, corpus: Corpus, validation_nats: float
) -> Generator[tuple[int, int], None, dict[str, Any]]:
    """Whether the network has learnt its text by heart.

    Yields how many tokens of the training text are compared, and all of them.

    Args:
        network: holds the weights that are kept.
        rows: its rows.
        corpus: trained on.
        validation_nats: their validation loss.

    Returns:
        ``train_text_nats``, the loss on training text measured like that on validation text;
        ``overfitting_nats``, by how much the validation loss is higher; ``verbatim``, how much of
        a text that it writes stands word for word in the training text, beside the longest such
        stretch of as much validation text, which nobody copied.
    """
    train_nats = held_out_text(corpus, rows, _TRAIN_TOKENS, training=True).nats(network)
    written = write_sample(
        network, rows, corpus.alphabet, prompt="\n", length=_WRITTEN, seed=0, temperature=1.0
    )
    unseen = corpus.alphabet.decode(corpus.validation[0][:_WRITTEN]) if corpus.validation else ""
    copied, usual = yield from search_verbatim(corpus, [written, unseen])
    return {
        "train_text_nats": train_nats,
        "overfitting_nats": known(validation_nats - train_nats),
        "verbatim": {**copied.to_json(), "validation_longest": usual.longest},
    }


def save_weights(
    folder: Path,
    config: ModelConfig,
    corpus: Corpus,
    tensors: Mapping[str, Tensor],
    facts: dict[str, Any],
    log: list[str],
    description: str,
) -> None:
    """Write a model.

    Args:
        folder: replaced as a whole.
        config: its shapes.
        corpus: trained on.
        tensors: the full network's.
        facts: for ``model.json``.
        log: a line of JSON for each event.
        description: a sentence for ``model.json``.

    Raises:
        ChartermError: the weights are not finite, or the disk refused.
    """
    info = ModelInfo(
        config=config,
        alphabet=corpus.alphabet,
        training=facts,
        sources=[
            {"name": source.path.name, "characters": source.characters} for source in corpus.sources
        ],
        description=description,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    save_model(folder, info, arrays, log="".join(line + "\n" for line in log))
