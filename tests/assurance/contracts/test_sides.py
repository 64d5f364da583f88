"""Where a contract is read from."""

import shlex
import subprocess
import sys

import pytest

NAMED = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
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


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize("revision", ["HEAD", "topic/one"])
@pytest.mark.parametrize(("folder", "path"), [(".", "api/main.yaml"), (".", "./api/main.yaml"), ("api", "./main.yaml")])
def test_files_beside_it_are_those_of_the_revision(cli, tmp_path, revision, folder, path):
    api = tmp_path / "api"
    (api / "parts").mkdir(parents=True)
    (api / "main.yaml").write_text(CONTRACT.format(paths="{/a: {$ref: parts/a.yaml}}"))
    part = "get: {{parameters: [{{name: q, in: query, schema: {{type: {kind}}}}}], responses: {{}}}}\n"
    (api / "parts/a.yaml").write_text(part.format(kind="string"))
    for words in (["init", "-q"], ["add", "."], [*NAMED, "commit", "-qm", "a"], ["branch", "topic/one"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    (api / "parts/a.yaml").write_text(part.format(kind="integer"))
    ran = cli("contract", "diff", f"{revision}:{path}", path, folder=tmp_path / folder)
    assert (ran.exit, "request-parameter-type-changed" in ran.out) == (1, True), ran.err
