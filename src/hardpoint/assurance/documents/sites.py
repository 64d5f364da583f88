"""Sites: which generator publishes a folder of documents, recognised by its files, and what an address means there."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.slugs import Dialect
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Site:
    """A published folder.

    `scope` is the folder whose documents it publishes, `content` the folders in which an address such as `/guide/x`
    is looked for, `pages` whether a page is named without the ending of its file, `labels_elsewhere` whether links may
    use labels that a plugin defines.
    """

    generator: str
    scope: str
    content: tuple[str, ...]
    dialect: Dialect
    pages: bool
    labels_elsewhere: bool = False
    makes_pages: bool = False

    def holds(self, file: str) -> bool:
        """Whether a document is one of its pages."""
        return not self.scope or file.startswith(f"{self.scope}/")


def sites(workspace: Workspace) -> Sequence[Site]:
    """The sites of a workspace, the deepest folder first."""
    return workspace.derive(_sites)


def site_of(file: str, workspace: Workspace) -> Site | None:
    """The site that publishes a document, if one is recognised."""
    return next((each for each in sites(workspace) if each.holds(file)), None)


def dialect_of(file: str, workspace: Workspace) -> Dialect:
    """Whose anchors the headings of a document get: what the manifest says, else what its site has, else the forge."""
    if (declared := workspace.manifest[DOCUMENTS].slugs) is not None:
        return declared
    site = site_of(file, workspace)
    return site.dialect if site else workspace.derive(_forge)


def _forge(workspace: Workspace) -> Dialect:
    on_gitlab = ".gitlab-ci.yml" in workspace.paths and ".github" not in workspace.paths
    return Dialect.GITLAB if on_gitlab else Dialect.GITHUB


def _sites(workspace: Workspace) -> Sequence[Site]:
    found = {(site.scope, site.generator): site for file in workspace.files for site in _announced(file, workspace)}
    return sorted(found.values(), key=lambda site: (-site.scope.count("/") - bool(site.scope), _RANK[site.generator]))


_DOCUSAURUS = re.compile(r"docusaurus\.config\.(?:js|ts|cjs|mjs)")
_CONFIG = re.compile(r"config\.(?:js|ts|cjs|mjs|mts|toml|yml)")
_HUGO = re.compile(r"(?:hugo|config)\.(?:toml|ya?ml|json)")
# A configuration of Sphinx is a program: what writes files or runs others makes pages before they are read.
_MAKES_PAGES = r"^(?!\s*#).*\b(subprocess\.|os\.system\(|apidoc|autoapi|write_text\(|open\([^)\n]*['\"][wa]t?['\"])"
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-zA-Z]{2})?")
# Where two generators know one folder, the one that is named first is believed.
_RANK = {
    name: rank
    for rank, name in enumerate(
        ["docusaurus", "vitepress", "hugo", "mkdocs", "myst", "mdbook", "gitbook", "jekyll"],
    )
}


def _announced(file: str, workspace: Workspace) -> Iterator[Site]:
    """The sites that a file is the configuration of."""
    folder, name = posixpath.split(file)
    above, last = posixpath.split(folder)
    if _DOCUSAURUS.fullmatch(name):
        yield _docusaurus(file, folder, workspace)
    elif name == "siteConfig.js":
        yield _docusaurus_1(file, folder, workspace)
    elif last in {".vitepress", ".vuepress"} and _CONFIG.fullmatch(name):
        content = (above, _in(above, "public"), _in(folder, "public"))
        yield Site("vitepress", above, content, Dialect.VITEPRESS, pages=True)
    elif name in {"mkdocs.yml", "mkdocs.yaml"}:
        docs = _in(folder, _stated(file, r"^docs_dir:\s*['\"]?([^'\"#\n]+)", workspace) or "docs")
        unicode = _stated(file, r"(pymdownx\.slugs|slugify_unicode)", workspace)
        plugins = _stated(file, r"(snippets|autorefs|mkdocstrings|macros|abbr)", workspace) is not None
        makes = _stated(file, r"^\s*-\s*(gen-files|api-autonav|mkapi|autoapi)\b", workspace) is not None
        dialect = Dialect.GITHUB if unicode else Dialect.MKDOCS
        yield Site("mkdocs", docs, (docs,), dialect, pages=False, labels_elsewhere=plugins, makes_pages=makes)
    elif (
        name == "conf.py" and (_stated(file, r"(myst_parser|myst_nb|recommonmark|^extensions\s*=)", workspace))
    ) or name in {"myst.yml", "_toc.yml"}:
        makes = _stated(file, _MAKES_PAGES, workspace) is not None
        code = _stated(file, r"(autodoc|autoapi|autosummary|intersphinx|breathe)", workspace) is not None
        yield Site("myst", folder, (folder,), Dialect.MYST, pages=True, labels_elsewhere=code, makes_pages=makes)
    elif name == "book.toml":
        source = _in(folder, _stated(file, r"^src\s*=\s*['\"]([^'\"\n]+)", workspace) or "src")
        yield Site("mdbook", source, (source,), Dialect.GITHUB, pages=False)
    elif name == ".gitbook.yaml" or (name == "book.json" and _in(folder, "SUMMARY.md") in workspace.paths):
        root = _in(folder, _stated(file, r"^root:\s*['\"]?([^'\"#\n]+)", workspace) or ".")
        yield Site("gitbook", root, (root,), Dialect.GITBOOK, pages=False)
    elif name == "_config.yml":
        yield Site("jekyll", folder, (folder, *_collections(folder, workspace)), Dialect.GITHUB, pages=True)
    elif _HUGO.fullmatch(name) and (site := _hugo(folder, workspace)):
        yield site


def _docusaurus(file: str, folder: str, workspace: Workspace) -> Site:
    paths = [_in(folder, each) for each in _all_stated(file, r"\bpath:\s*['\"]([^'\"\n]+)['\"]", workspace)]
    docs = [path for path in (*paths, _in(folder, "docs")) if path in workspace.paths]
    content = dict.fromkeys((folder, *docs, *(_in(folder, each) for each in ("static", "src/pages", "blog"))))
    outside = next((path for path in docs if folder and not f"{path}/".startswith(f"{folder}/")), None)
    scope = outside if outside is not None else folder
    return Site("docusaurus", scope, tuple(content), Dialect.DOCUSAURUS, pages=True)


def _docusaurus_1(file: str, folder: str, workspace: Workspace) -> Site:
    """The first Docusaurus, whose documents lie in `docs` beside the folder of the site."""
    custom = _stated(file, r"customDocsPath:\s*['\"]([^'\"\n]+)", workspace)
    docs = _in(folder, f"../{custom or 'docs'}")
    return Site("docusaurus", docs, (docs, _in(folder, "static"), _in(folder, "pages")), Dialect.DOCUSAURUS, pages=True)


def _hugo(folder: str, workspace: Workspace) -> Site | None:
    """A site of Hugo, whose configuration stands beside its content or in `config/_default`."""
    base = folder.removesuffix("config/_default").rstrip("/") if folder.endswith("config/_default") else folder
    content = _in(base, "content")
    if content not in workspace.paths:
        return None
    languages = (path for path in workspace.paths if _LANGUAGE.fullmatch(path.removeprefix(f"{content}/")))
    roots = (content, *sorted(languages), _in(base, "static"), _in(base, "assets"))
    return Site("hugo", content, roots, Dialect.HUGO, pages=True)


def _collections(folder: str, workspace: Workspace) -> Iterator[str]:
    """The folders of Jekyll whose pages have addresses without the underscore: of `_docs/a.md`, `/docs/a`."""
    for path in sorted(workspace.paths):
        if posixpath.dirname(path) == folder and posixpath.basename(path).startswith("_") and "." not in path:
            yield path


def _in(folder: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join(folder, path.strip()))
    return "" if joined == "." else joined


def _stated(file: str, pattern: str, workspace: Workspace) -> str | None:
    return next(iter(_all_stated(file, pattern, workspace)), None)


def _all_stated(file: str, pattern: str, workspace: Workspace) -> Sequence[str]:
    """What a configuration says, by a pattern: it may be a program, which is never run."""
    try:
        text = workspace.read(file).decode("utf-8", "replace")
    except UnreadableProblem:
        return ()
    return re.findall(pattern, text, re.MULTILINE)
