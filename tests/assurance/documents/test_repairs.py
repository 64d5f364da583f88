"""Repairs: moved targets by git, others by name, and every suggestion as its document would write it."""

import subprocess

import pytest

from hardpoint.assurance.documents.history import History
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.rules.pointers import missing_target
from hardpoint.assurance.documents.verbs import document_rules
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.repair import repairs
from hardpoint.kernel.workspace import Workspace

LONG = "".join(f"line {number} of a file that git knows again\n" for number in range(40))


def offered(workspace):
    runs = run_rules(workspace, document_rules())
    assert [run.error for run in runs if run.error] == []
    return [(finding.replaces, finding.suggestion) for run in runs for finding in run.findings]


def offered_in(files):
    return offered(Workspace.of(files, [DOCUMENTS]))


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.git("init", "-q")

    def git(self, *arguments):
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def write(self, files):
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")

    def commit(self, **_):
        self.git("add", "-A")
        self.git("commit", "-qm", "x")

    def move(self, old, new):
        (self.folder / new).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / old).rename(self.folder / new)
        self.commit()

    def offered(self):
        return offered(Workspace.open(self.folder, [DOCUMENTS]))


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


@pytest.mark.requirement("DOC-01")
def test_a_target_that_moved_several_times_is_followed_under_another_name(repository):
    repository.write({"README.md": "[x](docs/start.md)\n", "docs/start.md": LONG, "docs/started.md": "no"})
    repository.commit()
    repository.move("docs/start.md", "guide/first.md")
    repository.move("guide/first.md", "handbook/opening.md")
    assert repository.offered() == [("docs/start.md", "handbook/opening.md")]


@pytest.mark.requirement("DOC-01")
def test_a_document_that_moved_takes_its_targets_from_where_it_was(repository):
    repository.write({"a/page.md": f"[x](../b/one.md)\n{LONG}", "b/one.md": "1", "c/one.md": "2", "c/b/one.md": "3"})
    repository.commit()
    repository.move("a/page.md", "a/deep/er/page.md")
    assert repository.offered() == [("../b/one.md", "../../../b/one.md")]


@pytest.mark.requirement("DOC-01")
def test_a_folder_that_moved_is_followed(repository):
    repository.write({"README.md": "[x](old/)\n", "old/a.txt": LONG, "old/b.txt": LONG * 2, "other/old2/x.txt": ""})
    repository.commit()
    repository.move("old", "parts/new")
    assert repository.offered() == [("old/", "parts/new/")]


def test_a_path_in_the_text_that_moved_is_followed(repository):
    repository.write({"README.md": "see `lib/start.py:3`\n", "lib/start.py": LONG})
    repository.commit()
    repository.move("lib/start.py", "core/begin.py")
    assert repository.offered() == [("lib/start.py:3", "core/begin.py:3")]


def test_what_git_ignores_is_made_by_a_build(repository):
    repository.write({"README.md": "[x](dist/api.html) `dist/a.js`\n", ".gitignore": "dist/\n", "dist/keep.txt": ""})
    repository.commit()
    assert repository.offered() == []


@pytest.mark.parametrize(
    ("others", "page", "target"),
    [
        (
            {"site/mkdocs.yml": "", "site/docs/guide.md": "[x](first.md)\n", "site/docs/first.md": ""},
            "guide",
            "first.md",
        ),
        ({"doc/Doxyfile": "", "doc/first.png": ""}, "modules/guide", "first.png"),
    ],
)
def test_a_file_that_was_deleted_is_missed_whatever_stands_elsewhere(repository, others, page, target):
    image = "!" * target.endswith(".png")
    folder = f"{page.rpartition('/')[0]}/".lstrip("/")
    repository.write({**others, f"{page}.md": f"{image}[x]({target})\n", f"{folder}{target}": LONG})
    repository.commit()
    assert [each for each, _ in repository.offered()] == []
    repository.git("rm", "-q", f"{folder}{target}")
    repository.commit()
    assert len(repository.offered()) == 1


def test_what_a_cut_history_does_not_know_may_have_been_deleted_just_now(repository, tmp_path):
    pages = {f"docs/{name}.md": LONG for name in "abcdef"}
    links = "".join(f"[x](docs/{name}.md)\n" for name in "abcde")
    repository.write({**pages, "README.md": links, "OTHER.md": links})
    repository.commit()
    repository.git("rm", "-q", *(f"docs/{name}.md" for name in "abcde"))
    repository.commit()
    repository.git("clone", "-q", "--depth=1", f"file://{repository.folder}", str(tmp_path / "cut"))
    (run,) = run_rules(Workspace.open(tmp_path / "cut", [DOCUMENTS]), [missing_target])
    assert len(run.findings) == 10


def test_what_lies_in_a_submodule_or_behind_a_link_is_not_judged(repository, tmp_path_factory):
    inner = Repository(tmp_path_factory.mktemp("inner"))
    inner.write({"x.md": ""})
    inner.commit()
    repository.write({"README.md": "[x](sub/any.md) [y](link/x.md) [z](link/no.md)\n", "real/x.md": ""})
    (repository.folder / "link").symlink_to("real")
    repository.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.folder), "sub")
    repository.commit()
    assert [each for each, _ in repository.offered()] in (["link/no.md"], [None])


def test_what_a_sparse_checkout_leaves_out_is_there(repository):
    repository.write({"README.md": "[x](big/x.md)\n", "big/x.md": "[y](gone.md)\n"})
    repository.commit()
    repository.git("sparse-checkout", "set", "--no-cone", "/README.md")
    assert not (repository.folder / "big").exists()
    assert repository.offered() == []


def test_renames_that_lead_in_a_circle_end():
    past = History([("a", "b"), ("b", "a"), ("c", "c")])
    assert past.later("a") == ["a", "b"]
    assert past.later("c") == ["c"]
    assert past.earlier("a") == ["b", "a"]


def test_a_file_that_was_deleted_leads_nowhere():
    past = History([("b", None), ("a", "b")])
    assert past.later("a") == ["b"]
    assert past.knows("b")
    assert not past.knows("c")


@pytest.mark.requirement("DOC-01")
@pytest.mark.parametrize(
    ("target", "suggestion"),
    [
        ("./setup.md", "./guide/setup.md"),
        ("setup.md#install", "guide/setup.md#install"),
        ("setup.md#gone", "guide/setup.md"),  # without the anchor, and so not certain
        ("setup.md#%C3%A4", "guide/setup.md"),
        ("setup.md?plain=1", "guide/setup.md?plain=1"),
        ("/setup.md", "/docs/guide/setup.md"),
        ("guide/set-up.md", "guide/setup.md"),
        ("guide/01-setup.md", "guide/setup.md"),
        ("guide/setup.rst", "guide/setup.md"),
        ("guide/setop.md", "guide/setup.md"),
        ("tools/index.md", "tools/README.md"),
        ("tools.md", "tools/README.md"),
        ("a%20b.md", "guide/a%20b.md"),
        ("<a b.md>", "guide/a b.md"),
        ("picture.png", "../media/picture.png"),
        ("../picture.png", "../media/picture.png"),
        ("guide/xyz.md", None),
    ],
)
def test_a_suggestion_is_written_in_the_style_of_the_pointer(target, suggestion):
    files = {
        "docs/page.md": f"[x]({target})\n",
        "docs/guide/setup.md": "# Install\n",
        "docs/guide/a b.md": "",
        "docs/tools/README.md": "",
        "media/picture.png": "",
    }
    ((certain, made),) = offered_in(files)
    assert made == suggestion
    assert certain is None or ("#" in target) == ("#" in made)


@pytest.mark.requirement("DOC-01")
def test_a_repair_of_the_path_does_not_hide_that_the_anchor_is_gone_too(repository):
    repository.write({"index.md": "[back](ops.md#rollback)\n", "ops.md": f"# Ops\n\n## Roll back\n\n{LONG}"})
    repository.commit()
    repository.move("ops.md", "operations.md")
    assert repository.offered() == [(None, "operations.md#roll-back")]  # for people to decide: nothing is written
    repository.write({"index.md": "[back](operations.md#rollback)\n"})
    assert repository.offered() == [(None, "operations.md#roll-back")]


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("[x](setup)\n", ("setup", "setup.md")),
        ("[x](setup#here)\n", ("setup#here", "setup.md#here")),
        ("[x](setup#her)\n", (None, "setup.md#here")),
        ('<a href="setup/">x</a>\n', (None, "setup.md")),
        ("[x](setup.html)\n", (None, "setup.md")),
    ],
    ids=["a page", "an anchor", "a guess", "HTML, which a site leaves as it is", "a page that may be made"],
)
def test_an_ending_is_added_where_that_can_do_no_harm(text, offer):
    assert offer in offered_in({"README.md": text, "setup.md": "# Here\n"})


@pytest.mark.parametrize("text", ["[`setup`](setup) [setup](setup)\n", "![setup](setup)\n"])
def test_the_target_is_repaired_and_not_what_the_link_says(text):
    workspace = Workspace.of({"README.md": text, "setup.md": ""}, [DOCUMENTS])
    runs = run_rules(workspace, document_rules())
    (repair,) = repairs([finding for run in runs for finding in run.findings], workspace)
    assert repair.after.decode() == text.replace("(setup)", "(setup.md)")


def test_what_may_be_no_mistake_is_repaired_by_people_only(repository):
    lone = {"README.md": "[x](setup.md) [y](/using/config)\n", "docs/setup.md": LONG, "lib/config/a.py": ""}
    assert offered_in({"README.md": "[x](/setup.md)\n", "docs/setup.md": ""}) == [(None, "/docs/setup.md")]
    assert offered_in(lone) == [("setup.md", "docs/setup.md"), (None, "/lib/config")]
    repository.write({"README.md": "[x](/docs/start.md)\n", "docs/start.md": LONG})
    repository.commit()
    repository.move("docs/start.md", "docs/begin.md")
    assert repository.offered() == [("/docs/start.md", "/docs/begin.md")]


def test_of_several_with_one_name_the_nearest_by_path_is_meant():
    names = ["a/x/setup.md", "b/x/setup.md", "b/y/setup.md"]
    assert offered_in({"b/page.md": "[x](old/x/setup.md)", **dict.fromkeys(names, "")}) == [
        (None, "x/setup.md")  # others have its name, so people decide
    ]


def test_where_a_site_leaves_endings_out_a_suggestion_does_too():
    files = {"site/docusaurus.config.js": "", "site/docs/a.md": "[x](./b/setup)", "site/docs/c/setup.md": ""}
    assert offered_in(files) == []  # its name is known, and sites have routes of their own
    files = {"site/docusaurus.config.js": "", "site/docs/a.md": "[x](./b/setop)", "site/docs/c/setup.md": ""}
    assert offered_in(files) == [(None, "./c/setup")]


def test_a_guess_that_people_must_make_replaces_nothing():
    assert offered_in({"a.md": "[x](gone.md)"}) == [(None, None)]


BODY = "".join(f"sentence {number} of a section that is told again by its words\n" for number in range(6))


@pytest.mark.requirement("DOC-01")
def test_a_renamed_heading_is_followed_by_what_stands_below_it(repository):
    repository.write({"README.md": "[x](a.md#first-steps)\n", "a.md": f"# A\n\n## First steps\n\n{BODY}"})
    repository.commit()
    repository.write({"a.md": f"# A\n\n## Quick tour\n\n{BODY}\n## First aid\n"})
    repository.commit()
    assert repository.offered() == [(None, "a.md#quick-tour")]


@pytest.mark.requirement("DOC-01")
def test_a_section_is_followed_into_another_page(repository):
    repository.write({"README.md": "[x](a.md#steps)\n", "a.md": f"# A\n\n## Steps\n\n{BODY}", "b.md": "# B\n"})
    repository.commit()
    repository.write({"a.md": "# A\n", "b.md": f"# B\n\n## How it goes\n\n{BODY}"})
    repository.commit()
    assert repository.offered() == [(None, "b.md#how-it-goes")]


@pytest.mark.requirement("DOC-01")
def test_a_page_that_was_merged_into_another_is_followed(repository):
    repository.write({"README.md": "[x](old.md)\n", "old.md": f"# Old\n\n{BODY}", "new.md": f"# New\n\n{LONG}"})
    repository.commit()
    (repository.folder / "old.md").unlink()
    repository.write({"new.md": f"# New\n\n{LONG}\n{BODY}"})
    repository.commit()
    assert repository.offered() == [(None, "new.md")]


def test_what_only_one_other_page_has_is_meant_where_nothing_here_is_near():
    files = {"a.md": "[x](b.md#restore-a-backup)", "b.md": "# B\n", "c.md": "# C\n\n## Restoring backups\n"}
    assert offered_in(files) == [(None, "c.md#restoring-backups")]


def test_the_page_that_is_named_is_believed_before_its_anchor():
    files = {
        "a.md": "[x](api/pool.md#client-close-now)",
        "docs/pool.md": "# Pool\n\n## pool close now\n",
        "docs/client.md": "# Client\n\n## client close now\n",
    }
    assert offered_in(files) == [(None, "docs/pool.md#pool-close-now")]


def test_what_a_link_says_decides_between_headings():
    files = {"a.md": "[Low overhead](b.md#benchmarks) [B](b.md#rules)", "b.md": "# B\n\n## Low overhead\n\n## Other\n"}
    assert offered_in(files) == [(None, "b.md#low-overhead"), (None, "b.md")]


def test_links_in_the_boxes_of_python_markdown_are_judged():
    text = '!!! note\n\n    [x](gone.md)\n\n=== "Tab"\n\n    [y](lost.md)\n\n    code\n'
    assert offered_in({"a.md": text, "mkdocs.yml": ""}) == [(None, None)] * 2


def test_a_target_whose_anchor_is_a_guess_is_not_certain():
    files = {"a.md": "[x](setup.md#instal) [y](setup.md#install)", "docs/setup.md": "# Setup\n\n## Install\n"}
    assert offered_in(files) == [(None, "docs/setup.md#install"), ("setup.md#install", "docs/setup.md#install")]
