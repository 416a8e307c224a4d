"""A run's log in Prefect: what went wrong is one line there, its traceback a file below the home."""

import logging

from flows.crashes import report_crash
from tasks.operation.watching import joined
from warehouse.errors import MicrosegError

_RUNS = "prefect.flow_runs"
_TASKS = "prefect.task_runs"


class OneLine(logging.Filter):
    """Takes tracebacks out of what Prefect logs of an error, and says each error once.

    Prefect logs an error where a task fails, where its flow does, and where the process ends, each time with fifty
    lines of code, most of them its own. What a stage fails with has a line already (`tasks.stages.pages`).
    """

    def __init__(self) -> None:
        """Begin with no error told."""
        super().__init__()
        self._told: BaseException | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is written; one with a traceback is changed."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, Exception) or record.levelno < logging.ERROR:
            return True
        if record.name == _TASKS or error is self._told:
            return False
        self._told = error
        record.msg, record.args = "%s", (in_one_line(error),)
        record.exc_info = record.exc_text = None
        return True


def in_one_line(error: Exception) -> str:
    """Return what an error says; one that nobody foresaw leaves its traceback in a file, and says where."""
    return joined(str(error) if isinstance(error, MicrosegError) else report_crash(error))


def keep_tracebacks_out() -> None:
    """Have the logs of the runs of this process say errors in one line; again is as good as once."""
    one_line = OneLine()
    for name in (_RUNS, _TASKS):
        logger = logging.getLogger(name)
        if not any(isinstance(known, OneLine) for known in logger.filters):
            logger.addFilter(one_line)
