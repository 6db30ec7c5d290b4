"""One entry to every method: a stream of events that ends with the texts."""

from collections.abc import Callable, Iterator

from charterm.decoding.beam import beam_search
from charterm.decoding.controls import SAMPLE, STOCHASTIC_BEAM, Controls
from charterm.decoding.generated import Character, Context, Ended, Event, Generated, Results
from charterm.decoding.sampling import sample
from charterm.decoding.stochastic_beam import stochastic_beam
from charterm.engine.backend import Backend
from charterm.text.alphabet import Alphabet


def generate(
    backend: Backend,
    alphabet: Alphabet,
    context: Context,
    controls: Controls,
    *,
    alternatives: int = 0,
    with_filtered: bool = False,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[Event]:
    """Generate as ``controls`` say, by any method.

    To be able to repeat it, take the seed of ``seeded(controls)`` and hand over the result.

    Args:
        backend: runs the model.
        alphabet: its tokens' meaning.
        context: what came before.
        controls: the method and everything else.
        alternatives: with sampling, how many of the model's most probable characters come with
            each character.
        with_filtered: with sampling, whether the ``filtered_logprob`` comes with each; a search
            always gives it.
        should_stop: asked before each step; the texts so far are then the results.

    Yields:
        Sampling: :class:`Character` and :class:`Ended` as they come; the others:
        :class:`Progress` at each step. Last of all :class:`Results`.
    """
    if controls.method == SAMPLE:
        texts: dict[int, list[Character]] = {number: [] for number in range(controls.n)}
        ends: dict[int, Ended] = {}
        for event in sample(
            backend,
            alphabet,
            context,
            controls,
            alternatives=alternatives,
            with_filtered=with_filtered,
            should_stop=should_stop,
        ):
            if isinstance(event, Character):
                texts[event.sequence].append(event)
            else:
                ends[event.sequence] = event
            yield event
        yield Results(tuple(_sampled(texts[number], ends[number]) for number in texts))
        return
    search = stochastic_beam if controls.method == STOCHASTIC_BEAM else beam_search
    yield from search(backend, alphabet, context, controls, should_stop=should_stop)


def _sampled(characters: list[Character], end: Ended) -> Generated:
    logprob = sum(character.logprob for character in characters) + end.logprob
    return Generated(
        text="".join(character.text for character in characters),
        characters=tuple(characters),
        logprob=logprob,
        score=logprob,
        reason=end.reason,
        context=end.context,
    )
