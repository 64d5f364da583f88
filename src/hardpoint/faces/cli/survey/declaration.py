"""The first manifest: what was found, written down as promises that can be checked at once."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from importlib.resources import files

from hardpoint.faces.cli.survey.inventory import Inventory
from hardpoint.faces.cli.survey.services import MAX_SERVICES, Service
from hardpoint.faces.cli.survey.strict import STRICT_FILE, STRICT_NAME
from hardpoint.kernel import encoding, yaml
from hardpoint.kernel.baseline import BASELINE_FILE
from hardpoint.kernel.clock import system_clock
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.ruleset import NEWEST

STARTERS = ("merge", "production")
"""The gates that `hardpoint init --gate` offers in full, each a file of the folder starters/."""
_SOON, _LATER = timedelta(days=14), timedelta(days=60)
_PROMISES = (
    ("documents-hold", ("DOC001", "DOC002", "DOC003", "DOC007")),
    ("pipelines-tell-the-truth", ("CI001", "CI002", "CI003")),
    ("decisions-hold", ("ADR001", "ADR006", "ADR007")),
    ("boundaries-hold", ("BND001",)),
    ("runbooks-can-be-reached", ("RUN004",)),
)
"""The criteria of the gate merge: each stands where one of its rules looked at something."""


def foundation(found: Inventory, *, strict: bool = False) -> str:
    """The manifest without its gates: what the rules go by."""
    listed = found.services.services
    services = "".join(f"  - {_service(each, several=len(listed) > 1)}\n" for each in listed[:MAX_SERVICES])
    more = len(listed) - MAX_SERVICES
    left = f"  # and {more} more that were found: hardpoint assess --format json lists them\n" if more > 0 else ""
    exclude = ", ".join(_scalar(each) for each in found.exclude)
    blocking = f"blocking:\n  - {{name: {STRICT_NAME}, run: [sh, {STRICT_FILE}]}}\n" if strict else ""
    return f"""\
# What {listed[0].name} promises. `hardpoint gate` answers GO or NO-GO; `hardpoint schema` explains every key.
version: 1
ruleset: {NEWEST}  # a new release of Hardpoint judges by these rules until `hardpoint upgrade` raises it
services:  # `owner` is the team or person who answers for it
{services}{left}documents:
  exclude: [{exclude}]  # patterns as in .gitignore, for files that are not yours
{blocking}"""


def first_manifest(
    found: Inventory,
    examined: Collection[str],
    gates: Sequence[str] = (),
    now: datetime | None = None,
    *,
    strict: bool = False,
) -> str:
    """The whole manifest; `examined` are the rules that looked at something, `gates` the starters in full."""
    written = starter_gates(found, gates, now) if gates else _merge(examined) + _production(found, strict=strict)
    return f"{foundation(found, strict=strict)}gates:\n{written}"


def starter_gates(found: Inventory, gates: Sequence[str], now: datetime | None) -> str:
    """The text of starter gates, to stand under `gates:`; what joins later does so from `now` on."""
    folder = files("hardpoint.faces.cli") / "starters"
    text = "".join((folder / f"{name}.yaml").read_text(encoding="utf-8") for name in gates)
    for word, after in (("SOON", _SOON), ("LATER", _LATER)):
        text = text.replace(word, f"{(now or system_clock()) + after:%Y-%m-%d}T00:00:00Z")
    return text.replace("SERVICE", found.services.services[0].name.lower())


def _service(service: Service, *, several: bool) -> str:
    default = ", default: true" if several and not service.folder else ""
    by = f", {service.owned_by}" if service.owned_by else ""
    lifecycle = f", {service.lifecycle}" if service.lifecycle else ""
    shown = "this folder" if service.shown_by == "." else service.shown_by
    said = f"{{name: {_scalar(service.name)}, owner: {_scalar(service.owner)}{default}}}"
    return f"{said}  # {_plain(shown + by + lifecycle)}"


def _merge(examined: Collection[str]) -> str:
    criteria = ""
    for name, rules in _PROMISES:
        looking = [rule for rule in rules if rule in examined]
        if looking:
            criteria += f"      - {{id: {name}, kind: check, rules: [{', '.join(looking)}], allow_baseline: true}}\n"
    if not criteria and examined:  # nothing of the usual kind is there: what the rules did look at must not get worse
        looking = sorted(examined)
        criteria = (
            f"      - {{id: nothing-gets-worse, kind: check, rules: [{', '.join(looking)}], allow_baseline: true}}\n"
        )
    told = "let CI import the JUnit report of the tests"
    told += "; they decide once `severity: advisory` is deleted" if criteria else ""
    return f"""\
  - name: merge  # nothing worse than {BASELINE_FILE}
    default: true  # `hardpoint gate` ends with its exit code
    criteria:
{criteria}      # {told}
      - {{id: tests-pass, kind: report, report: junit, {_TESTS}{", severity: advisory" if criteria else ""}}}
"""


_TESTS = 'require: {tests: ">= 1", failures: 0, errors: 0}'


def _production(found: Inventory, *, strict: bool) -> str:
    """Six things without which nothing goes to production, in a line or two each."""
    service = found.services.services[0].name.lower()
    # Without the words to run, any command of that name would do.
    command = f"{STRICT_NAME}, run: [sh, {STRICT_FILE}]" if strict else "build"
    how = "hardpoint check --blocking" if strict else "evidence run build -- YOUR BUILD"
    live = "environment: production, max_age"
    return f"""\
  - name: production  # for a release, not for pull requests; what it lacks, it names with the way to get it
    criteria:
      - {{id: tests-pass, kind: report, report: junit, {_TESTS}}}
      - {{id: build-is-strict, kind: command, command: {command}, assurance: ran}}  # {how}
      - {{id: no-critical-finding-is-open, kind: findings, reports: [sarif], max_age: 7d}}  # your scanners' reports
      - {{id: slo-dashboard-is-live, kind: report, report: slo-dashboard, {live}: 7d,
         require: {{live: ">= 1", uncovered_slos: 0}}}}
      - {{id: somebody-is-on-call, kind: report, report: pager-coverage, {live}: 7d,
         require: {{sev1_days: ">= 7", sev2_days: ">= 7", gaps: 0}}}}
      - {{id: a-backup-was-restored, kind: report, report: restore-drill, {live}: 30d,
         require: {{success: true, documented: true, failed_checks: 0}}}}
      - {{id: headers-guard-the-site, kind: url, url: "https://{service}.example/", {live}: 7d, assurance: ran}}
      - {{id: penetration-test-is-closed, kind: report, report: penetration-test, {live}: 365d,
         require: {{authn: true, authz: true, findings: 0}}}}
"""


def _scalar(text: str) -> str:
    """Text as YAML in a flow: one that reads as something else, such as 2024 or true, needs quotes."""
    plain = text.replace("-", "").replace(".", "").replace("_", "").isalnum() and text.isascii() and text[0] != "-"
    return text if plain and yaml.load(text.encode(), MANIFEST_FILE).data == text else encoding.encode(text).decode()


def _plain(text: str) -> str:
    """Text that ends no comment."""
    return "".join(each if each.isprintable() else "?" for each in text)
