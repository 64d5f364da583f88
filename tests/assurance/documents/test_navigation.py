"""What a site is told to publish or take in: named where it is, missing where it is not, and silent where unsure."""

import subprocess

import pytest

from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.rules.pointers import missing_part, missing_target
from hardpoint.assurance.documents.verbs import document_rules
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace

PAGES = {"docs/index.md": "# Home\n", "docs/guide/ops.md": "# Ops\n", "docs/guide/setup.md": "# Set up\n"}


def found(files, rules=(missing_part,)):
    runs = run_rules(Workspace.of(files, [DOCUMENTS]), rules)
    assert [run.error for run in runs if run.error] == []
    return [finding for run in runs for finding in run.findings]


def missed(files):
    return [(each.place.file, each.place.line, each.text.split(" ")[0]) for each in found(files)]


def mkdocs(nav, more=""):
    return {"mkdocs.yml": f"site_name: Shop\n{more}nav:\n{nav}\ntheme: x\n", **PAGES}


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    "entry",
    [
        "- Gone: guide/gone.md",
        "  - Deep:\n    - 'Gone: it is': \"guide/gone.md\"  # moved",
        "  - guide/gone.md",
        "  - My page: guide/gone page.md",
        "  - Gone: /guide/gone.md",
    ],
)
def test_a_page_of_nav_that_is_not_there_is_found_where_it_is_named(entry):
    ((file, line, text),) = missed(mkdocs(f"- Home: index.md\n{entry}\n- Ops: guide/ops.md"))
    assert (file, line) == ("mkdocs.yml", 3 + 1 + entry.count("\n"))
    assert "guide/gone" in text


@pytest.mark.parametrize(
    "nav",
    [
        "- Home: index.md\n- guide/ops.md\n- Set up: 'guide/setup.md'",
        "- Elsewhere: https://example.org/gone.md",
        "- More: guide/",
        "# - Gone: gone.md",
        "- All: '*.md'",
        "- Other: '!include ./other/mkdocs.yml'",
    ],
)
def test_what_is_there_or_no_page_is_not_found_missing(nav):
    assert missed(mkdocs(nav)) == []


@pytest.mark.parametrize("plugin", ["gen-files", "literate-nav", "awesome-pages", "monorepo", "i18n"])
def test_where_a_program_may_write_pages_nothing_is_said(plugin):
    gone = mkdocs("- Gone: gone.md")
    assert len(found(gone)) == 1
    gone["mkdocs.yml"] += f"plugins:\n  - search\n  - {plugin}:\n"
    assert found(gone) == []


def test_a_hook_is_read_before_it_is_believed():
    gone = mkdocs("- Gone: gone.md", more="hooks:\n  - docs/hook.py\n")
    assert len(found({**gone, "docs/hook.py": "def on_page_markdown(m): return m\n"})) == 1
    assert found({**gone, "docs/hook.py": "def on_files(files, config): ...\n"}) == []


def test_configurations_of_tests_and_those_whose_pages_lie_elsewhere_are_left():
    assert found({"tests/site/mkdocs.yml": "nav:\n- gone.md\n", "tests/site/docs/index.md": ""}) == []
    assert found({"mkdocs.yml": "docs_dir: /build/docs\nnav:\n- gone.md\n", **PAGES}) == []


@pytest.mark.requirement("DOC-01")
def test_a_folder_that_moved_is_mended_in_nav(tmp_path):
    def git(*arguments):
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True, timeout=60)

    text = "".join(f"line {number} of a page that git knows again\n" for number in range(40))
    (tmp_path / "docs/config").mkdir(parents=True)
    (tmp_path / "docs/config/build.md").write_text(text)
    (tmp_path / "mkdocs.yml").write_text("nav:\n  - Build: config/build.md\nplugins:\n  - gen-files\n")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "x")
    git("mv", "docs/config", "docs/configuration")
    git("commit", "-qm", "y")
    (run,) = run_rules(Workspace.open(tmp_path, [DOCUMENTS]), [missing_part])
    (finding,) = run.findings
    assert (finding.replaces, finding.suggestion) == ("config/build.md", "configuration/build.md")


@pytest.mark.requirement("DOC-01")
def test_what_a_redirect_leads_to_is_there():
    redirects = "plugins:\n  - redirects:\n      redirect_maps:\n        'old.md': '{}'\n        a.md: guide/ops.md#x\n"
    files = mkdocs("- Home: index.md")
    assert missed({**files, "mkdocs.yml": redirects.format("guide/gone.md")}) == [("mkdocs.yml", 4, "guide/gone.md")]
    assert missed({**files, "mkdocs.yml": redirects.format("https://example.org/x.md")}) == []


@pytest.mark.requirement("DOC-01")
def test_a_snippet_that_is_not_there_is_found():
    bases = "      base_path:\n        - parts\n        - !relative $docs_dir\n"
    snippets = f"markdown_extensions:\n  - pymdownx.snippets:\n{bases}"
    page = (
        '--8<-- "gone.md"\n\n```py\n    --8<-- "app.py:start"\n```\n\n;--8<-- "no.md"\n\n'
        '--8<-- "one.md"\n\n--8<--\none.md\ntwo.md\n--8<--\n\n--8<-- "https://example.org/x.md"\n'
    )
    files = {**PAGES, "docs/page.md": page, "parts/one.md": "", "app.py": ""}
    assert missed({**files, "mkdocs.yml": snippets}) == [("docs/page.md", 1, "gone.md"), ("docs/page.md", 13, "two.md")]
    assert missed({**files, "mkdocs.yml": "site_name: x\n"}) == []


@pytest.mark.parametrize(
    ("there", "suggestion", "replaces"),
    [
        ("site/docs/more/app.py", "docs/more/app.py", "parts/app.py"),
        ("examples/app.py", "../examples/app.py", None),
    ],
    ids=["below the folder that snippets are looked for in", "beside it, from where none is taken"],
)
def test_a_snippet_is_repaired_from_where_it_is_looked_for(there, suggestion, replaces):
    files = {
        "site/mkdocs.yml": "markdown_extensions:\n  - pymdownx.snippets:\n      base_path: docs\n",
        "site/docs/api/deep/page.md": '--8<-- "parts/app.py"\n',
        there: "",
    }
    (finding,) = found(files, [missing_part])
    assert (finding.suggestion, finding.replaces) == (suggestion, replaces)


def test_a_link_in_a_tab_or_after_a_line_in_an_admonition_is_read():
    for block in ('=== "Tab"', '===+ "Tab"', "!!! note", "??? tip", '???+ tip "x"', '  === "Deep"'):
        inside = " " * (4 + len(block) - len(block.lstrip()))
        files = {**mkdocs("- index.md"), "docs/index.md": f"{block}\n\n{inside}See [x](gone.md).\n"}
        (finding,) = found(files, [missing_target])
        assert (finding.place.line, finding.place.column) == (3, len(inside) + 5)
    assert found({"README.md": "x\n\n    [x](gone.md)\n"}, [missing_target]) == []


MYST = {
    "docs/conf.py": "extensions = ['myst_parser']\n",
    "docs/index.md": "# Home\n",
    "docs/old.rst": "Old\n===\n",
    "docs/api/x.md": "# X\n",
    "README.md": "# Shop\n",
}


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("```{toctree}\n:maxdepth: 2\n\nindex\ngone\n```\n", "gone"),
        ("```{toctree}\nThe page <api/gone>\n```\n", "api/gone"),
        ("````{note}\n```{toctree}\n/gone\n```\n````\n", "/gone"),
        ("See {doc}`gone`.\n", "gone"),
        ("See {doc}`the page <gone>`.\n", "gone"),
        ("```{include} gone.md\n:start-line: 1\n```\n", "gone.md"),
        (":::{include} ../gone.md\n:::\n", "../gone.md"),
    ],
)
def test_what_myst_is_told_to_take_in_is_there(text, target):
    assert [each for _, _, each in missed({**MYST, "docs/page.md": text})] == [target]


@pytest.mark.parametrize(
    "text",
    [
        "```{toctree}\n:glob:\n\nparts/*\ngone\n```\n",
        "```{toctree}\nold\napi/x\nself\ngenindex\nSite <https://example.org>\n```\n",
        "{doc}`old`, {doc}`/api/x`, {doc}`python:library/re` and {doc}`generated/shop`\n",
        "````md\n```{toctree}\ngone\n```\n````\n",
        "``{doc}`gone` `` is how\n",
        "```{code-block} md\n{doc}`gone`\n```\n",
        "```{include} ../README.md\n```\n",
    ],
)
def test_what_myst_knows_or_only_shows_is_not_found_missing(text):
    assert missed({**MYST, "docs/page.md": text}) == []


def test_a_link_to_an_object_or_to_a_label_that_is_not_markdown_is_sphinxs():
    def addresses(files, text):
        return [each.text for each in found({**files, "docs/page.md": text}, document_rules()) if each.rule == "DOC004"]

    assert addresses(MYST, "[x](structlog.processors.TimeStamper) [y](genindex) [z](label-of-rst)\n") == []
    only_markdown = {file: text for file, text in MYST.items() if not file.endswith(".rst")}
    assert addresses(only_markdown, "[z](gone-label)\n") == ["gone-label is not in this tree"]
