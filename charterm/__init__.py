"""charterm: a character-level language model completes what you type, in the terminal, offline."""

__version__ = "0.1.0"
