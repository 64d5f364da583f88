"""What is found of a pipeline that cannot be read."""

from collections.abc import Iterator

from hardpoint.assurance.delivery.pipeline import Pipeline
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.place import Place
from hardpoint.kernel.rule import Rule


def unread(rule: Rule[Pipeline], pipeline: Pipeline) -> Iterator[Finding]:
    """What could not be read was not judged, and that is no pass."""
    if pipeline.unread:
        yield rule.finding(
            pipeline.unread_at or Place(pipeline.file),
            f"{pipeline.host.value}: the file {pipeline.unread}; what it runs was not judged",
            remedy="Repair it, or name it under delivery.exclude if it is not yours",
        )
