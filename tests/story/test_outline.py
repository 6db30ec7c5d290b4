"""The branches of a story as lines."""

from charterm.story.outline import LONGEST, beginning, outline
from charterm.story.tree import MODEL, WRITER, StoryTree


def begun(*versions: str) -> StoryTree:
    """A turn of the writer's, and versions of what comes after it."""
    tree = StoryTree()
    first = tree.add(None, WRITER, "Once upon a time.", 0.0)
    for version in versions:
        tree.add(first.id, MODEL, version, 0.0)
    return tree


def beginnings(*versions: str) -> list[str]:
    return [branch.begins for branch in outline(begun(*versions))[1:]]


def test_a_branch_is_called_by_its_beginning() -> None:
    assert beginnings(" There\n\nwas  a king.", " The queen", "") == [
        "There was a king.",
        "The queen",
        "",
    ]
    assert beginning(begun("a" * 200), 2) == "a" * LONGEST


def test_an_edit_is_called_by_the_word_from_which_on_it_is_another() -> None:
    assert beginnings(
        " There was a king who was old.",
        " There was a king who was young.",
        " There was a knife.",
        " The queen",
    ) == ["There was a king who was old.", "… young.", "… knife.", "The queen"]


def test_a_version_that_was_cut_off_is_called_by_its_last_word() -> None:
    assert beginnings("비가 오는 날에는 집에 있었다", "비가 오는 날에는 집") == [
        "비가 오는 날에는 집에 있었다",
        "… 집",
    ]


def test_without_spaces_a_few_characters_before_it_are_shown() -> None:
    tree = begun("x" * 100 + "a", "x" * 100 + "b")
    assert beginning(tree, 3) == "… " + "x" * 8 + "b"
