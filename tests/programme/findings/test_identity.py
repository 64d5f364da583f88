"""Identity: one problem, whatever its names are and wherever it is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.programme.findings.identity import Identities, family_of, marks_of, shape_of, split_package

WORK = "work"
"""The folder in which runners of GitHub check out."""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("src/App.py", "src/app.py"),
        ("src/app.py:12:4", "src/app.py"),
        ("./src/app.py", "src/app.py"),
        ("src\\app.py", "src/app.py"),
        (f"/home/runner/{WORK}/shop/shop/src/app.py", "src/app.py"),
        ("/github/workspace/src/app.py", "src/app.py"),
        ("/builds/team/shop/src/app.py", "src/app.py"),
        ("file:///github/workspace/src/app.py", "src/app.py"),
        ("dist/main.3f2a91bc.js", "dist/main.90ab12cd.js"),
        ("build/2026-03-31/a.py", "build/2026-04-01/a.py"),
        ("build-1774960000/a.py", "build-1774970000/a.py"),
        ("tmp/0f8fad5b-d9cb-469f-a165-70867728950e/a.py", "tmp/7c9e6679-7425-40de-944b-e07fc1f90ae7/a.py"),
    ],
)
def test_a_path_keeps_its_shape(one, other):
    assert shape_of(one) == shape_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("migrations/0001_init.py", "migrations/0002_init.py"),
        ("src/a.py", "src/b.py"),
        ("src/feedface/a.py", "src/decade/a.py"),
        ("src/deadbeef.py", "src/cafebabe.py"),
        ("v1/a.py", "v2/a.py"),
    ],
)
def test_what_people_name_apart_stays_apart(one, other):
    assert shape_of(one) != shape_of(other)


@pytest.mark.parametrize(
    ("rule", "family"),
    [
        ("python.lang.security.audit.eval-detected.eval-detected", "eval-detected"),
        ("rules.eval-detected", "eval-detected"),
        ("@typescript-eslint/no-eval", "no-eval"),
        ("B101:assert_used", "assert_used"),
        ("CKV_AWS_20", "ckv_aws_20"),
        ("10038", "10038"),
        ("1.2", "1.2"),
    ],
)
def test_a_rule_is_known_without_its_tools_prefix(rule, family):
    assert family_of(rule) == family


@pytest.mark.parametrize(
    ("purl", "package", "version"),
    [
        ("pkg:pypi/Jinja2@3.1.2", "pkg:pypi/jinja2", "3.1.2"),
        ("pkg:pypi/zope_interface@5", "pkg:pypi/zope-interface", "5"),
        ("pkg:npm/%40scope/name@1.0.0", "pkg:npm/@scope/name", "1.0.0"),
        ("pkg:npm/@scope/name@1.0.0", "pkg:npm/@scope/name", "1.0.0"),
        ("pkg:npm/@scope/name", "pkg:npm/@scope/name", ""),
        ("pkg:deb/debian/openssl@3.0.11-1%7Edeb12u2?arch=amd64#x", "pkg:deb/debian/openssl", "3.0.11-1~deb12u2"),
        ("", "", ""),
    ],
)
def test_a_package_is_known_without_its_version(purl, package, version):
    assert split_package(purl) == (package, version)


def known(*marks):
    identities = Identities()
    for each in marks:
        identities.add(each)
    return identities


def vulnerability(*names, package="pkg:pypi/a@1"):
    return marks_of(names[0], "requirements.txt", aliases=names, package=package)


@pytest.mark.requirement("SEC-02")
def test_names_that_any_report_gives_together_are_one_vulnerability():
    pip, npm, osv = vulnerability("PYSEC-1"), vulnerability("CVE-1"), vulnerability("PYSEC-1", "GHSA-1", "CVE-1")
    assert known(pip, npm).keys(pip) != known(pip, npm).keys(npm)
    together = known(pip, npm, osv)
    (key,) = {each for marks in (pip, npm, osv) for each in together.keys(marks)}
    assert key.what == "CVE-1"
    assert together.names(key) == {"CVE-1", "GHSA-1", "PYSEC-1"}


def test_one_vulnerability_in_two_packages_is_two_problems():
    one, other = vulnerability("CVE-1"), vulnerability("CVE-1", package="pkg:pypi/b@1")
    assert known(one, other).keys(one) != known(one, other).keys(other)


def test_the_version_of_a_package_is_no_part_of_it():
    assert vulnerability("CVE-1").key == vulnerability("cve-1", package="pkg:pypi/A@2").key


def test_what_names_no_package_speaks_of_every_package_that_has_it():
    vague, one, other = (vulnerability("CVE-1", package=each) for each in ("", "pkg:pypi/a@1", "pkg:pypi/b@1"))
    assert known(vague).keys(vague) == (vague.key,)
    both = known(vague, one, other)
    assert both.keys(vague) == (*both.keys(one), *both.keys(other))


def test_what_has_no_fingerprint_speaks_of_every_weakness_of_its_rule_in_its_file():
    vague = marks_of("a.eval", "src/a.py")
    one, other = (marks_of("eval", "src/a.py", fingerprint=each) for each in ("f1", "f2"))
    elsewhere = marks_of("eval", "src/b.py", fingerprint="f3")
    assert known(vague).keys(vague) == (vague.key,)
    assert known(vague, one, other, elsewhere).keys(vague) == (one.key, other.key)


def test_a_fingerprint_is_known_wherever_it_moves():
    assert marks_of("eval", "a.py", fingerprint="f").key == marks_of("x.eval", "b.py", fingerprint="f").key


names = st.lists(
    st.sampled_from([f"CVE-{n}" for n in range(6)] + [f"GHSA-{n}" for n in range(4)]), min_size=1, max_size=3
)
findings = st.builds(
    lambda names, package: vulnerability(*names, package=package),
    names,
    st.sampled_from(["", "pkg:pypi/a@1", "pkg:pypi/a@2", "pkg:pypi/b@1"]),
) | st.builds(
    lambda path, fingerprint: marks_of("eval", path, fingerprint=fingerprint),
    st.sampled_from(["a.py", "b.py"]),
    st.sampled_from(["", "f1", "f2"]),
)


@pytest.mark.requirement("SEC-02")
@given(st.lists(findings, max_size=12), st.randoms())
def test_the_order_of_reports_changes_no_identity(marks, random):
    shuffled = random.sample(marks, len(marks))
    one, other = known(*marks), known(*shuffled)
    assert [one.keys(each) for each in marks] == [other.keys(each) for each in marks]
    assert all(one.names(key) == other.names(key) for each in marks for key in one.keys(each))


@given(st.lists(findings, min_size=1, max_size=12))
def test_every_name_of_a_finding_leads_to_the_same_problem(marks):
    identities = known(*marks)
    for each in marks:
        for name in each.names:
            assert identities.keys(each._replace(names=(name,))) == identities.keys(each)
