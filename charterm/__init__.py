"""charterm: a character-level language model completes what you type, in the terminal, offline."""

import os

__version__ = "0.1.0"

# OpenBLAS's other thread waits for more products by turning round, 2**28 clock cycles unless told
# otherwise. For a seventh of a second after NumPy was imported, and after each product, it takes
# half of a core from all else where two processors share one (measured: unpacking a model's words
# took twice as long). 2**20 cycles, half a millisecond, last from one step's product to the next.
# OpenBLAS reads this when NumPy is imported.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "20")
