"""Recurrent layers over a whole sequence, as one autograd function for each cell.

PyTorch's own step-by-step autograd accumulates the weight gradients at every step and keeps a
graph node for each operation. Here the forward loop keeps the local derivatives of each step, the
backward loop only multiplies them into the gate gradients and carries the state's gradient, and
the weight gradients come from *one* matrix product over all steps (Appleyard, Kocisky and Blunsom
2016, "Optimizing performance of recurrent neural networks on GPUs").

Layout: a sequence is (features, T, B), ready for a product over all steps; within the loops a
step is (features, B), so that each gate is one contiguous block. All that there is of a step has
one place, a *slab*: its pre-activations, then its derivatives, then the gradients. Tens of
megabytes that are written anew in each of these forms would take longer than the arithmetic.
Hence the backward pass of a graph can run once (a second time is an error of PyTorch's).

Two types: products run in the type of ``weight`` (float32, or bfloat16 where the processor has
it) and so does what is kept for the backward pass; states and the arithmetic of the gates are in
the type of ``h0``.

A layer gives on, and reads at its next step, R values: its H hidden ones, or P of them that a
*projection* (P, H) makes (Sak, Senior and Beaufays 2014).

The hyperbolic tangent is computed as ``2 * sigmoid(2 a) - 1``, several times faster than ``tanh``
in PyTorch on a CPU. The factor 2 of the pre-activation is folded into the weights by the caller:
rows of the candidate gate (GRU: n, LSTM: g) must come doubled, see :func:`candidate_scale`.
"""

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import Function

_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input


def candidate_scale(cell: str, hidden: int, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """Row factors (G*H,) that turn PyTorch's weights into the form that the layers here take.

    Args:
        cell: ``"gru"`` (gates r, z, n) or ``"lstm"`` (gates i, f, g, o).
        hidden: H, units of the layer.
        dtype: type of the result.
    """
    factors = (1.0, 1.0, 2.0) if cell == "gru" else (1.0, 1.0, 2.0, 1.0)
    return torch.tensor(factors, dtype=dtype).repeat_interleave(hidden)


def _by_step(sequence: Tensor) -> Tensor:
    """(features, T, B) as a contiguous (T, features, B), or the other way round."""
    return sequence.transpose(0, 1).contiguous()


def _weight_gradient(gates: Tensor, outputs: Tensor, before: Tensor) -> Tensor:
    """Sum over the steps of gates (G, T, B) times the output before, of outputs (R, T, B).

    ``before`` (R, B) is the output before the first step.
    """
    read = torch.cat((before.to(outputs.dtype).unsqueeze(1), outputs[:, :-1]), 1)
    return gates.flatten(1) @ read.flatten(1).t()


def _sum_of_products(left: Tensor, right: Tensor) -> Tensor:
    """Sum over the steps of left (T, M, B) times right (T, N, B) turned round, shape (M, N)."""
    return _by_step(left).flatten(1) @ _by_step(right).flatten(1).t()


def _room(steps: int, projection: Tensor, batch: int) -> Tensor:
    """For what each step gives on through ``projection`` (P, H): shape (T, P, B)."""
    return projection.new_empty(steps, len(projection), batch)


class _GRU(Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, projection: Tensor | None, h0: Tensor
    ) -> Any:
        hidden, batch = h0.shape
        steps = x.shape[1]
        keep = any(ctx.needs_input_grad)
        # A step's pre-activations: r, z, the candidate's recurrent part, and its input part. The
        # product is added in place to the first three. Later, derivatives: of the next h by the
        # last (z), by the candidate's recurrent part (n), by r and z, and by its input part (a).
        slabs = weight.new_empty(steps, (5 if keep else 4) * hidden, batch)
        slabs[:, : 2 * hidden].copy_(x[: 2 * hidden].transpose(0, 1))
        slabs[:, 2 * hidden : 3 * hidden].copy_(bias.unsqueeze(1))
        slabs[:, 3 * hidden : 4 * hidden].copy_(x[2 * hidden :].transpose(0, 1))
        sums, products = slabs[:, : 4 * hidden].unbind(0), slabs[:, : 3 * hidden].unbind(0)
        states = weight.new_empty(steps, hidden, batch)
        outputs = states if projection is None else _room(steps, projection, batch)
        gates = h0.new_empty(4 * hidden, batch)
        gates_rz, (gate_n, gate_x) = gates[: 2 * hidden], gates[2 * hidden :].chunk(2)
        parts = h0.new_empty(6 * hidden, batch)
        r, z, d_n, _, _, d_a = parts.chunk(6)
        rz, d_rz, kept = parts[: 2 * hidden], parts[3 * hidden : 5 * hidden], parts[hidden:]
        by_rz = h0.new_empty(2 * hidden, batch)
        by_r, gap = by_rz.chunk(2)
        s, n, slack = h0.new_empty(3 * hidden, batch).chunk(3)
        minus_one, two = torch.full_like(s, -1.0), torch.full_like(s, 2.0)
        h, before = h0.clone(), h0.to(weight.dtype)
        if projection is not None:
            before = projection @ before
        read = before
        for t, (sum_t, product) in enumerate(zip(sums, products, strict=True)):
            product.addmm_(weight, read)
            gates.copy_(sum_t)
            torch.sigmoid(gates_rz, out=rz)
            torch.addcmul(gate_x, r, gate_n, out=s)
            s.sigmoid_()
            torch.add(minus_one, s, alpha=2, out=n)
            torch.sub(h, n, out=gap)
            torch.addcmul(n, z, gap, out=h)
            states[t].copy_(h)
            read = outputs[t]
            if projection is not None:
                torch.mm(projection, states[t], out=read)
            if keep:
                torch.sub(two, z, alpha=2, out=slack)
                _sigmoid_backward(slack, s, grad_input=d_a)
                torch.mul(d_a, r, out=d_n)
                torch.mul(d_a, gate_n, out=by_r)
                _sigmoid_backward(by_rz, rz, grad_input=d_rz)
                slabs[t].copy_(kept)
        out = _by_step(outputs)
        if keep:
            kept_states = None if projection is None else states
            ctx.save_for_backward(weight, projection, h0, before, out, kept_states, slabs)
        return out, h

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        weight, projection, h0, before, outputs, states, slabs = ctx.saved_tensors
        hidden, batch = h0.shape
        incoming = _by_step(grads[0]).unbind(0)
        # The rows of a slab become h by way of z, then n, r, z, a. Of these, (n, r, z) are the
        # gradient of the recurrent product and (r, z, a) that of x.
        weight_t = torch.cat((weight[2 * hidden :], weight[: 2 * hidden])).t().contiguous()
        rows = slabs.view(-1, 5, hidden, batch).unbind(0)
        carried, products = slabs[:, :hidden].unbind(0), slabs[:, hidden : 4 * hidden].unbind(0)
        dh = grads[1].to(weight.dtype, copy=True)
        grad_projection = None
        if projection is None:
            for t in range(len(incoming) - 1, -1, -1):
                dh.add_(incoming[t])
                rows[t].mul_(dh)
                dh = carried[t].addmm_(weight_t, products[t])
        else:
            projection_t = projection.t().contiguous()
            outgoing = _room(len(incoming), projection, batch)
            d_out = torch.zeros_like(outgoing[0])
            for t in range(len(incoming) - 1, -1, -1):
                torch.add(d_out, incoming[t], out=outgoing[t])
                dh.addmm_(projection_t, outgoing[t])
                rows[t].mul_(dh)
                dh = carried[t]
                torch.mm(weight_t, products[t], out=d_out)
            dh.addmm_(projection_t, d_out)
            grad_projection = _sum_of_products(outgoing, states)
            grad_projection.addmm_(d_out, h0.to(weight.dtype).t())
        sequence = _by_step(slabs[:, hidden:])
        grad_weight = _weight_gradient(sequence[: 3 * hidden], outputs, before)
        grad_weight = torch.cat((grad_weight[hidden:], grad_weight[:hidden]))
        grad_bias = sequence[:hidden].sum((1, 2), dtype=h0.dtype)
        dh0 = dh.to(h0.dtype, copy=True)
        return sequence[hidden:], grad_weight, grad_bias, grad_projection, dh0


class _LSTM(Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, projection: Tensor | None, h0: Tensor, c0: Tensor
    ) -> Any:
        hidden, batch = c0.shape
        steps = x.shape[1]
        keep = any(ctx.needs_input_grad)
        # A step's pre-activations i, f, g, o. Later, derivatives: of c by i, f, g; of h by o; of c
        # by the last c (f); and of h by c.
        slabs = weight.new_empty(steps, (6 if keep else 4) * hidden, batch)
        sums = slabs[:, : 4 * hidden]
        sums.copy_(x.transpose(0, 1))
        states = weight.new_empty(steps, hidden, batch)
        outputs = states if projection is None else _room(steps, projection, batch)
        gates = h0.new_empty(4 * hidden, batch)
        gate_i, gate_f, gate_s, gate_o = gates.chunk(4)
        parts = h0.new_empty(6 * hidden, batch)
        d_i, d_f, d_g, d_o, carry, d_c = parts.chunk(6)
        g, squashed, s, slack, h = h0.new_empty(5 * hidden, batch).chunk(5)
        minus_one = torch.full_like(s, -1.0)
        c, read = c0.clone(), h0.to(weight.dtype)
        for t, sum_t in enumerate(sums.unbind(0)):
            sum_t.addmm_(weight, read)
            gates.copy_(sum_t)
            gates.sigmoid_()
            torch.add(minus_one, gate_s, alpha=2, out=g)
            if keep:
                _sigmoid_backward(c, gate_f, grad_input=d_f)
                _sigmoid_backward(g, gate_i, grad_input=d_i)
                torch.add(gate_i, gate_i, out=slack)
                _sigmoid_backward(slack, gate_s, grad_input=d_g)
                carry.copy_(gate_f)
            c.mul_(gate_f)
            c.addcmul_(g, gate_i)
            torch.add(c, c, out=s)
            s.sigmoid_()
            torch.add(minus_one, s, alpha=2, out=squashed)
            torch.mul(gate_o, squashed, out=h)
            states[t].copy_(h)
            read = outputs[t]
            if projection is not None:
                torch.mm(projection, states[t], out=read)
            if keep:
                _sigmoid_backward(squashed, gate_o, grad_input=d_o)
                torch.mul(gate_o, 4.0, out=slack)  # d tanh(c) / dc = 4 s (1 - s)
                _sigmoid_backward(slack, s, grad_input=d_c)
                slabs[t].copy_(parts)
        out = _by_step(outputs)
        if keep:
            kept_states = None if projection is None else states
            ctx.save_for_backward(weight, projection, h0, out, kept_states, slabs)
        last = h.clone() if projection is None else read.to(h0.dtype, copy=True)
        return out, last, c

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        weight, projection, h0, outputs, states, slabs = ctx.saved_tensors
        hidden, batch = grads[2].shape
        incoming = _by_step(grads[0]).unbind(0)
        weight_t = weight.t().contiguous()
        rows = slabs.view(-1, 6, hidden, batch).unbind(0)
        gates = slabs[:, : 4 * hidden]
        products = gates.unbind(0)
        d_out = grads[1].to(weight.dtype, copy=True)
        dc = grads[2].to(weight.dtype, copy=True)
        dh, grad_projection = d_out, None
        if projection is not None:
            projection_t = projection.t().contiguous()
            outgoing = _room(len(rows), projection, batch)
            dh = torch.empty_like(dc)
        for t in range(len(rows) - 1, -1, -1):
            row = rows[t]
            d_out.add_(incoming[t])
            if projection is not None:
                outgoing[t].copy_(d_out)
                torch.mm(projection_t, d_out, out=dh)
            dc.addcmul_(dh, row[5])
            row[:3].mul_(dc)
            row[3].mul_(dh)
            dc.mul_(row[4])
            torch.mm(weight_t, products[t], out=d_out)
        grad_x = _by_step(gates)
        grad_weight = _weight_gradient(grad_x, outputs, h0)
        if projection is not None:
            grad_projection = _sum_of_products(outgoing, states)
        return grad_x, grad_weight, grad_projection, d_out.to(h0.dtype), dc.to(h0.dtype)


def gru_sequence(
    x: Tensor, weight: Tensor, bias: Tensor, h0: Tensor, projection: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """A GRU layer over T steps, in cuDNN's variant (reset gate after the recurrent product).

    Args:
        x: (3H, T, B) input products with all biases except the candidate's recurrent one.
        weight: (3H, R) recurrent weights, gates r, z, n, in the type of ``x``.
        bias: (H,) recurrent bias of the candidate gate.
        h0: (H, B) state before the first step.
        projection: (P, H) in the type of ``x``, or None: then R = H.

    The candidate's rows of ``x``, ``weight`` and ``bias`` are doubled (:func:`candidate_scale`).

    Returns:
        Outputs (R, T, B) of each step, in the type of ``x``, and the last state (H, B) in the
        type of ``h0``.
    """
    states = _GRU.apply(x, weight, bias, projection, h0)  # type: ignore[no-untyped-call]
    return cast("tuple[Tensor, Tensor]", states)


def lstm_sequence(
    x: Tensor, weight: Tensor, h0: Tensor, c0: Tensor, projection: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """An LSTM layer over T steps (Hochreiter and Schmidhuber 1997; Gers et al. 2000).

    Args:
        x: (4H, T, B) input products with all biases.
        weight: (4H, R) recurrent weights, gates i, f, g, o, in the type of ``x``.
        h0: (R, B) output before the first step.
        c0: (H, B) cell before the first step.
        projection: (P, H) in the type of ``x``, or None: then R = H.

    The candidate's rows (gate g) of ``x`` and ``weight`` are doubled (:func:`candidate_scale`).

    Returns:
        Outputs (R, T, B) of each step, in the type of ``x``; the last one (R, B) and the last
        cell (H, B), in the type of ``h0``.
    """
    states = _LSTM.apply(x, weight, projection, h0, c0)  # type: ignore[no-untyped-call]
    return cast("tuple[Tensor, Tensor, Tensor]", states)
