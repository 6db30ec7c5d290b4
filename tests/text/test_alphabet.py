import json
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charterm.errors import ChartermError, UsageError
from charterm.text.alphabet import Alphabet, StreamDecoder, allowed_mask

# every code point, with lone surrogates, and the kinds that break naive code more often
any_character = st.one_of(
    st.characters(exclude_categories=()),
    st.sampled_from(
        "ab \n\t안녕각ᄀ\u0301👩\u200d🏽🇰🇷\ufeff\ufffd\ud800\udfff\x7f\x80\u07ff\u0800\uffff"
    ),
    st.integers(0, 0x10FFFF).map(chr),
)
any_text = st.text(any_character, max_size=60)
SURROGATE = re.compile(
    b"\xed[\xa0-\xbf]"
)  # decoded for the sake of lossless text; Python refuses them
alphabets = st.text(any_character, max_size=40).map(Alphabet.from_text)


@given(any_text, alphabets)
@example("👩‍👩‍👧 안녕하세요 e\u0301 \ud83d\ude00 \udc00", Alphabet(("e", "안", "👩")))
def test_encode_then_decode_gives_the_same_text(text, alphabet):
    tokens = alphabet.encode(text)
    assert tokens.dtype == np.int32
    assert alphabet.decode(tokens) == text
    assert tokens.tolist() == [t for c in text for t in alphabet.encode_character(c)]
    assert int(alphabet.character_starts(tokens).sum()) == len(text)


@given(any_text, alphabets)
def test_a_stream_gives_one_whole_character_at_a_time(text, alphabet):
    decoder = StreamDecoder(alphabet)
    pieces = [decoder.feed(int(token)) for token in alphabet.encode(text)]
    assert [piece for piece in pieces if piece] == list(text)
    assert decoder.pending == b""
    assert decoder.finish() == ""


@given(st.lists(st.integers(0, 300), max_size=80), st.data())
def test_streaming_any_tokens_equals_decoding_them(numbers, data):
    alphabet = Alphabet(tuple(map(chr, range(0xAC00, 0xAC00 + 45))))
    decoder = StreamDecoder(alphabet)
    streamed = "".join(decoder.feed(token) for token in numbers)
    assert streamed + decoder.copy().finish() == alphabet.decode(numbers)


@given(st.binary(max_size=40).filter(lambda content: not SURROGATE.search(content)))
def test_broken_bytes_are_replaced_as_python_does(content):
    assert Alphabet(()).decode(content) == content.decode("utf-8", "replace")


@given(alphabets, st.data())
def test_following_the_mask_gives_valid_canonical_text(alphabet, data):
    decoder, tokens, text = StreamDecoder(alphabet), [], ""
    for _ in range(data.draw(st.integers(0, 12))):
        allowed = np.flatnonzero(allowed_mask(alphabet, decoder.pending))
        tokens.append(int(data.draw(st.sampled_from(allowed.tolist()))))
        text += decoder.feed(tokens[-1])
    while decoder.pending:
        tokens.append(int(np.flatnonzero(allowed_mask(alphabet, decoder.pending))[0]))
        text += decoder.feed(tokens[-1])
    text.encode("utf-8")  # strict: no surrogates
    assert alphabet.decode(tokens) == text
    assert alphabet.encode(text).tolist() == tokens


@given(any_text, alphabets)
def test_the_mask_allows_every_valid_text(text, alphabet):
    decoder = StreamDecoder(alphabet)
    for token in alphabet.encode(text.encode("utf-8", "ignore").decode()):
        assert allowed_mask(alphabet, decoder.pending)[token]
        decoder.feed(int(token))


def test_the_mask_of_no_alphabet_is_the_table_of_lead_and_continuation_bytes():
    nothing = Alphabet(())
    leads = [*range(0x80), *range(0xC2, 0xF5)]
    assert np.flatnonzero(allowed_mask(nothing, b"")).tolist() == leads
    assert np.flatnonzero(allowed_mask(nothing, b"\xed")).tolist() == [*range(0x80, 0xA0)]
    assert np.flatnonzero(allowed_mask(nothing, b"\xe0")).tolist() == [*range(0xA0, 0xC0)]
    assert np.flatnonzero(allowed_mask(nothing, b"\xf4")).tolist() == [*range(0x80, 0x90)]
    assert np.flatnonzero(allowed_mask(nothing, b"\xf0\x90")).tolist() == [*range(0x80, 0xC0)]


def test_bytes_that_only_lead_to_known_characters_are_forbidden_unless_already_there():
    latin = Alphabet(tuple(map(chr, range(0xC0, 0x100))))  # all that begins with C3
    assert not allowed_mask(latin, b"")[0xC3]
    assert allowed_mask(latin, b"")[0xC2]
    assert allowed_mask(latin, b"\xc3")[0x80]


def test_characters_below_the_minimum_count_are_left_out():
    assert Alphabet.from_text("bbaac", min_count=2).characters == ("a", "b")
    assert Alphabet.from_counts({"x": 3, "가": 2, "\ud800": 9}, 2).characters == ("x", "가")
    assert "가" in Alphabet(("가",))
    assert "나" not in Alphabet(("가",))


def test_extension_keeps_the_old_tokens():
    alphabet = Alphabet(("b", "c"))
    longer = alphabet.extended("abcz\ud800")
    assert longer.characters == ("b", "c", "a", "z")
    assert longer.encode("bc").tolist() == alphabet.encode("bc").tolist()
    assert longer.size == 260


@given(alphabets)
def test_json_round_trip(alphabet):
    assert Alphabet.from_json(json.loads(json.dumps(alphabet.to_json()))) == alphabet


def test_damaged_alphabets_are_refused():
    with pytest.raises(ChartermError):
        Alphabet.from_json({})
    with pytest.raises(UsageError):
        Alphabet(("ab",))
    with pytest.raises(UsageError):
        Alphabet(("a", "a"))
    with pytest.raises(ValueError, match="below 257"):
        Alphabet(("a",)).decode([257])
