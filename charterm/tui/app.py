"""The program: its modes, its keys, its command palette and its themes."""

import asyncio
import signal
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Command, CommandPalette
from textual.notifications import SeverityLevel
from textual.screen import Screen

from charterm import i18n
from charterm.errors import ChartermError
from charterm.i18n import N_, _
from charterm.settings import Settings, schema
from charterm.text.display import visible
from charterm.tui import after_keys, clipboard, echo, garbage, key_order, keyboard, modes
from charterm.tui.bindings import bindings_of, commands_of
from charterm.tui.kept_stylesheet import KeptStylesheet
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.themes import CONTRAST, NIGHT, THEMES
from charterm.tui.tour import ACCEPTED, SENT, is_first_start
from charterm.tui.touring import Guide
from charterm.tui.widgets.editor import Editor
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.prose import ProseArea
from charterm.tui.widgets.story_entry import StoryEntry


class ChartermApp(App[None], inherit_bindings=False):
    """charterm in the terminal."""

    TITLE = "charterm"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    MODES = modes.openers()
    DEFAULT_MODE = modes.MODES[0].id
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("app", "tour", "mode"),
        Binding(
            "ctrl+c",
            "help_quit",
            N_("How to quit"),
            show=False,
            system=True,
            tooltip=N_("Say which key leaves the program"),
            id="app.help_quit",
        ),
    ]

    def __init__(
        self,
        model: str | None = None,
        files: tuple[Path, ...] = (),
        *,
        new: bool = False,
        story: int | None = None,
        new_story: bool = False,
        tour: bool | None = None,
    ) -> None:
        """Prepare the program.

        Args:
            model: name of the model that completes; by default that of the text or the settings.
            files: files to open on the writing screen; those that do not exist are begun.
            new: whether to begin a new text there.
            story: number of the story to open on the story screen; by default the last written.
            new_story: whether to begin a new one there.
            tour: whether to begin with the tour; by default, at the first start.
        """
        keyboard.let_alt_digits_be_keys()
        self.settings = Settings.load()
        i18n.use(self.settings.get(schema.LANGUAGE))
        super().__init__()
        self.model = model
        self.guide = Guide(self)
        """The tour."""
        self._begins_with_tour = is_first_start() if tour is None else tour
        self.files = files
        self.new = new
        self.first_story = story
        self.begins_story = new_story
        self.farewell: list[str] = []
        """What went wrong at the end, to print when the screen is the shell's again."""
        self.remarks: list[str] = []
        """What else to know then."""
        self._opened: list[ModeScreen] = []
        self._keys_ahead: deque[events.Key] = deque()
        self._moving = False
        self._warned = False
        self._theme_before: str | None = None  # while one is being chosen
        self.previewed_theme = ""
        """A theme of the settings screen that is shown to be looked at."""
        for theme in THEMES:
            self.register_theme(theme)
        self.use_settings(self.settings)
        self.stylesheet = KeptStylesheet(variables=self.get_css_variables())

    def use_settings(self, settings: Settings) -> None:
        """Let these settings hold from now on."""
        self.settings = settings
        language = i18n.language()
        if i18n.use(settings.get(schema.LANGUAGE)) != language:
            for screen in self._opened:
                screen.translate()
            self.guide.translate()
        self.animation_level = "full" if settings.get(schema.ANIMATIONS) else "none"
        self.set_keymap(settings.keymap())
        wanted = settings.get(schema.THEME)
        if settings.get(schema.HIGH_CONTRAST):
            wanted = CONTRAST.name
        self.theme = wanted if wanted in self.available_themes else NIGHT.name
        for screen in self._opened:
            screen.settings_changed()

    def change_setting(self, setting: schema.Setting[Any], value: object) -> None:
        """Change one setting and keep it. What goes wrong is told, and the change still holds.

        Raises:
            UsageError: the value is not allowed; nothing changes.
        """
        self._keep_settings(self.settings.with_value(setting, value))

    def reset_setting(self, setting: schema.Setting[Any]) -> None:
        """Give one setting its default again. As :meth:`change_setting`."""
        self._keep_settings(self.settings.without_value(setting))

    def _keep_settings(self, settings: Settings) -> None:
        try:
            settings = settings.save()
        except ChartermError as error:
            self.notify(str(error), title=_("Not kept"), severity="error")
        self.use_settings(settings)

    def preview_theme(self, name: str) -> None:
        """Show a theme to be looked at; without a name, the chosen one again."""
        self.previewed_theme = name
        if name:
            self.theme = name
        else:
            self.use_settings(self.settings)

    def on_mount(self) -> None:
        """Tell what is wrong with the settings; leave in order when the system asks to."""
        for problem in self.settings.problems:
            self.notify(str(problem), title=_("Settings"), severity="warning", timeout=12)
        self.theme_changed_signal.subscribe(self, lambda _theme: self._keep_theme())
        if not self.is_headless:
            sys.setswitchinterval(echo.SWITCH_INTERVAL)
            garbage.collect_in_rests(self)
        if sys.platform != "win32" and not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._leave_at_once)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Tell something; names and texts in it are shown as they are, never taken for markup."""
        super().notify(
            visible(message, lines=True),
            title=visible(title),
            severity=severity,
            timeout=timeout,
            markup=False,
        )

    async def on_event(self, event: events.Event) -> None:
        """Let alt with a letter be a key and no letter; hold keys for a screen that is opening.

        A terminal without the Kitty protocol sends escape and the letter; Textual 8.2.8 makes that
        a key which still has the letter as its character, and a field would take it for typing.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            if event.key.startswith("alt+"):
                event.character = None
            self._keys_ahead.append(event)
            await self.do_keys_ahead()
        else:
            await super().on_event(event)

    async def _do_key(self, event: events.Key) -> None:
        if not event.is_printable:
            after_keys.catch_up(self, event.key)
        typing = isinstance(self.focused, (Line, ProseArea))
        if not (typing and event.is_printable):
            move = key_order.move(self.screen, event.key)
            if move is not None and await self.run_action(*move):
                # by way of the app's queue, in which the focus may still wait to be given
                self._moving = self.screen.call_after_refresh(self.call_later, self._end_move)
                return
        if typing:
            echo.begin(event)
        await super().on_event(event)

    async def _end_move(self) -> None:
        self._moving = False
        await self.do_keys_ahead()

    @property
    def _takes_keys(self) -> bool:
        opening = isinstance(self.screen, ModeScreen) and not self.screen.takes_keys
        return not (opening or self._moving)

    async def do_keys_ahead(self) -> None:
        """Do what was pressed while the focus was being moved, in its order, if it is there now."""
        while self._keys_ahead and self._takes_keys:
            await self._do_key(self._keys_ahead.popleft())

    def action_command_palette(self) -> None:
        """Choose from everything that the program can do."""
        from charterm.tui.widgets.palette import Palette

        if not isinstance(self.screen, CommandPalette):
            self.push_screen(
                Palette(placeholder=_("Search for a command …"), id="--command-palette")
            )

    def search_themes(self) -> None:
        """Choose a theme; the highlighted one is shown, and escape brings back the one before."""
        from charterm.tui.theme_choice import Themes
        from charterm.tui.widgets.palette import Palette

        self._theme_before = self.theme
        self.push_screen(Palette(providers=[Themes], placeholder=_("Search for a theme …")))

    @on(CommandPalette.OptionHighlighted)
    def _preview_theme(self, event: CommandPalette.OptionHighlighted) -> None:
        option = event.highlighted_event.option
        if self._theme_before is not None and isinstance(option, Command):
            self.theme = str(option.hit.text)

    @on(CommandPalette.Closed)
    def _end_preview(self, event: CommandPalette.Closed) -> None:
        before, self._theme_before = self._theme_before, None
        if before is not None and event.option_selected:
            self._keep_theme()
        elif before is not None:
            self.theme = before

    def _keep_theme(self) -> None:
        # The theme as it is now: by the time the signal comes, a preview may have gone on.
        chosen = (self.settings.get(schema.THEME), CONTRAST.name, self.previewed_theme)
        if self._theme_before is None and self.theme not in chosen:
            self.change_setting(schema.THEME, self.theme)

    def opened(self, screen: ModeScreen) -> None:
        """Remember a mode's screen, to let it save when the program ends."""
        self._opened.append(screen)
        if self._begins_with_tour:
            self._begins_with_tour = False
            self.call_after_refresh(self.guide.begin)
        screen.call_after_refresh(self.guide.opened, screen)

    def action_tour(self) -> None:
        """Show the tour; where it is shown, go on to its next step."""
        self.guide.skip()

    def action_end_tour(self) -> None:
        """Show the tour no more."""
        self.guide.end()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape ends the tour while it is shown and nothing else wants the key."""
        if action == "end_tour":
            return self.guide.may_end
        return super().check_action(action, parameters)

    @on(Editor.Accepted)
    def _tour_accepted(self) -> None:
        self.guide.did(ACCEPTED)

    @on(StoryEntry.Sent)
    def _tour_sent(self) -> None:
        self.guide.did(SENT)

    @property
    def opened_screens(self) -> tuple[ModeScreen, ...]:
        """The screens of the modes that were opened so far."""
        return tuple(self._opened)

    def shown_key(self, binding: str) -> str:
        """The first key in force of the binding with this id, as people write it."""
        key = self.settings.bindings()[binding].partition(",")[0]
        return self.get_key_display(Binding(key, ""))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Everything the program can do, by name."""
        if isinstance(screen, ModeScreen):
            yield from screen.commands()
        yield from commands_of(self, self.settings.bindings())
        yield SystemCommand(
            _("Screenshot"),
            _("Save a picture of this screen as SVG"),
            partial(self.set_timer, 0.1, self.deliver_screenshot),
        )

    def action_choose_mode(self) -> None:
        """Choose where to go, with keys that every terminal has."""
        from charterm.tui.widgets.dialog import Dialog

        def go(mode: str | None) -> None:
            if mode:
                self.switch_mode(mode)

        answers = tuple((mode.id, _(mode.action.title)) for mode in modes.MODES)
        self.push_screen(Dialog(_("Go to"), "", answers, numbered=True), go)

    def copy_to_clipboard(self, text: str, said: str = "") -> None:
        """Copy text through the terminal, and into a file in case that does not take it.

        Every action of the program that copies ends here.

        Args:
            text: what to copy.
            said: what to tell the user, in the language in use; by default, that it was copied.
        """
        super().copy_to_clipboard(clipboard.sendable(text))
        said = said or clipboard.counted(text)

        def keep() -> None:
            try:
                path = clipboard.keep(text)
            except ChartermError as error:
                self.notify(f"{said} {error}", severity="warning", timeout=8)
            else:
                where = _("Also in {path}, if your terminal did not take it.").format(path=path)
                self.notify(f"{said} {where}", timeout=4)

        self.run_worker(keep, thread=True, group="clipboard", exit_on_error=False)

    def action_toggle_help(self) -> None:
        """Show or hide the keys, and what the focused part is for."""
        from charterm.tui.screens.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.pop_screen()
        else:
            self.push_screen(HelpScreen(self.screen, self.settings.bindings()))

    async def action_quit(self) -> None:
        """Leave, where neither a screen nor a training has a question first."""
        if not any(screen.asks_before_leaving(self._leave) for screen in self._opened):
            self._leave()

    def _leave(self) -> None:
        """Leave, where no training has a question first; the same key again leaves anyhow."""
        from charterm.tui.leaving import look_after_trainings
        from charterm.tui.widgets.dialog import Dialog

        if isinstance(self.screen, Dialog):
            self.save_and_leave()
        else:
            asking = look_after_trainings(self, self._say_and_leave)
            self.run_worker(asking, group="leave", exclusive=True)

    def _say_and_leave(self, remarks: Sequence[str]) -> None:
        self.remarks = list(remarks)
        self.save_and_leave()

    def save_and_leave(self) -> None:
        """Save and leave; where saving fails, stay and say so the first time."""
        failures = self._save()
        if failures and not self._warned:
            self._warned = True
            for failure in failures:
                self.notify(
                    _("{failure}. The same key again leaves without saving.").format(
                        failure=failure
                    ),
                    title=_("Not saved"),
                    severity="error",
                    timeout=15,
                )
            return
        self.exit()

    def _leave_at_once(self) -> None:
        self.farewell += self._save()
        self.exit(return_code=1 if self.farewell else 0)

    def _save(self) -> list[str]:
        """Save everything; returns what went wrong."""
        failures = []
        for screen in self._opened:
            try:
                screen.leave()
            except ChartermError as error:
                failures.append(str(error))
        return failures
