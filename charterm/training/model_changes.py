"""Changes of models that trainings have to do with: a new name, and the trash."""

from charterm.errors import ChartermError, UsageError
from charterm.model import library
from charterm.process_lock import LockedError
from charterm.training.run_folder import RunFolder, all_run_folders


def rename_model(name: str, new_name: str) -> library.Entry:
    """Rename a user's model and, where there is one, the training that made it.

    A training that waits goes on under the new name.

    Raises:
        UsageError: there is no such model, it came with the program, or the new name cannot be or
            is that of another training.
        LockedError: a training writes a model of one of the names, or is about to read it.
        ChartermError: the disk refused.
    """
    run, renamed = RunFolder.named(name), RunFolder.named(new_name)
    if run.exists and renamed.exists:
        raise UsageError(
            "there is a training of {new_name!r}: choose another name, or forget it "
            "with charterm runs delete {new_name}",
            new_name=new_name,
        )
    _require_unread(name)
    entry = library.rename_model(name, new_name)
    if run.exists:
        try:
            run.path.rename(renamed.path)
        except OSError as error:
            raise ChartermError(
                "{name} is {new_name} now, but its training kept the old name: {reason}",
                name=name,
                new_name=new_name,
                reason=error,
            ) from error
    return entry


def delete_model(name: str) -> library.Deleted:
    """Move a user's model into the trash; its training stays.

    Raises:
        UsageError: there is no such model, or it came with the program.
        LockedError: a training writes it, or is about to read it.
        ChartermError: the disk refused.
    """
    _require_unread(name)
    return library.delete_model(name)


def _require_unread(name: str) -> None:
    """Check that no training is about to read the model to train it further.

    Raises:
        LockedError: one is.
    """
    for run in all_run_folders():
        if run.holder() is not None and not run.checkpoint.exists() and run.request().base == name:
            raise LockedError(
                "the training of {training} is reading {name} to begin with: try again "
                "when it has made its first steps",
                training=run.name,
                name=name,
            )
