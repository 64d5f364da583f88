"""Where pointers lead, and what is found of them by rule."""

import posixpath
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.documents.corpus import documents
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.pointers import path_of
from hardpoint.assurance.documents.rules import pointers as rules
from hardpoint.assurance.documents.rules.pointers import missing_anchor, missing_target
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.workspace import Workspace

RULES = [each for each in vars(rules).values() if isinstance(each, Rule)]


def all_in(files):
    """The rule and the suggestion of everything that is found."""
    runs = run_rules(Workspace.of(files, [DOCUMENTS]), RULES)
    assert [run.error for run in runs if run.error] == []
    return [(finding.rule, finding.suggestion) for run in runs for finding in run.findings]


def found_in(files, rule=missing_target):
    (run,) = run_rules(Workspace.of(files, [DOCUMENTS]), [rule])
    assert run.error is None
    return [(str(each.place), each.suggestion) for each in run.findings]


TREE = {
    "docs/guide/b.md": "# X\n",
    "docs/guide/b c.md": "# Ü\n",
    "docs/b.md": "# X\n",
    "docs/guide/sub/x.png": "",
    "README.md": "",
    "Makefile": "",
    "docs/guide/50%.md": "",
}


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    "target",
    [
        "b.md",
        "../b.md#x",
        "../../README.md",
        "./sub/",
        "sub/x.png",
        "#x",
        "b%20c.md#%C3%BC",
        "b.md?plain=1#L3",
        "b.md#L3-L5",
        "b.md#X",
        "b.md#user-content-x",
        "b.md#top",
        "#:~:text=any",
        "..",
        "../..",
        "/docs/b.md",
        "/Makefile",
        "50%25.md",
    ],
)
def test_what_leads_somewhere_is_not_reported(target):
    assert all_in({**TREE, "docs/guide/a.md": f"# X\n\n[x](<{target}>)\n"}) == []


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org/a.md",
        "mailto:a@example.org",
        "a@example.org",
        "//example.org/a",
        "../../../issues",
        "../../../../issues/new",
        "{{ site.url }}/a",
        "${BASE}/a.md",
        "{placeholder}.md",
        "&lt;name&gt;.md",
        "vscode:extension/x",
        "@ref",
        "url",
        "docs/*.md",
    ],
)
def test_what_cannot_be_judged_from_the_files_is_not_judged(target):
    assert all_in({"docs/guide/a.md": f"[x](<{target}>)"}) == []


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    ("target", "rule", "suggestion"),
    [
        ("B.md", "DOC003", "b.md"),
        ("./Sub/x.png", "DOC003", "./sub/x.png"),
        ("../B.md#x", "DOC003", "../b.md#x"),
        ("b", "DOC009", "b.md"),
        ("b.html", "DOC009", "b.md"),
        ("/guide/b.md", "DOC004", "/docs/guide/b.md"),
        ("../../docs/guide/c.md", "DOC001", None),
        ("b.md/x", "DOC001", None),
        ("b%20d.md", "DOC001", None),
        ("b.md#y", "DOC002", "b.md"),
        ("", "DOC007", None),
    ],
)
def test_each_way_to_be_wrong_has_its_rule(target, rule, suggestion):
    assert all_in({**TREE, "docs/guide/a.md": f"[x]({target})"}) == [(rule, suggestion)]


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("src/app/main.py", []),
        ("src/app/main.py:12", []),
        ("app/main.py", []),
        ("../src/app/main.py", []),
        ("src/app/gone.py", [("DOC008", None)]),
        ("src/app/gone.py:3", [("DOC008", None)]),
        ("src/app/conf.yml", [("DOC008", "etc/conf.yml")]),
        ("src/app/foo.py", []),
        ("src/app/gone", []),
        ("other/repo/gone.py", []),
        ("application/json", []),
        ("/etc/app/gone.py", []),
        (".github/workflows/gone.yml", []),
    ],
)
def test_a_path_in_the_text_is_judged_where_it_can_be_nothing_else(code, found):
    files = {"src/app/main.py": "", "etc/conf.yml": "", ".github/workflows/ci.yml": ""}
    assert all_in({**files, "docs/a.md": f"see `{code}`"}) == found


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    ("target", "suggestion"),
    [
        ("docs/operation.md", "docs/operations.md"),
        ("operations.md", "docs/operations.md"),
        ("doc/operations.md#restore", "docs/operations.md#restore"),
        ("docs/zzz.png", None),
    ],
)
def test_a_stale_pointer_is_found_with_the_nearest_target(target, suggestion):
    files = {"README.md": f"one\n\ntwo [x]({target})\n", "docs/operations.md": "# Restore\n"}
    assert found_in(files) == [("README.md:3:5", suggestion)]


@pytest.mark.requirement("DOC-01")
def test_a_suggestion_is_written_as_a_link_of_that_document_would_be():
    files = {"docs/guide/a.md": "[x](runbook.md)", "ops/runbook.md": "x"}
    assert found_in(files) == [("docs/guide/a.md:1:1", "../../ops/runbook.md")]


def test_what_is_nearest_is_never_the_document_itself():
    assert found_in({"docs/README.md": "", "README.md": "[x](x/README.md)"}) != [("README.md:1:1", "README.md")]


@pytest.mark.requirement("DOC-01")
def test_the_finding_of_a_definition_stands_at_the_definition_once():
    files = {"a.md": "[y][r] [z][r]\n\n[r]: gone.md\n"}
    assert found_in(files) == [("a.md:3:6", None)]


@pytest.mark.requirement("DOC-01")
def test_images_and_reference_definitions_are_pointers_too():
    assert len(found_in({"a.md": "![x](gone.png)\n\n[y][r]\n\n[r]: gone.md\n"})) == 2


@pytest.mark.requirement("DOC-01")
def test_an_anchor_that_is_gone_is_found_with_the_nearest():
    files = {"README.md": "[x](run.md#restoring) [y](#hre)\n\n# Here\n", "run.md": "# Restore\n"}
    assert found_in(files, missing_anchor) == [("README.md:1:1", "run.md#restore"), ("README.md:1:23", "#here")]
    assert found_in(files) == []


def test_anchors_of_what_is_no_document_are_not_judged():
    files = {"README.md": "[x](src/a.py#L10) [y](#top) [z](docs#x)\n", "src/a.py": "", "docs/b.md": ""}
    assert found_in(files, missing_anchor) == []


@pytest.mark.requirement("DOC-01")
def test_a_document_that_cannot_be_read_is_no_pass(tmp_path):
    (tmp_path / "a.md").symlink_to("/etc/hostname")
    (run,) = run_rules(Workspace.open(tmp_path, [DOCUMENTS]), [missing_target])
    assert [str(each.place) for each in run.findings] == ["a.md"]
    assert "leads out of the repository" in run.findings[0].text


def test_what_others_wrote_and_what_is_excluded_is_no_document():
    names = ["a.md", "B.MARKDOWN", "vendor/x.md", "sub/node_modules/x.md", "old/x.md", "sub/CHANGELOG.md", "x.txt"]
    manifest = "version: 1\ndocuments: {exclude: [old/, CHANGELOG.md]}\n"
    workspace = Workspace.of({**dict.fromkeys(names, ""), "hardpoint.yaml": manifest}, [DOCUMENTS])
    assert [document.file for document in documents(workspace)] == ["B.MARKDOWN", "a.md"]


def test_what_gitattributes_calls_vendored_or_generated_is_no_document():
    attributes = "*.md text\nlib/** linguist-vendored\n/api.md linguist-generated=true\nown.md -linguist-generated\n"
    names = ["a.md", "lib/x/y.md", "api.md", "own.md", "sub/made/z.md"]
    files = {
        **dict.fromkeys(names, ""),
        ".gitattributes": attributes,
        "sub/.gitattributes": "made/* linguist-generated\n",
    }
    assert [document.file for document in documents(Workspace.of(files, [DOCUMENTS]))] == ["a.md", "own.md"]


@pytest.mark.parametrize("note", ["foreign-resources.yaml", ".swagger-codegen-ignore", ".openapi-generator-ignore"])
def test_a_folder_with_a_note_on_where_it_comes_from_holds_no_documents(note):
    names = [f"lib/{note}", "lib/chosen/a.md", "library/a.md", ".bundle/gems/x/a.md", "a.md", note]
    workspace = Workspace.of(dict.fromkeys(names, ""), [DOCUMENTS])
    assert [document.file for document in documents(workspace)] == ["a.md", "library/a.md"]


@pytest.mark.parametrize(
    "files",
    [
        {"*/foreign-resources.yaml": ""},
        {"?/.gitattributes": "* linguist-vendored\n"},
        {"[a-z]/foreign-resources.yaml": ""},
    ],
)
def test_a_folder_is_called_what_it_is_called_and_matches_no_other(files):
    names = {**files, **{f"{name.split('/')[0]}/its.md": "" for name in files}, "a/own.md": "", "b/c.md": ""}
    workspace = Workspace.of(names, [DOCUMENTS])
    assert [document.file for document in documents(workspace)] == ["a/own.md", "b/c.md"]


def test_anchors_of_a_document_that_takes_others_in_are_not_judged():
    assert all_in({"a.md": "[x](b.md#gone)", "b.md": '--8<-- "other.md"\n'}) == []


def test_an_excluded_document_is_still_a_target():
    manifest = "version: 1\ndocuments: {exclude: [old/]}\n"
    assert found_in({"a.md": "[x](old/x.md)", "old/x.md": "[y](gone)", "hardpoint.yaml": manifest}) == []


def test_exclude_may_take_a_file_back():
    manifest = "version: 1\ndocuments: {exclude: ['*.md', '!a.md']}\n"
    workspace = Workspace.of({"a.md": "", "b.md": "", "hardpoint.yaml": manifest}, [DOCUMENTS])
    assert [document.file for document in documents(workspace)] == ["a.md"]


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"[a](#b{number})\n\n# b{number}\n\n" for number in range(30_000)),
        "".join(f"[a](#gone{number}) " for number in range(5000)) + "\n\n# gone\n" * 5000,
        "".join(f"[a](docs/pages{number}.md)\n" for number in range(5000)),
    ],
    ids=["table of contents", "broken anchors", "broken pointers"],
)
def test_judging_a_document_takes_no_more_than_a_time_in_proportion_to_its_length(text):
    workspace = Workspace.of({"a.md": text, **{f"d/page{n}.md": "" for n in range(1500)}}, [DOCUMENTS])
    began = time.process_time()
    run_rules(workspace, [missing_target, missing_anchor])
    assert time.process_time() - began < 12


@given(st.lists(st.sampled_from(["..", ".", "", "a", "b.c", "..d"]), max_size=5), st.sampled_from(["", "x", "x/y/z"]))
def test_a_path_is_what_normalising_it_gives(parts, folder):
    target = "/".join(parts).lstrip("/")
    wanted = posixpath.normpath(posixpath.join(folder, target))
    assert path_of(target, folder) == ("" if wanted == "." else wanted)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[](){#here}\n## Title\n\n[x](#here)\n", []),
        ("[](){ #here .wide }\n", []),
        ("[]() {#here}\n", [("DOC007", None)]),
        ("[x](){#here}\n", [("DOC007", None)]),
        ("[]()\n", [("DOC007", None)]),
    ],
)
def test_an_empty_link_with_a_name_is_an_anchor(text, found):
    assert all_in({"README.md": text}) == found


def rules_found(files):
    return [found[0] for found in all_in(files) if found[0] in {"DOC001", "DOC004"}]


def test_what_is_named_many_times_and_no_commit_had_may_be_made_by_a_build():
    few = {"docs/1.md": "[x](made.md) [x](made.md#y)\n", "docs/2.md": "[x](made.md#z) [x](made.md)\n"}
    assert rules_found(few) == ["DOC001"] * 4
    assert rules_found({**few, "docs/4.md": "[x](made.md) [y](gone.md)\n"}) == ["DOC001"] + ["DOC004"] * 5


_OTHER = "[x](made4.md)\n"


@pytest.mark.parametrize(
    ("files", "rules"),
    [
        ({"ops/here.md": _OTHER}, ["DOC004"] * 6),
        ({"ops/here.md": ""}, ["DOC001"] * 5),
        ({"here.md": _OTHER.replace("](", "](ops/")}, ["DOC001"] * 6),
        ({"ops/here.md": _OTHER, "run/made0.md": ""}, ["DOC001"] * 6),
    ],
    ids=["a folder that lacks many", "one writer", "no such folder", "one that is elsewhere, and so was moved"],
)
def test_many_pages_of_one_folder_that_no_commit_had_may_be_made_by_a_build(files, rules):
    text = "".join(f"[x](ops/made{number}.md)\n" for number in range(5))
    assert rules_found({"a.md": text, **files}) == rules


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("test/source/_posts/a.md", "DOC004"),
        ("spec/a.md", "DOC004"),
        ("tests/README.md", "DOC001"),
        ("docs/testing/a.md", "DOC001"),
    ],
)
def test_what_tests_read_may_be_wrong_on_purpose(file, rule):
    assert rules_found({file: "[x](gone.md)\n"}) == [rule]


_BOOK = {"book/book.toml": "", "book/src/c/add.md": "[x](../b.md)\n", "book/src/b.md": ""}


@pytest.mark.parametrize(
    ("files", "rules"),
    [
        ({"CHANGELOG.md": "[a](group/project@2c62f7d1) [b](group/project!6770) [c](group/project#12)\n"}, []),
        ({"CHANGELOG.md": "[a](group/project)\n"}, ["DOC001"]),
        ({"A.docc/x.md": "![a](picture) ![b](other)\n", "A.docc/img/picture~dark@2x.png": ""}, ["DOC001"]),
        ({"doc/faq.md": "[a](doc/api.md) [b](gone.md)\n", "Doxyfile": "", "lib/doc/api.md": ""}, ["DOC001"]),
        ({"docs/Traits/_index.md": "[a](Other/Page.md)\n"}, ["DOC004"]),
        ({"bench/samples/a.md": "[a]() [b](gone.md)\n"}, ["DOC004"]),
        ({".github/pull_request_template.md": "[a](CONTRIBUTE.md)\n", "A.md": ""}, ["DOC004"]),
        ({".gitlab/merge_request_templates/RFC.md": "[a](doc/b.md)\n", "doc/b.md": ""}, ["DOC004"]),
        ({"a.md": "[comment]: <> (text)\n"}, []),
        ({"features/a.md": "[x](./basics/test-doubles)\n", "features/basics/test_doubles.feature": ""}, ["DOC004"]),
        ({"features/a.md": "[x](./basics/test-double)\n", "features/basics/test_doubles.feature": ""}, ["DOC001"]),
        ({"features/a.md": "[x](test-doubles)\n", "features/test_doubles.feature": ""}, ["DOC001"]),
        ({"features/a.md": "[x](./set-up/spies)\n", "features/set_up/spies.feature": ""}, ["DOC004"]),
        ({"a.md": "@code{.js}\n<img src='b.png'>\n@endcode\n<img src='c.png'>\n"}, ["DOC001"]),
        ({"a.md": "\\verbatim\n[x](b.md)\n\\endverbatim\n"}, []),
        ({"a.md": "An author writes @code{x} here, [x](b.md).\n\n@endcode\n"}, ["DOC001"]),
        ({"modules/a.md": "![x](b.png)\n", "doc/Doxyfile.in": "", "doc/b.png": ""}, []),
        ({"modules/README.md": "![x](b.png)\n", "doc/Doxyfile.in": "", "doc/b.png": ""}, ["DOC001"]),
        ({"modules/a.md": "[x](b.txt)\n", "doc/Doxyfile.in": "", "doc/b.txt": ""}, ["DOC001"]),
        ({"_index.md": "[x](toy)\n", "Toy/a.md": ""}, ["DOC004"]),
        ({"index.template.md": "![x](logo.png)\n"}, ["DOC004"]),
        ({"template.md": "![x](logo.png)\n"}, ["DOC001"]),
        ({".github/workflows/notes.md": "[x](./news.txt)\n"}, ["DOC004"]),
        ({".github/notes.md": "[x](./news.txt)\n"}, ["DOC001"]),
        ({"a.md": "[x](a.dita) [y](b.dita) [z](c.dita)\n"}, ["DOC004"] * 3),
        ({"a.md": "[x](a.dita) [y](b.dita) [z](a.dita)\n"}, ["DOC001"] * 3),
        ({"a.md": "[x](a.dita) [y](b.dita) [z](c.dita)\n", "d.dita": ""}, ["DOC001"] * 3),
        ({"a.md": "[x](a.txt) [y](b.txt) [z](c.txt)\n"}, ["DOC001"] * 3),
        ({"man/add.md": "[x](../b.md)\n", **_BOOK}, []),
        ({"man/add.md": "[x](../c.md)\n", **_BOOK}, ["DOC001"]),
        ({"man/other.md": "[x](../b.md)\n", **_BOOK}, ["DOC001"]),
        ({"man/README.md": "[x](../b.md)\n", **_BOOK, "book/src/c/README.md": "[x](../b.md)\n"}, ["DOC001"]),
    ],
)
def test_what_was_false_in_a_blind_reading_is_no_error(files, rules):
    assert [found[0] for found in all_in(files) if found[0] in {"DOC001", "DOC004", "DOC007"}] == rules


@pytest.mark.parametrize(
    ("target", "remedy"),
    [
        ("slsa.dev", "Write https://slsa.dev, if it is an address"),
        ("www.example.de/x#y", "Write https://www.example.de/x#y, if it is an address"),
        ("github.com/a/profile.md", "Write https://github.com/a/profile.md, if it is an address"),
        ("./github.com/a/profile.md", "Point at ./docs/profile.md"),
        ("profile.com.md", "Point at docs/profile.md"),
    ],
)
def test_an_address_without_its_scheme_is_told_so(target, remedy):
    workspace = Workspace.of({"a.md": f"[x]({target})\n", "docs/profile.md": ""}, [DOCUMENTS])
    (run,) = run_rules(workspace, [missing_target])
    assert [finding.remedy for finding in run.findings] == [remedy]
