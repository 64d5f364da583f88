"""What a caller has to prove: whether whoever was let in is let in still."""

from collections.abc import Iterator, Mapping
from typing import Any

from hardpoint.assurance.contracts.change import Change, change
from hardpoint.assurance.contracts.document import Node
from hardpoint.assurance.contracts.operations import Contract, Operation
from hardpoint.kernel.problem import UnreadableProblem

Requirement = Mapping[str, frozenset[str]]
"""Schemes that are needed together, each with its scopes; an operation takes any one of several requirements."""


def compare_security(
    base: Node | None, revision: Node | None, renamed: Mapping[str, str], operation: Operation | None = None
) -> Iterator[Change]:
    """What changed in what callers need, of one operation or of all that say nothing themselves.

    `renamed` are schemes that are only called otherwise now. Whoever satisfied a requirement has to satisfy one now
    (OpenAPI 3.1.0, section 4.8.30), else it is an error.
    """
    was, now = _requirements(base, {}), _requirements(revision, renamed)
    where: dict[str, Any] = {"base": base, "revision": revision or (operation.node if operation else None)}
    where |= {"method": operation.method, "path": operation.path} if operation else {}
    prefix = "api-security" if operation else "api-global-security"
    for old in was:
        if not any(_suffices(old, new) for new in now):
            yield _shut_out(old, was, now, prefix, where)
    if {} in now and {} not in was:
        yield change(f"{prefix}-dropped", **where)
        return
    for new in now:
        if not any(_suffices(old, new) or _suffices(new, old) or set(old) == set(new) for old in was):
            yield change(f"{prefix}-alternative-added", now=_named(new), **where)
        for old in was:
            if set(old) == set(new) and old != new and all(new[name] <= old[name] for name in new):
                fewer = sorted(scope for name in new for scope in old[name] - new[name])
                yield change(f"{prefix}-scope-removed", was=_named(old), now=", ".join(fewer), **where)


def renamed_schemes(base: Contract, revision: Contract) -> Mapping[str, str]:
    """What schemes were called that have another name now, and are the same."""
    was, now = _schemes(base), _schemes(revision)
    gone = [name for name in sorted(was) if name not in now]
    found: dict[str, str] = {}
    for name in sorted(set(now) - set(was)):
        old = next((each for each in gone if was[each].value == now[name].value), None)
        if old is not None:
            found[name] = old
            gone.remove(old)
    return found


def _requirements(node: Node | None, renamed: Mapping[str, str]) -> list[Requirement]:
    """What is required, an empty requirement where nothing is."""
    listed = node.value if node is not None and isinstance(node.value, list) else []
    for at, each in enumerate(listed):
        if node is not None and not isinstance(each, dict):
            raise UnreadableProblem("is no mapping of schemes", place=node[at].place, remedy="Write `- scheme: []`.")
    found: list[Requirement] = [
        {
            renamed.get(name, name): frozenset(map(str, scopes if isinstance(scopes, list) else ()))
            for name, scopes in each.items()
        }
        for each in listed
    ]
    return found or [{}]


def _suffices(held: Requirement, needed: Requirement) -> bool:
    return all(name in held and scopes <= held[name] for name, scopes in needed.items())


def _shut_out(
    old: Requirement, was: list[Requirement], now: list[Requirement], prefix: str, where: dict[str, Any]
) -> Change:
    same = next((new for new in now if set(new) == set(old)), None)
    if same is not None:
        more = sorted(scope for name in old for scope in same[name] - old[name])
        return change(f"{prefix}-scope-added", was=_named(old), now=", ".join(more), **where)
    if len(now) < len(was) and any(new in was for new in now):
        return change(f"{prefix}-removed", was=_named(old), **where)
    return change(f"{prefix}-added", now=" or ".join(_named(new) for new in now), **where)


def _named(requirement: Requirement) -> str:
    parts = [
        f"{name} ({', '.join(sorted(scopes))})" if scopes else name for name, scopes in sorted(requirement.items())
    ]
    return " with ".join(parts) or "nothing"


def compare_schemes(base: Contract, revision: Contract) -> Iterator[Change]:
    """What changed in the security schemes themselves."""
    was, now = _schemes(base), _schemes(revision)
    for name in sorted({*was, *now}):
        if name not in now:
            yield change("api-security-component-removed", was=name, base=was[name])
        elif name not in was:
            yield change("api-security-component-added", now=name, revision=now[name])
        else:
            yield from _scheme(name, was[name], now[name])


def _schemes(contract: Contract) -> Mapping[str, Node]:
    components = contract.root.get("components")
    return contract.mapping(components, "securitySchemes") if components else {}


def _scheme(name: str, base: Node, revision: Node) -> Iterator[Change]:
    where: dict[str, Any] = {"name": name, "base": base, "revision": revision}
    was, now = (" ".join(str(each.value.get(key)) for key in _KIND if each.value.get(key)) for each in (base, revision))
    if was.lower() != now.lower():
        yield change("api-security-component-type-changed", was=was, now=now, **where)
    old, new = (dict(flows.items()) if (flows := each.get("flows")) else {} for each in (base, revision))
    for flow in sorted(old):
        if flow in new:
            yield from _flow(old[flow], new[flow], where)
        else:
            yield change("api-security-component-oauth-flow-removed", was=flow, **where)


def _flow(base: Node, revision: Node, where: dict[str, Any]) -> Iterator[Change]:
    for key, kind in (("authorizationUrl", "oauth-url"), ("tokenUrl", "oauth-token-url")):
        was, now = base.get(key), revision.get(key)
        if (was and was.value) != (now and now.value):
            yield change(f"api-security-component-{kind}-changed", now=now.value if now else "nowhere", **where)
    old, new = (
        {name for name, _ in scopes.items()} if (scopes := each.get("scopes")) else set() for each in (base, revision)
    )
    for scope in sorted(old - new):
        yield change("api-security-component-oauth-scope-removed", was=scope, **where)
    for scope in sorted(new - old):
        yield change("api-security-component-oauth-scope-added", now=scope, **where)


_KIND = ("type", "scheme", "in", "name", "openIdConnectUrl")
"""What says how a caller proves itself; the name of an API key is where it stands."""
