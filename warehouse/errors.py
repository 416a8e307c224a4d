"""Errors that a user may see: one clear line that says what is wrong and what to do."""


class MicrosegError(Exception):
    """Base of every error whose message is written for the person at the terminal."""


class SettingsError(MicrosegError):
    """A setting has a value that it cannot have; the message names the environment variable, never the value."""


class ReferenceSetError(MicrosegError):
    """A reference set has a fault; the message names file and line."""


class SourceError(MicrosegError):
    """A source file or table cannot be read as a whole; nothing was changed."""


class RejectRateError(MicrosegError):
    """Too many rows broke the contract; nothing was published."""


class GateError(MicrosegError):
    """A critical expectation failed, or could not be evaluated; nothing was published."""


class ConflictError(MicrosegError):
    """Another writer held the catalog for longer than the bounded retries."""


class SpaceError(MicrosegError):
    """A disk is full; the message names the folder. What was not committed is gone, every table is whole."""


class OutageError(MicrosegError):
    """A server that the warehouse needs is out of reach, perhaps for a moment; what was committed is whole."""


class ModelError(MicrosegError):
    """No usable model: none trained yet, a broken one, or one of another reference set."""


class DamageError(MicrosegError):
    """A file of the warehouse is missing or not as it was written; the message names it and what restores it."""


class UnforeseenError(Exception):
    """What nobody foresaw, by its kind alone: the message of the original may quote an id, a name or an amount."""


def without_values(error: Exception) -> Exception:
    """Return an error that may be logged, stored and sent: our own as it is, any other by its kind.

    It keeps the original's frames, which hold lines of code, and neither its message nor its causes.

    Args:
        error: Whatever was raised.
    """
    if isinstance(error, MicrosegError | UnforeseenError):
        return error
    kind = UnforeseenError(f"an unexpected error occurred ({type(error).__name__})")
    return kind.with_traceback(error.__traceback__)
