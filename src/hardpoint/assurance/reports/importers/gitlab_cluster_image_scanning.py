"""GitLab's cluster image scanning report: known vulnerabilities of packages in a cluster."""

from hardpoint.assurance.reports.gitlab import GITLAB_FACTS, looks_like, read_gitlab
from hardpoint.kernel.importer import Report, importer

KIND = "gitlab-cluster-image-scanning"


@importer(
    KIND,
    title="GitLab's cluster image scanning report",
    facts=GITLAB_FACTS,
    recognises=lambda start: looks_like(start, "cluster_image_scanning", b'"kubernetes_resource"'),
    good=b'{"version": "15", "vulnerabilities": [], "scan": {"type": "cluster_image_scanning", "status": "success"}}',
    bad=b'{"version": "15", "vulnerabilities": [, "scan": {"type": "cluster_image_scanning", "status": "success"}}',
)
def gitlab_cluster_image_scanning(data: bytes) -> Report:
    """One finding for each vulnerability of a package, by its id.

    A report that neither names a package nor says that its scan succeeded looked at nothing.
    """
    return read_gitlab(data, KIND)
