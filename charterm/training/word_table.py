"""Keeps the words of a training's text beside the network that it made."""

from pathlib import Path

from charterm.errors import ChartermError
from charterm.model import INFO_FILE, WORDS_FILE
from charterm.model.word_counting import count_words
from charterm.model.word_counts import WordCounts
from charterm.text.corpus import load_corpus
from charterm.training.run_folder import RunFolder


def keep_words(run: RunFolder, *, least: int = 1) -> WordCounts:
    """Count the words of the run's training text and write the table into its model's folder.

    What is kept for validation is left out, and so are hurried copies, which are no other words.

    Raises:
        ChartermError: the run has no model yet, or its text is no longer in the cache.
    """
    if not (run.model / INFO_FILE).is_file():
        raise ChartermError("there is no model in {path}: train it first", path=run.model)
    begun = run.corpus()
    request = run.request()
    corpus = load_corpus(begun[0], request.options.weights) if begun else None
    if corpus is None:
        raise ChartermError(
            "the text of the training of {name} is no longer in the cache: train "
            "again with --words",
            name=run.name,
        )
    texts = []
    for source in corpus.sources:
        start = source.train.start
        tokens = corpus.train[start : start + source.train.length]
        texts.append((corpus.alphabet.decode(tokens.tolist()), source.weight))
    table = count_words(texts, least=least)
    table.save(run.model)
    return table


def table_bytes(folder: Path) -> int:
    """The size of the table in a model's folder."""
    return (folder / WORDS_FILE).stat().st_size
