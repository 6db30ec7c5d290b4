"""What looks like a secret is not learnt."""

import pytest

from charterm.adaptation.private import NeverLearn, subtract
from charterm.errors import UsageError


def kept(line: str, never: NeverLearn | None = None) -> str:
    rules = never or NeverLearn()
    return "|".join(line[start:end] for start, end in rules.learnable(line))


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("call 010-1234-5678 today", "call | today"),
        ("card 1234 5678 9012 3456.", "card "),
        ("my code is 482913 ok", "my code is | ok"),
        ("log in with p4ssW0rd now", "log in with | now"),
        ("Summer2024! it was", " it was"),
        ("the password is swordfish, said he", "the | said he"),
        ("PIN: 4821\n", "\n"),
        ("비밀번호는 나비야 입니다", " 입니다"),
        ("write to ann@example.org soon", "write to | soon"),
        ("key ghp_" + "ab/CD" * 9 + " end", "key | end"),
    ],
)
def test_secrets_are_cut_out(line: str, left: str) -> None:
    assert kept(line) == left


@pytest.mark.parametrize(
    "line",
    [
        "In 1984 he was 36 years and 5 months old.",
        "def __init__(self, np.float32(x), utf8): return x1[0:10]",
        "안녕하세요 오늘은 12월 25일입니다",
        "Don't worry, it's only Python3.",
        "a secret garden; the tokens of the model",
    ],
)
def test_plain_text_and_code_are_kept(line: str) -> None:
    assert kept(line) == line


def test_forbidden_words_and_own_patterns() -> None:
    never = NeverLearn(["Zorblax"], [r"^EMP-\d+$", r"proj_x"])
    assert kept("ZORBLAX's Zorblaxes, zorblax", never) == "'s Zorblaxes, "
    assert kept("see proj_x/a.txt here", never) == "see | here"
    with pytest.raises(UsageError, match="regular expression"):
        NeverLearn(patterns=["("])


def test_subtract() -> None:
    assert subtract([(0, 10)], [(2, 4), (3, 6), (8, 10), (5, 5)]) == [(0, 2), (6, 8)]
