"""What the screens on which one writes say of a text in their lines."""

from charterm.documents.documents import Document, Documents
from charterm.i18n import _, ngettext
from charterm.story.tree import StoryTree
from charterm.text.display import visible
from charterm.tui.learner import IGNORED, PAUSED
from charterm.tui.widgets.status import Fact


def remark(document: Document) -> str:
    """Which text is shown, and whether its file has it."""
    mark = "• " if document.is_modified else ""
    return f"{mark}{visible(document.title)}"


def facts_of_memory(state: str) -> tuple[Fact, ...]:
    """That the personal memory learns nothing; no word where all is as usual."""
    if state == PAUSED:
        return (Fact(_("not learning"), weight=8),)
    return (Fact(_("not learnt"), _("this text"), weight=8),) if state == IGNORED else ()


def facts_of_story(tree: StoryTree) -> tuple[Fact, ...]:
    """How long a story is as it is read now."""
    turns = len(tree.path)
    size = tree[tree.head].end if tree.head is not None else 0
    return (
        Fact(f"{turns:,}", ngettext("turn", "turns", turns), weight=3, right=True),
        Fact(f"{size:,}", _("characters"), weight=2, right=True),
        Fact(_("saved"), weight=1, right=True),
    )


def facts_of(documents: Documents, milliseconds: float | None, save_key: str) -> tuple[Fact, ...]:
    """What the shown text has cost, how long it is, and where it is on the disk.

    Args:
        documents: the open texts.
        milliseconds: time of the last prediction.
        save_key: the key that saves it to its file, as people write it.
    """
    document, count = documents.current, len(documents.open)
    statistics, facts = document.statistics, []
    if statistics.accepted:
        share = _("keys saved, {percent} %").format(percent=round(100 * statistics.savings))
        facts.append(Fact(f"{statistics.keys_saved:,}", share, weight=8))
    if (bits := statistics.bits_per_character) is not None:
        facts.append(Fact(f"{bits:.2f}", _("bits/char"), weight=7))
    if milliseconds is not None:
        facts.append(Fact(f"{milliseconds:.1f}", _("ms"), weight=2))
    if count > 1:
        place = f"{documents.place + 1}/{count}"
        facts.append(Fact(place, _("texts"), weight=1, right=True))
    words = ngettext("word", "words", document.words)
    facts.append(Fact(f"{document.words:,}", words, weight=3, right=True))
    if document.is_modified:
        saves = _("{key} saves").format(key=save_key)
        facts.append(Fact(_("unsaved"), saves, weight=4, right=True))
    else:
        kept = document.kept == document.text
        facts.append(Fact(_("saved") if kept else _("saving"), weight=3, right=True))
    return tuple(facts)
