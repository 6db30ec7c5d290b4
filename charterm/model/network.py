"""The character-level recurrent network in PyTorch: embedding, GRU or LSTM layers, softmax."""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from charterm.model.dropout import dropout
from charterm.model.recurrence import candidate_scale, gru_sequence, lstm_sequence


class RecurrentLayer(nn.Module):
    """One GRU or LSTM layer; parameters as in PyTorch's cells, gates r, z, n or i, f, g, o.

    With a projection, ``weight_hr`` (P, H) as in PyTorch's LSTM.
    """

    def __init__(self, cell: str, inputs: int, hidden: int, projection: int | None = None) -> None:
        super().__init__()
        self.cell, self.hidden = cell, hidden
        gates = 3 if cell == "gru" else 4
        read = hidden if projection is None else projection
        self.weight_ih = nn.Parameter(torch.empty(gates * hidden, inputs))
        self.weight_hh = nn.Parameter(torch.empty(gates * hidden, read))
        self.weight_hr: nn.Parameter | None = None
        if projection is not None:
            self.weight_hr = nn.Parameter(torch.empty(projection, hidden))
        self.bias_ih = nn.Parameter(torch.empty(gates * hidden))
        self.bias_hh = nn.Parameter(torch.empty(gates * hidden))
        scale = candidate_scale(cell, hidden)
        self.register_buffer("_scale", scale, persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Orthogonal recurrent blocks, Glorot input blocks, forget bias 1 (Jozefowicz 2015)."""
        hidden, inputs = self.hidden, self.weight_ih.shape[1]
        for rows in self.weight_hh.detach().view(-1, hidden, self.weight_hh.shape[1]):
            nn.init.orthogonal_(rows)
        if self.weight_hr is not None:
            nn.init.orthogonal_(self.weight_hr.detach())
        for rows in self.weight_ih.detach().view(-1, hidden, inputs):
            nn.init.xavier_uniform_(rows)
        nn.init.zeros_(self.bias_ih)
        nn.init.zeros_(self.bias_hh)
        # The second block is the LSTM's forget gate and the GRU's update gate: both keep.
        nn.init.ones_(self.bias_ih.detach()[hidden : 2 * hidden])

    def forward(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run T steps.

        Args:
            x: (E, T, B) inputs; their type is that of the matrix products.
            state: before the first step: of a GRU h (H, B), of an LSTM its output (R, B) and
                c (H, B).

        Returns:
            Outputs (R, T, B) in the type of ``x``, and the state after the last step.
        """
        scale = cast(Tensor, self._scale)
        hidden, column = self.hidden, scale.unsqueeze(1)
        weight_hh = (self.weight_hh * column).to(x.dtype)
        weight_ih = (self.weight_ih * column).to(x.dtype)
        weight_hr = None if self.weight_hr is None else self.weight_hr.to(x.dtype)
        bias = self.bias_ih + self.bias_hh
        if self.cell == "gru":  # the candidate's recurrent bias stays inside the reset gate
            bias = torch.cat((bias[: 2 * hidden], self.bias_ih[2 * hidden :]))
        bias = (bias * scale).to(x.dtype).unsqueeze(1)
        sums = torch.addmm(bias, weight_ih, x.flatten(1)).view(-1, *x.shape[1:])
        if self.cell == "gru":
            bias_n = 2.0 * self.bias_hh[2 * hidden :]
            out, h = gru_sequence(sums, weight_hh, bias_n, state[0], weight_hr)
            return out, (h,)
        out, h, c = lstm_sequence(sums, weight_hh, state[0], state[1], weight_hr)
        return out, (h, c)


class CharRNN(nn.Module):
    """Embedding or one-hot input, stacked GRU or LSTM layers, dropout, linear output.

    Dropout acts on the output of every layer while training (Zaremba 2014), so that a single
    layer is regularised too.

    Attributes:
        config: the shapes.
        product_type: type of the matrix products: float32 (exact), or bfloat16 where the processor
            has it. States, gates and parameters stay in the parameters' type.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.product_type: torch.dtype | None = None
        if config.embedding is not None:
            self.embedding = nn.Embedding(config.vocabulary, config.embedding)
        self.layers = nn.ModuleList(
            RecurrentLayer(
                config.cell,
                config.input_size if layer == 0 else config.output_size,
                config.hidden,
                config.projection,
            )
            for layer in range(config.layers)
        )
        self.output = nn.Linear(config.output_size, config.vocabulary)
        nn.init.normal_(self.output.weight, std=0.3 / math.sqrt(config.output_size))
        nn.init.zeros_(self.output.bias)

    def initial_state(self, batch: int) -> Tensor:
        """Zeros (S, B, H); the rows are those of :data:`charterm.engine.backend.State`."""
        return self.output.weight.new_zeros(self.config.state_rows, batch, self.config.hidden)

    def _inputs(self, tokens: Tensor, product: torch.dtype) -> Tensor:
        """Input vectors (E, T, B) of tokens (T, B)."""
        if self.config.embedding is None:
            vectors = F.one_hot(tokens.flatten(), self.config.vocabulary).to(product)
        else:
            vectors = F.embedding(tokens.flatten(), self.embedding.weight).to(product)
        return vectors.t().view(-1, *tokens.shape)

    def features(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Run the recurrent layers.

        Args:
            tokens: (T, B) int64, time first.
            state: (S, B, H) before the first token.

        Returns:
            Last layer's output (R, T, B) after dropout, in the type of the matrix products, and
            the state (S, B, H) after the last token.
        """
        product = self.product_type or self.output.weight.dtype
        count = self.config.layers
        x = self._inputs(tokens, product)
        ends: list[tuple[Tensor, ...]] = []
        for index, layer in enumerate(self.layers):
            before = [row.t().contiguous() for row in state[index::count]]
            if self.config.projection is not None:
                # a GRU's output follows from its hidden vector; an LSTM's fills a part of its row
                before[0] = before[0][: self.config.projection]
                before = before[1:] if self.config.cell == "gru" else before
            x, after = layer(x, tuple(before))
            if self.config.projection is not None:
                output = F.pad(x[:, -1].to(state.dtype), (0, 0, 0, state.shape[2] - len(x)))
                after = (output, after[-1])
            ends.append(after)
            x = dropout(x, self.config.dropout, training=self.training)
        rows = [after[part].t() for part in range(len(ends[0])) for after in ends]
        return x, torch.stack(rows)

    def forward(self, tokens: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Predict each next token.

        Args:
            tokens: (B, T) int64 token ids.
            state: (S, B, H) to go on from, or None for zeros.

        Returns:
            Logits (B, T, V) float32, of the token after each, and the state (S, B, H).

        Raises:
            UsageError: the state does not belong to this model and batch.
        """
        if state is None:
            state = self.initial_state(tokens.shape[0])
        expected = (self.initial_state(0).shape[0], tokens.shape[0], self.config.hidden)
        if tuple(state.shape) != expected:
            raise UsageError(
                "the state has shape {shape}, this model's is {expected}",
                shape=tuple(state.shape),
                expected=expected,
            )
        features, state = self.features(tokens.t(), state)
        logits = F.linear(
            features.permute(2, 1, 0),
            self.output.weight.to(features.dtype),
            self.output.bias.to(features.dtype),
        )
        return logits.to(self.output.weight.dtype), state
