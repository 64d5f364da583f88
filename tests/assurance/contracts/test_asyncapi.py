"""AsyncAPI documents, compared as contracts of channels."""

import pytest

from hardpoint.assurance.contracts.asyncapi import read_asyncapi
from hardpoint.kernel.problem import UnreadableProblem

THREE = """\
asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
channels:
  orders:
    address: shop.orders
    messages:
      placed: {$ref: '#/components/messages/placed'}
      gone: {name: Gone, payload: {type: string}}
operations:
  onOrder: {action: receive, channel: {$ref: '#/channels/orders'}}
  tell: {action: send, channel: {$ref: '#/channels/orders'}, messages: [{$ref: '#/channels/orders/messages/placed'}]}
components:
  messages:
    placed:
      name: OrderPlaced
      payload:
        type: object
        required: [id]
        properties:
          id: {type: string}
          total: {type: integer}
"""
TWO = """\
asyncapi: 2.6.0
info: {title: Orders, version: 1.0.0}
channels:
  orders:
    publish:
      message:
        oneOf:
          - {name: A, payload: {type: object, properties: {a: {type: string}}}}
          - {name: B, payload: {type: string}}
    subscribe: {message: {name: A, payload: {type: object, properties: {a: {type: string}}}}}
"""


@pytest.fixture
def changed(cli, tmp_path):
    """The errors of the diff between two documents: rule, method, pointer, line."""

    def changed(base, revision):
        for name, text in (("base.yaml", base), ("revision.yaml", revision)):
            (tmp_path / name).write_text(text)
        ran = cli("contract", "diff", "base.yaml", "revision.yaml", "--format", "json", folder=tmp_path)
        assert ran.exit == ran.json["breaks"]
        return [
            (each["id"], each["method"], each["pointer"], each["place"]["line"])
            for each in ran.json["changes"]
            if each["level"] == "error"
        ]

    return changed


PAYLOAD = "/components/messages/placed/payload"


@pytest.mark.requirement("CON-03", "CON-05")
@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        (
            "required: [id]",
            "required: [id, total]",
            [("request-property-became-required", "RECEIVE", f"{PAYLOAD}/properties/total", 21)],
        ),
        (
            "required: [id]",
            "required: []",
            [("response-property-became-optional", "SEND", f"{PAYLOAD}/properties/id", 20)],
        ),
        (
            "      gone: {name: Gone, payload: {type: string}}\n",
            "",
            [("request-body-media-type-removed", "RECEIVE", "/operations/onOrder", 9)],
        ),
        (
            "  onOrder: {action: receive, channel: {$ref: '#/channels/orders'}}\n",
            "",
            [("api-removed-without-deprecation", "RECEIVE", "/operations/onOrder", 10)],
        ),
        ("title: Orders", "title: Others", []),
    ],
)
def test_what_breaks_depends_on_who_writes(changed, was, now, expected):
    assert was in THREE
    assert changed(THREE, THREE.replace(was, now)) == expected


@pytest.mark.requirement("CON-05")
def test_of_version_2_publish_is_what_the_application_receives(changed):
    revision = TWO.replace("          - {name: B, payload: {type: string}}\n", "")
    assert changed(TWO, revision) == [("request-body-media-type-removed", "RECEIVE", "/channels/orders/publish", 5)]
    assert changed(revision, TWO) == []
    twice = TWO.replace("{a: {type: string}}", "{a: {type: integer}}")
    assert sorted(each[:2] for each in changed(TWO, twice)) == [
        ("request-property-type-changed", "RECEIVE"),
        ("response-property-type-changed", "SEND"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (THREE.replace("3.0.0", "1.2.0"), "api.yaml:1:1"),
        (THREE.replace("{action: receive, ", "{"), "api.yaml:10:3"),
        (TWO.replace("name: A, payload", "name: A, schemaFormat: application/vnd.apache.avro, payload"), "api.yaml:8:"),
        (TWO.replace("name: B", "name: a"), "api.yaml:5:5"),
        ("asyncapi: 3.0.0\nchannels: []\n", "api.yaml:2:1"),
    ],
)
def test_what_cannot_be_compared_is_said_at_its_place(text, place):
    with pytest.raises(UnreadableProblem) as caught:
        read_asyncapi("api.yaml", text.encode())
    assert str(caught.value.place).startswith(place)


def test_descriptions_of_two_kinds_are_not_compared(cli, tmp_path):
    (tmp_path / "a.yaml").write_text(TWO)
    (tmp_path / "b.yaml").write_text("openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {}\n")
    ran = cli("contract", "diff", "a.yaml", "b.yaml", folder=tmp_path)
    assert (ran.exit, "a.yaml is asyncapi, and b.yaml is openapi" in ran.err) == (2, True)
