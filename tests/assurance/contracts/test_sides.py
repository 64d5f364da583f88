"""Where a contract is read from."""

import shlex
import sys

import pytest

CONTRACT = "openapi: 3.1.0\ninfo: {{title: a, version: '1'}}\npaths: {paths}\n"
ONE, NONE = (CONTRACT.format(paths=each) for each in ("{/a: {get: {responses: {'200': {description: a}}}}}", "{}"))


@pytest.fixture
def compared(cli, tmp_path):
    """The diff of a contract with what a program prints."""

    def compared(program, *more):
        (tmp_path / "base.yaml").write_text(ONE)
        command = shlex.join([sys.executable, "-c", program])
        return cli("contract", "diff", "base.yaml", *more, "--revision-command", command, folder=tmp_path)

    return compared


@pytest.mark.requirement("CON-03")
def test_a_contract_may_come_out_of_code(compared):
    assert compared(f"print({ONE!r})").exit == 0
    ran = compared(f"print({NONE!r})")
    assert (ran.exit, "removed-without-deprecation" in ran.out) == (1, True)


@pytest.mark.parametrize(
    ("program", "more", "code", "said"),
    [
        ("import sys; sys.exit('no database')", [], 3, "no database"),
        ("", [], 3, "is empty"),
        ("print('{')", [], 3, "(printed):2:1"),
        ("print()", ["base.yaml"], 2, "and not both"),
    ],
)
def test_a_program_that_prints_none_is_no_pass(compared, program, more, code, said):
    ran = compared(program, *more)
    assert (ran.exit, said in ran.err) == (code, True), ran.err
