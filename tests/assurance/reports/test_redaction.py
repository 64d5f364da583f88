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
        ("curl", f"-ume:{SECRET}"),
        ("curl", f"--user=me:{SECRET}"),
        ("sh", "-c", f"curl -u me:{SECRET} https://x"),
        ("git", "clone", f"https://me:p@{SECRET}@example.org/x"),
        ("curl", "-d", f'{{"user": "me", "password": "{SECRET}"}}'),
        ("curl", "-d", f'{{"apiToken":"a \\" {SECRET}"}}'),
        ("curl", f"--data=password={SECRET}"),
        ("curl", f"https://example.org/?X-Amz-Signature={SECRET}&sig={SECRET}"),
        ("x", "--password", f"-{SECRET}"),
        ("x", f"--dbPassword={SECRET}"),
        ("x", "--dbpassword", SECRET),
        ("sh", "-c", f"export TOKEN='a {SECRET}'; x"),
        ("docker", "run", f"-eTOKEN={SECRET}"),
        ("docker", "login", "-u", "me", "-p", SECRET),
        ("/usr/bin/sshpass", "-p", SECRET, "ssh", "x"),
        ("mysql", f"-p{SECRET}"),
        ("x", f"Bearer {SECRET}"),
        ("x", f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}"),
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
        "-p",
        "no:cacheprovider",
        '{"tokens_used": 3}',
        "a@b.example",
        "npm:@scope/x",
    )
    assert redacted(argv) == argv


@given(st.text("abcdefghij0123456789", min_size=8, max_size=20))
def test_the_value_of_a_variable_is_never_shown(value):
    assert f"={value}" not in " ".join(redacted(("env", f"ANY_NAME={value}", f"--secret={value}")))
