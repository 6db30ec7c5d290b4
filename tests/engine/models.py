"""Small random models for the tests of the engine."""

import numpy as np

from charterm.engine.language_model import LanguageModel
from charterm.engine.numpy_backend import NumpyBackend
from charterm.engine.weights import build_weights
from charterm.model.config import ModelConfig
from charterm.model.folder import ModelInfo, Tensors, tensor_shapes
from charterm.text.alphabet import Alphabet


def random_tensors(config: ModelConfig, seed: int = 0, scale: float = 0.4) -> Tensors:
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(0, scale, shape).astype(np.float32)
        for name, shape in tensor_shapes(config).items()
    }


def random_model(
    characters: str = "\n abcde'-.", *, seed: int = 0, scale: float = 0.4, **shape: object
) -> LanguageModel:
    alphabet = Alphabet(tuple(characters))
    settings = {"hidden": 12, "embedding": 5, **shape}
    config = ModelConfig(vocabulary=alphabet.size, **settings)  # type: ignore[arg-type]
    tensors = random_tensors(config, seed, scale)
    # bytes are rare in a trained model
    tensors["output.bias"][:256] -= 6.0
    return LanguageModel(
        name="random",
        info=ModelInfo(config=config, alphabet=alphabet),
        backend=NumpyBackend(build_weights(config, tensors)),
    )
