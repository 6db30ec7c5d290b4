"""Where charterm keeps its files. Each folder can be moved by an environment variable."""

import os
from pathlib import Path

import platformdirs

_APP = "charterm"


def _folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or default).expanduser()


def data_dir() -> Path:
    """Models, texts and stories (``CHARTERM_DATA_DIR``)."""
    return _folder("CHARTERM_DATA_DIR", platformdirs.user_data_dir(_APP, appauthor=False))


def config_dir() -> Path:
    """Settings (``CHARTERM_CONFIG_DIR``)."""
    return _folder("CHARTERM_CONFIG_DIR", platformdirs.user_config_dir(_APP, appauthor=False))


def cache_dir() -> Path:
    """Files that can be made again: encoded corpora (``CHARTERM_CACHE_DIR``)."""
    return _folder("CHARTERM_CACHE_DIR", platformdirs.user_cache_dir(_APP, appauthor=False))


def models_dir() -> Path:
    """The user's model library, one folder a model."""
    return data_dir() / "models"


def runs_dir() -> Path:
    """The trainings, one folder each, by the name of the model that is trained."""
    return data_dir() / "runs"


def assets_dir() -> Path:
    """The files shipped with the program, among them the starter models (read-only)."""
    package = Path(__file__).parent
    packed = package / "assets"  # in a wheel
    return packed if packed.is_dir() else package.parent / "assets"  # in a checkout
