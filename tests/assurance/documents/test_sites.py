"""Sites: recognised by their files, with the dialect of their anchors and the meaning of their addresses."""

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.sites import dialect_of, site_of
from hardpoint.assurance.documents.slugs import Dialect
from hardpoint.assurance.documents.verbs import document_rules
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace


def found_in(files):
    runs = run_rules(Workspace.of(files, [DOCUMENTS]), document_rules())
    assert [run.error for run in runs if run.error] == []
    return [(finding.rule, finding.place.file, finding.replaces) for run in runs for finding in run.findings]


@pytest.mark.parametrize(
    ("config", "text", "page", "generator", "dialect"),
    [
        ("mkdocs.yml", "site_name: x\n", "docs/a.md", "mkdocs", Dialect.MKDOCS),
        ("mkdocs.yml", "docs_dir: 'pages'  # here\n", "pages/a.md", "mkdocs", Dialect.MKDOCS),
        (
            "mkdocs.yml",
            "slugify: !!python/object/apply:pymdownx.slugs.slugify {}\n",
            "docs/a.md",
            "mkdocs",
            Dialect.GITHUB,
        ),
        ("site/docusaurus.config.ts", "", "site/docs/a.md", "docusaurus", Dialect.DOCUSAURUS),
        ("docs/.vitepress/config.mts", "", "docs/a.md", "vitepress", Dialect.VITEPRESS),
        ("docs/conf.py", "extensions = ['myst_parser']\n", "docs/a.md", "myst", Dialect.MYST),
        ("hugo.toml", "", "content/a.md", "hugo", Dialect.HUGO),
        ("config/_default/config.toml", "", "content/a.md", "hugo", Dialect.HUGO),
        ("book.toml", "[book]\n", "src/a.md", "mdbook", Dialect.GITHUB),
        (".gitbook.yaml", "root: ./docs/\n", "docs/a.md", "gitbook", Dialect.GITBOOK),
        ("_config.yml", "", "a.md", "jekyll", Dialect.GITHUB),
    ],
)
def test_a_site_is_recognised_by_its_configuration(config, text, page, generator, dialect):
    workspace = Workspace.of({config: text, page: "", "elsewhere.txt": ""}, [DOCUMENTS])
    site = site_of(page, workspace)
    assert site is not None
    assert (site.generator, dialect_of(page, workspace)) == (generator, dialect)


@pytest.mark.parametrize(
    ("files", "dialect"),
    [
        ({}, Dialect.GITHUB),
        ({".gitlab-ci.yml": ""}, Dialect.GITLAB),
        ({".gitlab-ci.yml": "", ".github/x": ""}, Dialect.GITHUB),
        ({"hardpoint.yaml": "version: 1\ndocuments: {slugs: hugo}\n", "mkdocs.yml": ""}, Dialect.HUGO),
        ({"config.toml": ""}, Dialect.GITHUB),
        ({"src/conf.py": "x = 1\n"}, Dialect.GITHUB),
    ],
)
def test_without_a_site_the_forge_says_and_the_manifest_before_all(files, dialect):
    assert dialect_of("docs/a.md", Workspace.of({"docs/a.md": "", **files}, [DOCUMENTS])) is dialect


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    ("site", "page", "link", "target"),
    [
        ({"mkdocs.yml": ""}, "docs/a.md", "/b.md", "docs/b.md"),
        ({"w/docusaurus.config.js": ""}, "w/docs/a.md", "/docs/b", "w/docs/b.md"),
        ({"w/docusaurus.config.js": ""}, "w/docs/a.md", "/img/x.png", "w/static/img/x.png"),
        ({"w/docusaurus.config.js": ""}, "w/docs/a.md", "./b", "w/docs/01-b.md"),
        ({"w/docusaurus.config.js": ""}, "w/docs/a.md", "../named", "w/docs/x.md"),
        ({"hugo.toml": ""}, "content/en/docs/a.md", "/docs/b/", "content/en/docs/b.md"),
        ({"hugo.toml": ""}, "content/docs/a.md", "../b/", "content/docs/b/_index.md"),
        ({"hugo.toml": ""}, "content/docs/a.md", "/x.png", "static/x.png"),
        ({"docs/.vitepress/config.ts": ""}, "docs/a.md", "/guide/b", "docs/guide/b.md"),
        ({"docs/.vitepress/config.ts": ""}, "docs/a.md", "/logo.svg", "docs/public/logo.svg"),
        ({"_config.yml": ""}, "a.md", "/docs/b", "_docs/b.md"),
        ({"_config.yml": ""}, "a.md", "b.html", "b.md"),
        ({"docs/conf.py": "extensions = []\n"}, "docs/a.md", "/guide/b", "docs/guide/b.rst"),
        ({"docs/conf.py": "extensions = []\n"}, "docs/a.md", "labels/one", "docs/l.md"),
        ({"docs/conf.py": "extensions = []\n"}, "docs/a.md", "#labels/one", "docs/l.md"),
    ],
)
def test_an_address_is_looked_for_where_its_site_publishes(site, page, link, target):
    text = "---\nslug: /named\n---\n(labels/one)=\n# x\n"
    assert found_in({**site, page: f"[x]({link})\n", target: text}) == []


@pytest.mark.parametrize(
    ("site", "page", "link", "rule"),
    [
        ({"mkdocs.yml": ""}, "docs/a.md", "/gone.md", "DOC004"),
        ({"mkdocs.yml": ""}, "docs/a.md", "gone.md", "DOC001"),
        ({"w/docusaurus.config.js": ""}, "w/docs/a.md", "./gone", "DOC004"),
        ({"w/docusaurus.config.js": ""}, "w/docs/a.md", "./gone.md", "DOC001"),
        ({"hugo.toml": ""}, "content/a.md", "/gone/", "DOC004"),
    ],
)
def test_what_no_page_answers_is_a_warning_and_a_missing_file_an_error(site, page, link, rule):
    assert found_in({**site, page: f"[x]({link})\n"}) == [(rule, page, None)]


@pytest.mark.parametrize(("target", "found"), [("b.md", []), ("docs/b", []), ("gone", ["gone"])])
def test_a_shortcode_of_hugo_names_a_page_by_its_path_or_name(target, found):
    files = {"hugo.toml": "", "content/a.md": f'[x]({{{{< ref "{target}" >}}}})\n', "content/docs/b.md": ""}
    assert [rule for rule, _, _ in found_in(files)] == ["DOC004" for _ in found]


def test_labels_that_a_plugin_of_mkdocs_defines_are_not_judged():
    assert found_in({"mkdocs.yml": "plugins: [autorefs]\n", "docs/a.md": "[x][pkg.Class]\n"}) == []
