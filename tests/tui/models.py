"""A model made by hand: each character decides the next one, so that tests know what comes."""

import itertools
from pathlib import Path

import numpy as np

from charterm import paths
from charterm.model.config import ModelConfig
from charterm.model.folder import ModelInfo, Tensors, save_model, tensor_shapes
from charterm.text.alphabet import BYTES, Alphabet

WORDS = {"bright": 0.55, "cloud": 0.3, "안녕하세요": 0.1}
"""What may follow white space, and how likely it is. No two of them share a character."""


def _table() -> dict[str, dict[str, float]]:
    starts = {word[0]: share for word, share in WORDS.items()}
    table = {" ": starts, "\n": starts}
    for word in WORDS:
        for here, there in itertools.pairwise(word):
            table[here] = {there: 1.0}
        table[word[-1]] = {" ": 1.0}
    return table


def save_word_model(folder: Path | None = None, name: str = "english") -> Path:
    """Save a GRU that goes from each character to the next of its word, and from a space to
    the words with their probabilities.
    """
    table = _table()
    alphabet = Alphabet(tuple(sorted(table)))
    vocabulary = alphabet.size
    config = ModelConfig(vocabulary=vocabulary, hidden=vocabulary, embedding=None)
    tensors: Tensors = {
        key: np.zeros(shape, np.float32) for key, shape in tensor_shapes(config).items()
    }
    hidden = config.hidden
    update, candidate = slice(hidden, 2 * hidden), slice(2 * hidden, 3 * hidden)
    tensors["layers.0.bias_ih"][update] = -30.0  # z = 0: the state is the last character alone
    tensors["layers.0.weight_ih"][candidate] = 9.0 * np.eye(hidden, dtype=np.float32)
    output = tensors["output.weight"]
    output[:] = np.log(1e-6)
    output[:BYTES] = np.log(1e-9)
    for here, following in table.items():
        for there, share in following.items():
            row, column = (int(alphabet.encode(character)[0]) for character in (there, here))
            output[row, column] = np.log(share)
    folder = folder or paths.models_dir() / name
    save_model(folder, ModelInfo(config=config, alphabet=alphabet), tensors)
    return folder


WICKED = "\x1b\x07\x08\r\t[31m]/bold*_`<>&#\x7f\x9b\u202e\u200b\ue000"
"""What a terminal, Textual or Markdown would act on, and nothing else."""


def save_wicked_model(folder: Path | None = None, name: str = "wicked") -> Path:
    """Save a GRU after which any character of :data:`WICKED` may come, whatever came before.

    So may the first bytes of characters that are not in its alphabet, and all that can follow
    them: controls, combining marks, code points without a meaning.
    """
    alphabet = Alphabet(tuple(sorted(set(WICKED) - {"\t"})))
    config = ModelConfig(vocabulary=alphabet.size, hidden=1, embedding=None)
    tensors: Tensors = {
        key: np.zeros(shape, np.float32) for key, shape in tensor_shapes(config).items()
    }
    likely = [*(int(alphabet.encode(character)[0]) for character in WICKED), 0xC2, 0xE2, 0xF0]
    likely += range(0x80, 0xC0)  # excluded where no byte of this kind may come
    tensors["output.bias"][:] = -30.0
    tensors["output.bias"][likely] = 0.0
    folder = folder or paths.models_dir() / name
    save_model(folder, ModelInfo(config=config, alphabet=alphabet), tensors)
    return folder
