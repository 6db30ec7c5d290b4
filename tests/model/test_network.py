import itertools
from collections.abc import Callable

import pytest
import torch
from torch import nn

from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from charterm.model.network import CharRNN
from charterm.model.recurrence import gru_sequence, lstm_sequence


def reference(model: CharRNN) -> nn.GRU | nn.LSTM:
    """PyTorch's own layer stack with the same parameters."""
    config = model.config
    sizes = (config.input_size, config.hidden, config.layers)
    stack = nn.GRU(*sizes) if config.cell == "gru" else nn.LSTM(*sizes, proj_size=projection(model))
    stack = stack.to(model.output.weight.dtype)
    with torch.no_grad():
        for index, layer in enumerate(model.layers):
            for name in layer_parameters(model):
                getattr(stack, f"{name}_l{index}").copy_(getattr(layer, name))
    return stack


def projection(model: CharRNN) -> int:
    return model.config.projection or 0


def layer_parameters(model: CharRNN) -> list[str]:
    return [name for name, _ in model.layers[0].named_parameters()]


def build(
    cell: str,
    layers: int,
    embedding: int | None = 7,
    *,
    dropout: float = 0.0,
    projection: int | None = None,
) -> CharRNN:
    torch.manual_seed(layers)
    model = CharRNN(ModelConfig(13, cell, layers, 9, embedding, dropout, projection))  # type: ignore[arg-type]
    for parameter in model.parameters():  # biases too, which begin at round figures
        nn.init.normal_(parameter, std=0.5)
    return model.double()


@pytest.mark.parametrize(
    ("cell", "layers", "embedding", "projected"),
    [
        *itertools.product(("gru", "lstm"), (1, 2, 3), (7, None), (None,)),
        *itertools.product(("lstm",), (1, 2), (7,), (4,)),  # PyTorch projects LSTMs only
    ],
)
def test_equals_pytorch_forward_and_backward(
    cell: str, layers: int, embedding: int | None, projected: int | None
) -> None:
    model = build(cell, layers, embedding, projection=projected)
    stack = reference(model)
    tokens = torch.randint(13, (4, 11))
    state = torch.randn_like(model.initial_state(4))
    read = model.config.output_size
    state[:layers, :, read:] = 0.0
    state.requires_grad_()

    logits, end = model(tokens, state)
    assert (end[:layers, :, read:] == 0).all()
    weights = torch.randn_like(logits)
    ((logits * weights).sum() + (end**2).sum()).backward()
    gradients = {name: p.grad.clone() for name, p in model.named_parameters()}
    state_gradient = state.grad.clone()
    model.zero_grad()
    state.grad = None

    one_hot = nn.functional.one_hot(tokens, 13).double()
    x = one_hot if embedding is None else model.embedding(tokens)
    start = state if cell == "gru" else (state[:layers, :, :read].contiguous(), state[layers:])
    out, expected_end = stack(x.transpose(0, 1), start)
    expected = model.output(out.transpose(0, 1))
    if cell == "lstm":
        output, memory = expected_end
        expected_end = torch.cat((nn.functional.pad(output, (0, 9 - read)), memory))
    torch.testing.assert_close(logits, expected)
    torch.testing.assert_close(end, expected_end)

    ((expected * weights).sum() + (expected_end**2).sum()).backward()
    torch.testing.assert_close(state_gradient, state.grad)
    for index in range(layers):
        for name in layer_parameters(model):
            wanted = getattr(stack, f"{name}_l{index}").grad
            torch.testing.assert_close(gradients[f"layers.{index}.{name}"], wanted)
    for name in ("output.weight", "output.bias", *(["embedding.weight"] if embedding else [])):
        torch.testing.assert_close(gradients[name], model.get_parameter(name).grad)


def check_gradients(
    layer: Callable[..., tuple[torch.Tensor, ...]], *shapes: tuple[int, ...]
) -> None:
    """Compare with central differences, every number of every input and output.

    PyTorch's gradcheck goes through a graph many times, which the layers do not allow.
    """
    inputs = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    with torch.no_grad():
        weights = [torch.randn_like(out) for out in layer(*inputs)]

    def total() -> torch.Tensor:
        outs = layer(*inputs)
        return sum((out * w).sum() for out, w in zip(outs, weights, strict=True))  # type: ignore

    total().backward()
    with torch.no_grad():
        for values in inputs:
            flat = values.view(-1)
            for place in range(flat.numel()):
                differences = []
                for step in (1e-6, -2e-6):
                    flat[place] += step
                    differences.append(total())
                flat[place] += 1e-6
                wanted = (differences[0] - differences[1]) / 2e-6
                torch.testing.assert_close(
                    values.grad.view(-1)[place], wanted, rtol=1e-5, atol=1e-7
                )


def test_gradients_by_finite_differences() -> None:
    check_gradients(gru_sequence, (9, 4, 2), (9, 3), (3,), (3, 2))
    check_gradients(gru_sequence, (9, 1, 1), (9, 3), (3,), (3, 1))
    check_gradients(lstm_sequence, (12, 4, 2), (12, 3), (3, 2), (3, 2))
    check_gradients(lstm_sequence, (12, 1, 1), (12, 3), (3, 1), (3, 1))
    check_gradients(gru_sequence, (9, 4, 2), (9, 2), (3,), (3, 2), (2, 3))
    check_gradients(gru_sequence, (9, 1, 1), (9, 1), (3,), (3, 1), (1, 3))
    check_gradients(lstm_sequence, (12, 4, 2), (12, 2), (2, 2), (3, 2), (2, 3))
    check_gradients(lstm_sequence, (12, 1, 1), (12, 1), (1, 1), (3, 1), (1, 3))


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_second_way_back_through_a_graph_is_refused_and_not_wrong(cell: str) -> None:
    model = build(cell, 1)
    logits, _ = model(torch.randint(13, (2, 5)))
    loss = logits.square().sum()
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("projected", [None, 4])
def test_carried_state_equals_one_pass(cell: str, projected: int | None) -> None:
    model = build(cell, 2, projection=projected)
    tokens = torch.randint(13, (3, 10))
    whole, end = model(tokens)
    first, state = model(tokens[:, :4])
    second, carried_end = model(tokens[:, 4:], state)
    torch.testing.assert_close(torch.cat((first, second), 1), whole)
    torch.testing.assert_close(carried_end, end)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("projected", [None, 4])
def test_inputs_are_left_alone(cell: str, batch: int, projected: int | None) -> None:
    with torch.no_grad():
        model = build(cell, 1, projection=projected)
        state = torch.randn_like(model.initial_state(batch))
        kept = state.clone()
        tokens = torch.randint(13, (batch, 1))
        once, _ = model(tokens, state)
        again, _ = model(tokens, state)
        torch.testing.assert_close(state, kept, rtol=0, atol=0)
        torch.testing.assert_close(once, again, rtol=0, atol=0)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("projected", [None, 4])
def test_bfloat16_products_stay_close(cell: str, projected: int | None) -> None:
    model = build(cell, 2, projection=projected).float()
    tokens = torch.randint(13, (4, 20))
    exact, _ = model(tokens)
    exact.square().mean().backward()
    wanted = model.layers[0].weight_hh.grad.clone()
    model.zero_grad()
    model.product_type = torch.bfloat16
    rough, state = model(tokens)
    rough.square().mean().backward()
    assert rough.dtype == state.dtype == torch.float32
    assert (rough - exact).abs().max() < 0.1
    got = model.layers[0].weight_hh.grad
    assert nn.functional.cosine_similarity(got.flatten(), wanted.flatten(), dim=0) > 0.99


def test_dropout_only_while_training() -> None:
    model = build("gru", 2, dropout=0.5)
    tokens = torch.randint(13, (2, 6))
    model.eval()
    torch.testing.assert_close(model(tokens)[0], model(tokens)[0], rtol=0, atol=0)
    model.train()
    assert not torch.equal(model(tokens)[0], model(tokens)[0])
    features, _ = model.features(tokens.t(), model.initial_state(2))
    assert 0.2 < (features == 0).double().mean() < 0.8


def test_parameters_have_the_names_of_the_file_format() -> None:
    assert set(build("lstm", 2).state_dict()) == {
        "embedding.weight",
        "output.weight",
        "output.bias",
        *(
            f"layers.{i}.{n}"
            for i in range(2)
            for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ),
    }
    model = build("gru", 1, None)
    assert "embedding.weight" not in model.state_dict()
    assert sum(p.numel() for p in model.parameters()) == model.config.parameters


def test_foreign_state_is_refused() -> None:
    with pytest.raises(UsageError, match="state has shape"):
        build("lstm", 1)(torch.zeros(2, 3, dtype=torch.int64), torch.zeros(1, 2, 9))
