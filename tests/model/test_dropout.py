import pytest
import torch

from charterm.model.dropout import dropout


@pytest.mark.parametrize("share", [0.1, 0.25, 0.6])
def test_share_and_expected_value(share: float) -> None:
    torch.manual_seed(1)
    out = dropout(torch.ones(400, 501), share, training=True)  # not a multiple of eight
    kept = out != 0
    assert abs(1.0 - kept.double().mean().item() - share) < 0.004
    assert abs(out.double().mean().item() - 1.0) < 0.01
    assert out[kept].unique().numel() == 1


def test_elements_are_dropped_independently() -> None:
    torch.manual_seed(2)
    kept = (dropout(torch.ones(200_000, 8), 0.5, training=True) != 0).double()
    correlations = torch.corrcoef(kept.t()) - torch.eye(8)
    assert correlations.abs().max() < 0.01
    assert (kept.mean(0) - 0.5).abs().max() < 0.01


def test_gradient_goes_through_what_was_kept() -> None:
    x = torch.randn(30, 7, dtype=torch.double, requires_grad=True)
    out = dropout(x, 0.4, training=True)
    out.sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad * x, out)
    assert (x.grad == 0).any()


def test_generator_decides() -> None:
    x = torch.ones(9, 9)
    torch.manual_seed(3)
    first, second = (dropout(x, 0.5, training=True) for _ in range(2))
    torch.manual_seed(3)
    assert torch.equal(dropout(x, 0.5, training=True), first)
    assert not torch.equal(first, second)


def test_nothing_happens_without_training_or_share() -> None:
    x = torch.ones(3)
    assert dropout(x, 0.5, training=False) is x
    assert dropout(x, 0.0, training=True) is x


def test_type_is_kept_and_the_highest_share_leaves_something() -> None:
    out = dropout(torch.ones(4096, dtype=torch.bfloat16), 0.9999, training=True)
    assert out.dtype == torch.bfloat16
    assert 0 < (out != 0).sum() < 200
