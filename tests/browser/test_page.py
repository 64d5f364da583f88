"""The HTML form in a real Chromium: no page scrolls sideways, and every text that is shown can be read."""

import json
import re
import shutil
from html import escape, unescape
from io import StringIO

import pytest

from hardpoint.faces.forms.html import write_result
from hardpoint.faces.forms.html.page import POLICY
from hardpoint.kernel.command import run
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit
from hardpoint.kernel.result import Result
from hardpoint.kernel.verdict import Answer, Decision, Judgement, Verdict

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# Not with HARDPOINT_REQUIRE_TOOLS: no file of the project installs a browser. What a page is made of, and the contrast
# of its colours, is tested without one (tests/faces/forms/test_html.py).
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

AT = "2026-03-31T14:00:00.000000Z"
LONG = "a-name-without-any-end/" * 12

LOOK = """
const luminance = c => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => {
  const v = c[i] / 255; return sum + w * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4) }, 0);
const parts = s => (s.match(/[\\d.]+/g) || []).map(Number);
const ground = e => { for (; e; e = e.parentElement) {
  const c = parts(getComputedStyle(e).backgroundColor); if (c.length === 3) return c } return null };
for (const each of document.querySelectorAll('details')) each.open = true;
const low = [];
let texts = 0;
for (const e of document.querySelectorAll('body *')) {
  if (e.closest('svg') || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
  texts += 1;
  const [a, b] = [luminance(parts(getComputedStyle(e).color)), luminance(ground(e))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) low.push([e.textContent.slice(0, 40), ratio]);
}
const wide = [...document.querySelectorAll('main *, header *')].filter(e =>
  !e.closest('.wide') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80));
document.body.dataset.seen = JSON.stringify({
  texts, low, wide, scroll: document.documentElement.scrollWidth, width: innerWidth,
  dark: matchMedia('(prefers-color-scheme: dark)').matches,
});
"""


def page():
    findings = [
        Finding(rule="R1", severity=each, place=Place(LONG, 3), text=f"is wrong in {LONG}", remedy=f"mend {LONG}")
        for each in Severity
    ]
    criteria = [
        Judgement(
            criterion=f"{each.value}-{LONG}", verdict=each, reason=f"because of {LONG}", value="3.5", threshold="<= 9",
            margin="5.5", remedy=f"mend `{LONG}`", owner="ada", evidence=(4,), source=LONG, happened=AT, stale_at=AT,
            findings=tuple(findings), waiver="W-1", before=Verdict.FAIL,
        )
        for each in Verdict
    ]  # fmt: skip
    decisions = [
        Decision(
            gate=each.value, service="keystone", answer=each, at=AT, commit="a" * 40, local=True,
            criteria=tuple(criteria),
        )
        for each in Answer
    ]  # fmt: skip
    trend = [{"gate": "GO", "at": AT, "answer": each, "commit": "b" * 40} for each in [*Answer] * 10]
    rows = [{f"column_{at}": LONG if at == 3 else "a few words" for at in range(12)}] * 30
    out = StringIO()
    write_result(
        Result(
            schema="gate/v1", headline=f"NO-GO because of {LONG}", exit=Exit.FOUND,
            items={"gates": decisions, "findings": findings, "rows": rows},
            about={"answer": Answer.NO_GO, "trend": trend}, next_steps=(f"hardpoint check {LONG}",),
        ),
        out,
    )  # fmt: skip
    return out.getvalue()


def seen(tmp_path, width, scheme):
    """What a script sees in the page; it runs because the copy that it is put into has no policy."""
    policy = escape(POLICY)
    assert policy in page()
    looking = page().replace(policy, "").replace("</body>", f"<script>{LOOK}</script></body>")
    # A window is never narrower than 500: the page stands in a frame of that width.
    frame = tmp_path / "frame.html"
    collect = 'onload="document.body.dataset.seen = this.contentDocument.body.dataset.seen"'
    size = f"width:{width}px;height:900px"
    frame.write_text(f'<!doctype html><body><iframe style="{size}" {collect} srcdoc="{escape(looking)}"></iframe>')
    done = run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
            f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}", "--window-size=1600,1000",
            "--virtual-time-budget=3000", "--dump-dom", frame.as_uri(),
        ],
        cwd=tmp_path,
    )  # fmt: skip
    return json.loads(unescape(re.search(r'data-seen="([^"]*)"', done.stdout.decode())[1]))


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (820, "dark"), (1440, "light")])
def test_the_page_fits_and_every_text_can_be_read(tmp_path, width, scheme):
    found = seen(tmp_path, width, scheme)
    assert found["dark"] is (scheme == "dark")
    assert found["texts"] > 100
    assert found["scroll"] <= found["width"]
    assert found["wide"] == []
    assert found["low"] == []
