"""Verdicts on headers beside the Observatory's own: `python -m bench.headers FOLDER [COUNT]`.

FOLDER is the npm package `@mdn/mdn-http-observatory` with what it depends on (and an empty `conf/hsts-preload.json`,
which its installation would fetch); node runs its tests on the same generated sites. Every difference is printed.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from hardpoint.assurance.reports.web.headers import judge
from hardpoint.assurance.reports.web.site import CookieSet, Hop, Response, Site

SEED = 20_260_331
COUNT = 10_000
_ORACLE = Path(__file__).with_name("observatory.mjs")
_ORIGIN = "https://other.example"
_DIRECTIVES = (
    *("default-src", "script-src", "style-src", "object-src", "img-src", "media-src", "font-src", "connect-src"),
    *("frame-ancestors", "base-uri", "form-action", "report-uri", "report-to", "sandbox", "worker-src", "Script-Src"),
    *("upgrade-insecure-requests", "block-all-mixed-content", "require-trusted-types-for"),
)
_SOURCES = (
    *("'none'", "'self'", "'unsafe-inline'", "'unsafe-eval'", "'strict-dynamic'", "'nonce-r4nd0m'", "'sha256-abc='"),
    *("'SHA384-Abc'", "data:", "blob:", "https:", "http:", "ftp:", "*", "http://*", "https://*", "https://*.*", "h"),
    *("https://cdn.example.com", "https://cdn.example.com/js/", "https://cdn.example.com/js/a.js", "cdn.example.com"),
    *("http://cdn.example.com", "*.example.com", "https://a.b/%41", "https://a.b/%zz", "https://a.b/A", "ws:", "https"),
    *("'unsafe-hashes'", "https://ex.com:8443", "/csp", "mozilla.org", "mozilla.org/", "'UNSAFE-INLINE'", "/", "//"),
)
_ODD = (
    "",
    " ",
    "x",
    "defau",
    ";;;;;;;;",
    "default-src",
    "script-src 'self' ,",
    "null",
    "é-src 'self'",
    "img-src",
    "a b c d",
)
_COOKIES = (
    "session",
    "SESSIONID",
    "id",
    "csrftoken",
    "login",
    "a",
    "__Host-id",
    "__Secure-sess",
    "heroku-session-affinity",
    "x=y",
)
_ATTRIBUTES = (
    *(
        "Secure",
        "secure",
        "HttpOnly",
        "httponly",
        "Path=/",
        "Path=/a",
        "Path",
        "Domain=example.org",
        "Domain=.example.org",
    ),
    *(
        "Domain=other.org",
        "Domain=",
        "Domain=org",
        "SameSite=Lax",
        "SameSite=strict",
        "SameSite=None",
        "samesite = none",
    ),
    *(
        "SameSite",
        "SameSite=",
        "SameSite=Bad",
        "Max-Age=0",
        "Max-Age=100",
        "Secure=1",
        "Expires=Wed, 09 Jun 2030 10:18:14 GMT",
    ),
)
_HSTS = (
    *("max-age=31536000", "max-age=63072000; includeSubDomains; preload", "max-age=15552000", "max-age=15551999"),
    *(
        "max-age=0",
        "max-age=-1",
        "max-age=",
        "max-age=abc",
        'max-age="31536000"',
        "max-age=1e9",
        "max-age= 300",
        "MAX-AGE=300",
    ),
    *(
        "includeSubDomains",
        "",
        "max-age=31536000, max-age=1",
        "max-age=1;max-age=31536000",
        "max-age =31536000",
        "max-age=+5",
    ),
    *("; max-age=31536000;", "max-age=99999999999999999999999999"),
)
_SCRIPTS = (
    *("/a.js", "a.js", "https://cdn.example.com/a.js", "http://cdn.example.com/a.js", "//cdn.example.com/a.js", ""),
    *(
        "https://www.example.org/a.js",
        "https://example.org/a.js",
        "http://example.org/a.js",
        "HTTPS://CDN.EXAMPLE.COM/A.js",
    ),
    *(
        "data:text/javascript,1",
        "  https://cdn.example.com/b.js ",
        "https://example.org.evil.net/x.js",
        "///x.js",
        "?q",
    ),
    *("https://static.example.org:8443/x.js", "//example.org/x.js", "https:/a.js"),
)
_EQUIVALENT = ("Content-Security-Policy", " content-security-policy ")
_HOSTS = ("example.org", "www.example.org", "shop.example.co.uk")


def main(arguments: Sequence[str]) -> int:
    """Print how many sites and results are equal, and every difference; exits 1 if there is one."""
    folder, count = arguments[0], int(arguments[1]) if len(arguments) > 1 else COUNT
    sites = list(generated(count))
    differences = list(different(sites, folder))
    for site, ours, theirs in differences[:20]:
        print(json.dumps(asdict(site)))
        print("  ours   ", {key: value for key, value in ours.items() if theirs[key] != value})
        print("  theirs ", {key: value for key, value in theirs.items() if ours[key] != value})
    seen = Counter(result for site in sites for result in judge(site).results.values())
    print(f"{count - len(differences)} of {count} sites equal; {len(seen)} different results were seen")
    return int(bool(differences))


def different(sites: Sequence[Site], folder: str) -> Iterator[tuple[Site, dict[str, object], dict[str, object]]]:
    """The sites that Hardpoint and the Observatory judge differently, with both judgements."""
    for site, theirs in zip(sites, asked(sites, folder), strict=True):
        if (ours := judged(site)) != theirs:
            yield site, ours, theirs


def judged(site: Site) -> dict[str, object]:
    """What Hardpoint says of a site, as the Observatory would say it."""
    graded = judge(site)
    return {**graded.results, "failed": sorted(graded.failed), "score": graded.score, "grade": graded.grade}


def asked(sites: Sequence[Site], folder: str) -> Iterator[dict[str, object]]:
    """What the Observatory says of each site; `folder` holds its package."""
    lines = "".join(json.dumps(asdict(site)) + "\n" for site in sites)
    ended = subprocess.run(
        ["node", str(_ORACLE), folder], input=lines, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    for line in ended.stdout.splitlines():
        told = json.loads(line)
        yield {**told["results"], "failed": told["failed"], "score": told["score"], "grade": told["grade"]}


def generated(count: int, seed: int = SEED) -> Iterator[Site]:
    """Sites with every header there or not, right, wrong and odd."""
    chance = random.Random(seed)
    return (_site(chance) for _ in range(count))


def _site(chance: random.Random) -> Site:
    host = chance.choice(_HOSTS)
    is_html = chance.random() < 0.8
    cookies = [_cookie(chance) for _ in range(chance.choice((0, 0, 1, 1, 2, 3)))]
    headers = [*_headers(chance, is_html=is_html), *(("set-cookie", cookie) for cookie in cookies)]
    has_https, has_http = chance.random() < 0.95, chance.random() < 0.9
    page = Response(status=200, headers=headers, verified=chance.random() < 0.95)
    scheme = "https" if has_https else "http"
    return Site(
        hostname=host,
        http=Response(status=200, verified=chance.random() < 0.95, headers=() if has_https else headers)
        if has_http or not has_https
        else None,
        https=page if has_https else None,
        route=_route(chance, host),
        preflight=_preflight(chance),
        origin=_ORIGIN,
        body=_body(chance) if chance.random() < 0.9 else "",
        cookies=[
            CookieSet(url=f"{scheme}://{host}{chance.choice(('/', '/a/b'))}", header=cookie) for cookie in cookies
        ],
    )


def _headers(chance: random.Random, *, is_html: bool) -> Iterator[tuple[str, str]]:
    yield (
        "content-type",
        chance.choice(("text/html", "text/html; charset=utf-8"))
        if is_html
        else chance.choice(("application/json", "Text/HTML", "")),
    )
    for _ in range(chance.choice((0, 1, 1, 1, 1, 2, 3))):
        yield "content-security-policy", _policy(chance)
    if chance.random() < 0.2:
        yield "content-security-policy-report-only", _policy(chance)
    for name, values in (
        ("strict-transport-security", _HSTS),
        ("x-content-type-options", ("nosniff", "NoSniff ", "nosniff, nosniff", "sniff", "")),
        ("x-frame-options", ("DENY", " sameorigin", "ALLOW-FROM https://a.org", "DENY, DENY", "allowall", "")),
        (
            "referrer-policy",
            ("no-referrer", "unsafe-url", "no-referrer, bogus", "bogus", "origin, same-origin", "Strict-Origin", ""),
        ),
        (
            "cross-origin-resource-policy",
            ("same-origin", "Same-Site", "cross-origin", "none", "same-origin, same-site", ""),
        ),
    ):
        for _ in range(chance.choice((0, 1, 1, 1, 2)) if chance.random() < 0.3 else 1):
            if chance.random() < 0.85:
                yield name, chance.choice(values)


def _policy(chance: random.Random) -> str:
    if chance.random() < 0.06:
        return chance.choice(_ODD)
    parts = []
    for directive in chance.sample(_DIRECTIVES, chance.randint(1, 6)):
        words = chance.choices(_SOURCES, k=chance.choice((0, 1, 1, 1, 2, 2, 3, 4)))
        parts.append(chance.choice((" ", "  ", "\t")).join((directive, *words)))
    if chance.random() < 0.5:
        parts.insert(0, chance.choice(("default-src 'none'", "default-src 'self'", "default-src 'self' https:")))
    if chance.random() < 0.08:
        parts.append(chance.choice(parts))
    return chance.choice((";", "; ", " ; ")).join(parts) + chance.choice(("", ";", " "))


def _cookie(chance: random.Random) -> str:
    pair = (
        chance.choice(("", "=", " = ")) + "v"
        if chance.random() < 0.05
        else f"{chance.choice(_COOKIES)}={chance.choice(('1', '', 'a=b'))}"
    )
    attributes = chance.sample(_ATTRIBUTES, chance.randint(0, 6))
    if chance.random() < 0.5:
        attributes += ["Secure", "HttpOnly", chance.choice(("SameSite=Lax", "Path=/"))]
    return "; ".join((pair, *attributes))


def _route(chance: random.Random, host: str) -> list[Hop]:
    hosts, schemes = (host, host, f"www.{host}"), ("https", "https", "https", "http")
    steps = chance.choice((0, 1, 1, 1, 2, 3))
    chain = [f"http://{host}/", *(f"{chance.choice(schemes)}://{chance.choice(hosts)}/" for _ in range(steps))]
    return [Hop(url=url, status=301) for url in chain[:-1]] + [Hop(url=chain[-1], status=200)]


def _preflight(chance: random.Random) -> Response | None:
    if chance.random() < 0.3:
        return None
    headers = []
    if chance.random() < 0.7:
        headers.append(
            ("access-control-allow-origin", chance.choice(("*", " * ", _ORIGIN, "https://mine.org", "null", "")))
        )
    if chance.random() < 0.5:
        headers.append(("access-control-allow-credentials", chance.choice(("true", " TRUE", "false"))))
    return Response(status=200, headers=headers)


def _body(chance: random.Random) -> str:
    metas = []
    if chance.random() < 0.3:
        policy = _policy(chance).replace('"', "")
        metas.append(f'<meta http-equiv="{chance.choice(_EQUIVALENT)}" content="{policy}">')
    if chance.random() < 0.2:
        metas.append(f'<meta name=referrer content="{chance.choice(("no-referrer", "unsafe-url", "x", ""))}">')
    if chance.random() < 0.1:
        metas.append("<base href='https://static.example.net/x/'>")
    scripts = [_script(chance) for _ in range(chance.choice((0, 1, 2, 3)))]
    return f"<!doctype html><html><head><title>a <script src='http://no.example/'></title>{''.join(metas)}</head><body>{''.join(scripts)}</body></html>"


def _script(chance: random.Random) -> str:
    if chance.random() < 0.15:
        return "<script>document.write('<script src=http://evil.example/>')</script>"
    integrity = chance.choice(("", "", ' integrity="sha384-abc"', " integrity"))
    text = f'<script src="{chance.choice(_SCRIPTS)}"{integrity}></script>'
    return chance.choice(
        (text, text, text, f"<!-- {text} -->", f"<template>{text}</template>", f"<noscript>{text}</noscript>")
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
