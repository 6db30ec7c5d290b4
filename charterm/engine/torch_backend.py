"""The reference backend, and the one for large batches and GPUs: plain PyTorch operations."""

import numpy as np
import torch
from torch import Tensor

from charterm.engine.backend import Logits, Rows, State, Tokens
from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from charterm.model.folder import Tensors


class TorchBackend:
    """Runs a model's tensors with PyTorch. See :class:`charterm.engine.backend.Backend`.

    The formulas are those of ``torch.nn.GRU`` and ``torch.nn.LSTM`` (with ``proj_size``, for both),
    without the folding of the NumPy backend, so that each checks the other. Steps never go through
    ``nn.LSTM``, which repacks its weights at every call on a CPU.
    """

    def __init__(self, config: ModelConfig, tensors: Tensors, *, device: str = "cpu") -> None:
        self.config = config
        try:
            self.device = torch.device(device)
            self._tensors = {
                name: torch.from_numpy(np.array(values, np.float32)).to(self.device)
                for name, values in tensors.items()
            }
        except (RuntimeError, AssertionError) as error:
            raise UsageError(
                "cannot compute on {device!r}: {error}; use cpu", device=device, error=error
            ) from error
        weight = self._tensors["layers.0.weight_ih"].T
        if config.embedding is not None:
            weight = self._tensors["embedding.weight"] @ weight
        self._table = (weight + self._tensors["layers.0.bias_ih"]).contiguous()  # (V, G*H)

    def initial_state(self, batch: int = 1) -> State:
        """Zeros, shape (S, batch, H)."""
        return np.zeros((self.config.state_rows, batch, self.config.hidden), np.float32)

    @torch.inference_mode()
    def step(self, state: State, tokens: Tokens, rows: Rows | None = None) -> tuple[Logits, State]:
        """Feed one token to each of N sequences; see :class:`Backend`."""
        if rows is not None:
            state = state.take(rows, axis=1)
        new = self._step(self._send(state), torch.from_numpy(tokens.astype(np.int64)))
        return self._fetch(self._output(new)), self._fetch(new)

    @torch.inference_mode()
    def advance(self, state: State, tokens: Tokens) -> State:
        """Feed ``tokens`` to one sequence without logits; see :class:`Backend`."""
        current = self._send(state)
        for token in torch.from_numpy(tokens.astype(np.int64)[:, None]):
            current = self._step(current, token)
        return self._fetch(current)

    @torch.inference_mode()
    def read(self, state: State, tokens: Tokens) -> tuple[Logits, State]:
        """Feed ``tokens`` to one sequence with logits after each; see :class:`Backend`."""
        current = self._send(state)
        outputs = []
        for token in torch.from_numpy(tokens.astype(np.int64)[:, None]):
            current = self._step(current, token)
            outputs.append(current)
        if not outputs:
            return np.empty((0, self.config.vocabulary), np.float32), self._fetch(current)
        return self._fetch(self._output(torch.cat(outputs, 1))), self._fetch(current)

    @torch.inference_mode()
    def logits(self, state: State) -> Logits:
        """The logits of what follows, shape (N, V)."""
        return self._fetch(self._output(self._send(state)))

    def _send(self, values: State) -> Tensor:
        return torch.tensor(values, device=self.device)

    def _fetch(self, values: Tensor) -> State:
        fetched: State = values.cpu().numpy()
        return fetched

    def _output(self, state: Tensor) -> Tensor:
        """The logits (N, V) of what follows ``state`` (S, N, H)."""
        highest = state[self.config.layers - 1, :, : self.config.output_size]
        return highest @ self._tensors["output.weight"].T + self._tensors["output.bias"]

    def _step(self, state: Tensor, tokens: Tensor) -> Tensor:
        """One token through all layers; ``state`` (S, N, H), ``tokens`` (N,)."""
        layers, read = self.config.layers, self.config.output_size
        inputs = self._table[tokens.to(self.device)]  # (N, G*H)
        new = torch.zeros_like(state)
        for index in range(layers):
            name = f"layers.{index}"
            if index > 0:
                inputs = new[index - 1, :, :read] @ self._tensors[f"{name}.weight_ih"].T
                inputs = inputs + self._tensors[f"{name}.bias_ih"]
            projection = self._tensors.get(f"{name}.weight_hr")
            recurrent = state[index, :, :read] @ self._tensors[f"{name}.weight_hh"].T
            recurrent = recurrent + self._tensors[f"{name}.bias_hh"]
            if self.config.cell == "gru":
                reset, update, candidate = inputs.chunk(3, dim=1)
                reset_h, update_h, candidate_h = recurrent.chunk(3, dim=1)
                keep = torch.sigmoid(update + update_h)
                fresh = torch.tanh(candidate + torch.sigmoid(reset + reset_h) * candidate_h)
                before = state[index] if projection is None else state[layers + index]
                hidden = fresh + keep * (before - fresh)
                if projection is not None:
                    new[layers + index] = hidden
            else:
                enter, forget, fresh, leave = (inputs + recurrent).chunk(4, dim=1)
                cell = torch.sigmoid(forget) * state[layers + index]
                cell = cell + torch.sigmoid(enter) * torch.tanh(fresh)
                new[layers + index] = cell
                hidden = torch.sigmoid(leave) * torch.tanh(cell)
            new[index, :, :read] = hidden if projection is None else hidden @ projection.T
        return new
