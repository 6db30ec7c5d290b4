"""A model's new name, which its training bears as well, so that the two stay together."""

from charterm.errors import ChartermError, UsageError
from charterm.model import library
from charterm.training.run_folder import RunFolder


def rename_model(name: str, new_name: str) -> library.Entry:
    """Rename a user's model and, where there is one, the training that made it.

    A training that waits goes on under the new name.

    Raises:
        UsageError: there is no such model, it came with the program, or the new name cannot be or
            is that of another training.
        LockedError: a training writes a model of one of the names.
        ChartermError: the disk refused.
    """
    run, renamed = RunFolder.named(name), RunFolder.named(new_name)
    if run.exists and renamed.exists:
        raise UsageError(
            f"there is a training of {new_name!r}: choose another name, or forget it with "
            f"charterm runs delete {new_name}"
        )
    entry = library.rename_model(name, new_name)
    if run.exists:
        try:
            run.path.rename(renamed.path)
        except OSError as error:
            raise ChartermError(
                f"{name} is {new_name} now, but its training kept the old name: "
                f"{error.strerror or error}"
            ) from error
    return entry
