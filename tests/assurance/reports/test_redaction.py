"""Redaction: no secret of a command line stays, and what is none does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.reports.redaction import redacted

SECRET = "s3cretvalue"


@pytest.mark.parametrize(
    "argv",
    [
        ("env", f"DB_URL={SECRET}", "x"),
        ("x", f"--password={SECRET}"),
        ("x", "--password", SECRET),
        ("x", "--api-key", SECRET),
        ("x", "--github-token", SECRET),
        ("curl", "-u", f"me:{SECRET}"),
        ("curl", "-H", f"Authorization: Bearer {SECRET}"),
        ("curl", "-H", f"X-Api-Key: {SECRET}"),
        ("curl", f"https://me:{SECRET}@example.org/"),
        ("curl", f"https://example.org/?access_token={SECRET}&x=1"),
        ("sh", "-c", f"cd x && TOKEN={SECRET} make"),
        ("sh", "-c", f"login --password {SECRET} now"),
        ("x", f"ghp_{SECRET}{SECRET}"),
        ("x", f"--with=glpat-{SECRET}{SECRET}"),
    ],
)
def test_a_secret_is_hidden(argv):
    shown = redacted(argv)
    assert SECRET not in " ".join(shown)
    assert len(shown) == len(argv)


def test_what_is_no_secret_is_shown():
    argv = (
        "pytest",
        "-q",
        "--cov=src",
        "tests/test_token.py",
        "-k",
        "not slow",
        "--maxfail=1",
        "https://example.org/a?b=c",
    )
    assert redacted(argv) == argv


@given(st.text("abcdefghij0123456789", min_size=8, max_size=20))
def test_the_value_of_a_variable_is_never_shown(value):
    assert f"={value}" not in " ".join(redacted(("env", f"ANY_NAME={value}", f"--secret={value}")))
