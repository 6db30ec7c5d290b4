"""A model that reads and continues a story: contexts, log-probabilities, branches."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.decoding.controls import Controls
from charterm.decoding.generated import Character, Ended, Results
from charterm.engine.backend import State, Tokens
from charterm.engine.language_model import LanguageModel
from charterm.engine.session import BLOCK, BLOCKS, Session
from charterm.model.folder import ModelInfo
from charterm.story.narrator import KEPT, Narrator
from charterm.story.store import StoryStore
from charterm.story.story import Story
from charterm.story.tree import MODEL, WRITER
from tests.decoding.models import gru

PLAIN = Controls(seed=1, length=30, top_k=0)


def language_model(seed: int = 0) -> LanguageModel:
    backend, alphabet = gru(seed=seed)
    info = ModelInfo(config=backend.config, alphabet=alphabet, created=str(seed))
    return LanguageModel("tiny", info, backend)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story.create(StoryStore(tmp_path / "s.sqlite3"))


def narrator_of(story: Story) -> Narrator:
    return Narrator(language_model(), story)


def opened_again(story: Story) -> Narrator:
    return narrator_of(Story(StoryStore(story.store.path), story.id))


def state_by_the_rule(narrator: Narrator, text: str) -> State:
    return Session(narrator.model, text).state()


def reading(narrator: Narrator, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list to which the number of tokens is added whenever the model reads some."""
    read: list[int] = []
    backend = type(narrator.model.backend)
    advance = backend.advance

    def counted(self: object, state: State, tokens: Tokens) -> State:
        read.append(len(tokens))
        return advance(self, state, tokens)  # type: ignore[arg-type]

    monkeypatch.setattr(backend, "advance", counted)
    return read


def test_the_context_of_a_turn_is_that_of_a_session_with_the_story_before_it(
    story: Story,
) -> None:
    narrator = narrator_of(story)
    text = ""
    assert np.allclose(narrator.context(None).state, state_by_the_rule(narrator, ""))
    for number in range(8):
        turn = story.add(story.tree.head, WRITER, f"{number} abc, " * 15)
        text += turn.text
        context = narrator.context(turn.id)
        assert np.allclose(context.state, state_by_the_rule(narrator, text), atol=1e-5)
        assert narrator.model.alphabet.decode(context.tokens) == text[-2048:]
    assert len(text) > (BLOCKS + 1) * BLOCK


@settings(max_examples=15, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 300), min_size=1, max_size=4),
    offsets=st.lists(st.floats(0, 1), max_size=6),
)
def test_any_place_is_the_same_warm_and_cold(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], offsets: list[float]
) -> None:
    story = Story.create(StoryStore(tmp_path_factory.mktemp("s") / "s.sqlite3"))
    warm = narrator_of(story)
    for length in lengths:
        turn = story.add(story.tree.head, WRITER, ("a b,cé" * 60)[:length])
    for share in offsets:
        offset = int(share * len(turn.text))
        tokens = warm.model.alphabet.encode(turn.text[:offset])
        cold = narrator_of(story).context(turn.parent).after(warm.model.backend, tokens)
        assert np.allclose(warm.context_within(turn.id, offset).state, cold.state, atol=1e-5)
    with pytest.raises(IndexError):
        warm.context_within(turn.id, len(turn.text) + 1)
    story.store.close()


def test_places_are_kept_and_the_kept_are_bounded(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrator = narrator_of(story)
    turn = story.say("abc " * 100)
    narrator.context_within(turn.id, 390)
    narrator.context(turn.id)
    read = reading(narrator, monkeypatch)
    narrator.context(turn.id)
    narrator.context_within(turn.id, 390)
    assert read == []
    narrator.context_within(turn.id, 391)
    narrator.context_within(turn.id, 100)
    assert read == [1, 36]  # from the place before, from the multiple of 64 before
    for offset in range(400):
        narrator.context_within(turn.id, offset)
    assert len(narrator._kept) == KEPT


def test_the_model_writes_a_turn_that_is_saved_and_becomes_the_head(story: Story) -> None:
    narrator = narrator_of(story)
    first = story.say("abc ab, ")
    told = list(narrator.go_on(PLAIN, after=first.id))
    head = story.head
    assert head is not None
    assert (head.author, head.parent, len(head.text)) == (MODEL, first.id, 30)
    characters = [t.event for t in told if isinstance(t.event, Character)]
    assert "".join(c.text for c in characters) == head.text
    assert told[0].turn is not None
    assert told[0].turn.id == head.id
    assert told[0].turn.text == characters[0].text  # as it was then
    assert isinstance(told[-1].event, Results)
    same = opened_again(story)
    assert same.story.text == story.text
    logprobs = same.story.logprobs(head.id, same.name)
    assert logprobs is not None
    assert logprobs.tolist() == pytest.approx([c.logprob for c in characters], abs=1e-5)


@pytest.mark.parametrize("method", ["sample", "beam"])
def test_after_a_sentence_of_the_writers_every_version_goes_on_behind_a_space(
    story: Story, method: str
) -> None:
    narrator = narrator_of(story)
    said = story.say("abc ab.")
    controls = PLAIN.changed({"method": method, "n": 3, "num_beams": 4, "length": 12})
    *_, last = narrator.go_on(controls, after=said.id)
    assert isinstance(last.event, Results)
    versions = story.tree.children(said.id)
    assert {turn.text for turn in versions} == {f" {text.text}" for text in last.event.texts}
    for turn in versions:
        known = narrator.logprobs(turn.id)
        worked_out = narrator_of(story)._score(narrator.context(said.id), turn.text)
        assert known.tolist() == pytest.approx(worked_out.tolist(), abs=1e-4)


@pytest.mark.parametrize("text", ["abc", "abc.\n", "abc. ", "a, Dr.", ""])
def test_elsewhere_the_model_begins_as_it_will(story: Story, text: str) -> None:
    narrator = narrator_of(story)
    after = story.add(None, WRITER, text).id if text else None
    *_, last = narrator.go_on(PLAIN, after=after)
    assert isinstance(last.event, Results)
    assert story.head is not None
    assert story.head.text == last.event.texts[0].text
    own = story.add(story.tree.head, MODEL, "ab.")  # after its own sentence, too
    *_, last = narrator.go_on(PLAIN, after=own.id)
    assert isinstance(last.event, Results)
    assert story.head.text == last.event.texts[0].text


def test_going_on_is_the_same_from_memory_and_after_opening_again(story: Story) -> None:
    narrator = narrator_of(story)
    story.say("abc " * 100)
    for seed in range(4):  # across the ends of blocks
        list(narrator.go_on(PLAIN.changed({"seed": seed, "length": 200}), after=story.tree.head))
    list(narrator.go_on(PLAIN, after=story.tree.head))
    warm = story.text
    story.undo()
    same = opened_again(story)
    list(same.go_on(PLAIN, after=same.story.tree.head))
    assert same.story.text == warm


def test_going_on_right_after_a_turn_reads_nothing_again(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrator = narrator_of(story)
    story.say("abc ")
    list(narrator.go_on(PLAIN, after=1))
    read = reading(narrator, monkeypatch)
    list(narrator.go_on(PLAIN, after=story.tree.head))
    assert len(story.text) == 64
    assert read == [1]  # the new turn's last character


def test_alternatives_are_branches_beside_each_other(story: Story) -> None:
    narrator = narrator_of(story)
    story.say("abc ")
    told = list(narrator.go_on(PLAIN.changed({"n": 3}), after=1))
    beside = story.tree.children(1)
    assert len({turn.text for turn in beside}) == 3
    results = told[-1].event
    assert isinstance(results, Results)
    assert {t.text for t in results.texts} == {turn.text for turn in beside}
    assert story.head == beside[0]
    story.go(beside[2].id)
    assert story.undo()
    assert story.head == beside[0]
    assert len(opened_again(story).story.tree) == 4


@pytest.mark.parametrize("method", ["beam", "diverse-beam", "stochastic-beam"])
def test_the_texts_of_a_search_are_turns_at_its_end(story: Story, method: str) -> None:
    narrator = narrator_of(story)
    controls = PLAIN.changed(
        {"method": method, "n": 3, "num_beams": 4, "num_beam_groups": 2, "length": 8}
    )
    *progress, last = narrator.go_on(controls, after=None)
    assert all(told.turn is None for told in progress)
    assert isinstance(last.event, Results)
    beside = story.tree.children(None)
    assert [turn.text for turn in beside] == [text.text for text in last.event.texts]
    assert story.head == beside[0]
    for turn, text in zip(beside, last.event.texts, strict=True):
        known = story.logprobs(turn.id, narrator.name)
        assert known is not None
        assert known.sum() == pytest.approx(text.logprob, abs=1e-3)


def test_stopped_or_closed_keeps_what_there_is(story: Story) -> None:
    narrator = narrator_of(story)
    asked = itertools.count()
    told = list(narrator.go_on(PLAIN, after=None, should_stop=lambda: next(asked) >= 12))
    ends = [t.event for t in told if isinstance(t.event, Ended)]
    assert [end.reason for end in ends] == ["cancelled"]
    assert 0 < len(story.text) <= 12
    running = narrator.go_on(PLAIN, after=story.tree.head)
    for _ in range(5):
        next(running)
    running.close()  # type: ignore[attr-defined]
    assert opened_again(story).story.text == story.text
    assert len(story.tree) == 2


def test_nothing_written_makes_no_turn(story: Story) -> None:
    narrator = narrator_of(story)
    list(narrator.go_on(PLAIN, after=None, should_stop=lambda: True))
    assert len(story.tree) == 0


def test_log_probabilities_of_typed_text_are_worked_out_and_saved(story: Story) -> None:
    narrator = narrator_of(story)
    story.say("abc, ")
    typed = story.say("d€f" + "a bc" * 90 + "é")
    got = narrator.logprobs(typed.id)
    assert len(got) == len(typed.text)
    context = narrator.context(typed.parent)
    for place, character in enumerate(typed.text[:6]):
        rows = []
        for token in narrator.model.alphabet.encode_character(character):
            pending = bytes(t for t, _ in rows)
            probability = narrator.model.probabilities(context.state, pending)[0, token]
            rows.append((token, math.log(probability)))
            context = context.after(narrator.model.backend, np.array([token], np.int32))
        assert got[place] == pytest.approx(sum(p for _, p in rows), abs=1e-3)
    known = opened_again(story).story.logprobs(typed.id, narrator.name)
    assert known is not None
    assert np.array_equal(known, got)
    other = Narrator(language_model(seed=1), story)
    assert other.name != narrator.name
    assert not np.allclose(other.logprobs(typed.id), got)


def test_log_probabilities_of_generated_text_are_those_worked_out(story: Story) -> None:
    narrator = narrator_of(story)
    story.say("abc, ")
    list(narrator.go_on(PLAIN.changed({"length": 400}), after=1))
    assert story.head is not None
    written = narrator.logprobs(story.head.id)
    story.keep_logprobs(story.head.id, "", np.zeros(0, np.float32))  # forget them
    assert np.allclose(opened_again(story).logprobs(story.head.id), written, atol=1e-3)


def test_another_character_is_chosen_and_the_story_goes_on_from_it(story: Story) -> None:
    narrator = narrator_of(story)
    story.say("abc, ")
    list(narrator.go_on(PLAIN, after=1))
    old = story.head
    assert old is not None
    offered, rest = narrator.alternatives(old.id, 10, 3)
    assert len(offered) == 3
    assert sum(p for _, p in offered) + rest == pytest.approx(1.0, abs=1e-3)
    character, probability = next(o for o in offered if o[0] != old.text[10])
    branch = story.branch_at(
        old.id, 10, character, model=narrator.name, logprob=math.log(probability)
    )
    told = list(narrator.go_on(PLAIN.changed({"n": 5}), into=branch.id))
    new = story.head
    assert new is not None
    assert new.id == branch.id
    assert new.text[:11] == old.text[:10] + character
    assert len(new.text) == 11 + 30
    assert all(t.turn is None or t.turn.id == branch.id for t in told)
    known = story.logprobs(new.id, narrator.name)
    assert known is not None
    assert np.allclose(known, narrator._score(narrator.context(1), new.text), atol=1e-3)
    story.switch(old.id)
    assert story.head == old
