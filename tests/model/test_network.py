import itertools

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
    kind = nn.GRU if config.cell == "gru" else nn.LSTM
    stack = kind(config.input_size, config.hidden, config.layers).to(model.output.weight.dtype)
    with torch.no_grad():
        for index, layer in enumerate(model.layers):
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                getattr(stack, f"{name}_l{index}").copy_(getattr(layer, name))
    return stack


def build(cell: str, layers: int, embedding: int | None = 7, *, dropout: float = 0.0) -> CharRNN:
    torch.manual_seed(layers)
    model = CharRNN(ModelConfig(13, cell, layers, 9, embedding, dropout))  # type: ignore[arg-type]
    for parameter in model.parameters():  # biases too, which begin at round figures
        nn.init.normal_(parameter, std=0.5)
    return model.double()


@pytest.mark.parametrize(
    ("cell", "layers", "embedding"), list(itertools.product(("gru", "lstm"), (1, 2, 3), (7, None)))
)
def test_equals_pytorch_forward_and_backward(cell: str, layers: int, embedding: int | None) -> None:
    model = build(cell, layers, embedding)
    stack = reference(model)
    tokens = torch.randint(13, (4, 11))
    state = torch.randn_like(model.initial_state(4)).requires_grad_()

    logits, end = model(tokens, state)
    weights = torch.randn_like(logits)
    ((logits * weights).sum() + (end**2).sum()).backward()
    gradients = {name: p.grad.clone() for name, p in model.named_parameters()}
    state_gradient = state.grad.clone()
    model.zero_grad()
    state.grad = None

    one_hot = nn.functional.one_hot(tokens, 13).double()
    x = one_hot if embedding is None else model.embedding(tokens)
    start = state if cell == "gru" else tuple(part.contiguous() for part in state.chunk(2))
    out, expected_end = stack(x.transpose(0, 1), start)
    expected = model.output(out.transpose(0, 1))
    expected_end = expected_end if cell == "gru" else torch.cat(expected_end)
    torch.testing.assert_close(logits, expected)
    torch.testing.assert_close(end, expected_end)

    ((expected * weights).sum() + (expected_end**2).sum()).backward()
    torch.testing.assert_close(state_gradient, state.grad)
    for index in range(layers):
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            wanted = getattr(stack, f"{name}_l{index}").grad
            torch.testing.assert_close(gradients[f"layers.{index}.{name}"], wanted)
    for name in ("output.weight", "output.bias", *(["embedding.weight"] if embedding else [])):
        torch.testing.assert_close(gradients[name], model.get_parameter(name).grad)


def test_gradients_by_finite_differences() -> None:
    def values(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, dtype=torch.float64, requires_grad=True)

    h, c = values(3, 2), values(3, 2)
    assert torch.autograd.gradcheck(gru_sequence, (values(9, 4, 2), values(9, 3), values(3), h))
    assert torch.autograd.gradcheck(lstm_sequence, (values(12, 4, 2), values(12, 3), h, c))
    assert torch.autograd.gradcheck(
        lstm_sequence, (values(12, 1, 1), values(12, 3), h[:, :1], c[:, :1])
    )


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_carried_state_equals_one_pass(cell: str) -> None:
    model = build(cell, 2)
    tokens = torch.randint(13, (3, 10))
    whole, end = model(tokens)
    first, state = model(tokens[:, :4])
    second, carried_end = model(tokens[:, 4:], state)
    torch.testing.assert_close(torch.cat((first, second), 1), whole)
    torch.testing.assert_close(carried_end, end)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("batch", [1, 3])
def test_inputs_are_left_alone(cell: str, batch: int) -> None:
    with torch.no_grad():
        model = build(cell, 1)
        state = torch.randn_like(model.initial_state(batch))
        kept = state.clone()
        tokens = torch.randint(13, (batch, 1))
        once, _ = model(tokens, state)
        again, _ = model(tokens, state)
        torch.testing.assert_close(state, kept, rtol=0, atol=0)
        torch.testing.assert_close(once, again, rtol=0, atol=0)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_bfloat16_products_stay_close(cell: str) -> None:
    model = build(cell, 2).float()
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
