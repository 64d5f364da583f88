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


REAL = {  # what was a false alarm in a real tree, with the pointers that are right in it
    "rustdoc and ExDoc name code": (
        {"a.md": "[x](`Foo.bar/1`) [y](std::net::Ip) [z](std)\n", "Cargo.toml": ""},
        [],
    ),
    "ExDoc puts all pages into one folder": (
        {"mix.exs": "", "pages/a.md": "[x](b.md) [y](c.md)\n", "guides/b.md": ""},
        [("DOC001", "c.md")],
    ),
    "SDoc has addresses of its own": (
        {"Rakefile": "", "rails/main.md": "[x](files/db/README.md) [y](files/no/README.md)\n", "db/README.md": ""},
        [("DOC001", "files/no/README.md")],
    ),
    "Stardoc makes a page of a file of Starlark": (
        {"repo/index.md": "[x](git.md) [y](svn.md)\n", "repo/git.bzl": ""},
        [("DOC001", "svn.md")],
    ),
    "HTML that a program makes": (
        {"a.md": "[x](api/index.html) [y](b.html) [z](kept/gone.html)\n", "b.md": "", "kept/x.html": ""},
        [("DOC009", "b.html"), ("DOC004", "kept/gone.html")],
    ),
    "a book links its pages as they are published, and its neighbours": (
        {"book/book.toml": "[book]\n", "book/src/a.md": "[x](b.html) [y](../../other/c.md)\n", "book/src/b.md": ""},
        [],
    ),
    "HTML in a page is left as it is, from the address of the page": (
        {"mkdocs.yml": "", "docs/guide/a.md": '<img src="../../x.png"> <img src="../../y.png">\n', "docs/x.png": ""},
        [("DOC001", "../../y.png")],
    ),
    "a page by its address in a site that keeps links": (
        {"mkdocs.yml": "", "docs/guide/a.md": "[x](../b) [y](../c)\n", "docs/guide/b.md": ""},
        [("DOC009", "../b"), ("DOC001", "../c")],
    ),
    "Hugo's addresses are in small letters": (
        {"hugo.toml": "", "content/a.md": "[x](/methods/page/) [y](/methods/none/)\n", "content/methods/Page.md": ""},
        [("DOC004", "/methods/none/")],
    ),
    "a sample in a shortcode": (
        {"a.md": "{{< code file=x >}}\n![x](x.jpg)\n{{< /code >}}\n![y](y.jpg)\n"},
        [("DOC001", "y.jpg")],
    ),
    "a sample in a tag": (
        {"a.md": "{% raw %}\n![x](x.jpg)\n{% endraw %}\n![y](y.jpg)\n"},
        [("DOC001", "y.jpg")],
    ),
    "pages that the configuration of Sphinx writes": (
        {
            "docs/conf.py": "extensions = []\nsubprocess.run(['manpages'])\n",
            "docs/a.md": "[x](incus_list.md) ![y](y.png) <link href='../_static/x.css'>\n",
        },
        [("DOC001", "y.png")],
    ),
    "labels of code in MyST": (
        {
            "docs/conf.py": "extensions = ['sphinx.ext.autodoc']\n",
            "docs/a.md": "[](#pkg.Class) [](b.md#no)\n",
            "docs/b.md": "",
        },
        [("DOC002", "b.md#no")],
    ),
    "the first Docusaurus": (
        {
            "website/siteConfig.js": "",
            "docs/a.md": "[x](/faq/state) [y](/no)\n",
            "docs/faq/S.md": "---\nid: state\n---\n",
        },
        [("DOC004", "/no")],
    ),
    "a site whose configuration is elsewhere, by the front matter of its pages": (
        {"docs/a.md": "[x](state) [y](no)\n", "docs/S.md": "---\nid: state\n---\n"},
        [("DOC001", "no")],
    ),
    "tags in a change log": (
        {"CHANGELOG.md": "- [Console][Http] Add x\n- see [the docs][guide page]\n", "a.md": "[Console][Http]\n"},
        [("DOC005", "guide page"), ("DOC005", "Http")],
    ),
    "what tests read, and what programs wrote": (
        {"test/fixtures/a.md": "[x](y.md)\n", "pkg/testdata/a.md": "[x](y.md)\n", "_generated/a.md": "[x](y.md)\n"},
        [],
    ),
    "the table of contents of a book that is put together elsewhere": (
        {"gen/SUMMARY.md": "[x](a.md)\n", "book/SUMMARY.md": "[x](a.md) [y](b.md)\n", "book/a.md": ""},
        [("DOC001", "b.md")],
    ),
    "a chapter that is yet to be written": (
        {"src/SUMMARY.md": "- [x]()\n- [y](a.md)\n", "src/a.md": "[z]()\n"},
        [("DOC007", "")],
    ),
    "a folder of a site that may be made": (
        {"_config.yml": "", "docs/a.md": "[x](be/b.md) [y](c.md)\n"},
        [("DOC004", "be/b.md"), ("DOC001", "c.md")],
    ),
    "a template names what nobody has": (
        {"adr-template.md": "[ADR-5](0005-example.md) [y](gone.md)\n"},
        [("DOC001", "gone.md")],
    ),
    "kinds of work in the table of contributors": (
        {"a.md": "<!-- ALL-CONTRIBUTORS-LIST:START -->\n<a href='#ideas-ann'>x</a> <a href='b.md'>y</a>\n"},
        [("DOC001", "b.md")],
    ),
    "anchors that attributes give, and that plugins make": (
        {"a.md": '[x](#7.2) [y](#+type) [z](#fn:1) [w](#no)\n\n### 7.2 <small>now</small> { id="7.2" }\n'},
        [("DOC002", "#no")],
    ),
    "a heading that a program makes": (
        {"a.md": "[x](b.md#config.log)\n", "b.md": "#### <!-- md:setting config.log -->\n"},
        [],
    ),
    "a path that is yet to be made": (
        {
            "a.md": "Create a file `app/new.py`.\n\nThe entry point is `app/gone.py`; see `./x.py`.\n",
            "CHANGES.md": "`app/gone.py`\n",
            "app/main.py": "",
        },
        [("DOC008", "app/gone.py")],
    ),
}


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize("case", REAL)
def test_what_was_a_false_alarm_in_a_real_tree_is_none(case):
    files, wrong = REAL[case]
    runs = run_rules(Workspace.of(files, [DOCUMENTS]), document_rules())
    said = [(each.rule, each.text) for run in runs for each in run.findings]
    assert sorted((rule, next((target for _, target in wrong if target in text), text)) for rule, text in said) == (
        sorted(wrong)
    )


OWN = {f"docs/{n}.md": "[x](b.html)\n\n![i](images/i.png)\n" for n in range(3)}


def test_a_folder_whose_pages_call_each_other_html_is_published_by_somebody():
    files = {**OWN, "docs/b.md": "[y](a.md) [z](b.html#config-x)\n\n## config.x\n", "assets/images/i.png": ""}
    assert found_in(files) == [("DOC001", "docs/b.md", None)]


def test_two_pointers_at_html_are_a_slip():
    files = {"docs/0.md": "[x](b.html)\n", "docs/1.md": "[x](b.html)\n", "docs/b.md": ""}
    assert [rule for rule, *_ in found_in(files)] == ["DOC009", "DOC009"]
