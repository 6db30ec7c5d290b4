"""What the Judge screen shows: the text in its colours, the bars, and the words that say most."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Select, Static, TextArea

from charterm.classify.library import list_classifiers
from charterm.classify.methods import best_method
from charterm.i18n import N_, _, ngettext
from charterm.settings import schema
from charterm.tui.heat import COLOURS
from charterm.tui.judging import (
    Judge,
    Judged,
    JudgingFailed,
    ReadSoFar,
    Ready,
    Report,
    Request,
    Unusable,
)
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.widgets.heat_area import HeatArea
from charterm.tui.widgets.heat_view import HeatView
from charterm.tui.widgets.judge_panel import (
    ClassBars,
    MethodLines,
    Share,
    TellingWords,
    shares_of,
)
from charterm.tui.widgets.judged_table import JudgedTable
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.setting_row import SettingSelect
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.words import Words
from charterm.tui.widgets.work import Work

_PLACEHOLDER: Final = N_("Type a text to be judged …")
_FILTER: Final = N_("Filter by words, =class, or ! for what was judged wrongly …")
_WITHOUT: Final = N_(
    "No classifier yet.\n\nOne learns from examples: a file with a line for each, its class "
    "(such as good or bad), a tab, then the text.\n\n{train} trains one on such a file, {quickly} "
    "in seconds but less well."
)
_STATUS_EVERY: Final = 0.2  # seconds between two updates of the figures


class JudgeView(ModeScreen, inherit_bindings=False):
    """The layout of the Judge screen, and the text that is judged as it is typed."""

    mode = "judge"
    CSS_PATH = [Path(__file__).with_name(name) for name in ("foot.tcss", "judge.tcss")]  # noqa: RUF012

    class Reported(Message):
        """The judge has something to say."""

        def __init__(self, report: Report) -> None:
            super().__init__()
            self.report = report

    def __init__(self) -> None:
        super().__init__()
        self.judge = Judge(self._report)
        self.classifier = ""
        """Name of the classifier; empty where there is none."""
        self.known: list[str] = []
        """Names of the classifiers there are."""
        self.class_names: tuple[str, ...] = ()
        """Its classes; empty until it is loaded."""
        self.facts: dict[str, Any] = {}
        self.judged: Judged | None = None
        """What it makes of the text, once it has said so."""
        self.answered: int | None = None
        """The revision of the text that the bars belong to."""
        self._requested: Request | None = None
        self._signs: tuple[str, ...] = ()
        self._reading: float | None = None
        self._status_due = False

    def _report(self, report: Report) -> None:
        self.post_message(self.Reported(report))  # from any thread

    # Layout -------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The text or the table of texts, and in the margin what the classifier makes of it."""
        with Horizontal(id="desk"):
            with Vertical(id="page"):
                yield HeatArea(id="text", placeholder=_(_PLACEHOLDER))
                yield HeatView(id="signs")
            with Vertical(id="listing"):
                yield Line(id="filter", placeholder=_(_FILTER))
                yield JudgedTable()
                yield Static("", id="note", markup=False)
            with Vertical(id="margin"):
                with Horizontal(id="classifier-row"):
                    yield Words(N_("classifier"), id="classifier-name")
                    yield SettingSelect([], compact=True, id="classifier")
                yield Static("", id="without", markup=False)
                yield Words(N_("Classes"), classes="heading")
                yield ClassBars()
                with Vertical(id="methods"):
                    yield Words(N_("By method"), classes="heading")
                    yield MethodLines()
                with Vertical(id="telling"):
                    yield Words(N_("What says most"), classes="heading")
                    yield TellingWords()
        yield Question()
        yield Work()
        yield StatusLine()

    @property
    def area(self) -> HeatArea:
        """Where the text is typed."""
        return self.query_one(HeatArea)

    def on_mount(self) -> None:
        """Begin in the text."""
        self.show_signs(self.app.no_color or self.program.settings.get(schema.HIGH_CONTRAST))
        self.area.focus()

    def on_screen_resume(self) -> None:
        """Read again which classifiers there are: one may have been trained elsewhere."""
        self.list_classifiers()

    def leave(self) -> None:
        """Keep the text now: the program ends. Raises ChartermError."""
        self.area.keep_now()

    def on_unmount(self) -> None:
        """End the thread."""
        self.judge.close()

    def translate(self) -> None:
        """Say everything in the language in use."""
        super().translate()
        self.area.placeholder = _(_PLACEHOLDER)
        self.query_one("#filter", Line).placeholder = _(_FILTER)
        self._tell_without("")
        for widget in (*self.query(MethodLines), *self.query(ClassBars)):
            widget.refresh()
        self.show_status()

    def settings_changed(self) -> None:
        """High contrast may be on now, or a key be another one."""
        self._tell_without("")
        if self.program.settings.get(schema.HIGH_CONTRAST):
            self.show_signs(True)

    @property
    def with_signs(self) -> bool:
        """Whether signs stand under the characters."""
        return self.has_class("-with-signs")

    def show_signs(self, shown: bool) -> None:
        """Show signs under the characters, or colours alone."""
        self.set_class(shown, "-with-signs")
        self._show_signs()

    # Classifiers --------------------------------------------------------------------------

    def list_classifiers(self) -> None:
        """Offer the classifiers there are; keep the chosen one where it is still there."""
        names = self.known = [entry.name for entry in list_classifiers()]
        select = self.query_one("#classifier", SettingSelect)
        with self.prevent(Select.Changed):
            select.set_options((name, name) for name in names)
        self.use_classifier(self.classifier if self.classifier in names else "".join(names[:1]))

    @on(Select.Changed, "#classifier")
    def _take_classifier(self, event: Select.Changed) -> None:
        event.stop()
        if isinstance(event.value, str):
            self.use_classifier(event.value)

    def use_classifier(self, name: str, *, anew: bool = False) -> None:
        """Judge with this classifier from now on; with none where the name is empty.

        Args:
            name: of the classifier.
            anew: read it again, though it is in use: it was trained again.
        """
        with self.prevent(Select.Changed):
            select = self.query_one("#classifier", SettingSelect)
            if name:
                select.value = name
        if name != self.classifier or anew or not name:
            self.classifier = name
            self.class_names, self.facts, self.judged, self.answered = (), {}, None, None
            self.area.show_heat(0, b"")
            self._show_judgement()
            if name or self._requested:
                self.judge.use(name)
        self._tell_without("")
        self._follow()
        self.show_status()
        self.refresh_bindings()

    def _tell_without(self, problem: str) -> None:
        """Say in the margin why nothing is judged and what to do; nothing where that is well."""
        shown = self.program.shown_key
        if problem:
            said = _("{reason}.\n\nChoose another classifier, or train one with {key}.").format(
                reason=problem[0].upper() + problem[1:], key=shown("judge.train")
            )
        elif self.classifier:
            if self.class_names:
                self.set_class(False, "-without")
            return
        else:
            said = _(_WITHOUT).format(
                train=shown("judge.train"), quickly=shown("judge.train_quickly")
            )
        self.query_one("#without", Static).update(said)
        self.set_class(True, "-without")

    # The text -----------------------------------------------------------------------------

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    def _follow(self) -> None:
        area = self.area
        wanted = Request(area.revision, area.text)
        if self.classifier and (self._requested is None or self._requested.text != wanted.text):
            self._requested = wanted
            self.judge.request(wanted)
        self._status_soon()

    @on(Reported)
    def take_report(self, event: Reported) -> None:
        """Show what the judge says."""
        match event.report:
            case Ready(name, classes, facts) if name == self.classifier:
                from charterm.classify.telling import signs_of

                self.class_names, self.facts, self._signs = classes, facts, signs_of(classes)
                self._tell_without("")
                self.refresh_bindings()
            case Unusable(name, reason) if name == self.classifier:
                self._tell_without(reason)
            case Judged(version, classifier, text=text) as judged:
                if classifier != self.classifier or text != self.area.text.strip():
                    return
                self.answered, self._reading, self.judged = version, None, judged
                self._show_judgement()
            case ReadSoFar(version, share):
                if self._requested and version == self._requested.version:
                    self._reading = share
            case JudgingFailed(reason):
                self.notify(reason, severity="error")
        self._status_soon()

    def _show_judgement(self) -> None:
        """Colours, bars, methods and words of what is judged now."""
        judged = self.judged
        words, methods = self.query_one(TellingWords), self.query_one(MethodLines)
        if judged is None:
            self.show_bars(())
            methods.shares, words.words = (), ()
            return
        judgement = judged.judgement
        self.area.show_heat(judged.start, judged.codes)
        self.show_bars(tuple(judgement.probabilities.tolist()))
        methods.shares = tuple(
            (method, self._share_of(chances.tolist()))
            for method, chances in judgement.by_method.items()
        )
        methods.styles.height = len(methods.shares)  # another classifier may have more
        words.signs = self._signs
        words.words = judged.telling
        self._show_signs()

    def show_bars(self, chances: tuple[float, ...]) -> None:
        """Show the share of each class; none where it is not known."""
        bars = self.query_one(ClassBars)
        bars.shares = shares_of(self.class_names, self._signs, chances) if chances else ()
        bars.styles.height = max(len(bars.shares), 1)

    def _share_of(self, chances: list[float]) -> Share:
        best = max(range(len(chances)), key=chances.__getitem__)
        return Share(self._signs[best], self.class_names[best], chances[best], best % COLOURS + 1)

    def _show_signs(self) -> None:
        if self.with_signs:
            area = self.area
            self.query_one(HeatView).show(area.text, area.codes, area.cursor_index, self._signs)

    # Status -------------------------------------------------------------------------------

    def _status_soon(self) -> None:
        """Bring the figures up to date, a few times a second at most."""
        if not self._status_due:
            self._status_due = True
            self.set_timer(_STATUS_EVERY, self.show_status)

    def show_status(self) -> None:
        """Say which classifier judges, how well it does, and what the word at the cursor says."""
        self._status_due = False
        self._show_signs()
        facts = [Fact(self.classifier or _("no classifier"), weight=9)]
        accuracy = self._accuracy()
        if accuracy is not None:
            facts.append(Fact(f"{100 * accuracy:.1f} %", _("right on texts kept aside"), weight=4))
        facts += self.more_facts()
        self.query_one(StatusLine).facts = tuple(facts)

    def more_facts(self) -> list[Fact]:
        """What the status line says of the text."""
        facts = []
        if (word := self._word_at_cursor()) is not None:
            facts.append(Fact(*word, weight=7))
        if self._reading is not None:
            facts.append(Fact(f"{self._reading:.0%}", _("read"), weight=8))
        elif self.judged is not None:
            facts.append(Fact(f"{self.judged.milliseconds:.1f}", _("ms"), weight=5))
        count = len(self.area.text)
        label = ngettext("character", "characters", count)
        facts.append(Fact(f"{count:,}", label, weight=3, right=True))
        return facts

    def _accuracy(self) -> float | None:
        """How well the classifier does by itself, where it was measured."""
        figures = self.facts.get("validation", {})
        return figures[best_method(figures)]["accuracy"] if figures else None

    def _word_at_cursor(self) -> tuple[str, str] | None:
        """What the word before the cursor says."""
        judged = self.judged
        if judged is None or self.answered is None or not self.class_names:
            return None
        place = max(self.area.cursor_index - judged.start - 1, 0)
        word = judged.words.at(place)
        if word is None or not word.tells:
            return None
        label = _("says {nats} for {name}").format(
            nats=f"{word.nats:+.2f}", name=self.class_names[word.speaks_for]
        )
        return word.text, label
