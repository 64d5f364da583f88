"""Laws of pointers on trees that are made up: what resolves is never reported, and every repair leads somewhere."""

import posixpath
from urllib.parse import quote

from hypothesis import assume, given
from hypothesis import strategies as st

from hardpoint.assurance.documents.corpus import documents
from hardpoint.assurance.documents.model import DOCUMENTS
from hardpoint.assurance.documents.verbs import document_rules
from hardpoint.kernel.check import run_rules
from hardpoint.kernel.workspace import Workspace

_NAMES = st.text(alphabet="abXé -_.~+&'", min_size=1, max_size=5).filter(lambda name: name.strip(". ") == name)
_PATHS = st.lists(_NAMES, min_size=1, max_size=4).map("/".join)


@st.composite
def _trees(draw):
    files = sorted({f"{path}.md" for path in draw(st.lists(_PATHS, min_size=2, max_size=7, unique_by=str.lower))})
    folders = {posixpath.dirname(file) for file in files}
    return [file for file in files if file not in folders]


def _found(files):
    runs = run_rules(Workspace.of(files, [DOCUMENTS]), document_rules())
    assert [run.error for run in runs if run.error] == []
    return [finding for run in runs for finding in run.findings]


def _link(target):
    return f'[x](<{target}>)\n\n<img src="{target}">\n\n[r]\n\n[r]: <{target}>\n'


@given(_trees(), st.data())
def test_a_pointer_at_a_file_that_is_there_is_never_reported(files, data):
    source, target = data.draw(st.sampled_from(files)), data.draw(st.sampled_from(files))
    path = posixpath.relpath(target, posixpath.dirname(source) or ".")
    tree = dict.fromkeys(files, "# A heading\n")
    assert _found({**tree, source: "# A heading\n\n" + _link(quote(path) + "#a-heading")}) == []


@given(_trees(), st.data(), _PATHS)
def test_a_pointer_at_a_file_that_is_not_there_is_always_reported_and_its_repair_holds(files, data, gone):
    assume("..." not in gone)  # stands for whatever a reader has
    source = data.draw(st.sampled_from(files))
    target = quote(f"{gone}.gone.md")
    (finding,) = _found({**dict.fromkeys(files, ""), source: f"[x]({target})\n"})
    assert finding.rule == "DOC001"
    if finding.suggestion is not None:
        assert finding.replaces in (target, None)
        assert _found({**dict.fromkeys(files, ""), source: f"[x](<{finding.suggestion}>)\n"}) == []


@given(st.text(alphabet="[]()<>!`#{}:/.\\\n -ab\"'=&", max_size=120))
def test_any_text_is_judged(text):
    workspace = Workspace.of({"a.md": text, "b.mdx": text}, [DOCUMENTS])
    runs = run_rules(workspace, document_rules())
    assert [run.error for run in runs if run.error] == []
    lines = text.splitlines()
    for run in runs:
        for finding in run.findings:
            assert finding.place.line <= max(1, len(lines) + 1)
            if finding.replaces:
                assert finding.replaces in text
    assert len(documents(workspace)) == 2
