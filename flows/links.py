"""Addresses of the pages that runs leave: the menu of Prefect's UI has no Artifacts, so whoever needs them is told."""

import os

# What each run leaves, by the key of its artifact, in the order in which they are asked for.
ARTIFACTS = {
    "nightly-summary": "the last night",
    "report": "the report of the newest release",
    "feeds": "how fresh each feed is",
    "backfill-preview": "what a backfill would do",
    "backfill-result": "what a backfill did",
    "late-data": "dates that late rows concern",
    "late-data-result": "dates that late rows changed",
    "retrain-report": "challenger against champion",
    "maintenance": "what the maintenance did",
}


def ui_address() -> str:
    """Return the address of the UI as people call it, without a slash at its end."""
    api = os.environ.get("PREFECT_API_URL", "")
    return (os.environ.get("PREFECT_UI_URL") or api.removesuffix("/api")).rstrip("/")


def artifact_address(key: str = "") -> str:
    """Return the address of an artifact, or of the list of all, in the UI that draws diagrams."""
    return f"{ui_address()}/v2/artifacts" + f"/key/{key}" * bool(key)
