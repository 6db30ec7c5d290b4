"""The stories: a list to open from, and what can be done with each."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from charterm import storage
from charterm.errors import UsageError
from charterm.i18n import N_, _, ngettext
from charterm.story.exchange import author_names, export, file_name, import_text
from charterm.story.store import StoryInfo, StoryStore
from charterm.text.reading import read_text_file
from charterm.tui.after_keys import AfterKeys
from charterm.tui.bindings import bindings_of, keyed
from charterm.tui.fitting import fill, fit
from charterm.tui.story_reports import Listed, Said
from charterm.tui.storyteller import Storyteller
from charterm.tui.typed_paths import folder_line, new_file, readable_file
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.question import Question

_FIND: Final = N_("Find …")


class StoryList(OptionList, inherit_bindings=False):
    """The stories, the last written first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("stories"),
        *keyed("options", OptionList.BINDINGS),
    ]
    HELP = N_(
        "Your stories, the last written first. They are saved as you go. Enter opens one; r "
        "renames, delete puts it into the trash and u brings it back, x exports to text or "
        "Markdown, X with the names of who wrote what, i makes a story of a text file, / searches "
        "titles and texts."
    )


class StoryShelf(Vertical):
    """The list of stories, with a line to search them."""

    class Opened(Message):
        """The writer wants to read this story."""

        def __init__(self, story: int) -> None:
            super().__init__()
            self.story = story

    def __init__(self, teller: Storyteller, *, id: str | None = None) -> None:
        """Make the list.

        Args:
            teller: keeps the stories.
            id: of the widget.
        """
        super().__init__(id=id)
        self.teller = teller
        self.folder = Path()
        """Where the files begin to be looked for."""
        self.stories: tuple[StoryInfo, ...] = ()
        self.current: int | None = None
        """The story that is open."""
        self._deleted = 0
        self._searched = ""
        self._searching = AfterKeys(self, self._search_stories)

    def compose(self) -> ComposeResult:
        """The line, the list, and what to know where it is empty."""
        yield Line(id="story-filter", placeholder=_(_FIND))
        yield StoryList(id="story-list", markup=False, compact=True)
        yield Static("", id="no-stories", markup=False)

    @property
    def list(self) -> StoryList:
        """The list."""
        return self.query_one(StoryList)

    @property
    def highlighted(self) -> StoryInfo | None:
        """The story under the highlight."""
        at = self.list.highlighted
        return self.stories[at] if at is not None and at < len(self.stories) else None

    def show(self, listed: Listed) -> None:
        """List the stories; the highlight stays on its story, or is on the open one."""
        before = self.highlighted
        wanted = before.id if before is not None and self.list.has_focus else self.current
        self.stories, self._deleted, self._searched = (
            listed.stories,
            listed.deleted,
            listed.search,
        )
        self._draw()
        ids = [info.id for info in self.stories]
        if ids:
            self.list.highlighted = ids.index(wanted) if wanted in ids else 0
        self.translate()
        self.screen.refresh_bindings()

    def _draw(self) -> None:
        at = self.list.highlighted
        self.list.set_options(Option(self._entry(info)) for info in self.stories)
        if at is not None and at < len(self.stories):
            self.list.highlighted = at

    def _entry(self, info: StoryInfo) -> Content:
        cells = max(self.list.scrollable_content_region.width - 1, 8)
        turns = ngettext("{n} turn", "{n} turns", info.turns).format(n=info.turns)
        about = fit(f"{turns} · {since(time.time() - info.updated)}", cells)
        title = fill(info.title or _("untitled"), cells)
        return Content.assemble(title, "\n", (about, "$foreground-muted"))

    def on_resize(self) -> None:
        """Titles take what room there is."""
        self._draw()

    def translate(self) -> None:
        """Say everything in the language in use."""
        self.query_one("#story-filter", Line).placeholder = _(_FIND)
        empty = self.query_one("#no-stories", Static)
        empty.display = not self.stories
        empty.update(
            _("No story has “{words}”.").format(words=self._searched)
            if self._searched
            else _("No stories yet: write the first turn. i imports a text.")
        )

    @on(Input.Changed, "#story-filter")
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self._searching.soon()

    def _search_stories(self) -> None:
        self.teller.list_stories(self.query_one("#story-filter", Line).value.strip())

    @on(Input.Submitted, "#story-filter")
    def _found(self, event: Input.Submitted) -> None:
        event.stop()
        self._searching.now()
        self.list.focus()

    @on(OptionList.OptionSelected, "#story-list")
    def _open(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Opened(self.stories[event.option_index].id))

    # Actions, of the list ------------------------------------------------------------------

    def ask_rename(self) -> None:
        """Ask for another title."""
        if (info := self.highlighted) is None:
            return

        def rename(title: str) -> None:
            if not title:
                raise UsageError("Type a title")
            self._do(lambda store: store.rename(info.id, title))

        self._question.ask(_("New title"), rename, value=info.title, take=_("Rename"))

    def delete(self) -> None:
        """Delete the story, and say how it comes back."""
        if (info := self.highlighted) is None:
            return
        said = _("{title} is in the trash. u brings it back.").format(title=_title(info))

        def delete(store: StoryStore) -> Said:
            store.delete(info.id)
            return Said(said)

        self.teller.keep(delete)

    def restore(self) -> None:
        """Bring the last deleted story back."""

        def restore(store: StoryStore) -> Said | None:
            deleted = store.deleted()
            if not deleted:
                return Said(_("No story is in the trash."))
            store.restore(deleted[0].id)
            return Said(_("{title} is back.").format(title=_title(deleted[0])))

        self.teller.keep(restore)

    def ask_export(self, *, named: bool = False) -> None:
        """Ask where to write the story; ``named`` also tells who wrote what."""
        if (info := self.highlighted) is None:
            return
        self._question.ask(
            _("File to write"),
            partial(self._export, info, author_names() if named else None),
            value=f"{folder_line(self.folder)}{file_name(info.title)}.md",
            take=_("Export"),
            note=_(".md is written as Markdown, any other ending as plain text"),
            path=True,
        )

    def _export(self, info: StoryInfo, names: tuple[str, str] | None, typed: str) -> None:
        path = new_file(typed, f"{file_name(info.title)}.md")

        def write(store: StoryStore) -> Said:
            markdown = path.suffix.lower() == ".md"
            storage.write_text(path, export(store, info.id, markdown=markdown, names=names))
            return Said(_("{title} is in {path}.").format(title=_title(info), path=path))

        self.teller.keep(write)

    def ask_import(self) -> None:
        """Ask for a text file."""
        self._question.ask(
            _("Text file to import"),
            self._import,
            value=folder_line(self.folder),
            take=_("Import"),
            note=_("Its text becomes a story of yours, to go on from anywhere"),
            path=True,
        )

    def _import(self, typed: str) -> None:
        path = readable_file(typed)

        def take_in(store: StoryStore) -> Said:
            story = import_text(store, read_text_file(path).text, path.stem).id
            self.post_message(self.Opened(story))
            return Said(_("{name} was imported.").format(name=path.name))

        self.teller.keep(take_in)

    def find(self) -> None:
        """Type what to look for."""
        self.query_one("#story-filter", Line).focus()

    def allows(self, action: str) -> bool:
        """Whether an action of the list can be done now."""
        if action in ("rename", "delete", "export"):
            return self.highlighted is not None
        return self._deleted > 0 if action == "restore" else True

    @property
    def _question(self) -> Question:
        return self.screen.query_one(Question)

    def _do(self, work: Callable[[StoryStore], object]) -> None:
        def done(store: StoryStore) -> None:
            work(store)

        self.teller.keep(done)


def since(seconds: float) -> str:
    """How long ago, roughly, in the language in use."""
    minutes = int(seconds / 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("{n} minute ago", "{n} minutes ago", minutes).format(n=minutes)
    hours = minutes // 60
    if hours < 24:
        return ngettext("{n} hour ago", "{n} hours ago", hours).format(n=hours)
    days = hours // 24
    return ngettext("{n} day ago", "{n} days ago", days).format(n=days)


def _title(info: StoryInfo) -> str:
    return fit(info.title or _("untitled"), 40)
