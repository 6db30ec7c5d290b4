"""The shape of a model: one frozen object shared by training, storage and inference."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from charterm.errors import UsageError

Cell = Literal["gru", "lstm"]
CELLS: tuple[Cell, ...] = ("gru", "lstm")


def shape_of(sizes: Mapping[str, Any]) -> str:
    """Layers and units, and after a stroke what these are projected to: ``1×704/256``.

    Args:
        sizes: ``layers``, ``hidden`` and ``projection``, which may be missing.
    """
    projected = f"/{sizes['projection']}" if sizes.get("projection") else ""
    return f"{sizes['layers']}×{sizes['hidden']}{projected}"


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Everything that fixes the shapes of a :class:`~charterm.model.network.CharRNN`.

    Attributes:
        vocabulary: V, number of tokens (256 UTF-8 bytes and the alphabet's characters).
        cell: ``"gru"`` (Cho 2014, in the variant of cuDNN: the reset gate acts after the
            recurrent product) or ``"lstm"`` (Hochreiter and Schmidhuber 1997, with forget gate).
        layers: L, number of stacked recurrent layers.
        hidden: H, units of each layer.
        embedding: E, size of the learnt input vectors, or ``None`` for one-hot input (E = V).
        dropout: probability of zeroing an activation between layers while training.
        projection: P, to which a matrix brings each layer's H units before anything reads them:
            the layer's own next step, the layer above, the output (Sak, Senior and Beaufays 2014,
            "LSTM recurrent neural network architectures for large scale acoustic modeling"; a
            GRU's update gate still mixes all H). ``None``: they are read as they are. With it a
            step needs P/H of the products, and P·H more.

    Raises:
        UsageError: a value is out of range.
    """

    vocabulary: int
    cell: Cell = "gru"
    layers: int = 1
    hidden: int = 512
    embedding: int | None = 64
    dropout: float = 0.0
    projection: int | None = None

    def __post_init__(self) -> None:
        if self.cell not in CELLS:
            raise UsageError("unknown cell {cell!r}: choose gru or lstm", cell=self.cell)
        for name in ("vocabulary", "layers", "hidden"):
            if getattr(self, name) < 1:
                raise UsageError(
                    "{name} must be at least 1, not {value}", name=name, value=getattr(self, name)
                )
        if self.embedding is not None and self.embedding < 1:
            raise UsageError(
                "embedding must be at least 1 or onehot, not {embedding}", embedding=self.embedding
            )
        if self.projection is not None and not 1 <= self.projection < self.hidden:
            raise UsageError(
                "projection must be at least 1 and below hidden ({hidden}), not {projection}",
                hidden=self.hidden,
                projection=self.projection,
            )
        if not 0.0 <= self.dropout < 1.0:
            raise UsageError(
                "dropout must be at least 0 and below 1, not {dropout}", dropout=self.dropout
            )

    @property
    def shape(self) -> str:
        """As of :func:`shape_of`."""
        return shape_of(asdict(self))

    @property
    def title(self) -> str:
        """Cell and shape, for people: ``LSTM 1×704/256``."""
        return f"{self.cell.upper()} {self.shape}"

    @property
    def input_size(self) -> int:
        """E, the size of the first layer's input: the embedding's, or V for one-hot."""
        return self.vocabulary if self.embedding is None else self.embedding

    @property
    def output_size(self) -> int:
        """R, the size of what a layer gives on: P, or H without a projection."""
        return self.hidden if self.projection is None else self.projection

    @property
    def state_rows(self) -> int:
        """S, vectors of a state.

        Each layer's output; then each LSTM layer's cell, or each projected GRU layer's hidden
        vector before the projection.
        """
        plain = self.cell == "gru" and self.projection is None
        return self.layers if plain else 2 * self.layers

    @property
    def gates(self) -> int:
        """G, gate blocks a cell computes: 3 for GRU (r, z, n), 4 for LSTM (i, f, g, o)."""
        return 3 if self.cell == "gru" else 4

    @property
    def parameters(self) -> int:
        """Number of trained values."""
        embedding = 0 if self.embedding is None else self.vocabulary * self.embedding
        read, recurrent = self.output_size, 0
        for layer in range(self.layers):
            size = self.input_size if layer == 0 else read
            recurrent += self.gates * self.hidden * (size + read + 2)
            recurrent += 0 if self.projection is None else self.projection * self.hidden
        return embedding + recurrent + self.vocabulary * (read + 1)

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_json`.

        Raises:
            UsageError: a name is unknown or missing, or a value is out of range.
        """
        try:
            return cls(**values)
        except TypeError as error:
            raise UsageError(
                "the model's configuration does not fit: {error}", error=error
            ) from error
