"""What the personal memory adds to the time of a key."""

import time
from typing import Final

from charterm.adaptation.adapter import Adapter
from charterm.adaptation.memory import Memory
from charterm.adaptation.private import NeverLearn
from charterm.engine.benchmark import passage_for
from charterm.engine.completion import Completer
from charterm.engine.language_model import LanguageModel
from charterm.engine.prediction import predict
from charterm.engine.session import Session
from charterm.engine.timing import Ratio, Report, line

KEYS: Final = 400


def memory_report(model: LanguageModel, *, keys: int = KEYS) -> Report:
    """Type one text twice, with the memory and without, a key here and a key there in turn.

    The memory knows what was typed before: the first half of a passage, then each word that is
    finished. A key is everything to the next characters and 5 words.

    Args:
        model: predicts; its backend is NumPy.
        keys: typed with each.
    """
    passage = passage_for(model)
    begin = len(passage) // 2
    typed = (passage[begin:] * (keys // (len(passage) - begin) + 1))[:keys]
    alone, adapted = Session(model, passage[:begin]), Session(model, passage[:begin])
    adapted.adaptation = Adapter(Memory(model.alphabet), NeverLearn())
    taken: dict[str, list[float]] = {"without": [], "with": []}
    pairs = [(alone, Completer(model)), (adapted, Completer(model))]
    for session, completer in pairs:
        predict(session, completer)
    for character in typed:
        for (session, completer), seconds in zip(pairs, taken.values(), strict=True):
            start = time.perf_counter()
            session.insert(character)
            predict(session, completer)
            seconds.append(time.perf_counter() - start)
    lines = [
        line("memory", f"key to characters and 5 words, {name} the memory", seconds)
        for name, seconds in taken.items()
    ]
    cost = lines[1].median / lines[0].median
    return Report(
        machine={},
        lines=tuple(lines),
        ratios=(Ratio("a key with the memory / without, median", cost, "", 1.3),),
    )
