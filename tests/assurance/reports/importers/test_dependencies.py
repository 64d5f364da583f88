"""Reports on packages: what counts as a finding, how bad it is, what it is about, and what is no pass."""

import json
from pathlib import Path

import pytest

from hardpoint.capabilities import capabilities
from hardpoint.kernel.finding import Risk, Severity, State
from hardpoint.kernel.importer import Importer, Report, read_report
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rooms.cli import Context

FIXTURES = Path(__file__).with_name("fixtures")
IMPORTERS = {each.kind: each for each in Context(capabilities()).collect("importers", Importer)}


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def read(name: str, change=lambda report: None) -> Report:
    """A fixture, with a change to what its JSON says."""
    kind, data = name.partition("/")[0], fixture(name)
    if name.endswith(".json"):
        report = json.loads(data)
        data = json.dumps(change(report) or report).encode()
    read_as, report = read_report(data, list(IMPORTERS.values()))
    assert read_as == kind
    return report


def counted(report: Report) -> dict[str, object]:
    return {name: fact for name, fact in report.facts.items() if fact}


def exposures(report: Report) -> list[tuple[str, str, str, str]]:
    return [
        (each.rule, each.exposure.risk.value, each.exposure.package, each.exposure.state.value)
        for each in report.findings
    ]


@pytest.mark.requirement("GAT-15", "SEC-01")
@pytest.mark.parametrize(
    ("name", "population", "facts"),
    [
        ("trivy/image.json", 3, {"findings": 4, "critical": 1, "high": 1, "medium": 1, "low": 1, "vulnerabilities": 4,
                                 "suppressed": 1, "targets": 3}),
        ("trivy/folder.json", 3, {"findings": 3, "critical": 1, "high": 2, "misconfigurations": 1, "secrets": 1,
                                  "licenses": 1, "targets": 3}),
        ("trivy/cluster.json", 2, {"findings": 2, "high": 1, "low": 1, "vulnerabilities": 1, "misconfigurations": 1,
                                   "targets": 2}),
        ("trivy/legacy.json", 2, {"findings": 1, "medium": 1, "vulnerabilities": 1, "targets": 2}),
        ("grype/image.json", 2, {"findings": 2, "high": 1, "info": 1, "ignored": 1, "matches": 3}),
        ("grype/clean.json", 1, {}),
        ("pip-audit/requirements.json", 2, {"findings": 1, "medium": 1, "packages": 2, "vulnerable": 1}),
        ("pip-audit/legacy.json", 1, {"findings": 1, "medium": 1, "packages": 1, "skipped": 1, "vulnerable": 1}),
        ("npm-audit/npm.json", 2, {"findings": 2, "critical": 1, "high": 1, "packages": 2}),
        ("npm-audit/npm6.json", 43, {"findings": 1, "low": 1, "packages": 43}),
        ("npm-audit/pnpm.json", 2, {"findings": 3, "critical": 1, "high": 2, "packages": 2}),
        ("yarn-audit/classic.ndjson", 43, {"findings": 1, "low": 1, "packages": 43}),
        ("yarn-audit/modern.ndjson", 2, {"findings": 2, "high": 1, "medium": 1, "packages": 2}),
        ("osv-scanner/lockfile.json", 2, {"findings": 2, "high": 1, "medium": 1, "packages": 2, "vulnerable": 1,
                                          "sources": 1}),
        ("osv-scanner/nothing.json", 0, {}),
        ("snyk/project.json", 43, {"findings": 3, "high": 1, "medium": 2, "licenses": 1, "ignored": 1, "packages": 43,
                                   "projects": 1}),
        ("snyk/container.json", 133, {"findings": 2, "critical": 1, "medium": 1, "packages": 133, "projects": 2}),
        ("dependabot/alerts.json", 5, {"findings": 3, "high": 1, "medium": 1, "low": 1, "alerts": 5, "suppressed": 2,
                                       "dismissed": 3}),
        ("gitlab-dependency-scanning/version15.json", 2, {"findings": 2, "high": 1, "medium": 1, "packages": 2}),
        ("gitlab-dependency-scanning/version14.json", 1, {"findings": 1, "high": 1, "packages": 1}),
        ("gitlab-container-scanning/version15.json", 2, {"findings": 2, "critical": 2, "packages": 2}),
        ("gitlab-cluster-image-scanning/version15.json", 1, {"findings": 1, "high": 1, "packages": 1}),
        ("cyclonedx/vex.json", 2, {"findings": 5, "critical": 4, "medium": 1, "suppressed": 2, "components": 2,
                                   "unlicensed": 2}),
        ("cyclonedx/pip-audit.json", 2, {"findings": 1, "medium": 1, "components": 2, "unlicensed": 2}),
        ("cyclonedx/npm.json", 2, {"components": 2}),
        ("cyclonedx-xml/vulnerable.xml", 2, {"suppressed": 2, "components": 2, "unlicensed": 1}),
        ("cyclonedx-xml/extension.xml", 1, {"findings": 1, "high": 1, "components": 1, "unlicensed": 1}),
        ("cyclonedx-xml/pip-audit.xml", 2, {"findings": 1, "medium": 1, "components": 2, "unlicensed": 2}),
        ("spdx/npm.json", 3, {"packages": 3, "licensed": 2, "unlicensed": 1, "licenses": 1}),
        ("spdx-tag-value/product.spdx", 2, {"packages": 2, "files": 1, "licensed": 1, "unlicensed": 1, "licenses": 1}),
        ("openvex/statements.json", 4, {"findings": 2, "medium": 2, "suppressed": 3, "statements": 4}),
    ],
)  # fmt: skip
def test_what_a_report_says_is_counted(name, population, facts):
    report = read(name)
    assert (report.population, counted(report), report.error) == (population, facts, None)


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("trivy/image.json", ("CVE-2024-0001", "high", "pkg:deb/debian/libssl3@3.0.11-1", "open")),
        ("trivy/image.json", ("CVE-2024-0002", "critical", "pkg:deb/debian/zlib1g@1:1.2.13", "open")),
        ("trivy/image.json", ("CVE-2024-0003", "medium", "pkg:deb/debian/perl-base@5.36.0", "not_affected")),
        ("trivy/image.json", ("GHSA-h5c8-rqwp-cp95", "low", "pkg:pypi/jinja2@2.11.2", "open")),
        ("trivy/legacy.json", ("CVE-2020-15999", "medium", "pkg:apk/alpine/freetype@2.10.1-r0", "open")),
        ("grype/image.json", ("GHSA-h5c8-rqwp-cp95", "info", "pkg:pypi/jinja2@2.11.2", "open")),
        ("pip-audit/requirements.json", ("PYSEC-2021-66", "medium", "pkg:pypi/jinja2@2.11.2", "open")),
        ("npm-audit/npm.json", ("GHSA-xvch-5gv4-984h", "critical", "pkg:npm/minimist", "open")),
        ("npm-audit/pnpm.json", ("GHSA-35jh-r3h4-6jhm", "high", "pkg:npm/lodash@4.17.15", "open")),
        ("yarn-audit/modern.ndjson", ("request (deprecation)", "medium", "pkg:npm/request@2.88.2", "open")),
        ("osv-scanner/lockfile.json", ("GO-2024-2687", "high", "pkg:golang/golang.org/x/net@0.17.0", "open")),
        ("snyk/container.json", ("SNYK-DEBIAN12-OPENSSL-1", "critical", "pkg:deb/debian/libssl3@3.0.11-1", "open")),
        ("snyk/container.json", ("SNYK-JS-LODASH-567746", "medium", "pkg:npm/lodash@4.17.15", "open")),
        ("dependabot/alerts.json", ("GHSA-h5c8-rqwp-cp95", "high", "pkg:pypi/jinja2", "fixed")),
        ("dependabot/alerts.json", ("GHSA-h5c8-rqwp-cp95", "high", "pkg:pypi/jinja2", "not_affected")),
        ("dependabot/alerts.json", ("GHSA-h5c8-rqwp-cp95", "medium", "pkg:pypi/jinja2", "open")),
        ("gitlab-container-scanning/version15.json", ("1", "critical", "pkg:deb/debian/openssl@3.0.11-1", "open")),
        ("gitlab-dependency-scanning/version14.json", ("1", "high", "pkg:pypi/jinja2@2.11.2", "open")),
        ("cyclonedx/vex.json", ("CVE-2024-0003", "critical", "pkg:pypi/jinja2@2.11.2", "under_investigation")),
        ("cyclonedx/vex.json", ("CVE-2024-0004", "critical", "pkg:pypi/flask@3.0.0", "open")),
        ("cyclonedx/vex.json", ("CVE-2024-0002", "critical", "", "fixed")),
        ("cyclonedx/vex.json", ("CVE-2024-0005", "medium", "", "open")),
        ("cyclonedx-xml/extension.xml", ("CVE-2019-9923", "high", "pkg:deb/debian/tar@1.30", "open")),
        ("openvex/statements.json", ("CVE-2024-22195", "medium", "pkg:pypi/jinja2@2.11.2", "not_affected")),
        ("openvex/statements.json", ("CVE-2024-0001", "medium", "pkg:deb/debian/libssl3@3.0.11-1", "open")),
    ],
)
def test_a_finding_says_how_bad_it_is_and_of_which_package(name, expected):
    assert expected in exposures(read(name))


@pytest.mark.parametrize(
    ("name", "aliases"),
    [
        ("trivy/image.json", ("CVE-2024-22195", "GHSA-h5c8-rqwp-cp95")),
        ("grype/image.json", ("CVE-2024-22195", "GHSA-h5c8-rqwp-cp95")),
        ("pip-audit/requirements.json", ("CVE-2020-28493", "PYSEC-2021-66")),
        ("npm-audit/npm6.json", ("CVE-2020-8203",)),
        ("osv-scanner/lockfile.json", ("CVE-2023-45288", "GHSA-4v7x-pqxf-cx7m", "GO-2024-2687")),
        ("snyk/project.json", ("CVE-2020-8203", "SNYK-JS-LODASH-567746")),
        ("dependabot/alerts.json", ("CVE-2024-22195", "GHSA-h5c8-rqwp-cp95")),
        ("gitlab-dependency-scanning/version15.json", ("CVE-2024-22195",)),
        ("cyclonedx/vex.json", ("CVE-2024-22195", "GHSA-h5c8-rqwp-cp95")),
        ("cyclonedx-xml/vulnerable.xml", ("CVE-2018-7489", "SNYK-JAVA-COMFASTERXMLJACKSONCORE-32111")),
        ("openvex/statements.json", ("CVE-2024-22195", "GHSA-h5c8-rqwp-cp95")),
    ],
)
def test_a_finding_has_every_name_of_its_vulnerability(name, aliases):
    assert aliases in {each.exposure.aliases for each in read(name).findings}


@pytest.mark.requirement("GAT-02")
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("npm-audit/failed.json", "the audit failed: 405"),
        ("yarn-audit/failed.ndjson", "the registry refused"),
        ("snyk/projects.json", "Snyk could not test /src/b"),
        ("gitlab-container-scanning/failed.json", "the image was not found"),
    ],
)
def test_a_tool_that_failed_came_to_no_result(name, sentence):
    assert sentence in read(name).error


@pytest.mark.requirement("GAT-02")
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("trivy/image.json", lambda report: report.pop("Results") and None),
        ("trivy/image.json", lambda report: report.update(Results=None)),
        ("grype/clean.json", lambda report: report.pop("source") and None),
        ("pip-audit/requirements.json", lambda report: [{"name": "a", "skip_reason": "no index"}]),
        ("gitlab-dependency-scanning/version15.json",
         lambda report: {"vulnerabilities": [], "scan": {"type": "dependency_scanning"}}),
        ("cyclonedx/npm.json", lambda report: report.update(components=[])),
        ("spdx/npm.json", lambda report: report.update(packages=[])),
        ("openvex/statements.json", lambda report: report.update(statements=[])),
    ],
)  # fmt: skip
def test_what_looked_at_nothing_has_no_population(name, change):
    assert read(name, change).population == 0


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("trivy/image.json", lambda report: report.update(SchemaVersion=3)),
        ("trivy/image.json", lambda report: report["Results"][0].update(vulnerabilities=[])),
        ("npm-audit/npm.json", lambda report: report.pop("vulnerabilities") and None),
        ("pip-audit/requirements.json", lambda report: report["dependencies"][0].pop("vulns") and None),
        ("snyk/projects.json", lambda report: report[0].pop("vulnerabilities") and None),
        ("dependabot/alerts.json", lambda report: report[0].pop("state") and None),
        ("openvex/statements.json", lambda report: report["statements"][0].update(status="unaffected")),
        ("spdx/npm.json", lambda report: report.update(spdxVersion="SPDX-3.0")),
        ("cyclonedx/npm.json", lambda report: report.update(bomFormat="Other")),
    ],
)
def test_what_is_no_such_report_is_refused(name, change):
    with pytest.raises(UnreadableProblem):
        read(name, change)


@pytest.mark.requirement("GAT-15")
@pytest.mark.parametrize("name", ["trivy/folder.json"])
def test_a_secret_goes_nowhere(name):
    assert b"SECRETVALUE" in fixture(name)
    assert "SECRETVALUE" not in repr(read(name))


def test_a_misconfiguration_that_passed_is_no_finding():
    assert "DS001" not in {each.rule for each in read("trivy/folder.json").findings}


def test_places_and_remedies_are_those_of_the_report():
    dockerfile = next(each for each in read("trivy/folder.json").findings if each.rule == "DS002")
    assert (dockerfile.place, dockerfile.remedy, dockerfile.severity) == (
        Place("Dockerfile", 3), "Add a USER", Severity.ERROR,
    )  # fmt: skip
    assert read("trivy/cluster.json").findings[0].place.file == "default/Deployment/shop: shop:1.0 (debian 12.5)"
    assert read("dependabot/alerts.json").findings[0].exposure.fixed_in == "3.1.3"


def test_times_are_those_of_the_scan_where_they_name_an_instant():
    assert read("trivy/image.json").time == "2026-03-31T10:00:00.500000Z"
    assert read("cyclonedx/vex.json").time == "2026-03-31T10:00:00.000000Z"
    assert read("gitlab-dependency-scanning/version15.json").time is None  # it names no offset


def test_an_unknown_severity_is_medium_and_said():
    (tar,) = (each for each in read("trivy/image.json").findings if each.rule == "CVE-2024-0004")
    assert tar.exposure.risk is Risk.MEDIUM
    assert "its severity is 'UNKNOWN'" in tar.text


def test_a_package_with_several_advisories_has_no_alias_that_could_close_it_alone():
    lodash = next(each for each in read("npm-audit/npm.json").findings if "lodash" in each.text)
    assert (lodash.rule, lodash.exposure.aliases) == ("GHSA-35jh-r3h4-6jhm GHSA-p6mc-m468-83gw", ())


def test_what_is_vulnerable_through_another_package_says_so():
    def change(report):
        report["vulnerabilities"]["shop"] = {
            "name": "shop", "severity": "moderate", "via": ["lodash"], "nodes": ["node_modules/shop"],
            "fixAvailable": True, "range": "*", "effects": [],
        }  # fmt: skip

    shop = next(each for each in read("npm-audit/npm.json", change).findings if each.text.startswith("shop"))
    assert (shop.rule, shop.text) == ("vulnerable-dependency", "shop *: it needs vulnerable versions of lodash")


def test_an_audit_may_be_of_packages_whose_names_are_names_elsewhere():
    def change(report):
        for name in ("semver", "from", "vulns", "Target", "matches", "packageManager", "bom-ref"):
            report["vulnerabilities"][name] = {**report["vulnerabilities"]["minimist"], "name": name}

    assert len(read("npm-audit/npm.json", change).findings) == 9


def test_an_audit_within_the_answer_of_fix_is_read():
    report = json.loads(fixture("npm-audit/npm.json"))
    assert len(IMPORTERS["npm-audit"].read(json.dumps({"added": 0, "audit": report}).encode()).findings) == 2


def test_a_malicious_package_is_critical_though_nobody_rates_it():
    def change(report):
        report["results"][0]["packages"][1]["vulnerabilities"] = [{"id": "MAL-2023-1035", "database_specific": {}}]

    assert ("MAL-2023-1035", "critical", "pkg:golang/golang.org/x/text@0.14.0", "open") in exposures(
        read("osv-scanner/lockfile.json", change)
    )


@pytest.mark.parametrize("identifiers", [None, {}, {"CVE": None}, {"NSP": [146]}])
def test_an_issue_may_have_no_identifiers(identifiers):
    def change(report):
        report["vulnerabilities"][0]["identifiers"] = identifiers

    assert read("snyk/project.json", change).findings[0].exposure.aliases == ("SNYK-JS-LODASH-567746",)


def test_pages_of_alerts_are_one_list():
    alerts = fixture("dependabot/alerts.json")
    assert len(IMPORTERS["dependabot"].read(b"[" + alerts + b"," + alerts + b"]").findings) == 10


@pytest.mark.requirement("GAT-15")
def test_an_audit_of_yarn_without_its_summary_was_cut_off():
    lines = fixture("yarn-audit/classic.ndjson").splitlines(keepends=True)
    with pytest.raises(UnreadableProblem, match="cut off"):
        IMPORTERS["yarn-audit"].read(b"".join(lines[:-1]))
    with pytest.raises(UnreadableProblem, match="no advisory"):
        IMPORTERS["yarn-audit"].read(lines[-1])


def test_vex_closes_and_opens():
    states = [each.exposure.state for each in read("cyclonedx/vex.json").findings]
    assert states.count(State.OPEN) == 4
    assert {State.NOT_AFFECTED, State.FIXED, State.UNDER_INVESTIGATION} < set(states)
    assert {each.exposure.state for each in read("cyclonedx-xml/vulnerable.xml").findings} == {State.NOT_AFFECTED}


@pytest.mark.parametrize("state", ["", "false_alarm", "Resolved"])
def test_an_unknown_state_is_open(state):
    def change(report):
        report["vulnerabilities"][1]["analysis"]["state"] = state

    assert counted(read("cyclonedx/vex.json", change))["findings"] == 6


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text.partition(b"##### Relationship")[0], "cut off"),
        (lambda text: text[:-1], "ends within a line"),
        (lambda text: text.replace(b"SPDXID: SPDXRef-flask\n", b""), "SPDXRef-flask, which is not in it"),
        (lambda text: text.replace(b"</text>", b""), "<text> without its end"),
        (lambda text: text + b"what?\n", "no tag and value"),
        (lambda text: text.replace(b"SPDX-2.3", b"SPDX-1.2"), "2.2"),
        (lambda text: text + b"\xff\n", "UTF-8"),
    ],
)
def test_a_document_of_tags_proves_that_it_is_whole(change, sentence):
    with pytest.raises(UnreadableProblem, match=sentence):
        IMPORTERS["spdx-tag-value"].read(change(fixture("spdx-tag-value/product.spdx")))


def test_every_fixture_says_where_it_comes_from():
    for folder in FIXTURES.iterdir():
        if (folder / "ORIGIN").exists():
            named = {line.partition(":")[0] for line in (folder / "ORIGIN").read_text().splitlines()}
            assert named == {path.name for path in folder.iterdir()} - {"ORIGIN"}
