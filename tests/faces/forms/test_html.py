"""The HTML form: one page that loads nothing, says the verdict first, and takes nobody's text for markup."""

import io
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.faces.forms.html import write_problem, write_result
from hardpoint.faces.forms.html.elements import MAX_TEXT
from hardpoint.faces.forms.html.gates import summary
from hardpoint.faces.forms.html.page import style
from hardpoint.faces.forms.html.steps import MAX_STEPS
from hardpoint.kernel.declarations import DeclarationProblem, Mistake
from hardpoint.kernel.finding import Exposure, Finding, Risk, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, UnreadableProblem
from hardpoint.kernel.result import Result
from hardpoint.kernel.verdict import Answer, Decision, Judgement, Verdict
from hardpoint.programme.gates.getting import ToGet

AT = "2026-03-31T14:00:00.000000Z"
FINDING = Finding(rule="R1", severity=Severity.ERROR, place=Place("a.md", 1, 2), text="is `wrong`", remedy="mend it")
FAILING = Judgement(
    criterion="docs", verdict=Verdict.FAIL, reason="2 findings", value="2", threshold="0", margin="-2", owner="ada",
    remedy="mend them", evidence=(4,), source="check by ci", happened="2026-03-31T12:00:00.000000Z",
    stale_at="2026-04-02T14:00:00.000000Z", findings=(FINDING,),
)  # fmt: skip
MISSING = Judgement(criterion="drill", verdict=Verdict.MISSING, reason="none is recorded", remedy="`make drill`")
STALE = Judgement(criterion="load", verdict=Verdict.STALE, reason="is 9 days old", remedy="run it again")
WAIVED = Judgement(criterion="pager", verdict=Verdict.WAIVED, reason="known", waiver="W-1", before=Verdict.FAIL)
PASSING = Judgement(criterion="tests", verdict=Verdict.PASS, reason="0 failures")


def decision(*criteria, answer=Answer.NO_GO, **changes):
    said = Decision(
        gate="merge", service="keystone", answer=answer, at=AT, commit="a" * 40, local=False, criteria=criteria
    )
    return replace(said, **changes)


def gate_result(*decisions, exit_code=Exit.FOUND, **changes):
    answer = max((each.answer for each in decisions), key=list(Answer).index)
    about = {"answer": answer, **changes.pop("about", {})}
    return Result(
        schema="gate/v1", headline="the outcome", items={"gates": decisions}, about=about, exit=exit_code, **changes
    )


def check_result(*findings, **changes):
    return Result(schema="check/v1", headline="the outcome", items={"findings": findings}, **changes)


def written(outcome):
    out = io.StringIO()
    (write_result if isinstance(outcome, Result) else write_problem)(outcome, out)
    return out.getvalue()


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, whether they close, and the text."""

    VOID = frozenset({"meta", "link"})

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.said, self.style = [], [], [], ""
        self.feed(source)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), attrs
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(data)

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.said.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.said).split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def verdict(self):
        (found,) = [each for _, each in self.elements if "data-verdict" in each]
        return found["data-verdict"], int(found["data-exit"])


def read(outcome):
    return Page(written(outcome))


@pytest.mark.requirement("GAT-23")
@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (gate_result(decision(FAILING, PASSING)), ("NO-GO", 1)),
        (gate_result(decision(PASSING, answer=Answer.GO), exit_code=Exit.OK), ("GO", 0)),
        (gate_result(decision(WAIVED, answer=Answer.GO_BY_WAIVER), exit_code=Exit.OK), ("GO BY WAIVER", 0)),
        (gate_result(decision(WAIVED, answer=Answer.GO_BY_WAIVER), exit_code=Exit.WAIVED), ("GO BY WAIVER", 4)),
        (gate_result(decision(PASSING, answer=Answer.GO), exit_code=Exit.FAILED), ("FAILED", 3)),
        (check_result(about={"answer": "GO"}, exit=Exit.FOUND), ("NOT OK", 1)),
        (check_result(about={"answer": "GO"}, exit=Exit.WAIVED), ("GO BY WAIVER", 4)),
        (check_result(about={"answer": "NO-GO"}), ("NO-GO", 0)),
        (check_result(), ("OK", 0)),
        (check_result(FINDING, exit=Exit.FOUND), ("NOT OK", 1)),
        (check_result(exit=Exit.FAILED), ("FAILED", 3)),
        (check_result(exit=Exit.BROKEN), ("BROKEN", 5)),
        (Result(schema="list/v1", headline="3 entries"), ("DONE", 0)),
        (UnreadableProblem("r.xml is no XML", remedy="Write it again."), ("FAILED", 3)),
        (DeclarationProblem("h.yaml", [Mistake(Place("h.yaml", 3, 1), "slo", "is wrong")]), ("REFUSED", 2)),
    ],
)
def test_the_verdict_is_that_of_the_result(outcome, verdict):
    page = read(outcome)
    assert page.verdict == verdict
    assert page.all("title")
    assert page.text.startswith(f"{verdict[0]}: ")


def test_the_answer_of_the_gates_that_decide_is_the_verdict():
    """Other gates on the page do not change it."""
    result = gate_result(decision(FAILING, gate="later"), decision(PASSING, answer=Answer.GO))
    assert read(replace(result, about={"answer": Answer.GO, "deciding": ["merge"]}, exit=Exit.OK)).verdict == ("GO", 0)


def test_a_page_needs_nothing_besides_itself():
    page = read(gate_result(decision(FAILING, MISSING, PASSING)))
    (policy,) = [each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "script" not in policy
    names = {name for name, _ in page.elements}
    assert not names & {"script", "img", "iframe", "object", "embed", "form", "base", "video", "audio"}
    assert not [each for _, attributes in page.elements for each in attributes if each.startswith("on")]
    links = [each["href"] for _, each in page.elements if "href" in each]
    assert all(each.startswith("#") or each == "data:," for each in links)
    assert "url(" not in page.style
    assert "@import" not in page.style


def test_criteria_stand_weakest_first_and_say_what_they_rest_on():
    page = read(gate_result(decision(PASSING, WAIVED, MISSING, FAILING)))
    said = page.text[page.text.index("Gate merge") :]
    assert [said.index(each) for each in ("docs", "drill", "pager", "tests")] == sorted(
        said.index(each) for each in ("docs", "drill", "pager", "tests")
    )
    for each in (
        "2 · asked: 0",
        "mend them",
        "check by ci; entry 4 of the record",
        "2026-03-31 12:00:00 UTC (2 hours before the verdict)",
        "2026-04-02 14:00:00 UTC (2 days later)",
        "ada",
        "a.md:1:2",
        "W-1, fail without it",
    ):
        assert each in said
    assert [each["aria-label"] for each in page.all("svg") if "bar" in each["class"]] == [
        "2 on a scale where 0 is asked"
    ]


def test_a_gate_is_summed_up_in_a_sentence():
    advisory = replace(MISSING, blocking=False)
    assert summary(decision(FAILING, MISSING, advisory, WAIVED, PASSING)) == (
        "1 of 5 criteria hold; 1 fails, 2 have no evidence, 1 is waived; not blocking: 1"
    )
    assert summary(decision(PASSING)) == "1 of 1 criterion holds"


def test_a_gate_without_criteria_does_not_look_like_one_that_holds():
    assert "No criterion is declared" in read(gate_result(decision())).text


def test_the_cheapest_remedies_come_first():
    """To run again is cheaper than to repair; what only people can give comes last."""
    ways = [{"how": "people", "command": "hardpoint evidence template drill", "criteria": ["merge/drill"]}]
    said = read(gate_result(decision(FAILING, MISSING, STALE), about={"to_get": ways})).text
    said = said[said.index("What to do next") : said.index("Gate merge")]
    order = [said.index(each) for each in ("run it again", "mend them", "hardpoint evidence template drill")]
    assert order == sorted(order)
    assert "make drill" not in said


def test_the_ways_that_the_gate_itself_tells_are_taken():
    way = ToGet(how="people", command="hardpoint evidence template KIND", reports=("drill",), criteria=("merge/drill",))
    said = read(gate_result(decision(MISSING), about={"to_get": (way,)})).text
    assert "hardpoint evidence template KIND (drill)" in said[said.index("What to do next") : said.index("Gate merge")]


def test_one_remedy_of_several_criteria_is_one_step():
    said = read(gate_result(decision(FAILING, replace(FAILING, criterion="more")))).text
    assert "for merge/docs, merge/more" in said
    many = [replace(FAILING, criterion=f"c{at}", remedy=f"mend {at}") for at in range(MAX_STEPS + 3)]
    assert "… and 3 more, each beside its criterion below." in read(gate_result(decision(*many))).text


def test_a_local_verdict_says_that_it_releases_nothing():
    local = decision(PASSING, answer=Answer.GO, local=True)
    page = read(gate_result(local, exit_code=Exit.OK, detail="local: your key is none that the team vouches for"))
    assert "this verdict releases nothing. your key is none that the team vouches for" in page.text
    assert any("local-only" in each.get("class", "") for each in page.all("header"))


def test_the_trend_is_drawn_and_listed():
    points = [{"gate": "merge", "at": AT, "answer": each, "commit": "b" * 40} for each in ("NO-GO", "GO", "GO")]
    page = read(gate_result(decision(PASSING), about={"trend": [*points, {**points[0], "gate": "other"}]}))
    assert "The last 3 verdicts, the newest on the right: 2 GO, 1 NO-GO." in page.text
    assert [each for each in page.all("svg") if each["class"] == "trend"]
    assert "Trend" not in read(gate_result(decision(PASSING), about={"trend": points[:1]})).text


def test_findings_are_grouped_by_rule_the_worst_first():
    mild = [replace(FINDING, rule="R0", severity=Severity.NOTE, place=Place(f"{at}.md", 1)) for at in range(3)]
    exposed = replace(FINDING, exposure=Exposure(risk=Risk.HIGH, aliases=("CVE-2026-1",)))
    page = read(check_result(*mild, exposed, exit=Exit.FOUND))
    said = page.text[page.text.index("Findings 4") :]
    assert said.index("R1") < said.index("R0")
    assert "(high: CVE-2026-1)" in said
    assert said.count("mend it") == 2  # once for each rule, not for each place
    assert all(f"{at}.md:1" in said for at in range(3))


def test_a_listing_is_a_table_and_a_problem_a_page():
    rows = [{"name": "a", "place": {"file": "x.md", "line": 2, "column": 0}, "verdict": "fail", "none": None}]
    page = read(Result(schema="list/v1", headline="1 row", items={"things": rows}, about={"more_things": rows, "n": 7}))
    assert "Things 1" in page.text
    assert "More things 1" in page.text
    assert "x.md:2" in page.text
    assert "N 7" in page.text
    assert {each["scope"] for each in page.all("th")} == {"col", "row"}
    problem = read(UnreadableProblem("is no XML", remedy="Write it again.", place=Place("r.xml", 1)))
    assert all(each in problem.text for each in ("r.xml:1: is no XML", "Write it again.", "unreadable"))
    declared = read(DeclarationProblem("h.yaml", [Mistake(Place("h.yaml", 3, 1), "slo", "is wrong")]))
    assert "h.yaml:3:1" in declared.text


def test_ten_thousand_findings_give_a_page_that_opens():
    many = [replace(FINDING, rule=f"R{at % 7}", place=Place(f"docs/{at}.md", at)) for at in range(10_000)]
    start = time.process_time()
    page = written(check_result(*many, exit=Exit.FOUND))
    assert time.process_time() - start < 1
    assert len(page.encode()) < 5_000_000
    assert "10,000" in page


def test_a_page_is_bounded_and_says_what_it_leaves_out():
    long = [replace(FINDING, text="<" * 5_000, remedy=f"&{at}" * 2_500) for at in range(10_000)]
    page = written(check_result(*long, exit=Exit.FOUND))
    assert len(page.encode()) < 5_000_000
    (left_out,) = re.findall(r"and ([\d,]+) more findings; --format json has all of them", page)
    assert int(left_out.replace(",", "")) + page.count('<tr><th scope="row">') == 10_000
    assert f"{'&lt;' * (MAX_TEXT - 1)}…" in page


def shown_everywhere(one, two, three):
    """A result with three texts wherever a page shows a text of others."""
    finding = Finding(
        rule=one, severity=Severity.ERROR, place=Place(two, 1), text=three, remedy=one, tool=two,
        exposure=Exposure(risk=Risk.LOW, aliases=(three,)),
    )  # fmt: skip
    judged = Judgement(
        criterion=one, verdict=Verdict.FAIL, reason=two, value=three, threshold=one, margin=two, remedy=three,
        owner=one, source=two, happened=three, stale_at=one, findings=(finding,), waiver=two,
    )  # fmt: skip
    said = decision(judged, gate=one, service=two, at=three, commit=one, local=True)
    points = [{"gate": one, "at": two, "answer": three, "commit": one}] * 2
    return Result(
        schema="gate/v1",
        headline=one,
        detail=two,
        next_steps=(three,),
        exit=Exit.FOUND,
        items={"gates": (said,), "findings": (finding,), "rows": ({one: "x", "list": [two, {"deep": three}]},)},
        about={"answer": Answer.NO_GO, "trend": points, "single": two, "many": [{"name": three}]},
    )


HOSTILE = st.text(st.sampled_from("<>\"'&/=!-`]}; \n\t\x00\x1b\u202e\ud800scripton") | st.characters(), max_size=60)
SYNTAX = str.maketrans(dict.fromkeys("<>\"'&", "x"))


@given(HOSTILE, HOSTILE, HOSTILE)
def test_nothing_that_others_wrote_is_markup(one, two, three):
    """A page has the same elements and attributes, whether or not texts are full of the syntax of HTML."""
    texts = (one, two, three)
    page = read(shown_everywhere(*texts))
    tame = read(shown_everywhere(*(each.translate(SYNTAX) for each in texts)))
    assert [(name, list(each)) for name, each in page.elements] == [(name, list(each)) for name, each in tame.elements]
    assert page.style == tame.style == style()
    assert page.verdict == ("NO-GO", 1)
    assert not re.search("[\x00\x1b\u202e\ud800]", written(shown_everywhere(*texts)))


def test_the_page_has_landmarks_and_headings_in_order():
    page = read(gate_result(decision(FAILING, PASSING), about={"trend": [{"gate": "merge", "answer": "GO"}] * 2}))
    assert page.all("html") == [{"lang": "en"}]
    for landmark in ("header", "main", "footer", "h1"):
        assert len(page.all(landmark)) == 1
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch("h[1-6]", name)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    identities = [each["id"] for _, each in page.elements if "id" in each]
    assert len(identities) == len(set(identities))
    named = [each["aria-labelledby"] for _, each in page.elements if "aria-labelledby" in each]
    inside = [each["href"][1:] for _, each in page.elements if each.get("href", "").startswith("#")]
    assert set(named) | set(inside) <= set(identities)
    assert all("aria-label" in each or each.get("aria-hidden") == "true" for each in page.all("svg"))
    assert all(
        each.get("tabindex") == "0" and each["aria-label"]
        for _, each in page.elements
        if "role" in each and each["role"] == "region"
    )


@pytest.mark.parametrize("word", [*Verdict, *Severity])
def test_a_word_has_its_shape_beside_it(word):
    """Colour alone says nothing to many."""
    rows = [{"verdict": word.value}]
    page = read(Result(schema="list/v1", headline="1 row", items={"rows": rows}))
    shapes = [each["href"] for each in page.all("use")]
    assert len(shapes) == 2  # of the page, and of the word
    assert shapes[1][1:] in {each.get("id") for each in page.all("symbol")}
    assert word.value in page.text


def colours(sheet, medium):
    """The colours by name that hold in a medium, those of light being the ground."""
    blocks = {
        "light": sheet,
        "dark": sheet[sheet.index("(prefers-color-scheme: dark)") :],
        "print": sheet[sheet.index("@media print") :],
    }
    named = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", re.search(r":root \{(.*?)\}", blocks[each], re.DOTALL)[1]))
        for each in ("light", medium)
    ]
    return {**named[0], **named[1]}


def contrast(one, other):
    """The ratio of WCAG 2.2 (success criterion 1.4.3)."""

    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
        return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


TONES = ("good", "doubt", "bad", "quiet")


@pytest.mark.parametrize("medium", ["light", "dark", "print"])
def test_every_text_can_be_read(medium):
    """4.5 for text on each ground that it stands on, 3 for shapes (WCAG 2.2 AA, 1.4.3 and 1.4.11)."""
    of = colours(style(), medium)
    grounds = ["paper", "card", *(f"{tone}-wash" for tone in TONES)]
    text = [(ink, ground) for ink in ("ink", "soft", "link") for ground in grounds]
    text += [(tone, ground) for tone in TONES for ground in (f"{tone}-wash", "paper", "card")]
    shapes = [(f"on-{tone}", tone) for tone in TONES]
    low = {
        pair: round(contrast(of[pair[0]], of[pair[1]]), 2) for pair in text if contrast(of[pair[0]], of[pair[1]]) < 4.5
    }
    low |= {
        pair: round(contrast(of[pair[0]], of[pair[1]]), 2) for pair in shapes if contrast(of[pair[0]], of[pair[1]]) < 3
    }
    assert not low
