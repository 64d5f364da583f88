"""What a command is for: a gate that has to hold, a deployment, or neither."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from hardpoint.assurance.delivery import shell
from hardpoint.assurance.delivery.tokens import ShellError
from hardpoint.assurance.delivery.tools import (
    ACTIONS,
    CHECKING_WORDS,
    FIXES,
    JUDGING_WORDS,
    QUESTIONS,
    SUBCOMMANDS,
    TOOLS,
    Kind,
)


@dataclass(frozen=True, slots=True)
class Gate:
    """A command that judges the change, and how sure that is: a name can mislead, a known tool cannot."""

    kind: Kind
    tool: str
    certain: bool = True
    reports: bool = False
    """Whether it writes a report that another step may judge."""


_MAX_WORDS = 60
_MAX_WRAPPERS = 8

_VALUED = frozenset(
    {"--python", "-p", "--with", "--extra", "--group", "--env", "-e", "-n", "--name", "--directory", "--only-group"}
    | {"--project", "--package", "--filter", "-C", "--prefix", "--cwd", "--dir", "-w", "--workspace", "--from"}
)

# Programs that run the command in their arguments, and those of their options that take a value.
_WRAPPERS: Mapping[str, frozenset[str]] = {
    "time": frozenset(),
    "nice": frozenset({"-n"}),
    "nohup": frozenset(),
    "exec": frozenset(),
    "command": frozenset(),
    "sudo": frozenset({"-u", "-g", "-H"}) - {"-H"},
    "env": frozenset({"-u", "-C"}),
    "timeout": frozenset({"-k", "-s", "--signal", "--kill-after"}),
    "stdbuf": frozenset(),
    "xvfb-run": frozenset({"-s", "--server-args", "-n", "-e"}),
    "dbus-run-session": frozenset(),
    "catchsegv": frozenset(),
    "travis_retry": frozenset(),
    "travis_wait": frozenset(),
    "retry": frozenset({"-t", "-d", "--times", "--delay"}),
    "npx": frozenset({"-p", "--package"}),
    "bunx": frozenset(),
    "pnpx": frozenset(),
    "uvx": frozenset({"--from", "--with", "-p", "--python"}),
    "cross-env": frozenset(),
    "dotenv": frozenset({"-e", "-f"}),
    "xargs": frozenset({"-n", "-P", "-I", "-L", "-d"}),
    "coverage": _VALUED - {"-p", "-m"} | {"--source", "--rcfile", "--omit", "--include"},
    "gtimeout": frozenset(),
    "unbuffer": frozenset(),
    "eatmydata": frozenset(),
    "fakeroot": frozenset(),
    "c8": frozenset(),
    "nyc": frozenset(),
}
# Package managers: the words after which a command follows.
_RUNNERS: Mapping[str, frozenset[str]] = {
    "poetry": frozenset({"run"}),
    "pipenv": frozenset({"run"}),
    "pdm": frozenset({"run"}),
    "uv": frozenset({"run"}),
    "rye": frozenset({"run"}),
    "hatch": frozenset({"run"}),
    "pixi": frozenset({"run"}),
    "conda": frozenset({"run"}),
    "mamba": frozenset({"run"}),
    "bundle": frozenset({"exec"}),
    "pnpm": frozenset({"exec", "dlx"}),
    "yarn": frozenset({"exec", "dlx"}),
    "npm": frozenset({"exec", "x"}),
    "mise": frozenset({"exec", "x"}),
    "direnv": frozenset({"exec"}),
    "pipx": frozenset({"run"}),
    "dart": frozenset({"run"}),
    "opam": frozenset({"exec"}),
    "nix": frozenset({"develop", "shell"}),
    "lerna": frozenset({"exec"}),
}
_ANY = ""
_NOT_RUN = frozenset({"--version", "-V", "--help", "-h", "version", "help", "--collect-only", "--install-types"})
"""Words with which a tool judges nothing."""


_WORD_KINDS: Sequence[tuple[re.Pattern[str], Kind, bool]] = (
    (re.compile(r"(?:^|[^a-z])(?:un)?(?:lint|linting|eslint|stylelint|flake8|pylint)(?:$|[^a-z])"), Kind.LINT, True),
    (
        re.compile(r"(?:^|[^a-z])(?:typecheck|type-check|check-?types|types|tsc|mypy|pyright)(?:$|[^a-z])"),
        Kind.TYPES,
        True,
    ),
    (
        re.compile(
            r"(?:^|[^a-z])(?:tests?|testing|unittests?|smoke|e2e|pytest|jest|vitest|cypress|playwright)(?:$|[^a-z])"
        ),
        Kind.TEST,
        True,
    ),
    (re.compile(r"(?:^|[^a-z])(?:audit|security-?scan|vuln\w*)(?:$|[^a-z])"), Kind.AUDIT, True),
    (re.compile(r"(?:^|[^a-z])(?:check|checks|verify|validate|spec|specs|scan)(?:$|[^a-z])"), Kind.CHECK, False),
    (re.compile(r"(?:^|[^a-z])(?:build|compile)(?:$|[^a-z])"), Kind.BUILD, False),
)
_NAMED_OTHERWISE = re.compile(
    r"clean|clear|reset|setup|install|deps|prepare|download|fetch|seed|fixture|report|upload|publish|coverage-?html|clobber"
    r"|start|stop|down|serve|watch|fix|format|update|teardown|logs?(?:$|[^a-z])|comment|notify|badge|docs?(?:$|[^a-z])"
    r"|results?(?:$|[^a-z])|summary|snapshot|dump|print|debug|kill|remove|delete|destroy|cache|merge|copy|collect|wait"
)
_SCRIPT_FILE = re.compile(r"\.(?:sh|bash|py|js|mjs|cjs|ts|rb|pl|php|ps1|exp)$")
_INTERPRETERS = re.compile(
    r"^(?:ba|da|z|k)?sh$|^python[0-9.]*$|^py$|^node$|^ruby$|^perl$|^php$|^ts-node$|^tsx$|^bun$|^Rscript$"
)
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*\+?=")
_VARIABLE = re.compile(r"^\$[({]?([A-Za-z_]\w*)(?::-[^)}]*)?[)}]?$")
_REPORT_OPTION = re.compile(
    r"^(?:--output|--output-file|-o|--report-file|--json|--sarif|--output-path|-f|--format|--reporter|--out"
    r"|--outputFile|--report-format|--output-format|--junitxml|--junit-xml|--format=.*|--output=.*|--output-file=.*"
    r"|--junitxml=.*|--report.*=.*|--out=.*|-o=.*)$"
)
_MACHINE_FORMAT = re.compile(r"sarif|json|xml|junit|checkstyle|html|csv|\.txt|\.log|gitlab|codeclimate")


@lru_cache(maxsize=20_000)
def gate(command: shell.Command) -> Gate | None:
    """What a command judges or deploys, or None for any other."""
    found = gate_of_words(command.words)
    if found and command.to_file and not found.reports:
        return Gate(found.kind, found.tool, found.certain, reports=True)
    return found


def gate_of_words(words: Sequence[str]) -> Gate | None:
    """The same of bare words."""
    written = words[:_MAX_WORDS]
    words = unwrapped(written)
    if not words or _NOT_RUN & set(words[1:]):
        return None
    found = _nested(words) or _known(words[0], words[1:]) or _named(words[0], words[1:]) or _task(written)
    if found and _writes_report(words):
        return Gate(found.kind, found.tool, found.certain, reports=True)
    return found


def unwrapped(words: Sequence[str]) -> list[str]:
    """The command that really runs, without the programs that only run another: `npx`, `poetry run`, `timeout 60`."""
    rest = list(words)
    for _ in range(_MAX_WRAPPERS):
        while rest and _ASSIGNMENT.match(rest[0]):
            rest.pop(0)
        if not rest:
            return []
        name = _program(rest[0])
        inner = _inner(name, rest)
        if inner is None:
            return [name, *rest[1:]]
        rest = inner
    return rest


def _inner(name: str, rest: list[str]) -> list[str] | None:
    """The words after a program that runs another; None for any other program."""
    if name in _WRAPPERS:
        return _wrapped(name, rest)
    if name in _RUNNERS:
        after = _after_options(rest[1:], _VALUED)
        inner = _after_options(after[1:], _VALUED) if after and after[0] in _RUNNERS[name] else []
        if name == "nix" and inner and inner[0].startswith((".", "nixpkgs")):
            inner = inner[1:]
        return inner or None
    if name in {"docker", "docker-compose", "podman"}:
        return _in_container(rest[1:])
    return _interpreted(rest) if _INTERPRETER.fullmatch(name) else None


def _wrapped(name: str, rest: list[str]) -> list[str] | None:
    if name == "coverage" and rest[1:2] != ["run"]:
        return None
    if name == "command" and rest[1:2] and rest[1] in {"-v", "-V"}:
        return None
    after = _after_options(rest[2:] if name == "coverage" else rest[1:], _WRAPPERS[name])
    if name in {"timeout", "gtimeout"} and len(after) > 1:
        after = after[1:]
    return after or None


_INTERPRETER = re.compile(r"python[0-9.]*|py|php|ruby|node")


def _interpreted(rest: list[str]) -> list[str] | None:
    """`python -m pytest`, `python manage.py test`, `php vendor/bin/phpunit`."""
    if "-m" in rest[1:4]:
        module = rest[rest.index("-m") + 1 :]
        return module if module and module[0] != "build" else None
    if len(rest) < 2 or {"-c", "-e"} & set(rest[1:3]):  # noqa: PLR2004 - program and file
        return None
    after = _after_options(rest[1:], frozenset({"-W", "-X", "-r"}))
    return after if after and _program(after[0]) in {*TOOLS, *SUBCOMMANDS} else None


def _in_container(rest: list[str]) -> list[str] | None:
    """The command of `docker run IMAGE …` or `docker compose run SERVICE …`; None where it is not plain to see."""
    rest = rest[1:] if rest[:1] == ["compose"] else rest
    verbs = [index for index, word in enumerate(rest[:8]) if word in {"run", "exec"}]
    if not verbs:
        return None
    for index in range(verbs[0] + 1, len(rest)):
        if index + 1 < len(rest) and not rest[index].startswith("-"):
            inner = unwrapped(rest[index + 1 :])
            if inner and (_known(inner[0], inner[1:]) or _nested(inner)):
                return inner
    return None


def _after_options(words: Sequence[str], valued: frozenset[str]) -> list[str]:
    at = 0
    while at < len(words) and (words[at].startswith("-") or _ASSIGNMENT.match(words[at])):
        if words[at] == "--":
            return list(words[at + 1 :])
        at += 2 if words[at] in valued else 1
    return list(words[at:])


def _program(word: str) -> str:
    """`/usr/bin/go`, `./gradlew`, `$(GO)` and `${PYTHON}` by the name of the program."""
    if variable := _VARIABLE.match(word):
        name = variable[1].lower()
        name = re.sub(r"_?(?:bin|cmd|command|exe)$", "", name)
        return {"py": "python", "cc": "cc"}.get(name, name.replace("_", "-") if name != "manage_py" else name)
    word = re.sub(r"^\$[({]\w+[)}]/?", "", word)
    name = word.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]
    name = re.sub(r"\.(?:exe|cmd|bat|phar)$", "", name)
    name = re.sub(r"@[\w.^~-]+$", "", name) if not name.startswith("@") else name
    return {"gradlew": "gradle", "mvnw": "mvn", "mvnd": "mvn", "gmake": "make", "build.py": "build.py"}.get(name, name)


def _nested(words: Sequence[str]) -> Gate | None:
    """The gate inside of `sh -c '…'`."""
    text = inner_script(words)
    if text is None:
        return None
    try:
        inside = shell.parse(text)
    except ShellError:
        return None
    found = [each for command in shell.commands(inside) if (each := gate_of_words(command.words)) is not None]
    return found[0] if found else None


def inner_script(words: Sequence[str]) -> str | None:
    """The script that `bash -c '…'` is given."""
    if re.fullmatch(r"(?:ba|da|z|k)?sh", words[0]):
        for index, word in enumerate(words[1:6], 1):
            if re.fullmatch(r"-[a-z]*c", word) and index + 1 < len(words):
                return words[index + 1]
    return None


def _known(name: str, arguments: Sequence[str]) -> Gate | None:
    plain = [each for each in arguments if not each.startswith("-")]
    first = f"{name} {plain[0]}" if plain else name
    if name in TOOLS:
        return _judging_tool(name, arguments, plain)
    if name in {"npm", "yarn", "pnpm", "bun"} and (found := _package_script(name, arguments)):
        return found
    if name in {"run-s", "run-p", "npm-run-all", "npm-run-all2"}:
        named = (_by_name(each, f"{name} {each}") for each in plain)
        return next((each for each in named if each), None)
    if name == "make":
        return _make(plain)
    tool = next((each for each in (name, first) if each in JUDGING_WORDS or each in CHECKING_WORDS), None)
    if tool:
        return _if_asked(tool, arguments)
    return _subcommand(name, arguments, plain) if name in SUBCOMMANDS else None


def _if_asked(tool: str, arguments: Sequence[str]) -> Gate | None:
    """The gate of a program that judges only where its arguments tell it to."""
    if tool in JUDGING_WORDS:
        return Gate(Kind.LINT, tool) if JUDGING_WORDS[tool] & set(arguments) else None
    asked = CHECKING_WORDS[tool] & set(arguments)
    return Gate(Kind.CHECK, tool, certain=tool not in QUESTIONS) if asked else None


def _judging_tool(name: str, arguments: Sequence[str], plain: Sequence[str]) -> Gate | None:
    kind = TOOLS[name]
    if kind is Kind.LINT and FIXES & set(arguments):
        return None
    if name == "tsc" and ("-w" in arguments or "--watch" in arguments or "--init" in arguments):
        return None
    if name in {"tox", "nox"} and {"-l", "--list", "--notest", "-a", "devenv", "--install-only"} & set(arguments):
        return None
    if name in {"safety", "snyk", "trivy", "trufflehog", "grype"} and plain[:1] and plain[0] in _NO_JUDGEMENT:
        return None
    if name in {"remark", "hugo", "jekyll", "opa"}:
        return Gate(kind, name, certain=False)
    return Gate(kind, name)


_NO_JUDGEMENT = frozenset(
    {"auth", "monitor", "login", "db", "config", "plugin", "completion", "clean", "generate", "image-db"}
)


def _package_script(manager: str, arguments: Sequence[str]) -> Gate | None:
    """`npm run lint`, `yarn test`, `pnpm -r --filter x run build`: what the script's name says."""
    words = [word for word in _skip_valued(arguments) if not word.startswith("-")]
    if words[:1] == ["workspace"]:
        words = words[2:]
    while words and words[0] in {"run", "run-script", "workspaces", "recursive", "foreach"}:
        words = words[1:]
        if words and words[0] not in {"run", "foreach"}:
            return _by_name(words[0], f"{manager} run {words[0]}")
    if words[:1] in (["test"], ["t"]):
        return Gate(Kind.TEST, f"{manager} test")
    if words[:2] == ["npm", "audit"]:
        return Gate(Kind.AUDIT, f"{manager} npm audit")
    if manager in {"yarn", "pnpm"} and words and words[0] not in {"audit", "install", "add", "publish", "npm"}:
        after = list(arguments)[list(arguments).index(words[0]) + 1 :]
        return _known(words[0], after) or _by_name(words[0], f"{manager} {words[0]}")
    return None


def _skip_valued(arguments: Sequence[str]) -> list[str]:
    kept, skip = [], False
    for word in arguments:
        if not skip:
            kept.append(word)
        skip = word in _VALUED and not skip
    return kept


def _make(targets: Sequence[str]) -> Gate | None:
    """`make test lint`: the first target that judges; bare `make` builds."""
    targets = [target for target in targets if "=" not in target and target != "." and not target.isdigit()]
    if not targets:
        return Gate(Kind.BUILD, "make", certain=False)
    if any(
        re.fullmatch(r"(?:dist|maintainer|very)?-?clean(?:[-_]\w+)*|install|uninstall", target) for target in targets
    ):
        return None
    found = [each for target in targets if (each := _by_name(target, f"make {target}")) is not None]
    if found:
        return found[0]
    return Gate(Kind.BUILD, f"make {targets[0]}", certain=False) if targets[0] == "all" else None


_TASKS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("hatch", "pdm", "rye", "pixi", "mise"), frozenset({"run"})),
    **dict.fromkeys(("poe", "just", "invoke", "inv"), frozenset()),
}
"""Programs that run tasks of the project by their names, after one of these words."""


def _task(words: Sequence[str]) -> Gate | None:
    """`hatch run test`, `just lint`: what the task's name says."""
    rest = _after_options(words, frozenset())
    name = _program(rest[0]) if rest else ""
    if name not in _TASKS:
        return None
    after = _after_options(rest[1:], _VALUED)
    if _TASKS[name]:
        after = _after_options(after[1:], _VALUED) if after and after[0] in _TASKS[name] else []
    task = after[0].rpartition(":")[2] if after else ""
    return _by_name(task, f"{name} {task}") if re.fullmatch(r"[\w.-]+", task) else None


def _subcommand(name: str, arguments: Sequence[str], plain: Sequence[str]) -> Gate | None:
    chosen = SUBCOMMANDS[name]
    words = list(arguments if name == "cmake" else plain)
    if name in _GOALS:
        goals = [word.rsplit(":", 1)[-1] if name == "gradle" else word for word in words]
        found = [goal for goal in goals if goal in chosen]
        return Gate(chosen[found[-1]], f"{name} {found[-1]}") if found else None
    if name in {"nx", "turbo"}:
        words = _nx_targets(words, arguments)
    word = next((each for each in words[:3] if each in chosen), None)
    if word is not None:
        return None if _is_other_use(name, word, arguments) else Gate(chosen[word], f"{name} {word}")
    judges = name == "ruff" and plain and plain[0] not in {"format", "clean", "rule", "linter"}
    return Gate(Kind.LINT, "ruff") if judges and not FIXES & set(arguments) else None


_GOALS = frozenset({"mvn", "gradle", "sbt"})
"""Tools that are given several goals at once; the last one that judges names the gate."""


def _nx_targets(words: list[str], arguments: Sequence[str]) -> list[str]:
    words = words[1:] if words[:1] and words[0] in {"run", "affected", "run-many"} else words
    asked = [after for word, after in pairwise(arguments) if word in {"-t", "--target"}]
    return [re.sub(r"^.*:", "", word) for word in (*asked, *words)]


def _is_other_use(name: str, word: str, arguments: Sequence[str]) -> bool:
    """Uses of a subcommand that judge nothing."""
    if name in {"ruff", "biome"}:
        return bool(FIXES & set(arguments))
    needed = {
        ("manage.py", "makemigrations"): "--check",
        ("docker", "buildx"): "build",
        ("kubectl", "rollout"): "restart",
    }.get((name, word))
    return (needed is not None and needed not in arguments) or (word == "audit" and "fix" in arguments)


def _named(name: str, arguments: Sequence[str]) -> Gate | None:
    """What a script file says by its name: `./ci/run-tests.sh`, `python scripts/check_links.py`."""
    if _INTERPRETERS.match(name):
        files = [word for word in arguments if not word.startswith("-")]
        return _file_gate(files[0]) if files and _SCRIPT_FILE.search(files[0]) else None
    return _file_gate(name) if _SCRIPT_FILE.search(name) else None


def _file_gate(path: str) -> Gate | None:
    name = _SCRIPT_FILE.sub("", path.rsplit("/", 1)[-1])
    found = _by_name(name, path.rsplit("/", 1)[-1])
    # A name can mislead: only the plainest ones are taken for certain.
    plain = re.fullmatch(
        r"(?:run[-_]?)?(?:all[-_]?|unit[-_]?|e2e[-_]?|integration[-_]?)?(?:tests?|lint(?:er|ers)?)", name.lower()
    )
    return Gate(found.kind, found.tool, certain=bool(plain)) if found else None


def _by_name(name: str, tool: str) -> Gate | None:
    lowered = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
    if _NAMED_OTHERWISE.search(lowered):
        return None
    for pattern, kind, certain in _WORD_KINDS:
        if pattern.search(lowered):
            return Gate(kind, tool, certain=certain or lowered in {"check", "verify", "build", "validate"})
    return None


def named_otherwise(name: str) -> bool:
    """Whether a name says that something else than judging is meant: `clean`, `report`, `fix`."""
    return bool(_NAMED_OTHERWISE.search(name.lower()))


def gate_named(name: str) -> Gate | None:
    """What the name of a script, target or job says that it judges."""
    return _by_name(name, name)


def _writes_report(words: Sequence[str]) -> bool:
    for index, word in enumerate(words):
        if _REPORT_OPTION.match(word):
            value = word.partition("=")[2] or (words[index + 1] if index + 1 < len(words) else word)
            if _MACHINE_FORMAT.search(value.lower()) or word in {"--json", "--sarif"}:
                return True
    return False


_ACTIONS_LOWERED = {name.lower(): kind for name, kind in ACTIONS.items()}


def gate_of_action(name: str) -> Gate | None:
    """What an action judges, by its name without the version."""
    lowered = name.lower()
    for known, kind in _ACTIONS_LOWERED.items():
        if lowered == known or lowered.startswith(known + "/"):
            return Gate(kind, name)
    return None
