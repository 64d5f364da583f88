"""The services of a repository: which of its packages run, what they are called, and who owns them."""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hardpoint.assurance.documents.runners import is_compose
from hardpoint.assurance.runbooks.owners import owners
from hardpoint.faces.cli.survey.folders import BESIDE, is_of
from hardpoint.faces.cli.survey.members import content_of, json_of, listing, mapping, members
from hardpoint.kernel import toml, yaml
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

MAX_SERVICES = 12
"""How many services are written down; the rest is counted."""
MAX_READ = 400
"""How many packages are looked into."""
MAX_NAME = 200

_CATALOGUE = ("catalog-info.yaml", "catalog-info.yml")
_RUN_FILES = frozenset(
    {
        "procfile",
        "fly.toml",
        "serverless.yml",
        "wrangler.toml",
        "manage.py",
        "wsgi.py",
        "asgi.py",
        "config.ru",
        "artisan",
    }
)
_IMAGE = re.compile(r"(?:Docker|Container)file(?:\.[\w-]+)?", re.IGNORECASE)
_SERVERS_JS = frozenset(
    {
        "express",
        "fastify",
        "koa",
        "hapi",
        "@hapi/hapi",
        "@nestjs/core",
        "next",
        "nuxt",
        "@remix-run/serve",
        "hono",
        "@adonisjs/core",
        "restify",
    }
)
_SERVERS_PY = re.compile(
    r"(?:django|flask|fastapi|starlette|uvicorn|gunicorn|aiohttp|sanic|tornado|litestar)\b", re.IGNORECASE
)
_SERVERS_RS = frozenset({"axum", "actix-web", "rocket", "warp", "tonic", "poem", "salvo"})
_SERVERS_PHP = frozenset({"laravel/framework", "symfony/framework-bundle", "slim/slim"})
_SERVER_JVM = re.compile(
    r"spring-boot-maven-plugin|org\.springframework\.boot[\"']|quarkus-maven-plugin|io\.quarkus[\"']|io\.micronaut\.application"
)
_SERVER_NET = re.compile(r'Sdk="Microsoft\.NET\.Sdk\.(?:Web|Worker)"')
_SERVER_GO = re.compile(
    r"ListenAndServe|grpc\.NewServer|http\.Serve\b|gin\.(?:New|Default)\(|echo\.New\(|fiber\.New\(|chi\.New"
)
_SERVER_RB = re.compile(r"^[ \t]*gem[ \t]+[\"'](?:rails|sinatra|hanami|puma)[\"']", re.MULTILINE)
_ARTIFACT = re.compile(r"<artifactId>\s*([\w.-]+)\s*</artifactId>")
_MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)
_SAY_NOTHING = frozenset(
    {
        "monorepo",
        "mono-repo",
        "root",
        "workspace",
        "workspaces",
        "repo",
        "repository",
        "project",
        "core",
        "main",
        "parent",
    }
)
"""Names of whole repositories that the folder's name says more than."""
_OF_THE_WHOLE = re.compile(r"-(?:parent|project|root|top|master|monorepo|workspaces?|aggregator)$", re.IGNORECASE)
"""What the manifest at the root of many packages says behind the name of them all: `netty-parent`, `repo-top`."""
_VERSION_PART = re.compile(r"v\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that runs: its folder (empty for the root), the file that shows it, and who owns it by which file."""

    name: str
    folder: str
    shown_by: str
    owner: str = ""
    owned_by: str = ""
    lifecycle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services found, the packages that are none, and what could not be read."""

    services: tuple[Service, ...]
    libraries: int
    tools: tuple[str, ...]
    """The files that say which packages there are."""
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Package:
    name: str = ""
    runs: bool = False


def services(workspace: Workspace, files: Sequence[str]) -> Services:
    """The services of the repository; one that says nothing of them is one itself.

    `files` are those that are not others'.
    """
    found, unread = members(workspace, files)
    at_hand: dict[str, list[str]] = {}
    for file in files:
        at_hand.setdefault(posixpath.dirname(file), []).append(posixpath.basename(file))
    built = _built_by_compose(workspace, files)
    folders = _candidates(found, built, at_hand)
    looked = [_look(folder, found, built, at_hand, workspace) for folder in folders[:MAX_READ]]
    root = _root_service(workspace, at_hand.get("", []))
    running = [
        each for each, runs in looked if runs and each.name != root.name
    ]  # that one is what the root is called by
    return Services(
        services=_unique([root, *running] if len(running) > 1 else [root]),
        libraries=len(folders) - len(running),
        tools=tuple(sorted({*found.values()} - {""})),
        unread=tuple(unread),
    )


def legible(name: str) -> str:
    """A name that a manifest may hold."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")[:MAX_NAME] or "service"


def _candidates(found: Mapping[str, str], built: Mapping[str, str], at_hand: Mapping[str, Sequence[str]]) -> list[str]:
    beside = {
        folder: ""
        for folder, names in at_hand.items()
        if folder
        and any(name in _LOOKS or name.endswith(".csproj") for name in names)
        and any(map(_is_run_file, names))
    }
    commands = {folder: "" for folder, names in at_hand.items() if _is_command(folder) and "main.go" in names}
    every = {**found, **built, **beside, **commands}
    return sorted(
        folder for folder in every if folder and not is_of(f"{folder}/x", BESIDE) and "/." not in f"/{folder}"
    )


def _is_command(folder: str) -> bool:
    """Whether a folder holds a program by the habit of Go: `cmd/NAME`."""
    return posixpath.basename(posixpath.dirname(folder)) == "cmd"


def _is_run_file(name: str) -> bool:
    return name.lower() in _RUN_FILES or _IMAGE.fullmatch(name) is not None


def _look(
    folder: str,
    found: Mapping[str, str],
    built: Mapping[str, str],
    at_hand: Mapping[str, Sequence[str]],
    workspace: Workspace,
) -> tuple[Service, bool]:
    """A folder as the service that it may be, and whether it is one."""
    names = at_hand.get(folder, ())
    manifest = next((name for name in names if name in _LOOKS or name.endswith(".csproj")), "")
    said = _package(f"{folder}/{manifest}", workspace) if manifest else _Package()
    runs = next((name for name in sorted(names) if _is_run_file(name)), "")
    shown = f"{folder}/{runs or manifest}" if runs or manifest else built.get(folder, found.get(folder, folder))
    # `package.json`, `go.mod` and the like name libraries by paths of their own: the last part is what people say.
    parts = [part for part in said.name.split("/") if part and not _VERSION_PART.fullmatch(part)]
    name = parts[-1] if parts else posixpath.basename(folder)
    service = _described(Service(name=legible(name), folder=folder, shown_by=shown), names, workspace)
    return service, bool(runs or said.runs or folder in built)


def _root_service(workspace: Workspace, names: Sequence[str]) -> Service:
    manifest = next((name for name in _LOOKS if name in names), "")
    said = _package(manifest, workspace) if manifest else _Package()
    parts = [part for part in said.name.split("/") if part and not _VERSION_PART.fullmatch(part)]
    named = _OF_THE_WHOLE.sub("", parts[-1]) if parts else ""
    says = bool(named) and named.lower() not in _SAY_NOTHING
    name = legible(named if says else workspace.name)
    shown = manifest if says else "."
    return _described(Service(name=name, folder="", shown_by=shown), names, workspace)


def _described(service: Service, names: Iterable[str], workspace: Workspace) -> Service:
    """The service with what the catalogue and CODEOWNERS say of it."""
    prefix = f"{service.folder}/" if service.folder else ""
    name, owner, lifecycle, by = service.name, "", "", ""
    for file in (f"{prefix}{each}" for each in _CATALOGUE if each in names):
        component = _component(file, workspace)
        spec = mapping(component.get("spec"))
        named = mapping(component.get("metadata")).get("name")
        name = legible(named) if isinstance(named, str) else name
        owner, lifecycle = (value if isinstance(value := spec.get(key), str) else "" for key in ("owner", "lifecycle"))
        by = file if owner else ""
        break
    if not owner and (owner := owners(workspace).of(f"{prefix}x")):
        by = "CODEOWNERS"
    return replace(service, name=name, owner=owner.split(" ")[0], owned_by=by, lifecycle=lifecycle)


def _component(file: str, workspace: Workspace) -> Mapping[str, object]:
    try:
        parts = yaml.load_all(content_of(file, workspace), file)
    except UnreadableProblem:
        return {}
    said = [mapping(each.data) for each in parts]
    return next((each for each in said if each.get("kind") == "Component"), {})


def _unique(found: Sequence[Service]) -> tuple[Service, ...]:
    """The services under names of their own: of two of a name, the later is called by its path too."""
    taken: dict[str, Service] = {}
    for each in found:
        name = each.name if each.name not in taken else legible(each.folder.replace("/", "-"))
        if name not in taken:
            taken[name] = replace(each, name=name)
    return tuple(taken.values())


def _built_by_compose(workspace: Workspace, files: Sequence[str]) -> dict[str, str]:
    """The folders that Compose files at the root build images from."""
    found: dict[str, str] = {}
    for file in (name for name in files if "/" not in name and is_compose(name)):
        try:
            said = mapping(mapping(yaml.load(content_of(file, workspace), file, foreign=True).data).get("services"))
        except UnreadableProblem:
            continue
        for each in said.values():
            build = mapping(each).get("build")
            context = build if isinstance(build, str) else mapping(build).get("context")
            if isinstance(context, str) and "$" not in context and "://" not in context:
                found.setdefault(posixpath.normpath(context), file)
    return {folder: file for folder, file in found.items() if f"{folder}/" > "/" and folder in workspace.paths}


def _package(file: str, workspace: Workspace) -> _Package:
    """What a package's manifest says of it; nothing where it cannot be read."""
    look = _LOOKS.get(posixpath.basename(file), _dotnet)
    try:
        return look(content_of(file, workspace), file)
    except UnreadableProblem:
        return _Package()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _of_npm(content: bytes, file: str) -> _Package:
    said = json_of(content, file)
    return _Package(_text(said.get("name")), not _SERVERS_JS.isdisjoint(mapping(said.get("dependencies"))))


def _of_python(content: bytes, _file: str) -> _Package:
    said = toml.load(content)
    project, poetry = mapping(said.get("project")), mapping(mapping(said.get("tool")).get("poetry"))
    needs = [*map(_text, listing(project.get("dependencies"))), *map(str, mapping(poetry.get("dependencies")))]
    name = _text(project.get("name")) or _text(poetry.get("name"))
    return _Package(name, any(_SERVERS_PY.match(each) for each in needs))


def _of_cargo(content: bytes, _file: str) -> _Package:
    said = toml.load(content)
    name = _text(mapping(said.get("package")).get("name"))
    return _Package(name, not _SERVERS_RS.isdisjoint(mapping(said.get("dependencies"))))


def _of_go(content: bytes, _file: str) -> _Package:
    found = _MODULE.search(content.decode("utf-8", "replace"))
    return _Package(found[1] if found else "")


def _of_go_program(content: bytes, _file: str) -> _Package:
    return _Package("", _SERVER_GO.search(content.decode("utf-8", "replace")) is not None)


def _of_maven(content: bytes, _file: str) -> _Package:
    text = content.decode("utf-8", "replace")
    before, _, parent = text.partition("<parent>")
    found = _ARTIFACT.search(before + parent.partition("</parent>")[2])
    return _Package(found[1] if found else "", _SERVER_JVM.search(text) is not None)


def _of_gradle(content: bytes, _file: str) -> _Package:
    return _Package("", _SERVER_JVM.search(content.decode("utf-8", "replace")) is not None)


def _of_composer(content: bytes, file: str) -> _Package:
    said = json_of(content, file)
    return _Package(_text(said.get("name")), not _SERVERS_PHP.isdisjoint(mapping(said.get("require"))))


def _of_bundler(content: bytes, _file: str) -> _Package:
    return _Package("", _SERVER_RB.search(content.decode("utf-8", "replace")) is not None)


def _dotnet(content: bytes, file: str) -> _Package:
    stem = posixpath.splitext(posixpath.basename(file))[0]
    return _Package(stem, _SERVER_NET.search(content.decode("utf-8", "replace")) is not None)


_LOOKS: Mapping[str, Callable[[bytes, str], _Package]] = {
    "package.json": _of_npm,
    "pyproject.toml": _of_python,
    "Cargo.toml": _of_cargo,
    "go.mod": _of_go,
    "main.go": _of_go_program,
    "pom.xml": _of_maven,
    "build.gradle": _of_gradle,
    "build.gradle.kts": _of_gradle,
    "composer.json": _of_composer,
    "Gemfile": _of_bundler,
}
"""What the manifest of a package says, the most telling one first."""
