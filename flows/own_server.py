"""`python -m flows.own_server ...`: Prefect's command line, in a process that knows our alarms."""

from prefect.cli import app

import flows.alarm_once  # noqa: F401 - importing it makes it known

if __name__ == "__main__":
    app()
