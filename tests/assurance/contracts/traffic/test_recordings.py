"""Recordings: what each format tells, and that nothing malformed or cut off passes."""

import base64
import gzip
import json

import pytest

from hardpoint.assurance.contracts.traffic.exchange import Exchange, Form
from hardpoint.assurance.contracts.traffic.recordings import har
from hardpoint.assurance.contracts.traffic.recordings.reading import read_recording
from hardpoint.assurance.contracts.traffic.summary import instant
from hardpoint.kernel.problem import UnreadableProblem

AT = 1_767_261_600_000  # 2026-01-01T10:00:00Z


def read(tmp_path, content, form=None):
    file = tmp_path / "recording"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_recording(file, "recording", form))


def entry(number=1, **more):
    return {
        "startedDateTime": "2026-01-01T10:00:00.000Z",
        "request": {
            "method": "POST",
            "url": f"https://api.example.org/v1/orders/{number}?deep=1#x",
            "headers": [{"name": "Content-Type", "value": "application/json; charset=utf-8"}],
            "postData": {"mimeType": "application/json", "text": '{"qty": 1}'},
        },
        "response": {
            "status": 201,
            "headers": [{"name": "X-Trail", "value": "1"}],
            "content": {"mimeType": "application/json", "text": '{"note": "},{\\"startedDateTime\\":"}', "size": 9},
        },
        **more,
    }


def archive(entries, indent=None):
    return json.dumps({"log": {"version": "1.2", "pages": [{"id": "[]"}], "entries": entries}}, indent=indent)


def test_an_archive_tells_both_sides(tmp_path):
    (seen,) = read(tmp_path, archive([entry()]))
    assert (seen.method, seen.path, seen.query, seen.status, seen.time) == ("POST", "/v1/orders/1", "deep=1", 201, AT)
    assert seen.sent_media == seen.given_media == "application/json"
    assert seen.request.content == '{"qty": 1}'
    assert seen.given == {"x-trail": "1"}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("chunk", [64, 1000, 100_000])
def test_an_archive_is_read_in_pieces_of_any_size(tmp_path, monkeypatch, chunk, indent):
    monkeypatch.setattr(har, "CHUNK_BYTES", chunk)
    monkeypatch.setattr(har, "_PATIENCE_BYTES", 2000)
    entries = [
        entry(number, comment="é" * number) if number % 3 else {"comment": "ö", **entry(number)} for number in range(30)
    ]
    entries[7]["_trail"] = [
        {"comment": 1},
        {"comment": 2},
        {"comment": {"comment": 3, "x": {}}, "y": 1},
        {"comment": 4},
    ]
    text = json.dumps({"log": {"entries": entries}}, indent=indent, ensure_ascii=False)
    assert [each.path for each in read(tmp_path, text)] == [f"/v1/orders/{number}" for number in range(30)]


def test_a_body_in_base64_and_an_unseen_one(tmp_path):
    packed, unseen = entry(), entry()
    packed["response"]["content"] = {"text": base64.b64encode(b"{}").decode(), "encoding": "base64"}
    unseen["response"]["content"] = {"size": 100}
    one, two = read(tmp_path, archive([packed, unseen]))
    assert one.response.content == b"{}"
    assert two.response.form is Form.UNSEEN


@pytest.mark.parametrize(
    "content",
    [
        "",
        "   \n",
        archive([entry()])[:-30],
        archive([entry(), entry()])[:-400],
        '{"log": {"version": "1.2"}}',
        '{"log": {"entries": [{"request": 1}]}}',
        archive([entry()] * 900 + [{"startedDateTime": 1}] + [entry()] * 900),
        archive([entry()] * 900).replace('{"method": "POST"', '{"method" "POST"', 1),
        '{"log": {"entries": [',
        json.dumps(entry())[:-5],
        '{"request": {"url": "/x"}, "response": {"status": 200}}',
        '{"request": {"method": "GET", "url": "/x"}, "response": {}}',
        '{"request": {"method": "GET", "url": "/x"}, "response": {"status": 200}}\n{"requ',
        "12:abc",
        "5:hello,",
        "999999999999:x",
        "no line of a log",
        '{"resourceSpans": [{"scopeSpans": [',
        b"\x1f\x8b\x08broken",
        gzip.compress(archive([entry()]).encode())[:-12],
        '{"level": "info"}',
        '{"contract":"' + "a" * 64 + '","counts":{},"schema":"contract-traffic-summary/v9"}',
    ],
)
@pytest.mark.requirement("INN-02")
def test_what_is_malformed_or_cut_off_is_told_with_its_place(tmp_path, content):
    with pytest.raises(UnreadableProblem) as raised:
        read(tmp_path, content)
    if "contract-traffic-summary" not in str(content):
        assert str(raised.value).startswith("recording")


def test_the_line_that_is_no_exchange_is_named(tmp_path):
    good = '{"request": {"method": "GET", "url": "/x"}, "response": {"status": 200}}'
    with pytest.raises(UnreadableProblem, match=r"^recording:3: "):
        read(tmp_path, f"{good}\n\n{good[:-9]}\n{good}\n")


def test_lines_tell_values_texts_shapes_and_nothing(tmp_path):
    lines = [
        {"body": {"a": 1}},
        {"body": '{"a": 1}', "media": "application/json"},
        {"text": "<a/>"},
        {"shape": {"a": "integer"}},
        {"body": None},
        {},
        {"headers": {}},
    ]
    content = "\n".join(
        json.dumps({"request": {"method": "get", "url": "/x"}, "response": {"status": 200, **each}}) for each in lines
    )
    forms = [each.response.form for each in read(tmp_path, content)]
    assert forms == [Form.VALUE, Form.TEXT, Form.TEXT, Form.SHAPE, Form.ABSENT, Form.UNSEEN, Form.ABSENT]


def test_a_flat_line_tells_both_sides(tmp_path):
    line = {"method": "POST", "path": "/x", "status": 200, "request_body": {"a": 1}, "response_body": [1]}
    (seen,) = read(tmp_path, json.dumps(line | {"response_headers": {"Content-Type": "application/json"}}))
    assert (seen.request.content, seen.response.content) == ({"a": 1}, [1])
    assert seen.given_media == "application/json"


def test_gzip_is_read(tmp_path):
    assert len(read(tmp_path, gzip.compress(archive([entry()]).encode()))) == 1


@pytest.mark.parametrize(
    "line",
    [
        '10.0.0.1 - ann [01/Jan/2026:10:00:00 +0000] "GET /orders/1?a=b HTTP/1.1" 200 12',
        '10.0.0.1 - - [01/Jan/2026:12:00:00 +0200] "GET /orders/1?a=b HTTP/2.0" 200 12 "-" "curl \\"x\\""',
        (
            '{"time_iso8601": "2026-01-01T10:00:00+00:00", "request_method": "GET", '
            '"request_uri": "/orders/1?a=b", "status": "200"}'
        ),
        '{"msec": 1767261600.0, "request": "GET /orders/1?a=b HTTP/1.1", "status": 200}',
        (
            '{"StartUTC": "2026-01-01T10:00:00Z", "RequestMethod": "GET", '
            '"RequestPath": "/orders/1?a=b", "DownstreamStatus": 200}'
        ),
        '{"ts": 1767261600.0, "request": {"method": "GET", "uri": "/orders/1?a=b"}, "status": 200}',
        '{"start_time": "2026-01-01T10:00:00Z", "method": "GET", "path": "/orders/1?a=b", "response_code": 200}',
    ],
)
def test_access_logs_of_many_servers_tell_the_same(tmp_path, line):
    (seen,) = read(tmp_path, line)
    assert (seen.method, seen.path, seen.query, seen.status, seen.time) == ("GET", "/orders/1", "a=b", 200, AT)
    assert seen.sent is None
    assert seen.response.form is Form.UNSEEN


def test_a_request_that_a_server_could_not_read_is_incomplete(tmp_path):
    (seen,) = read(tmp_path, '10.0.0.1 - - [01/Jan/2026:10:00:00 +0000] "\\x16\\x03" 400 12')
    assert not seen.is_whole


def span(kind=2, **told):
    attributes = [
        {
            "key": key.replace("__", "."),
            "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
        }
        for key, value in told.items()
    ]
    return {"kind": kind, "startTimeUnixNano": str(AT * 1_000_000), "attributes": attributes}


def spans(*each):
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(each)}]}]}


@pytest.mark.parametrize("indent", [None, 2])
def test_spans_of_servers_tell_requests(tmp_path, indent):
    told = spans(
        span(http__request__method="GET", url__path="/orders/1", url__query="a=b", http__response__status_code=200),
        span(http__method="GET", http__target="/orders/1?a=b", http__status_code=200),
        span(kind=3, http__request__method="GET", url__full="https://other/x", http__response__status_code=200),
        span(db__system="postgresql"),
    )
    seen = read(tmp_path, json.dumps(told, indent=indent))
    assert [(each.method, each.path, each.query, each.status, each.time) for each in seen] == [
        ("GET", "/orders/1", "a=b", 200, AT)
    ] * 2


def test_a_span_with_a_route_only_tells_no_values(tmp_path):
    told = spans(span(http__request__method="GET", http__route="/orders/:id", http__response__status_code=200))
    (seen,) = read(tmp_path, json.dumps(told))
    assert seen.path == "/orders/{}"
    assert not seen.shows_values


def tnet(value):
    if isinstance(value, dict):
        data, mark = b"".join(tnet(key) + tnet(each) for key, each in value.items()), b"}"
    elif isinstance(value, list):
        data, mark = b"".join(map(tnet, value)), b"]"
    elif isinstance(value, bool):
        data, mark = str(value).lower().encode(), b"!"
    elif value is None:
        data, mark = b"", b"~"
    elif isinstance(value, int):
        data, mark = str(value).encode(), b"#"
    elif isinstance(value, float):
        data, mark = repr(value).encode(), b"^"
    else:
        data, mark = (value, b",") if isinstance(value, bytes) else (value.encode(), b";")
    return str(len(data)).encode() + b":" + data + mark


def flow(**more):
    return {
        "type": "http",
        "version": 21,
        "request": {
            "method": b"POST",
            "path": b"/orders/1?a=b",
            "headers": [[b"Content-Type", b"application/json"], [b"Content-Encoding", b"gzip"]],
            "content": gzip.compress(b'{"qty": 1}'),
            "timestamp_start": AT / 1000,
        },
        "response": {"status_code": 201, "headers": [[b"X-Trail", b"1"]], "content": b""},
        **more,
    }


def test_flows_of_mitmproxy_tell_both_sides(tmp_path):
    content = tnet(flow()) + tnet(flow(type="tcp")) + tnet(flow(response=None))
    seen, unanswered = read(tmp_path, content)
    assert (seen.method, seen.path, seen.query, seen.status, seen.time) == ("POST", "/orders/1", "a=b", 201, AT)
    assert seen.request.content == b'{"qty": 1}'
    assert seen.response.form is Form.ABSENT
    assert not unanswered.is_whole


@pytest.mark.parametrize("cut", [1, 3, 50, 200])
def test_flows_that_are_cut_off_are_told(tmp_path, cut):
    with pytest.raises(UnreadableProblem, match=r"cut off|no flow"):
        read(tmp_path, tnet(flow()) + tnet(flow())[:-cut])


def test_every_reader_gives_exchanges(tmp_path):
    for content in (archive([entry()]), tnet(flow())):
        assert all(isinstance(each, Exchange) for each in read(tmp_path, content))


@pytest.mark.parametrize(
    "time",
    ['"9999-12-31T23:59:59-12:00"', '"0001-01-01T00:00:00+12:00"', '"1969-12-31"', "99999999999999999999", '"-5"'],
)
def test_an_instant_that_cannot_be_is_none(tmp_path, time):
    line = f'{{"time": {time}, "request": {{"method": "GET", "url": "/"}}, "response": {{"status": 200}}}}'
    (exchange,) = read(tmp_path, line)
    assert instant(exchange.time) is None or exchange.time
