"""What scanners' reports have in common: risk, names of vulnerabilities, package URLs, counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.exposures import (
    RISK_FACTS,
    aliases_in,
    canonical_purl,
    exposed,
    purl,
    risk_facts,
    risk_of,
    risk_scored,
)
from hardpoint.kernel.finding import Risk, Severity, State
from hardpoint.kernel.place import Place


def found(word="high", **changes):
    return exposed(rule="R", word=word, place=Place("a"), text="wrong\nmore", tool="t", **changes)


@pytest.mark.parametrize(
    ("score", "risk"),
    [(0, "info"), (0.1, "low"), (3.9, "low"), (4.0, "medium"), (6.9, "medium"), (7.0, "high"), (8.9, "high"),
     (9.0, "critical"), (10.0, "critical")],
)  # fmt: skip
def test_scores_have_the_bands_of_cvss(score, risk):
    assert risk_scored(score) == Risk(risk)


@pytest.mark.parametrize(
    ("word", "score", "risk"),
    [("CRITICAL", None, "critical"), ("Important", None, "high"), ("moderate", 9.8, "medium"), ("low", None, "low"),
     ("Negligible", None, "info"), ("UNKNOWN", 9.8, "critical"), ("", None, "medium"), ("bogus", None, "medium")],
)  # fmt: skip
def test_the_tools_word_counts_then_the_score_and_unknown_is_not_mild(word, score, risk):
    assert risk_of(word, score) == Risk(risk)


def test_an_unknown_severity_is_said():
    assert found("UNKNOWN").text == "wrong (its severity is 'UNKNOWN')"
    assert found("UNKNOWN", cvss=5).text == "wrong"
    assert found("high").text == "wrong"
    assert len(found("x", cvss=None).text) <= 500


def test_nul_is_left_out():
    finding = exposed(
        rule="R\x00", word="high", place=Place(""), text="a\x00b", remedy="c\x00", tool="t", fixed_in="1\x00"
    )
    assert "\\x00" not in repr(finding)


def test_a_score_off_the_scale_is_none():
    assert found(cvss=11.0).exposure.cvss is None
    assert found(cvss=float("nan")).exposure.cvss is None


def test_critical_and_high_are_errors():
    words = ("critical", "high", "medium", "low", "info")
    assert [found(word).severity for word in words] == [
        Severity.ERROR, Severity.ERROR, Severity.WARNING, Severity.NOTE, Severity.NOTE,
    ]  # fmt: skip


def test_facts_count_what_is_open():
    states = (State.FIXED, State.NOT_AFFECTED, State.UNDER_INVESTIGATION)
    facts = risk_facts([found(), found("low"), *(found(state=state) for state in states)])
    assert facts == {"findings": 3, "critical": 0, "high": 2, "medium": 0, "low": 1, "info": 0}
    assert set(facts) == set(RISK_FACTS)


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["cve-2021-44228"], ["CVE-2021-44228"]),
        (["CAN-2004-0001"], ["CVE-2004-0001"]),
        (["https://github.com/advisories/ghsa-JFH8-c2jp-5v3q"], ["GHSA-jfh8-c2jp-5v3q"]),
        (["PYSEC-2021-1 and GO-2022-0001", "rustsec-2020-0001"], ["GO-2022-0001", "PYSEC-2021-1", "RUSTSEC-2020-0001"]),
        (["DEBIAN-CVE-2020-1234", "CVE-2020-1234"], ["CVE-2020-1234"]),
        (["SNYK-JS-LODASH-567746"], ["SNYK-JS-LODASH-567746"]),
        (["CWE-79", "RHSA-2021:0001", "DSA-1234-1", "USN-1-1", "", None], []),
        (["XCVE-2021-44228", "CVE-20-1", "GHSA-aaaa-bbbb-cccc"], []),
    ],
)
def test_names_of_vulnerabilities_have_one_form(texts, names):
    assert list(aliases_in(*texts)) == names


@pytest.mark.parametrize(
    ("ecosystem", "name", "version", "url"),
    [
        ("npm", "@Angular/core", "1.0.0", "pkg:npm/%40angular/core@1.0.0"),
        ("PyPI", "Ruamel.Yaml_x", "1", "pkg:pypi/ruamel-yaml-x@1"),
        ("gomod", "github.com/Foo/bar/v2", "v2.0.1", "pkg:golang/github.com/foo/bar/v2@v2.0.1"),
        ("Maven", "org.apache.logging.log4j:log4j-core", "2.0", "pkg:maven/org.apache.logging.log4j/log4j-core@2.0"),
        ("crates.io", "serde", "1.0+x", "pkg:cargo/serde@1.0%2Bx"),
        ("bundler", "rails", "6", "pkg:gem/rails@6"),
        ("Packagist", "Symfony/http", "", "pkg:composer/symfony/http"),
        ("NuGet", "Newtonsoft.Json", "13", "pkg:nuget/Newtonsoft.Json@13"),
        ("Debian:12", "libSSL3", "1:3.0", "pkg:deb/debian/libssl3@1:3.0"),
        ("redhat", "openssl", "1-2.el8", "pkg:rpm/redhat/openssl@1-2.el8"),
        ("apk", "musl", "1.2-r1", "pkg:apk/musl@1.2-r1"),
        ("COBOL", "x", "1", ""),
        ("npm", " ", "1", ""),
    ],
)
def test_package_urls(ecosystem, name, version, url):
    assert purl(ecosystem, name, version) == url
    assert not url or canonical_purl(url) == url


def test_a_package_of_a_distribution_says_which():
    assert purl("deb", "apt", "1", distribution="Ubuntu") == "pkg:deb/ubuntu/apt@1"


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("pkg:deb/debian/curl@7.50?arch=i386&distro=jessie#x", "pkg:deb/debian/curl@7.50"),
        ("pkg:npm/@angular/core", "pkg:npm/%40angular/core"),
        ("pkg:npm/%40Angular/core@1", "pkg:npm/%40angular/core@1"),
        ("pkg://golang/github.com/A/b@v1", "pkg:golang/github.com/a/b@v1"),
        ("cpe:/a:b", ""),
        ("", ""),
        ("pkg:npm/@1", ""),
    ],
)
def test_package_urls_of_others_are_written_as_ours(written, url):
    assert canonical_purl(written) == url


@given(st.text(max_size=60))
def test_any_text_is_no_stumbling_block(text):
    aliases_in(text)
    assert risk_of(text) in Risk
    once = canonical_purl(f"pkg:npm/{text}")
    assert canonical_purl(once) == once
    assert canonical_purl(purl("npm", text, text)) == purl("npm", text, text)
