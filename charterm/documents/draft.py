"""What is typed into a field that is no text of its own, kept so that a kill does not lose it."""

from charterm import paths, storage
from charterm.errors import ChartermError


class Draft:
    """What stands in one field of the program, in a file.

    Attributes:
        path: of the file; there is none while the field is empty.
    """

    def __init__(self, name: str) -> None:
        """That of the field called ``name``."""
        self.path = paths.data_dir() / "drafts" / f"{name}.txt"

    def read(self) -> str:
        """What was written last; nothing where that was nothing.

        Raises:
            ChartermError: the file cannot be read.
        """
        try:
            with self.path.open(encoding="utf-8", errors="replace", newline="") as opened:
                return opened.read()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise ChartermError(
                "cannot read {path}: {reason}", path=self.path, reason=error
            ) from error

    def write(self, text: str) -> None:
        """Keep this in place of what was kept.

        Raises:
            ChartermError: the disk refused; what was kept is untouched.
        """
        if text:
            storage.write_text(self.path, text)
            return
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise ChartermError(
                "cannot delete {path}: {reason}", path=self.path, reason=error
            ) from error
