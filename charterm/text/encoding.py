"""Which encoding a file is in: what its first bytes say, what fits, and then what is likely."""

import codecs
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from charterm.errors import ChartermError

Chunks = Callable[[], Iterable[bytes]]
"""Gives the content from its beginning, piece by piece, each time it is called."""

_SAMPLE = 1 << 16  # bytes to judge by
_BYTE_ORDER_MARKS = (  # UTF-32's little-endian mark begins with UTF-16's, so it comes first
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))
# what people still have on disk; the many others only make short guesses worse
_LEGACY = (
    *("cp949", "cp932", "euc_jp", "gb18030", "big5", "koi8_r", "tis_620"),
    *(f"cp{number}" for number in range(1250, 1259)),
)
_VALID_PER_DAMAGE = 20  # a text stays in its encoding when at most one character in 20 is broken
_KOREAN_SHARE = 0.9


@dataclass(frozen=True)
class Encoding:
    """How the bytes of a file become text.

    Attributes:
        codec: Python's name of the codec.
        name: what to call it before people.
        guessed: nothing in the file says so; it fits best.
        damaged: some bytes are no characters in it; they are left out.
    """

    codec: str
    name: str
    guessed: bool = False
    damaged: bool = False

    @property
    def label(self) -> str:
        """The name, with a remark when bytes had to be left out."""
        return f"{self.name}, damaged" if self.damaged else self.name

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        """The text of ``chunks``, piece by piece; a character cut between two stays whole."""
        decoder = codecs.getincrementaldecoder(self.codec)("ignore" if self.damaged else "strict")
        for chunk in chunks:
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)


def detect(chunks: Chunks, name: str) -> Encoding:
    """Find the encoding of a content: byte-order mark, UTF-8, UTF-16, Korean, then a guess.

    Everything is read once to be sure of UTF-8; only content in older encodings is read again.

    Args:
        chunks: gives the content from its beginning at each call.
        name: what to call the content in an error.

    Raises:
        ChartermError: the content is empty, binary, or in no encoding that could be found.
    """
    head = _sample(chunks(), _SAMPLE)
    if not head:
        raise ChartermError("{name} is empty: choose a file with text in it", name=name)
    for mark, codec, label in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return _with_mark(chunks, Encoding(codec, label), name)
    if b"\0" in head:
        return _utf_16_without_mark(chunks, head, name)
    if looks_binary(head):
        raise _binary(name)
    broken = _first_break(chunks)
    if broken is None:
        return Encoding("utf-8", "utf-8")
    if encoding := _fitting(chunks, "utf-8"):
        return encoding
    return _guess(chunks, broken, name)


def looks_binary(head: bytes) -> bool:
    """Whether the beginning of a file is no text: NUL bytes or many control characters."""
    if any(head.startswith(mark) for mark, _, _ in _BYTE_ORDER_MARKS):
        return False
    if b"\0" in head:
        return _evident_utf_16(head) is None
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > max(2, len(head) // 50)


def _sample(chunks: Iterable[bytes], size: int) -> bytes:
    sample = b""
    for chunk in chunks:
        sample += chunk[: size - len(sample)]
        if len(sample) >= size:
            break
    return sample


def _binary(name: str) -> ChartermError:
    return ChartermError("{name} is not text, it looks binary: choose a text file", name=name)


def _with_mark(chunks: Chunks, encoding: Encoding, name: str) -> Encoding:
    try:
        for text in encoding.decode(chunks()):
            if text.count("\0") > max(2, len(text) // 50):
                raise _binary(name)
    except UnicodeDecodeError as error:
        raise ChartermError(
            "{name} begins as {encoding} but is damaged: save it anew as UTF-8",
            name=name,
            encoding=encoding.name,
        ) from error
    return encoding


def _evident_utf_16(head: bytes) -> str | None:
    """The codec of UTF-16 without a mark: zeros at one parity only, and printable when decoded."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if min(even, odd) * 20 > max(even, odd):
        return None
    codec = "utf-16-le" if odd > even else "utf-16-be"
    text = head[: len(head) // 2 * 2].decode(codec, "replace").rstrip("\ufffd")
    printable = sum(c.isprintable() or c in "\t\n\r\f\ufeff" for c in text)
    letters = sum(c.isalnum() for c in text)
    return codec if printable >= 0.98 * len(text) and letters * 4 >= len(text) else None


def _utf_16_without_mark(chunks: Chunks, head: bytes, name: str) -> Encoding:
    codec = _evident_utf_16(head)
    encoding = _fitting(chunks, codec) if codec else None
    if encoding is None:
        raise _binary(name)
    return Encoding(encoding.codec, encoding.name, guessed=True, damaged=encoding.damaged)


def _first_break(chunks: Chunks) -> bytes | None:
    """A sample from where the content first is not UTF-8, or None where it is all UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    before = b""
    chunk = b""
    try:
        for chunk in chunks():
            decoder.decode(chunk)
            before = chunk
        chunk = b""
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        half = _SAMPLE // 2
        around = before[-half:] + chunk
        break_at = len(around) - len(chunk) + (error.start if chunk else 0)
        return _whole_lines(around[max(0, break_at - half) : break_at + half])
    return None


def _whole_lines(sample: bytes) -> bytes:
    """``sample`` without the lines it cuts, so that no character of several bytes is cut."""
    first, last = sample.find(b"\n") + 1, sample.rfind(b"\n") + 1
    return sample[first:last] if len(sample) >= _SAMPLE and first < last else sample


def _fitting(chunks: Chunks, codec: str) -> Encoding | None:
    """The encoding of that codec, damaged where a few bytes do not fit, or None."""
    strict = Encoding(codec, codec.replace("_", "-"))
    try:
        for _ in strict.decode(chunks()):
            pass
    except UnicodeDecodeError:
        return _damaged(chunks, strict)
    return strict


def _damaged(chunks: Chunks, strict: Encoding) -> Encoding | None:
    decoder = codecs.getincrementaldecoder(strict.codec)("replace")
    broken = beyond_ascii = 0
    text = last = ""
    for chunk in (*chunks(), None):
        text = decoder.decode(chunk or b"", final=chunk is None)
        here = text.count("\ufffd")
        broken += here
        beyond_ascii += len(text) - len(text.encode("ascii", "ignore")) - here
        last = text[-1:] or last
    only_cut = broken == 1 and last == "\ufffd" and beyond_ascii > 0
    if only_cut or beyond_ascii >= _VALID_PER_DAMAGE * broken:
        return Encoding(strict.codec, strict.name, guessed=True, damaged=True)
    return None


def _guess(chunks: Chunks, sample: bytes, name: str) -> Encoding:
    if _reads_as_korean(sample):
        encoding = _fitting(chunks, "cp949")
        if encoding:
            return Encoding("cp949", "cp949", guessed=True, damaged=encoding.damaged)
    for codec in _likely(sample):
        encoding = _fitting(chunks, codec)
        if encoding:
            return Encoding(codec, encoding.name, guessed=True, damaged=encoding.damaged)
    raise ChartermError(
        "{name}: its encoding could not be found out; save it as UTF-8 and try again", name=name
    )


def _reads_as_korean(sample: bytes) -> bool:
    """Whether CP949 makes of ``sample`` what Koreans write.

    That is Hangul of KS X 1001 (2,350 syllables and the modern jamo), hardly any Hanja or rare
    syllables. Statistics as charset-normalizer's need more text than a line or two; this does not.
    """
    text = sample.decode("cp949", "replace")
    letters = [c for c in text if c > "\x7f" and unicodedata.category(c)[0] in "LC"]
    korean = sum(_is_everyday_hangul(c) for c in letters)
    broken = text.count("\ufffd")
    return korean > 0 and korean >= _KOREAN_SHARE * (len(letters) + broken)


def _is_everyday_hangul(character: str) -> bool:
    if "ㄱ" <= character <= "ㅣ":
        return True
    if not "가" <= character <= "힣":
        return False
    try:
        return len(character.encode("euc_kr")) == 2  # the syllables left out take eight bytes
    except UnicodeEncodeError:
        return False


def _likely(sample: bytes) -> list[str]:
    """Codecs that charset-normalizer thinks likely, best first."""
    from charset_normalizer import from_bytes

    matches = list(from_bytes(sample, cp_isolation=list(_LEGACY)))
    likely = [match.encoding for match in matches]
    if matches:
        # A short text fits several Latin code pages equally well; the most common one is meant.
        best, western = matches[0], sample.decode("cp1252", "replace")
        ties = {
            m.encoding for m in matches if (m.chaos, m.coherence) == (best.chaos, best.coherence)
        }
        if "cp1252" in ties or western == str(best):
            likely.insert(0, "cp1252")
    return likely
