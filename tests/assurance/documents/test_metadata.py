"""What a kind of document has to say, who may own it, and when it is to be read again."""

from datetime import UTC, datetime

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.rules.metadata import incomplete, overdue, unknown_owner
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.ownership.model import SERVICES
from hardpoint.kernel.workspace import Workspace

NOW = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)


def found(files, rule):
    (run,) = run_rules(Workspace.of(files, [DOCUMENTS, SERVICES], now=NOW), [rule])
    assert run.error is None
    return [(str(each.place), each.text) for each in run.findings]


KINDS = """version: 1
documents:
  kinds:
    - name: epic
      files: [epics/, "!epics/README.md"]
      fields: [owner, status, review_by]
      sections: [Scope, Success metrics]
      statuses: [proposed, active, done]
"""
EPIC = """---
owner: team-a
status: active
review-by: 2026-12-31
---
# E

## Scope

x

## 2) Success Metrics

y
"""


@pytest.mark.requirement("DOC-08")
@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("owner: team-a\n", "", "the epic gives no owner"),
        ("owner: team-a", "owner: TBD", "the epic gives 'TBD' as its owner"),
        ("owner: team-a", "owner:", "the epic gives nothing as its owner"),
        ("status: active", "status: actve", "the epic has the status 'actve' (did you mean 'active'?)"),
        ("## Scope\n\nx\n", "## Scope\n", "the section 'Scope' is empty"),
        ("## 2) Success Metrics", "## Numbers", "the epic has no section 'Success metrics'"),
    ],
)
def test_what_is_missing_is_named(old, new, text):
    files = {"hardpoint.yaml": KINDS, "epics/one.md": EPIC, "epics/README.md": "# Epics\n"}
    assert found(files, incomplete) == []
    broken = {**files, "epics/one.md": EPIC.replace(old, new)}
    assert [said for _, said in found(broken, incomplete)] == [text]


def test_a_status_may_go_on():
    files = {"hardpoint.yaml": KINDS, "epics/one.md": EPIC.replace("status: active", "status: Done in 1.2")}
    assert found(files, incomplete) == []


@pytest.mark.requirement("DOC-09")
@pytest.mark.parametrize(
    "owner",
    ["team-a", "@acme/team-a", "Team A", "ann@acme.org", "[team-b](x.md)", "group:default/team-c", "team-a, team-b"],
)
def test_an_owner_whom_the_repository_knows(owner):
    files = {
        "CODEOWNERS": "# @acme/gone\n* @acme/team-a ann@acme.org\n",
        "hardpoint.yaml": "version: 1\nservices: [{name: shop, owner: team-b}]\n",
        "shop/catalog-info.yaml": "kind: Component\nmetadata:\n  name: shop\nspec:\n  owner: team-c\n",
        "docs/a.md": f"# A\n\nOwner: {owner}\n",
    }
    assert found(files, unknown_owner) == []


@pytest.mark.requirement("DOC-09")
@pytest.mark.parametrize("owner", ["@acme/gone", "bob@acme.org", "shop", "team-a, team-x"])
def test_an_owner_who_left(owner):
    files = {
        "CODEOWNERS": "# @acme/gone\n* @acme/team-a\n",
        "catalog-info.yaml": "kind: Component\nmetadata:\n  name: shop\n---\nkind: Group\nmetadata:\n  name: team-g\n",
        "docs/a.md": f"# A\n\nOwner: {owner}\n",
        "docs/b.md": "# B\n\nOwner: team-g\n",
    }
    assert [place for place, _ in found(files, unknown_owner)] == ["docs/a.md:3"]


def test_where_nobody_is_known_nobody_is_unknown():
    assert found({"docs/a.md": "# A\n\nOwner: somebody\n"}, unknown_owner) == []


@pytest.mark.requirement("DOC-09")
@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("2026-03-30", "the review was due on 2026-03-30, 1 day ago"),
        ("2025-03-31", "the review was due on 2025-03-31, 365 days ago"),
        ("next spring", "'next spring' is no date"),
        ("2026-03-31", None),
        ("TBD", None),
    ],
)
def test_a_review_is_due_by_the_day_that_is_written(written, text):
    said = found({"docs/a.md": f"---\nreview_by: {written}\n---\n# A\n"}, overdue)
    assert said == ([("docs/a.md:2", text)] if text else [])
