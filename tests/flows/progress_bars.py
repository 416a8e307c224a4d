"""The bars on the pages of Prefect, as its API has them."""

from prefect import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterType
from prefect.client.schemas.sorting import ArtifactSort


def newest_bars() -> dict[str, float]:
    """Per cent of the newest bar of each key."""
    kind = ArtifactFilter(type=ArtifactFilterType(any_=["progress"]))
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=kind, sort=ArtifactSort.ID_DESC, limit=200)
    newest = sorted(artifacts, key=lambda artifact: artifact.created or 0)
    return {str(artifact.key): float(str(artifact.data)) for artifact in newest}
