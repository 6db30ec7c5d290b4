"""Long work at the foot of a screen: what it is, how far it is, and a word that stops it."""

from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import ProgressBar, Static
from textual.worker import Worker, get_current_worker

from charterm.errors import UsageError
from charterm.i18n import _
from charterm.tui.jobs import Job, Stopped, run


class Work(Horizontal):
    """Does one job at a time on a thread; hidden while nothing is being done."""

    class Advanced(Message):
        """The job is that far, 0 to 1."""

        def __init__(self, share: float) -> None:
            super().__init__()
            self.share = share

    class Ended(Message):
        """The job ended.

        Attributes:
            result: what it returned, or a :class:`~charterm.tui.jobs.Failed`.
        """

        def __init__(self, result: object) -> None:
            super().__init__()
            self.result = result

    def __init__(self) -> None:
        super().__init__(id="work")
        self._worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """The name of the work, its bar, and the word that stops it."""
        yield Static("", id="work-label", markup=False)
        yield ProgressBar(total=1.0, show_eta=True, id="work-bar")
        yield Static("", id="work-stop", markup=False)

    @property
    def going(self) -> bool:
        """Whether something is being done."""
        return self._worker is not None

    def do(self, label: str, job: Job) -> None:
        """Do a job.

        Args:
            label: what is being done, in the language in use.
            job: does it, on a thread.

        Raises:
            UsageError: something else is still being done.
        """
        if self.going:
            raise UsageError("Something else is still being done: wait for it or stop it")
        self.query_one("#work-label", Static).update(label)
        self.query_one("#work-stop", Static).update(_("Cancel"))
        self.query_one(ProgressBar).update(progress=0.0)
        self.add_class("-going")
        self._worker = self.run_worker(partial(self._run, job), thread=True, exit_on_error=False)

    def stop(self) -> None:
        """Ask the job to end; it does so the next time it tells how far it is."""
        if self._worker is not None:
            self._worker.cancel()

    def _run(self, job: Job) -> None:
        worker = get_current_worker()

        def advance(share: float) -> None:
            if worker.is_cancelled:
                raise Stopped
            self.post_message(self.Advanced(share))

        self.post_message(self.Ended(run(job, advance)))

    def on_work_advanced(self, event: Advanced) -> None:
        """Move the bar."""
        event.stop()
        self.query_one(ProgressBar).update(progress=event.share)

    def on_work_ended(self) -> None:
        """Hide; the screen hears of it too."""
        self._worker = None
        self.remove_class("-going")

    def on_click(self, event: events.Click) -> None:
        """The word stops the job."""
        if event.widget is not None and event.widget.id == "work-stop":
            self.stop()
