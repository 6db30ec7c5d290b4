"""Models with random weights, for tests that need a real folder and no training."""

from pathlib import Path

import numpy as np

from charterm.model.config import ModelConfig
from charterm.model.folder import ModelInfo, Tensors, save_model, tensor_shapes
from charterm.text.alphabet import Alphabet


def random_tensors(config: ModelConfig, seed: int = 0, scale: float = 0.4) -> Tensors:
    generator = np.random.default_rng(seed)
    return {
        name: (scale * generator.standard_normal(shape)).astype(np.float32)
        for name, shape in tensor_shapes(config).items()
    }


def save_random_model(
    folder: Path,
    characters: str = "\n abcdefghijklmnopqrstuvwxyz",
    *,
    seed: int = 0,
    scale: float = 0.4,
    half: bool = False,
    **shape: object,
) -> ModelInfo:
    alphabet = Alphabet.from_text(characters)
    config = ModelConfig(vocabulary=alphabet.size, **{"hidden": 16, "embedding": 8, **shape})  # type: ignore[arg-type]
    info = ModelInfo(config=config, alphabet=alphabet, description="random weights, for tests")
    save_model(folder, info, random_tensors(config, seed, scale), half=half)
    return info
