"""The gates before anything was observed, fitted on other texts (see ``fit_prior``)."""

from typing import Final

from charterm.adaptation.memory import BUCKETS

PRIOR: Final = (0.01,) * 28 + (0.1,) * (BUCKETS - 28)
