"""Environment variables: what code reads, by language, against what `.env.example` and the documents list."""

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from hardpoint.assurance.documents.corpus import documents
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.outline import outline, text_of
from hardpoint.assurance.documents.sources import source_of
from hardpoint.kernel.place import Lines, Place
from hardpoint.kernel.workspace import Workspace

_EXAMPLE = re.compile(
    r"^(?:\.env(?:\.[\w-]+)*\.(?:example|sample|template|dist|tpl|defaults?)|\.?env[.-](?:example|sample|template|dist)|(?:example|sample|template)\.env)$"
)
_LISTED = re.compile(rb"^[ \t]*(?:#+[ \t]*)?(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=", re.MULTILINE)
_NOT_OURS = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|\.venv|venv|site-packages|dist|build|target|\.next|coverage)/|\.min\.\w+$"
)
_TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|specs|e2e|fixtures|testdata|examples?|cypress|playwright|benchmarks?)/|(?:^|/)(?:test_[^/]*|conftest|[^/]*_test)\.\w+$|\.(?:test|spec)\.\w+$"
)
# An example in there is what a test reads, and for nobody to copy.
_IN_TESTS = re.compile(r"(?:^|/)(?:__)?(?:tests?|specs?|fixtures|testdata)(?:__)?/", re.IGNORECASE)
_TOOLING = re.compile(r"(?:^|/)(?:\.[^/]+|ci|scripts?|hack|tools?)/")

_NAME = r"([A-Z_][A-Z0-9_]*)"
_ANY = r"([A-Za-z_][A-Za-z0-9_]*)"
_QUOTED = rf"""\s*["'`]{_ANY}["'`]"""
_Readers = Sequence[tuple[str, str]]


def _reader(*patterns: str) -> re.Pattern[str]:
    """One pattern of several, in which white space is bounded: no text can make it slow."""
    return re.compile("|".join(patterns).replace(r"\s*", r"\s{0,40}"))


_PYTHON = _reader(
    rf"\benviron\s*(?:\.get|\.pop|\.setdefault)?\s*[\[(]{_QUOTED}(?!\s*\]\s*=[^=])",
    rf"\bgetenvb?\s*\({_QUOTED}",
    rf"\b(?:config|env(?:\.(?:str|bool|int|float|list|tuple|dict|json|url|db|db_url|cache|cache_url|email|path|date|datetime|timedelta|decimal|log_level|uuid|get_value))?)\s*\({_QUOTED}",
    rf"""\b(?:validation_alias|alias|env)\s*=\s*(?:AliasChoices\()?\s*["']{_NAME}["']""",
)
_JAVASCRIPT = _reader(
    rf"\b(?:process\.env|import\.meta\.env|Bun\.env)\??\.{_NAME}\b(?!\s*=[^=])",
    rf"\b(?:process\.env|import\.meta\.env|Bun\.env)\[{_QUOTED}\s*\](?!\s*=[^=])",
    rf"\bDeno\.env\.get\({_QUOTED}",
)
_DESTRUCTURED = re.compile(r"\{([^{}]{1,2000})\}\s*=\s*(?:process\.env|import\.meta\.env)\b")
_DESTRUCTURED_DEFAULT = re.compile(r"\s*(?::\s*\w+\s*)?=")
_GO = _reader(rf"\bos\.(?:Getenv|LookupEnv)\({_QUOTED}", r"`[^`\n]*\b(?:env|envconfig):\"([A-Za-z_][A-Za-z0-9_]*)")
_JVM = _reader(
    rf"\bSystem\.getenv\(\)?\s*(?:\.get\(|\[)?{_QUOTED}", rf"\bgetenv\({_QUOTED}", rf"\$\{{{_NAME}(?::[^{{}}\n]*)?\}}"
)
_SPRING = _reader(rf"\$\{{{_NAME}(?::[^\n]*?)?\}}")
_RUBY = _reader(rf"\bENV(?:\.fetch\(|\[|\.key\?\(|\.fetch ){_QUOTED}")
_PHP = _reader(rf"\b(?:getenv|env)\({_QUOTED}", rf"\$_(?:ENV|SERVER)\[{_QUOTED}\s*\]")
_RUST = _reader(rf"\b(?:env::var(?:_os)?|env!|option_env!)\({_QUOTED}")
_DOTNET = _reader(rf"\bGetEnvironmentVariable\({_QUOTED}")
_SHELL = _reader(rf"\$\{{{_NAME}:?[?]")
_SHELL_DEFAULT = re.compile(rf"\$\{{{_NAME}:?[-]")
_SHELL_SET = re.compile(
    r"(?:^|[\s;&|(])(?:local|export|readonly|declare(?:\s+-\w+)*)?[ \t]{0,20}([A-Z_][A-Z0-9_]*)\+?="
    r"|\b(?:read|for)\s+(?:-\w+\s+)*([A-Z_]+)",
    re.MULTILINE,
)
_INTERPOLATED = _reader(rf"(?<!\$)\$\{{{_NAME}(?:[:?+-][^{{}}\n]*)?\}}")
_TERRAFORM = re.compile(r'^variable\s+"([A-Za-z_][\w-]*)"', re.MULTILINE)
_PRISMA = _reader(rf"\benv\({_QUOTED}")

_BY_ENDING: Mapping[str, re.Pattern[str]] = {
    ".py": _PYTHON,
    **dict.fromkeys(
        (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".astro"), _JAVASCRIPT
    ),
    ".go": _GO,
    **dict.fromkeys((".java", ".kt", ".kts", ".scala", ".groovy"), _JVM),
    ".properties": _SPRING,
    **dict.fromkeys((".rb", ".erb", ".rake", ".ru"), _RUBY),
    ".php": _PHP,
    ".rs": _RUST,
    **dict.fromkeys((".cs", ".fs"), _DOTNET),
    ".prisma": _PRISMA,
    **dict.fromkeys((".sh", ".bash", ".zsh"), _SHELL),
}
_COMPOSE = re.compile(r"^(?:docker-)?compose(?:\.[\w-]+)*\.ya?ml$")
_SPRING_FILE = re.compile(r"^(?:application|bootstrap)(?:-[\w-]+)?\.ya?ml$")
_COMMENTS: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys((".py", ".rb", ".sh", ".bash", ".zsh", ".rake"), re.compile(r"^[ \t]*#.*$", re.MULTILINE)),
    **dict.fromkeys(
        (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".go", ".java", ".kt", ".scala", ".rs", ".cs", ".php"),
        re.compile(r"^[ \t]*(?://|\*|/\*).*$", re.MULTILINE),
    ),
}

# pydantic-settings: fields of a class whose bases say Settings, behind its prefix; the names count in any case.
_SETTINGS = re.compile(
    r"^class[ \t]+\w+\([^)\n]*\bBaseSettings\b[^)\n]*\):[ \t]*\n((?:[ \t]+.*\n?|[ \t]*\n)*)", re.MULTILINE
)
_PREFIX = re.compile(r"\benv_prefix\s*=\s*[\"'](\w*)[\"']")
_FIELD = re.compile(r"^(?:    |\t)([a-z_]\w*)[ \t]*:[ \t]*(?!ClassVar)\S", re.MULTILINE)
_OWN_CONFIG = frozenset({"model_config"})

# Where names are made up while a program runs, what nobody reads cannot be known.
_DYNAMIC = re.compile(
    r"\benviron(?:\.get)?\s*[\[(]\s*(?:f[\"']|[a-z_]\w*\s*[\])+])|\bgetenv\(\s*(?:f[\"']|[a-z_]\w*\s*[),+])|\bprocess\.env\[\s*(?:`|[a-zA-Z_$][\w$.]*\s*\])"
    r"|\bAutomaticEnv\(|\benvconfig\.Process\(|\bENV\[\s*(?:\"[^\"\n]*#\{|[a-z_]\w*\s*\])|\bos\.Environ\(\)|\bdict\(os\.environ\)|\bos\.environ\.(?:items|keys|copy)\(\)"
    r"|\.\.\.process\.env\b|\bObject\.(?:keys|entries)\(process\.env\)|\bSystem\.getenv\(\)(?!\s*(?:\.get\(|\[)\s*[\"'])|\bload_dotenv\b.{0,200}\bprefix\b|\benv_nested_delimiter\b|\benvprefix\b",
    re.IGNORECASE,
)

_PLATFORM_NAMES = """
    PATH HOME USER LOGNAME SHELL PWD OLDPWD TERM COLORTERM LANG LANGUAGE TZ TMP TEMP TMPDIR EDITOR VISUAL PAGER
    DISPLAY HOSTNAME CI NODE_ENV NODE_OPTIONS NODE_PATH DEBUG NO_COLOR FORCE_COLOR CLICOLOR COLUMNS LINES PORT HOST
    PYTHONPATH PYTHONUNBUFFERED VIRTUAL_ENV CONDA_PREFIX APPDATA LOCALAPPDATA USERPROFILE PROGRAMFILES SYSTEMROOT
    WINDIR COMSPEC GOPATH GOROOT GOOS GOARCH GOFLAGS JAVA_HOME RAILS_ENV RACK_ENV APP_ENV MIX_ENV FLASK_ENV
    FLASK_APP DJANGO_SETTINGS_MODULE HTTP_PROXY HTTPS_PROXY NO_PROXY SSL_CERT_FILE REQUESTS_CA_BUNDLE SSH_AUTH_SOCK
    SUDO_USER UID GID MODE DEV PROD SSR BASE_URL BASH_SOURCE DYNO WEB_CONCURRENCY IFS OPTARG OPTIND RANDOM SECONDS
    EUID PPID REMOTE_ADDR REQUEST_URI REQUEST_METHOD SERVER_NAME SERVER_PORT SERVER_PROTOCOL HTTP_HOST QUERY_STRING
    SCRIPT_NAME DOCUMENT_ROOT SCRIPT_FILENAME PHP_SELF CONTENT_TYPE CONTENT_LENGTH NOTIFY_SOCKET INVOCATION_ID
    BUNDLE_GEMFILE RUST_LOG RUST_BACKTRACE CARGO_MANIFEST_DIR OUT_DIR TARGET PROFILE USERNAME CONTAINER
"""
_PLATFORM = frozenset(_PLATFORM_NAMES.split())
_PLATFORM_PREFIX = re.compile(
    r"(?:GITHUB|GITLAB|CI|RUNNER|ACTIONS|CIRCLE|TRAVIS|JENKINS|BUILDKITE|BITBUCKET|TF_BUILD|VERCEL|NETLIFY|RENDER|RAILWAY|HEROKU|FLY|K|SSH|WAYLAND|KUBERNETES|ECS"
    r"|AWS_LAMBDA|LAMBDA|FUNCTIONS|WEBSITE|XDG|LC|npm|npm_config|PYTEST|PYTHON|GIT|CARGO|PG|SYSTEMD|HTTP|__)_|.*_SERVICE_(?:HOST|PORT)$|NEXT_RUNTIME|VITEST|JEST_|__"
)
# What images, frameworks and command-line tools read by themselves; their code is not in the tree.
_READ_ELSEWHERE = re.compile(
    r"(?:POSTGRES|PG|MYSQL|MARIADB|MONGO|MONGODB|REDIS|RABBITMQ|MINIO|ELASTIC|KEYCLOAK|KC|GF|GRAFANA|TRAEFIK|NGINX|COMPOSE|DOCKER|BUILDKIT|AWS|GOOGLE|GCP|GCLOUD"
    r"|AZURE|ARM|OTEL|SENTRY|SPRING|SERVER|MANAGEMENT|LOGGING|UVICORN|GUNICORN|WEB|FLASK|DJANGO|CELERY|NODE|NPM|YARN|PIP|UV|POETRY|PYTHON|NEXT|NUXT|VITE"
    r"|EXPO|RAILS|RACK|PUMA|APP|DB|MAIL|CACHE|SESSION|QUEUE|BROADCAST|LOG|HTTP|HTTPS|NO|OPENAI|ANTHROPIC|LANGCHAIN|LANGSMITH|HF|HUGGINGFACE|WANDB|DATABASE"
    r"|PRISMA|TURBO|NX|JAVA|MAVEN|GRADLE|GO|RUST|CARGO|VAULT|CONSUL|NOMAD|PUID|PGID|TZ|CLOUDFLARE|CF|STRIPE|TWILIO|AUTH|AUTH0|CLERK|NEXTAUTH|SUPABASE)(?:_|$)"
)
_DOCUMENTED = re.compile(rf"`{_NAME}(?:=[^`\n]*)?`")
_MIN_OF_PREFIX = 2


# What follows a name where something stands in for a variable that is not set.
_DEFAULT = re.compile(
    r"""["'`]?\s*(?:,\s*[^\s)]|[)\]]?\s*(?:\?\?|\|\||\bor\b|=(?!=))|:?[-+]|:(?!\?)[^\s,}]|\)\s*\.(?:orElse|unwrap_or))"""
)


class Read(NamedTuple):
    """A variable that code reads, where in the file, and whether something stands in for it if it is not set."""

    name: str
    offset: int
    defaulted: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A list of variables for people to copy, with the place of each, and the folder of the code that it is for."""

    file: str
    folder: str
    listed: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Use:
    """A variable that code reads, and where it first does; `defaulted` where something stands in for it there."""

    name: str
    place: Place
    defaulted: bool = False


def examples(workspace: Workspace) -> list[Example]:
    """Every example of an environment in the tree."""
    return workspace.derive(_examples)


def unlisted(example: Example, workspace: Workspace, *, defaulted: bool) -> list[Use]:
    """What code in the example's folder reads, with or without a default, and no example of that folder lists.

    Of several examples in one folder the first tells.
    """
    if example is not _first_in(example.folder, workspace):
        return []
    listed = _listed_in(example.folder, workspace)
    upper = {each.upper() for each in listed}
    spared = workspace.manifest[DOCUMENTS].platform_variables
    return [
        use
        for use in _uses(example.folder, workspace)
        if use.defaulted is defaulted and use.name.upper() not in upper and not _is_platforms(use.name, spared)
    ]


def unread(example: Example, workspace: Workspace) -> list[str]:
    """What the example lists and no file of the tree names; none where programs make up names while they run."""
    if workspace.derive(_is_dynamic):
        return []
    named = workspace.derive(_named)
    return [
        name
        for name in example.listed
        if name.upper() not in named and not _READ_ELSEWHERE.match(name) and not _is_platforms(name, ())
    ]


def only_documented(example: Example, workspace: Workspace) -> list[Use]:
    """What documents name as a variable, though no code reads it and no example lists it.

    Only names that begin as several known ones do: anything else in capitals may be something else.
    """
    if example is not _first_in(example.folder, workspace):
        return []
    known = {*_listed_in(example.folder, workspace), *(use.name for use in _uses(example.folder, workspace))}
    begun: dict[str, int] = {}
    for name in known:
        begun[_beginning(name)] = begun.get(_beginning(name), 0) + 1
    named = workspace.derive(_named)
    found: dict[str, Use] = {}
    for document in documents(workspace):
        if not _is_below(document.file, example.folder) or not _DOCUMENTED.search(text_of(document.file, workspace)):
            continue
        for code in outline(document.file, workspace).codes:
            name = code.text.partition("=")[0] if code.language is None else ""
            if not _beginning(name) or begun.get(_beginning(name), 0) < _MIN_OF_PREFIX or not re.fullmatch(_NAME, name):
                continue
            if name not in known and name not in named:
                found.setdefault(name, Use(name, Place(document.file, code.line, code.column)))
    return list(found.values())


def reads(file: str, text: str) -> Iterator[Read]:
    """The variables that a file reads."""
    name, ending = posixpath.basename(file), posixpath.splitext(file)[1]
    if _COMPOSE.match(name) or _SPRING_FILE.match(name):
        yield from _found(_INTERPOLATED if _COMPOSE.match(name) else _SPRING, _without_comments(text, ".sh"))
        return
    if ending == ".tf":
        yield from (Read(f"TF_VAR_{found[1]}", found.start(), defaulted=True) for found in _TERRAFORM.finditer(text))
        return
    pattern = _BY_ENDING.get(ending)
    if pattern is None:
        return
    text = _without_comments(text, ending)
    own = _set_in_shell(text) if pattern is _SHELL else frozenset[str]()
    yield from (each for each in _found(pattern, text) if each.name not in own)
    if pattern is _SHELL:
        yield from (each for each in _found(_SHELL_DEFAULT, text) if each.name not in own)
    elif pattern is _JAVASCRIPT:
        yield from _destructured(text)
    elif pattern is _PYTHON:
        yield from _settings(text)


def _found(pattern: re.Pattern[str], text: str) -> Iterator[Read]:
    for found in pattern.finditer(text):
        which = found.lastindex or 0
        defaulted = _DEFAULT.match(text, found.end(which)) is not None
        yield Read(found[which], found.start(which), defaulted)


def _without_comments(text: str, ending: str) -> str:
    """The text with its comment lines blank, every offset as it was."""
    pattern = _COMMENTS.get(ending)
    return pattern.sub(lambda found: " " * len(found[0]), text) if pattern else text


def _set_in_shell(text: str) -> frozenset[str]:
    """What a script sets by itself. `X="${X:-default}"` sets it from the environment, so that is still read."""
    own: set[str] = set()
    for found in _SHELL_SET.finditer(text):
        name = found[1] or found[2]
        after = text[found.end() : found.end() + len(name) + 6]
        if not re.match(rf"[\"']?\$\{{{name}\b", after):
            own.add(name)
    return frozenset(own)


def _destructured(text: str) -> Iterator[Read]:
    for found in _DESTRUCTURED.finditer(text):
        for name in re.finditer(rf"(?:^|,)\s*{_NAME}\b", found[1]):
            yield Read(
                name[1], found.start(1) + name.start(1), _DESTRUCTURED_DEFAULT.match(found[1], name.end(1)) is not None
            )


def _settings(text: str) -> Iterator[Read]:
    for settings in _SETTINGS.finditer(text):
        body = settings[1]
        prefix = _PREFIX.search(body)
        for field in _FIELD.finditer(body):
            line = body[field.start() : body.find("\n", field.start())]
            if field[1] not in _OWN_CONFIG and not field[1].startswith("_") and "alias" not in line:
                name = f"{prefix[1] if prefix else ''}{field[1]}".upper()
                yield Read(name, settings.start(1) + field.start(1), "=" in line)


def _examples(workspace: Workspace) -> list[Example]:
    found: list[Example] = []
    for file in workspace.files:
        if _EXAMPLE.match(posixpath.basename(file)) and not _NOT_OURS.search(file) and not _IN_TESTS.search(file):
            content = source_of(file, workspace).encode()
            lines = Lines(file, content)
            listed = {
                each[1].decode(): lines.place(each.start(1)) for each in reversed(list(_LISTED.finditer(content)))
            }
            found.append(Example(file, posixpath.dirname(file), listed))
    return found


def _first_in(folder: str, workspace: Workspace) -> Example:
    return next(each for each in examples(workspace) if each.folder == folder)


def _listed_in(folder: str, workspace: Workspace) -> set[str]:
    return {name for each in examples(workspace) if each.folder == folder for name in each.listed}


def _uses(folder: str, workspace: Workspace) -> Sequence[Use]:
    return workspace.derive(_uses_by_folder).get(folder, ())


def _uses_by_folder(workspace: Workspace) -> Mapping[str, Sequence[Use]]:
    """What code reads, by the nearest folder above it with an example; tests and tooling are nobody's configuration."""
    folders = sorted({each.folder for each in examples(workspace)}, key=len, reverse=True)
    found: dict[str, dict[str, Use]] = {folder: {} for folder in folders}
    for file in workspace.files if folders else ():
        folder = next((each for each in folders if _is_below(file, each)), None)
        if folder is None or not _may_read(file) or _TEST.search(file) or _TOOLING.search(file):
            continue
        text = source_of(file, workspace)
        ends = [newline.start() for newline in re.finditer("\n", text)]
        for each in reads(file, text):
            place = Place(file, bisect_right(ends, each.offset - 1) + 1)
            known = found[folder].get(each.name)
            if known is None or (known.defaulted and not each.defaulted):
                found[folder][each.name] = Use(each.name, place, each.defaulted)
    return {folder: list(uses.values()) for folder, uses in found.items()}


def _may_read(file: str) -> bool:
    name = posixpath.basename(file)
    known = (
        posixpath.splitext(name)[1] in _BY_ENDING
        or name.endswith(".tf")
        or _COMPOSE.match(name)
        or _SPRING_FILE.match(name)
    )
    return bool(known) and not _NOT_OURS.search(file)


_PROSE = (".md", ".markdown", ".mdx", ".rst", ".txt", ".lock", ".svg", ".png", ".jpg", ".ipynb")
_CAPITALS = re.compile(r"\b[A-Z_][A-Z0-9_]{2,}\b")


def _named(workspace: Workspace) -> frozenset[str]:
    """Every word in capitals of the files that are neither examples nor prose, and the fields of settings classes."""
    wanted = {name.upper() for each in examples(workspace) for name in each.listed}
    for document in documents(workspace) if wanted else ():
        wanted.update(_DOCUMENTED.findall(text_of(document.file, workspace)))
    own = {each.file for each in examples(workspace)}
    found: set[str] = set()
    for file in workspace.files if wanted else ():
        if file in own or file.lower().endswith(_PROSE) or _NOT_OURS.search(file):
            continue
        text = source_of(file, workspace)
        found.update(wanted.intersection(_CAPITALS.findall(text)))
        if file.endswith(".py") and "BaseSettings" in text:
            found.update(each.name for each in reads(file, text))
        if file.endswith(".tf"):
            found.update(each.name.upper() for each in reads(file, text))
    return frozenset(found)


def _is_dynamic(workspace: Workspace) -> bool:
    return any(
        _DYNAMIC.search(each)
        for file in workspace.files
        if _may_read(file) and not _TEST.search(file)
        for each in _around_env(source_of(file, workspace))
    )


def _around_env(text: str) -> Iterator[str]:
    """The lines that name an environment, each with the next: all that _DYNAMIC can match, and most files have none."""
    if "env" not in text.lower():
        return
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if "env" in line.lower():
            yield "\n".join(lines[number : number + 2])


def _is_platforms(name: str, spared: Iterable[str]) -> bool:
    if name.upper() in _PLATFORM or _PLATFORM_PREFIX.match(name):
        return True
    return any(fnmatchcase(name, each) for each in spared)


def _is_below(file: str, folder: str) -> bool:
    return not folder or file.startswith(f"{folder}/")


def _beginning(name: str) -> str:
    return name.partition("_")[0] if "_" in name else ""
