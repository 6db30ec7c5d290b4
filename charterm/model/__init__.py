"""Models: their shapes, their network, and how they are kept on disk.

A model is one folder with the files named here.
"""

WEIGHTS_FILE = "weights.safetensors"
INFO_FILE = "model.json"
LOG_FILE = "log.jsonl"
CARD_FILE = "README.md"
WORDS_FILE = "words.npz"
"""The words of the training text; a model may lack it."""
