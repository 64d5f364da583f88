"""GitLab's dependency scanning report: known vulnerabilities of the packages of lock files."""

from hardpoint.assurance.reports.gitlab import GITLAB_FACTS, looks_like, read_gitlab
from hardpoint.kernel.importer import Report, importer

KIND = "gitlab-dependency-scanning"


@importer(
    KIND,
    title="GitLab's dependency scanning report",
    facts=GITLAB_FACTS,
    recognises=lambda start: looks_like(
        start, "dependency_scanning", rb'"dependency"', rb'"file"', rb'"package"\s*:\s*\{\s*"name"'
    ),
    good=b'{"version": "15", "vulnerabilities": [], "scan": {"type": "dependency_scanning", "status": "success"}}',
    bad=b'{"version": "15", "vulnerabilities": [, "scan": {"type": "dependency_scanning", "status": "success"}}',
)
def gitlab_dependency_scanning(data: bytes) -> Report:
    """One finding for each vulnerability of a package, by its id.

    A report that neither names a package nor says that its scan succeeded looked at nothing.
    """
    return read_gitlab(data, KIND)
