import pytest

from charterm.errors import ChartermError
from charterm.text.encoding import detect, looks_binary

KOREAN = "이 영화 정말 재미있어요. 다시 보고 싶네요\n"


def decode_bytes(content: bytes, name: str) -> tuple[str, str, bool]:
    """The text, the encoding's label, and whether that was guessed."""
    encoding = detect(lambda: (content,), name)
    return "".join(encoding.decode((content,))), encoding.label, encoding.guessed


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-32", "utf-32-le"),
    ],
)
def test_what_a_mark_or_utf_8_says_is_no_guess(codec, name):
    assert decode_bytes(KOREAN.encode(codec), "x") == (KOREAN, name, False)


def test_big_endian_with_a_mark():
    content = b"\xfe\xff" + KOREAN.encode("utf-16-be")
    assert decode_bytes(content, "x") == (KOREAN, "utf-16-be", False)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["hello there", KOREAN, "a\nb", "Grüße, 안녕 👩\n"])
def test_evident_utf_16_without_a_mark(codec, text):
    assert decode_bytes(text.encode(codec), "x") == (text, codec, True)


@pytest.mark.parametrize(
    "text",
    [
        "안녕하세요",
        KOREAN,
        "ㅋㅋㅋ 진짜?",
        " 가",
        "네",
        "뷁 쀍 이건 뭐야",
        "ok 그래 ㅠㅠ",
        "3月에 만나요 우리 모두",
    ],
)
def test_short_korean_is_recognised(text):
    # where no rare syllable is in it, these are the bytes of EUC-KR as well
    assert decode_bytes(text.encode("cp949"), "x") == (text, "cp949", True)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1252", "café"),
        ("cp1252", "Die Äpfel für München sind schön."),
        ("cp1252", "Où êtes-vous allé hier soir? À bientôt, mon cher ami."),
        ("cp1252", "“Quoted” — text’s"),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy"),
        ("cp1254", "Günaydın, nasılsınız? Şimdi çok iyiyim, teşekkür ederim."),
        ("cp1251", "Привет, как дела? Всё хорошо."),
        ("cp1253", "Καλημέρα σας, τι κάνετε;"),
        ("cp932", "今日はとても良い天気ですね。"),
        ("gb18030", "今天天气很好,我们去公园吧。"),
        ("big5", "今天天氣很好"),
    ],
)
def test_other_encodings_are_guessed_and_said_to_be(codec, text):
    assert decode_bytes(text.encode(codec), "x") == (text, codec, True)


def test_a_few_broken_bytes_are_left_out_of_utf_8():
    content = (KOREAN * 20).encode() + b"\xff" + KOREAN.encode()
    assert decode_bytes(content, "x") == (KOREAN * 21, "utf-8, damaged", True)
    assert decode_bytes("한글".encode()[:-1], "x") == ("한", "utf-8, damaged", True)


def test_a_few_broken_bytes_are_left_out_of_korean():
    content = (KOREAN * 20).encode("cp949") + "끝".encode("cp949")[:1]
    assert decode_bytes(content, "x") == (KOREAN * 20, "cp949, damaged", True)


def test_an_old_encoding_that_shows_late_is_found():
    content = b"plain line\n" * 20_000 + KOREAN.encode("cp949") * 3 + b"plain line\n" * 20_000
    text, encoding, guessed = decode_bytes(content, "x")
    assert (encoding, guessed) == ("cp949", True)
    assert text.count(KOREAN) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0",
        bytes(range(256)) * 4,
        b"\x7fELF\x02\x01\x01" + b"\0" * 9,
        b"\x01\x02\x03\x04\x05 few",
        b"text, then\0\0\0a hole",
        b"\xff\xfe" + b"\1\0\0\0" * 50,
    ],
)
def test_binary_content_is_refused(content):
    with pytest.raises(ChartermError, match=r"^pic\.dat .*binary.*choose a text file$"):
        decode_bytes(content, "pic.dat")


def test_empty_and_undecodable_content_is_refused():
    with pytest.raises(ChartermError, match=r"^x is empty: choose"):
        decode_bytes(b"", "x")
    with pytest.raises(ChartermError, match=r"^x begins as utf-16-le but is damaged"):
        decode_bytes(b"\xff\xfea\0b", "x")


def test_text_with_a_stray_control_character_is_not_binary():
    assert not looks_binary(b"some text with a bell \x07 and an escape \x1b[1m in it")
    assert not looks_binary("안녕\n".encode("utf-16-le"))
    assert looks_binary(b"\0\1\2\3" * 20)
