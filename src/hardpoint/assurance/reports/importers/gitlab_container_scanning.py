"""GitLab's container scanning report: known vulnerabilities of the packages of an image."""

from hardpoint.assurance.reports.gitlab import GITLAB_FACTS, looks_like, read_gitlab
from hardpoint.kernel.importer import Report, importer

KIND = "gitlab-container-scanning"


@importer(
    KIND,
    title="GitLab's container scanning report",
    facts=GITLAB_FACTS,
    recognises=lambda start: (
        looks_like(start, "container_scanning", b'"operating_system"', b'"image"') and not _of_cluster(start)
    ),
    good=b'{"version": "15", "vulnerabilities": [], "scan": {"type": "container_scanning", "status": "success"}}',
    bad=b'{"version": "15", "vulnerabilities": [, "scan": {"type": "container_scanning", "status": "success"}}',
)
def gitlab_container_scanning(data: bytes) -> Report:
    """One finding for each vulnerability of a package, by its id.

    A report that neither names a package nor says that its scan succeeded looked at nothing.
    """
    return read_gitlab(data, KIND)


def _of_cluster(start: bytes) -> bool:
    return b'"kubernetes_resource"' in start or b'"cluster_image_scanning"' in start
