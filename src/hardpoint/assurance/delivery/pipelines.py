"""The pipelines of a workspace: which files say what runs, and each of them read."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import pathspec

from hardpoint.assurance.delivery.hosts import azure, bitbucket, circleci, github, gitlab, jenkins, scripts
from hardpoint.assurance.delivery.hosts.nodes import Node, has_any
from hardpoint.assurance.delivery.model import DELIVERY
from hardpoint.assurance.delivery.pipeline import CI_HOSTS, Host, Pipeline, Source
from hardpoint.assurance.delivery.tolerance import commands_of
from hardpoint.kernel import yaml
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
_MAKE = re.compile(r"(?:^|/)(?:GNUmakefile|[Mm]akefile)$")


def pipelines(workspace: Workspace) -> list[Pipeline]:
    """Every pipeline, and every script that one may call, in the order of their files."""
    return workspace.derive(_pipelines)


def ci_pipelines(workspace: Workspace) -> list[Pipeline]:
    """Those that a CI host runs by itself."""
    return [each for each in pipelines(workspace) if each.host in CI_HOSTS]


def _pipelines(workspace: Workspace) -> list[Pipeline]:
    excluded = pathspec.GitIgnoreSpec.from_lines([*_NOT_OURS, *workspace.manifest[DELIVERY].exclude])
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
            return _BY_TEXT[host](source)
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
            waiting += [
                each for each in gitlab.included(roots[file][0]) if each in workspace.paths and each not in roots
            ]
        except UnreadableProblem as problem:
            if file.startswith(".gitlab/") and file not in _included_by(roots):
                continue  # a template of an issue, or other text
            unread.append(_unread(file, Host.GITLAB, problem))
    whole = gitlab.Configuration(tuple(roots.values()))
    return [gitlab.read(root, source, whole) for root, source in roots.values()] + unread


def _included_by(roots: Mapping[str, tuple[Node, Source]]) -> set[str]:
    return {file for root, _ in roots.values() for file in gitlab.included(root)}


def _called_scripts(read: Sequence[Pipeline], workspace: Workspace) -> list[Pipeline]:
    """The shell scripts of the repository that the others call, and those call."""
    known: set[str] = set()
    found: list[Pipeline] = []
    waiting = list(read)
    while waiting and len(found) < MAX_SCRIPTS:
        for file in _calls(waiting.pop(0), workspace):
            if file not in known:
                known.add(file)
                script = _shell_script(file, workspace)
                found += [script] if script else []
                waiting += [script] if script else []
    return found


def _calls(pipeline: Pipeline, workspace: Workspace) -> Iterator[str]:
    files = workspace.derive(_file_set)
    folder = posixpath.dirname(pipeline.file) if not pipeline.runs_in_ci and pipeline.host is not Host.SCRIPT else ""
    for _, _, script in pipeline.scripts():
        for command in commands_of(script):
            for word in command.words[:6]:
                path = re.sub(r"^(?:\$\{?\w+\}?|\$\{\{.*?\}\})/", "", word)
                for base in {folder, ""}:
                    file = posixpath.normpath(posixpath.join(base, path)) if path and "\0" not in path else ""
                    if file in files and ("/" in word or file.endswith((".sh", ".bash"))):
                        yield file


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
