"""Texts with their classes, read from a table: ``label<TAB>text``, one a line."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from charterm.errors import ChartermError, UsageError
from charterm.text.reading import read_text_file

_LABEL_HEADERS = frozenset({"label", "labels", "class", "category", "target", "y", "라벨", "분류"})
_TEXT_HEADERS = frozenset(
    {"text", "texts", "sentence", "document", "review", "content", "x", "본문", "문장", "리뷰"}
)
_LONGEST_LABEL = 64


@dataclass(frozen=True)
class LabelledTexts:
    """Texts and the class of each.

    Attributes:
        texts: N texts, cleaned as the models read them.
        labels: (N,) index of each text's class.
        classes: names of the classes, K of them.
    """

    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, places: Sequence[int] | NDArray[np.integer]) -> "LabelledTexts":
        """Some of the texts, with the same classes."""
        return LabelledTexts(
            tuple(self.texts[place] for place in places),
            self.labels[np.asarray(places, np.intp)],
            self.classes,
        )

    def with_classes(self, classes: Sequence[str], name: str = "the table") -> "LabelledTexts":
        """The same texts, with labels that count in another list of classes.

        Raises:
            UsageError: one of the classes in use is not in that list.
        """
        unknown = sorted(set(self.classes) - set(classes))
        if unknown:
            raise UsageError(
                "{name} has the class {unknown!r}, which the classifier does not "
                "know; it knows {known}",
                name=name,
                unknown=unknown[0],
                known=", ".join(classes),
            )
        index = np.array([list(classes).index(each) for each in self.classes], np.int64)
        return LabelledTexts(self.texts, index[self.labels], tuple(classes))

    def split(self, share: float, seed: int = 0) -> tuple["LabelledTexts", "LabelledTexts"]:
        """Two parts by chance, with the same share of every class.

        Args:
            share: of the texts that go into the second part, at least one of each class that has
                two or more.
            seed: the same seed gives the same parts.
        """
        rng = np.random.default_rng(seed)
        second = np.zeros(len(self), np.bool_)
        for label in range(len(self.classes)):
            places = rng.permutation(np.flatnonzero(self.labels == label))
            count = min(max(1, round(share * len(places))), len(places) - 1)
            second[places[: max(0, count)]] = True
        return self.take(np.flatnonzero(~second)), self.take(np.flatnonzero(second))

    @property
    def counts(self) -> NDArray[np.int64]:
        """(K,) texts of each class."""
        return np.bincount(self.labels, minlength=len(self.classes))


def _natural(label: str) -> tuple[int, float, str]:
    """Sorts numbers by size and before words."""
    try:
        return (0, float(label), label)
    except ValueError:
        return (1, 0.0, label)


def _is_header(label: str, text: str) -> bool:
    return label.strip().lower() in _LABEL_HEADERS and text.strip().lower() in _TEXT_HEADERS


def label_texts(pairs: Sequence[tuple[str, str]]) -> LabelledTexts:
    """Texts with named classes; numbers are ordered by size, then words by the alphabet.

    Args:
        pairs: (class, text), at least one.
    """
    classes = tuple(sorted({label for label, _ in pairs}, key=_natural))
    index = {name: number for number, name in enumerate(classes)}
    return LabelledTexts(
        tuple(text for _, text in pairs),
        np.array([index[label] for label, _ in pairs], np.int64),
        classes,
    )


def read_labelled(path: Path, *, per_class: int = 0) -> LabelledTexts:
    """Read a table of labelled texts.

    One text a line, the class first, then a tab, then the text (which may have tabs in it). A
    first line that names these columns, such as ``label<TAB>text``, is skipped, and so are empty
    lines and texts of nothing but spaces.

    Args:
        path: the table, in any encoding that texts may have.
        per_class: the least number of texts that each class needs; with it, at least two classes
            are needed.

    Raises:
        ChartermError: the file cannot be read, or a line is not of that form; the message names
            the line.
        UsageError: there are too few texts or classes.
    """
    pairs: list[tuple[str, str]] = []
    for number, line in enumerate(read_text_file(path).text.split("\n"), 1):
        if not line.strip():
            continue
        label, tab, text = line.partition("\t")
        if not tab:
            raise ChartermError(
                "{path}, line {number}: there is no tab; each line must be a class, "
                "a tab and a text",
                path=path,
                number=number,
            )
        if not pairs and _is_header(label, text):
            continue
        label = label.strip()
        if not label:
            raise ChartermError(
                "{path}, line {number}: the class before the tab is empty", path=path, number=number
            )
        if len(label) > _LONGEST_LABEL:
            raise ChartermError(
                "{path}, line {number}: the class before the tab has {length} "
                "characters, at most {longest} are allowed; does the text "
                "come first?",
                path=path,
                number=number,
                length=len(label),
                longest=_LONGEST_LABEL,
            )
        if text.strip():
            pairs.append((label, text.strip()))
    if not pairs:
        raise UsageError(
            "{path} has no labelled texts: each line must be a class, a tab, a text", path=path
        )
    _require(path, pairs, per_class)
    return label_texts(pairs)


def part_texts(
    content: str, classes: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
    """The texts of a file that has one on each line.

    Where every line begins with one of the classes and a tab, as in a table to train on, the
    classes are known and no part of the texts.

    Args:
        content: of the file.
        classes: those of the classifier.

    Returns:
        The texts, empty lines left out, and the place of each one's class among ``classes``; None
        where the file does not say the classes.
    """
    lines = [line for line in content.split("\n") if line.strip()]
    index = {name: number for number, name in enumerate(classes)}
    parted = [line.partition("\t") for line in lines]
    if parted and _is_header(parted[0][0], parted[0][2]):
        del parted[0], lines[0]
    if lines and all(label.strip() in index and text.strip() for label, _, text in parted):
        labels = np.array([index[label.strip()] for label, _, _ in parted], np.int64)
        return tuple(text.strip() for _, _, text in parted), labels
    return tuple(line.strip() for line in lines), None


def read_texts(
    path: Path, classes: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
    """Read a file with a text on each line, to be judged; see :func:`part_texts`.

    Args:
        path: the file, in any encoding that texts may have.
        classes: those of the classifier.

    Raises:
        ChartermError: the file cannot be read.
        UsageError: it has no text.
    """
    texts, labels = part_texts(read_text_file(path).text, classes)
    if not texts:
        raise UsageError("{path} has no text to judge: each line must be one", path=path)
    return texts, labels


def _require(path: Path, pairs: Sequence[tuple[str, str]], per_class: int) -> None:
    if not per_class:
        return
    counts = Counter(label for label, _ in pairs)
    if len(counts) < 2:
        raise UsageError(
            "{path} has one class only, {label!r}: two or more are needed",
            path=path,
            label=pairs[0][0],
        )
    rarest, count = min(counts.items(), key=lambda item: item[1])
    if count < per_class:
        raise UsageError(
            "{path}: the class {label!r} has too few texts, {count} of {needed}; add some or take "
            "the class out",
            path=path,
            label=rarest,
            count=count,
            needed=per_class,
        )
