"""`hardpoint evidence probe` against servers of this machine: what it asks, what it refuses, what it records."""

import gzip
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hardpoint.assurance.reports.web import fetch
from hardpoint.assurance.reports.web.fetch import Ports, look_at
from hardpoint.capabilities import capabilities
from hardpoint.kernel.evidence import KIND, Assurance, from_statement
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem
from hardpoint.kernel.record.reading import read_entries
from hardpoint.kernel.rooms.cli import Context

MANIFEST = "version: 1\nservices: [{name: keystone}]\n"
GOOD = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Set-Cookie": "__Host-session=1; Path=/; Secure; HttpOnly; SameSite=Lax",
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine that signs itself, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(signed.public_bytes(Encoding.PEM) + pem)
    return file


@contextmanager
def serving(answer, certificate=None) -> Iterator[int]:
    """A server whose `answer` gives status, headers and body for a request; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = answer(self)
            self.send_response(status)
            for name, value in headers.items() if isinstance(headers, dict) else headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_OPTIONS = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(certificate):
    """A good site: its two ports."""
    with (
        serving(lambda _: (200, GOOD, b"<p>hello"), certificate) as https,
        serving(lambda _: (301, {"Location": f"https://127.0.0.1:{https}/"}, b"")) as http,
    ):
        yield Ports(http=http, https=https)


@pytest.fixture
def root(repository):
    return repository({"hardpoint.yaml": MANIFEST})


@pytest.fixture
def probe(cli, root, certificate):
    def probe(ports, *options, host="127.0.0.1"):
        return cli(
            *(
                "evidence",
                "probe",
                f"https://{host}:{ports.https}/",
                "--http-port",
                ports.http,
                "--environment",
                "local",
            ),
            *("--format", "json", *(options or ("--ca-file", certificate))),
            folder=root,
        )

    return probe


def recorded(root):
    with Context(capabilities(), folder=root).stored() as database:
        return [from_statement(entry.payload) for entry in read_entries(database, kind=KIND)]


def test_a_good_site_passes_and_is_recorded(probe, site, root):
    ran = probe(site)
    assert ran.exit == 0, ran.json
    (evidence,) = recorded(root)
    assert (evidence.kind, evidence.name) == ("probe", f"https://127.0.0.1:{site.https}/")
    assert (evidence.environment, evidence.commit, evidence.population) == ("local", None, 10)
    assert evidence.assurance is Assurance.RAN
    assert evidence.facts["failed"] == 0
    assert evidence.facts["grade"] == "A+"
    assert evidence.facts["content-security-policy"] == "csp-implemented-with-no-unsafe-default-src-none"
    assert evidence.facts["cookies"] == "cookies-secure-with-httponly-sessions-and-samesite"
    assert evidence.facts["redirection"] == "redirection-to-https"
    assert evidence.facts["strict-transport-security"] == "hsts-implemented-max-age-at-least-six-months"


def test_a_certificate_that_does_not_hold_fails_what_rests_on_it(probe, site, root):
    ran = probe(site, "--service", "keystone")
    assert ran.exit == 1
    (evidence,) = recorded(root)
    assert evidence.facts["strict-transport-security"] == "hsts-invalid-cert"
    assert evidence.facts["redirection"] == "redirection-invalid-cert"
    assert {finding.rule for finding in evidence.findings} == {"strict-transport-security", "redirection"}


def test_nothing_that_answers_is_an_error_on_record(probe, root, certificate):
    with serving(lambda _: (200, {}, b"")) as port:
        pass
    ran = probe(Ports(http=port, https=port))
    assert ran.exit == 3
    (evidence,) = recorded(root)
    assert "Nothing answers" in evidence.error
    assert evidence.population == 0
    assert "failed" not in evidence.facts


@pytest.mark.parametrize("status", [404, 500])
def test_an_error_page_is_no_answer(probe, root, certificate, status):
    with serving(lambda _: (status, GOOD, b""), certificate) as port:
        ran = probe(Ports(http=1, https=port))
    assert ran.exit == 3
    assert f"status {status}" in recorded(root)[0].error


def test_an_environment_is_needed_to_record(cli, root, site):
    assert cli("evidence", "probe", "https://127.0.0.1:1/", folder=root).exit == 2


def test_a_dry_run_needs_no_repository(cli, tmp_path, site, certificate):
    url = f"https://localhost:{site.https}/"
    options = ("--http-port", site.http, "--ca-file", certificate, "--dry-run", "--format", "json")
    ran = cli("evidence", "probe", url, *options, folder=tmp_path)
    assert ran.json["facts"]["strict-transport-security"] == "hsts-implemented-max-age-at-least-six-months"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "url", ["ftp://x/", "https://", "example.org", "https://me:pw@example.org/", "https://x:99999/"]
)
def test_what_is_no_url_of_a_site_is_wrong_usage(url):
    with pytest.raises(UsageProblem):
        look_at(url)


def test_what_the_host_is_called_decides_whether_it_may_be_this_machine(monkeypatch):
    monkeypatch.setattr(fetch.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 1))])
    with pytest.raises(UnreadableProblem, match=r"public\.example is 127\.0\.0\.1"):
        look_at("https://public.example/")


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0", "fe80::1"])
def test_a_name_that_leads_inside_is_refused(monkeypatch, address):
    monkeypatch.setattr(fetch.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (address, 1))])
    with pytest.raises(UnreadableProblem, match="may not ask"):
        look_at("https://public.example/")


@pytest.mark.parametrize("to", ["http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[fe80::1]/"])
def test_a_redirection_into_the_network_is_refused(to):
    with serving(lambda _: (302, {"Location": to}, b"")) as port, pytest.raises(UnreadableProblem, match="may not ask"):
        look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1))


@pytest.mark.parametrize("to", [f"http://{'a' * 64}.example/", "http://..example/", "http://localhost:1/"])
def test_a_redirection_to_where_nothing_answers_is_no_pass(to):
    """Else the site would be one that does not speak http, which needs no redirection."""
    with serving(lambda _: (302, {"Location": to}, b"")) as port, pytest.raises(UnreadableProblem, match="nothing ans"):
        look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1))


@pytest.mark.parametrize("url", [f"http://{'a' * 64}.example/", "http://..x/"])
def test_a_name_that_cannot_be_is_no_answer(url):
    with pytest.raises(UnreadableProblem, match="Nothing answers"):
        look_at(url)


def test_a_path_beyond_ascii_is_asked_for_in_its_octets():
    with serving(lambda asked: (200 if asked.path == "/%C3%BC?x=%C3%9F" else 404, GOOD, b"")) as port:
        assert look_at(f"http://127.0.0.1:{port}/ü?x=ß", ports=Ports(https=1)).http.status == 200


def test_a_redirection_without_end_is_bounded():
    asked = []

    def answer(request):
        asked.append(request.path)
        return 302, {"Location": f"/{len(asked)}"}, b""

    with serving(answer) as port:
        found = look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1))
    assert len(asked) <= 2 * (fetch.MAX_REDIRECTS + 2)
    assert found.http.status == 302


def test_a_body_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(fetch, "MAX_BODY_BYTES", 1000)
    for body, headers in ((b"x" * 1001, {}), (gzip.compress(b"x" * 100_000), {"Content-Encoding": "gzip"})):
        with (
            serving(lambda _, body=body, headers=headers: (200, headers, body)) as port,
            pytest.raises(UnreadableProblem, match="more than 1000 bytes"),
        ):
            look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1))


@pytest.mark.parametrize("drips", [False, True])
def test_a_server_that_is_slow_is_not_waited_for_and_is_no_pass(monkeypatch, certificate, drips):
    """Over http too: a site that answers there slowly is not one that needs no redirection."""
    monkeypatch.setattr(fetch, "REQUEST_S", 0.5)
    stop = threading.Event()

    def answer(request):
        for _ in range(100):
            if drips:
                request.wfile.write(b"HTTP/1.1 200 OK"[:1])
            if stop.wait(0.1):
                break
        return 200, {}, b""

    with (
        serving(answer) as http,
        serving(lambda _: (200, GOOD, b""), certificate) as https,
        pytest.raises(UnreadableProblem, match="does not answer within"),
    ):
        look_at(f"https://127.0.0.1:{https}/", ports=Ports(http=http), ca_file=certificate)
    stop.set()


def test_what_is_no_whole_http_is_no_pass(certificate):
    headers = [(f"X-{number}", "1") for number in range(200)]
    with serving(lambda _: (200, headers, b"")) as port, pytest.raises(UnreadableProblem, match="no whole HTTP"):
        look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1))
    cut = gzip.compress(b"<p>" * 100)[:-12]
    for given, body in (({"Content-Length": "10"}, b"<"), ({"Content-Encoding": "gzip"}, cut)):
        with (
            serving(lambda _, given=given, body=body: (200, given, body)) as port,
            pytest.raises(UnreadableProblem, match="no whole HTTP"),
        ):
            look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1))


def test_an_encoding_that_was_not_asked_for_is_no_pass():
    with (
        serving(lambda _: (200, {"Content-Encoding": "br"}, b"x")) as port,
        pytest.raises(UnreadableProblem, match="'br'"),
    ):
        look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1))


def test_a_packed_page_is_unpacked_and_an_empty_one_is_whole():
    page = b"<script src='https://cdn.example/x.js'></script>"

    def answer(request):
        if request.path == "/":
            return 301, {"Location": "/in", "Content-Encoding": "gzip", "Content-Length": "0"}, b""
        return 200, {"Content-Encoding": "gzip"}, gzip.compress(page)

    with serving(answer) as port:
        assert look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1)).body == page.decode()


def test_headers_that_come_twice_are_joined_and_cookies_are_not():
    headers = [("X-Frame-Options", "DENY"), ("X-Frame-Options", "DENY"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    with serving(lambda _: (200, [*headers, ("Content-Type", "text/html"), ("Content-Type", "x/y")], b"")) as port:
        site = look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1))
    assert site.http.values("x-frame-options") == ["DENY, DENY"]
    assert site.http.values("set-cookie") == ["a=1", "b=2"]
    assert site.http.values("content-type") == ["text/html"]
    assert [cookie.header for cookie in site.cookies] == ["a=1", "b=2"]


def test_cookies_are_sent_along_the_chain_and_a_preflight_asks_as_another():
    asked = []

    def answer(request):
        asked.append((request.command, request.path, request.headers.get("Cookie"), request.headers.get("Origin")))
        if request.path == "/":
            return 302, {"Location": "/in", "Set-Cookie": "a=1"}, b""
        return 200, {"Access-Control-Allow-Origin": "*"}, b""

    with serving(answer) as port:
        site = look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1))
    assert asked == [("GET", "/", None, None), ("GET", "/in", "a=1", None), ("OPTIONS", "/in", None, fetch.ORIGIN)]
    assert site.preflight.first("access-control-allow-origin") == "*"
    assert [hop.status for hop in site.route] == [302, 200]


def test_a_preflight_that_is_refused_says_nothing():
    with serving(
        lambda request: (405 if request.command == "OPTIONS" else 200, {"Access-Control-Allow-Origin": "*"}, b"")
    ) as port:
        assert look_at(f"http://127.0.0.1:{port}/", ports=Ports(https=1)).preflight is None


def test_json_has_every_test(probe, site):
    assert set(json.loads(probe(site).out)["facts"]) >= {"cookies", "redirection", "failed", "score"}
