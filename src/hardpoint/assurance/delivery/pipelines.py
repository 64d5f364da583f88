"""The pipelines of a workspace: which files say what runs, and each of them read."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from hardpoint.assurance.delivery.gates import unwrapped
from hardpoint.assurance.delivery.hosts import azure, bitbucket, circleci, github, gitlab, jenkins, scripts
from hardpoint.assurance.delivery.hosts.nodes import Node, has_any
from hardpoint.assurance.delivery.judged import commands_of
from hardpoint.assurance.delivery.model import DELIVERY
from hardpoint.assurance.delivery.pipeline import CI_HOSTS, Host, Pipeline, Shell, Source
from hardpoint.kernel import yaml
from hardpoint.kernel.ignoring import spec_of
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_PIPELINE_BYTES = 4 * 1024 * 1024
MAX_SCRIPTS = 500
"""How many shell scripts that pipelines call are read."""

_NOT_OURS = (
    "node_modules/",
    "vendor/",
    "third_party/",
    "3rdparty/",
    "site-packages/",
    ".venv/",
    "fixtures/",
    "testdata/",
    "test-data/",
    "__fixtures__/",
    "**/src/test/",
    "**/src/it/",
    "**/src/*/resources/",
    "{{*",
)
_GITHUB = re.compile(r"^\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml$")
_ACTION = re.compile(r"^(?:action\.ya?ml|\.github/(?:.+/)?action\.ya?ml)$")
_AZURE = re.compile(
    r"(?:^|/)[\w.-]*azure-?pipelines?[\w.-]*\.ya?ml$|^\.?(?:azure|vsts|azure-?pipelines|pipelines)[\w.-]*/.+\.ya?ml$|^\.vsts-ci\.ya?ml$"
)
_GITLAB = re.compile(r"^(?:\.gitlab-ci\.ya?ml|\.gitlab/.+\.ya?ml|\.gitlab-ci/.+\.ya?ml|\.gitlab-ci\.d/.+\.ya?ml)$")
_JENKINS = re.compile(r"(?:^|/)Jenkinsfile(?:\.[\w-]+)?$|\.jenkinsfile$")
_BUILD = re.compile(r"(?:^|/)(?:build\.gradle(?:\.kts)?|pom\.xml)$")
_MAY_HOLD_TOX = re.compile(r"(?:^|/)(?:setup\.cfg|pyproject\.toml)$")
_MAKE = re.compile(r"(?:^|/)(?:GNUmakefile|[Mm]akefile|[\w.-]+\.mk)$")


def pipelines(workspace: Workspace) -> list[Pipeline]:
    """Every pipeline, and every script that one may call, in the order of their files."""
    return workspace.derive(_pipelines)


def ci_pipelines(workspace: Workspace) -> list[Pipeline]:
    """Those that a CI host runs by itself."""
    return [each for each in pipelines(workspace) if each.host in CI_HOSTS]


def _pipelines(workspace: Workspace) -> list[Pipeline]:
    excluded = spec_of([*_NOT_OURS, *workspace.manifest[DELIVERY].exclude])
    hosts = {
        file: host for file in workspace.files if (host := _host(file)) is not None and not excluded.match_file(file)
    }
    read = _gitlab([file for file, host in hosts.items() if host is Host.GITLAB], workspace)
    for file, host in hosts.items():
        if host is not Host.GITLAB and (found := _read(file, host, workspace)) is not None:
            read.append(found)
    declared = workspace.manifest[DELIVERY].scripts
    read += [each for file in declared if (each := _read(file, Host.DECLARED, workspace)) is not None]
    read += [each for each in _called_scripts(read, workspace) if each.file not in declared]
    return sorted(read, key=lambda each: each.file)


def _read(file: str, host: Host, workspace: Workspace) -> Pipeline | None:
    """One file; None for one that turns out not to be a pipeline."""
    try:
        source = _source(file, workspace, host)
        if host in _BY_TEXT:
            pipeline = _BY_TEXT[host](source)
            return pipeline if pipeline.jobs or not _MAY_HOLD_TOX.search(file) else None
        root = _root(source)
        if host is Host.AZURE and not has_any(root, azure.KEYS):
            return None
        if host is Host.GITHUB and _ACTION.match(file) and not root["runs"]["steps"]:
            return None
        return _BY_YAML[host](root, source)
    except UnreadableProblem as problem:
        return _unread(file, host, problem)


_BY_TEXT: Mapping[Host, Callable[[Source], Pipeline]] = {
    Host.PACKAGE: scripts.package,
    Host.MAKE: scripts.makefile,
    Host.TOX: scripts.tox,
    Host.NOX: scripts.nox,
    Host.JENKINS: jenkins.read,
    Host.BUILD: scripts.build_file,
    Host.DECLARED: scripts.declared_script,
}
_BY_YAML: Mapping[Host, Callable[[Node, Source], Pipeline]] = {
    Host.GITHUB: github.read,
    Host.CIRCLECI: circleci.read,
    Host.AZURE: azure.read,
    Host.BITBUCKET: bitbucket.read,
    Host.PRE_COMMIT: scripts.pre_commit,
}


def _source(file: str, workspace: Workspace, host: Host) -> Source:
    content = workspace.read(file)
    if len(content) > MAX_PIPELINE_BYTES:
        raise UnreadableProblem(f"is larger than {MAX_PIPELINE_BYTES // 2**20} MiB", place=Place(file))
    if host in _BY_YAML or host in {Host.GITLAB, Host.PACKAGE}:  # the others may be in any encoding that holds ASCII
        try:
            content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnreadableProblem(f"is not UTF-8 (byte {error.start})", place=Place(file)) from error
    return Source(file, content)


def _root(source: Source) -> Node:
    document = yaml.load(source.text.encode(), source.file, foreign=True)
    if not isinstance(document.data, Mapping):
        raise UnreadableProblem("has no keys and values", place=Place(source.file, 1, 1))
    return Node(document, document.data)


def _unread(file: str, host: Host, problem: UnreadableProblem) -> Pipeline:
    place = problem.place or Place(file)
    return Pipeline(file=file, host=host, unread=problem.sentence, unread_at=Place(file, place.line, place.column))


def _gitlab(files: Sequence[str], workspace: Workspace) -> list[Pipeline]:
    """The configuration and what it includes; a file beside it that it does not include is read as a part too."""
    roots: dict[str, tuple[Node, Source]] = {}
    unread: list[Pipeline] = []
    waiting = list(files)
    while waiting:
        file = waiting.pop(0)
        if file in roots or any(each.file == file for each in unread):
            continue
        try:
            source = _source(file, workspace, Host.GITLAB)
            roots[file] = (_root(source), source)
            waiting += [each for each in _included(roots[file][0], workspace) if each not in roots]
        except UnreadableProblem as problem:
            if file.startswith(".gitlab/") and file not in _included_by(roots, workspace):
                continue  # a template of an issue, or other text
            unread.append(_unread(file, Host.GITLAB, problem))
    whole = gitlab.Configuration(tuple(roots.values()))
    return [_of_gitlab(root, source, whole) for root, source in roots.values()] + unread


def _of_gitlab(root: Node, source: Source, whole: gitlab.Configuration) -> Pipeline:
    try:
        return gitlab.read(root, source, whole)
    except UnreadableProblem as problem:
        return _unread(source.file, Host.GITLAB, problem)


def _included(root: Node, workspace: Workspace) -> list[str]:
    found = []
    for name in gitlab.included(root):
        if "*" in name:
            found += sorted(spec_of([f"/{name}"]).match_files(workspace.files))
        elif name in workspace.paths:
            found.append(name)
    return found


def _included_by(roots: Mapping[str, tuple[Node, Source]], workspace: Workspace) -> set[str]:
    return {file for root, _ in roots.values() for file in _included(root, workspace)}


def _called_scripts(read: Sequence[Pipeline], workspace: Workspace) -> list[Pipeline]:
    """The shell scripts of the repository that the others call, and those call."""
    shells: dict[str, Shell] = {}
    found: dict[str, Pipeline] = {}
    waiting = list(read)
    while waiting and len(found) < MAX_SCRIPTS:
        for file, shell in _calls(waiting.pop(0), workspace):
            if file in shells:
                shells[file] = shells[file].laxer(shell)
            else:
                shells[file] = shell
                if script := _shell_script(file, workspace):
                    found[file] = script
                    waiting.append(script)
    return [_run_by(each, shells[file]) for file, each in found.items()]


def _calls(pipeline: Pipeline, workspace: Workspace) -> Iterator[tuple[str, Shell]]:
    """Files that a pipeline names as commands, and the shell that it chooses for each."""
    files = workspace.derive(_file_set)
    folder = posixpath.dirname(pipeline.file) if not pipeline.runs_in_ci and pipeline.host is not Host.SCRIPT else ""
    for _, step, script in pipeline.scripts():
        folders = list(dict.fromkeys(("", folder, step.folder)))
        for command in commands_of(script):
            if command.words[:1] == ("cd",) and len(command.words) > 1 and len(folders) < _MAX_FOLDERS:
                folders += [posixpath.join(each, command.words[1]) for each in (folder, step.folder)]
            for word in command.words[:6]:
                path = re.sub(r"^(?:\$\{?\w+\}?|\$\{\{.*?\}\})/", "", word)
                for base in folders:
                    file = posixpath.normpath(posixpath.join(base, path)) if path and "\0" not in path else ""
                    if file in files and ("/" in word or file.endswith((".sh", ".bash"))):
                        yield file, _chosen_shell(command.words, file, script.shell)


_MAX_FOLDERS = 20
"""Folders of one script in which what it calls is looked for."""


def _chosen_shell(words: Sequence[str], file: str, here: Shell) -> Shell:
    """`bash -e x.sh` and `source x.sh` decide by which options a script runs; by its own where nothing is said."""
    inner = unwrapped(words) or list(words)
    if inner[0] in {"source", "."}:
        return Shell(errexit=here.errexit, pipefail=here.pipefail)
    if inner[0] == posixpath.basename(file):
        return Shell(errexit=False, pipefail=False)
    at = next((at for at, word in enumerate(inner) if re.fullmatch(r"(?:\S*/)?(?:ba|da|z|k)?sh", word)), None)
    if at is None:
        return Shell()  # another program runs it
    options = " ".join(inner[at + 1 : at + 4])
    return Shell(errexit=bool(re.search(r"(?:^|\s)-\w*e|\berrexit\b", options)), pipefail="pipefail" in options)


def _run_by(pipeline: Pipeline, shell: Shell) -> Pipeline:
    """A script with the options of whoever calls it beside its own."""
    steps = [replace(step, script=step.script and step.script.under(shell)) for step in pipeline.jobs[0].steps]
    return replace(pipeline, jobs=(replace(pipeline.jobs[0], steps=tuple(steps)),))


def _file_set(workspace: Workspace) -> frozenset[str]:
    return frozenset(workspace.files)


def _shell_script(file: str, workspace: Workspace) -> Pipeline | None:
    try:
        source = _source(file, workspace, Host.SCRIPT)
    except UnreadableProblem:
        return None
    is_shell = re.match(r"^#!\s*(?:/usr/bin/env\s+(?:-\S+\s+)?|\S*/)(?:ba|da|z|k)?sh\b", source.lines[0])
    if not is_shell and not (file.endswith((".sh", ".bash")) and not source.lines[0].startswith("#!")):
        return None
    return scripts.shell_script(source)


def _host(file: str) -> Host | None:
    name = posixpath.basename(file)
    if _GITHUB.match(file) or _ACTION.match(file):
        return Host.GITHUB
    exact = {
        "package.json": Host.PACKAGE,
        "tox.ini": Host.TOX,
        "setup.cfg": Host.TOX,
        "pyproject.toml": Host.TOX,
        "noxfile.py": Host.NOX,
        "bitbucket-pipelines.yml": Host.BITBUCKET,
        ".pre-commit-config.yaml": Host.PRE_COMMIT,
    }
    if name in exact:
        return exact[name]
    if file in {".circleci/config.yml", ".circleci/config.yaml"}:
        return Host.CIRCLECI
    patterns = (
        (_GITLAB, Host.GITLAB),
        (_JENKINS, Host.JENKINS),
        (_BUILD, Host.BUILD),
        (_MAKE, Host.MAKE),
        (_AZURE, Host.AZURE),
    )
    return next((host for pattern, host in patterns if pattern.search(file)), None)
