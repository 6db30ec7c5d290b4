"""How much each context of the memory is trusted, learnt from how well it predicted lately.

A distribution is built from the network's upwards: at each level that knows the context the memory
takes a share, its gate, and leaves the rest to what is below. Written as a tree of choices, the
gates are the parameters of a mixture, and each token that is typed says by Bayes' rule how likely
it came from each level (an online step of the EM algorithm of Jelinek and Mercer 1980, with
forgetting). Gates belong to buckets of contexts (:data:`charterm.adaptation.memory.BUCKETS`) as the
mixing weights of cmix and paq do (Mahoney 2005). Measured against hierarchical Pitman-Yor with the
network as its base: 0.09 to 0.2 bits per character better on a novel, phrases and source code.
"""

from typing import Final, NamedTuple

from charterm.adaptation.priors import PRIOR

MEMORY: Final = 0.985
"""What stays of a bucket's evidence each time it is used."""

CERTAINTY: Final = 4.0
"""How many observations the prior of a bucket counts for."""


Shares = list[tuple[int, float, float]]
"""(bucket, share of a token, share of all tokens told apart) of each level of the memory that knew
the context, the lowest first."""


class Observation(NamedTuple):
    """What was known when a token was typed: the network's probability of it, the memory's shares.

    The memory is that of before the token was typed.
    """

    network: float
    levels: Shares


class Gates:
    """The gate of each bucket, 0 to 1. A value once built: :meth:`learn` returns another."""

    __slots__ = ("_evidence", "_favour", "values")

    def __init__(self) -> None:
        self.values: list[float] = list(PRIOR)
        self._favour: list[float] = [CERTAINTY * gate for gate in PRIOR]
        self._evidence: list[float] = [CERTAINTY] * len(PRIOR)

    def learn(self, observations: list[Observation]) -> "Gates":
        """The gates after these tokens, in the order they were typed."""
        new = Gates.__new__(Gates)
        new.values = values = self.values.copy()
        new._favour = favour = self._favour.copy()
        new._evidence = evidence = self._evidence.copy()
        fade = 1.0 - MEMORY
        for seen in observations:
            below = seen.network
            path = []
            for bucket, share, mass in seen.levels:
                here = values[bucket] * share
                under = (1.0 - values[bucket] * mass) * below
                path.append((bucket, here, under))
                below = here + under
            reach = 1.0  # posterior probability that the token came from this level or below
            for bucket, here, under in reversed(path):
                whole = here + under
                chosen = here / whole if whole > 0.0 else values[bucket]
                prior = CERTAINTY * PRIOR[bucket]
                favour[bucket] += reach * chosen - fade * (favour[bucket] - prior)
                evidence[bucket] += reach - fade * (evidence[bucket] - CERTAINTY)
                values[bucket] = favour[bucket] / evidence[bucket]
                reach *= 1.0 - chosen
        return new
