"""Rules about who may call, and over what."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from hardpoint.assurance.contracts.discovery import contracts
from hardpoint.assurance.contracts.inventory import Fault, Inventory
from hardpoint.assurance.contracts.placing import placed
from hardpoint.assurance.contracts.specimen import but, good
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.rule import rule
from hardpoint.kernel.workspace import Workspace

_SECRET = re.compile(
    r"(?:x[-_]?)?(?:api[-_]?key|access[-_]?token|auth[-_]?token|token|password|passwd|secret|client[-_]?secret"
    r"|private[-_]?key|bearer|jwt|session[-_]?id)",
    re.IGNORECASE,
)
_LOCAL = re.compile(r"localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|.*\.(?:localhost|local|internal|test|svc)|[^.]*")


@rule(
    "CON020",
    Severity.WARNING,
    over=contracts,
    title="An operation neither requires a caller to prove who it is, nor says that anybody may call",
    why="What is open by oversight looks like what is open by intent; `security: []` tells them apart.",
    good=good(),
    bad=but(("security: [{token: []}]\n", "")),
)
def unguarded(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    yield from placed(unguarded, _unguarded(inventory))


def _unguarded(inventory: Inventory) -> Iterator[Fault]:
    if "security" in inventory.root.value:
        return
    open_ = [each for each in inventory.operations if "security" not in each.node.value]
    if len(open_) == len(inventory.operations) > 1:
        text = f"none of the {len(open_)} operations says who may call it"
        yield Fault(inventory.root, text, "State `security` for all of them, and `security: []` where anybody may.")
        return
    for each in open_:
        yield Fault(each.node, f"{each} does not say who may call it", "State its `security`; `[]` where anybody may.")


@rule(
    "CON021",
    Severity.WARNING,
    over=contracts,
    title="A server is reached without TLS",
    why="Whoever stands between reads and changes what is sent, the credentials too.",
    good=good(),
    bad=but(("https://api", "http://api")),
)
def no_tls(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    plain = (each for each in inventory.nodes("server") if _is_plain(str(each.value.get("url"))))
    yield from placed(
        no_tls, (Fault(each, f"{each.value['url']} is not https", "Serve it over https.") for each in plain)
    )


def _is_plain(url: str) -> bool:
    if not url.lower().startswith(("http://", "ws://")) or "{" in url.partition("://")[2].partition("/")[0]:
        return False
    try:
        return not _LOCAL.fullmatch(urlsplit(url).hostname or "")
    except ValueError:  # no URL at all, which is told by itself
        return False


@rule(
    "CON022",
    Severity.WARNING,
    over=contracts,
    title="A secret stands in the URL",
    why="URLs are kept in logs, histories and the Referer of the next request.",
    good=good(),
    bad=but(("{type: http, scheme: bearer}", "{type: apiKey, in: query, name: key}")),
)
def secret_in_url(inventory: Inventory, _: Workspace) -> Iterator[Finding]:
    schemes = (
        Fault(each, f"the key {each.value.get('name')!r} is sent in the query", "Take it in the header Authorization.")
        for each in inventory.nodes("scheme")
        if each.value.get("type") == "apiKey" and each.value.get("in") == "query"
    )
    parameters = (
        Fault(
            each,
            f"the {each.value['in']} parameter {each.value.get('name')!r} reads as a secret",
            "Take it in a header.",
        )
        for each in inventory.nodes("parameter")
        if each.value.get("in") in {"query", "path"} and _SECRET.fullmatch(str(each.value.get("name")))
    )
    yield from placed(secret_in_url, (*schemes, *parameters))
