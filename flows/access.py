"""Access to the Prefect server of `microseg up`: whoever may call its API may run code as its owner."""

import os
import secrets
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from flows.processes import SetupError
from warehouse.files import write_text
from warehouse.privacy import private_folder
from warehouse.settings import Settings

SERVER, CLIENT = "PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING"
USER = "microseg"
# What a run may ask of the process that it gets. Not a command nor its environment: either would run anything at all.
_ASKED_OF_A_PROCESS = ("name", "labels", "stream_output")


def password_file(settings: Settings) -> Path:
    """Return where the password of a local server lies that nobody chose on purpose."""
    return settings.home.resolve() / "prefect" / "api-password"


def require_password(settings: Settings, host: str) -> Path | None:
    """Give the server and everything that calls it one password: the chosen one, or one made at the first start.

    Args:
        settings: Home of the file with the password, which its owner alone can read.
        host: Address that the server will listen on.

    Returns:
        The file that holds the password; None where PREFECT_SERVER_API_AUTH_STRING was chosen on purpose.

    Raises:
        SetupError: Other machines could call the server, and nobody chose a password.
    """
    if chosen := os.environ.get(SERVER):
        os.environ[CLIENT] = chosen
        return None
    if not _is_loopback(host):
        raise SetupError(
            f"{host} can be called from other machines, so a password has to be chosen: set {SERVER} to NAME:PASSWORD, "
            "with TLS in front (see docs/operations.md); --host 127.0.0.1 needs none"
        )
    path = password_file(settings)
    if not path.exists():
        private_folder(path.parent)
        write_text(path, f"{USER}:{secrets.token_urlsafe(24)}", mode=0o600)
    os.environ[SERVER] = os.environ[CLIENT] = path.read_text(encoding="utf-8").strip()
    return path


def own_origins(host: str, port: int) -> str:
    """Return the only pages that may call the API from a browser.

    >>> own_origins("127.0.0.1", 4200)
    'http://127.0.0.1:4200,http://localhost:4200'
    """
    names = dict.fromkeys([host, "localhost"] if _is_loopback(host) else [host])
    address = os.environ.get("PREFECT_UI_URL", "").rstrip("/")
    return ",".join([*(f"http://{name}:{port}" for name in names), *([address] if address else [])])


def bounded_template(template: dict[str, Any]) -> dict[str, Any]:
    """Return the job template of a process without what would let a run choose its command or its environment.

    Args:
        template: Prefect's own.
    """
    properties = template["variables"]["properties"]
    kept = {name: properties[name] for name in _ASKED_OF_A_PROCESS}
    configuration: dict[str, Any] = {name: f"{{{{ {name} }}}}" for name in kept}
    configuration |= {"command": None, "env": {}, "working_dir": None}
    return template | {
        "job_configuration": configuration,
        "variables": template["variables"] | {"properties": kept, "additionalProperties": False},
    }


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
