"""Sentences as people type them in a hurry: without capitals and punctuation.

A model trained on edited prose alone loses much of its worth on such text; copies of a share of
its sentences in this form, added to the training text, make it robust.
"""

import re

import numpy as np

# A sentence ends after its stop and closing quotes when the next begins with a capital, a digit or
# Hangul. Titles and initials are no ends: "Mr. Bennet", "J. Smith".
_END = re.compile(
    r"(?<=[.!?…])(?<!\bMr\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\b[A-Z]\.)"
    r"[\"'”’)\]]*[ ]+(?=[\"'“‘(\[]*[A-Z0-9가-힣])"
)
_PUNCTUATION = re.compile(
    r"(?<!\d)[.,:]|[.,:](?!\d)"  # 3.14 and 10:30 keep theirs
    r"|(?<!\w)['’\-]+|['’\-]+(?!\w)"  # don't and well-known keep theirs
    r"|[^\w\s'’\-.,:]|_"
)
_SPACES = re.compile(r"[^\S\n]+")


def hurried(sentences: str, *, keep_names: bool = False) -> str:
    """``sentences``, one a line, without punctuation and capitals.

    Args:
        sentences: lines of text.
        keep_names: lower only the first letter of each line and keep the other capitals.
    """
    plain = _SPACES.sub(" ", _PUNCTUATION.sub(" ", sentences))
    lines = [line.strip() for line in plain.split("\n")]
    if keep_names:
        lines = [line if _is_first_person(line) else line[:1].lower() + line[1:] for line in lines]
        return "\n".join(lines)
    return "\n".join(lines).lower()


def _is_first_person(line: str) -> bool:
    return line[:1] == "I" and not line[1:2].isalnum()


def hurried_copies(text: str, share: float, generator: np.random.Generator) -> str:
    """Copies of a share of the lines of ``text`` as typed in a hurry, a sentence a line.

    Half of the lines lose all capitals, half only that of each sentence's first word. Sentences
    that would stay as they are give no copy.

    Args:
        text: any text; a paragraph may fill one line.
        share: part of the lines to copy, 0 to 1.
        generator: decides which; it moves on by two numbers for each line, so that one generator
            can go through a text in pieces.
    """
    paragraphs = text.splitlines()
    chosen = generator.random((len(paragraphs), 2))
    copies = []
    for place in np.flatnonzero(chosen[:, 0] < share).tolist():
        sentences = [sentence for sentence in _END.split(paragraphs[place]) if sentence]
        lines = hurried("\n".join(sentences), keep_names=bool(chosen[place, 1] < 0.5)).split("\n")
        copies += [
            line
            for line, sentence in zip(lines, sentences, strict=False)  # no sentence: one empty line
            if line not in ("", sentence)
        ]
    return "".join(f"{line}\n" for line in copies)
