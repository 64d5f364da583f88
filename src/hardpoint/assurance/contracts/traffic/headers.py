"""Headers that no contract has to name: those of HTTP itself, of browsers, proxies and tracing."""

_REQUEST = """
a-im accept accept-charset accept-datetime accept-encoding accept-language access-control-request-headers
access-control-request-method authorization cache-control connection content-disposition content-encoding
content-language content-length content-location content-md5 content-type cookie date dnt early-data expect
forwarded from host http2-settings if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive
max-forwards origin pragma prefer priority proxy-authorization proxy-connection purpose range referer save-data
signature signature-input content-digest repr-digest want-content-digest want-repr-digest te trailer
transfer-encoding upgrade upgrade-insecure-requests user-agent via warning x-requested-with device-memory downlink
dpr ect rtt viewport-width width service-worker service-worker-navigation-preload
"""
_RESPONSE = """
accept-ch accept-patch accept-post accept-ranges access-control-allow-credentials access-control-allow-headers
access-control-allow-methods access-control-allow-origin access-control-allow-private-network
access-control-expose-headers access-control-max-age age allow alt-svc cache-control cache-status cdn-cache-control
clear-site-data connection content-digest content-disposition content-encoding content-language content-length
content-location content-md5 content-range content-security-policy content-security-policy-report-only content-type
critical-ch cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy date deprecation
etag expect-ct expires keep-alive last-modified link location nel origin-agent-cluster p3p permissions-policy
feature-policy pragma preference-applied priority proxy-authenticate proxy-status public-key-pins referrer-policy
report-to reporting-endpoints repr-digest retry-after server server-timing set-cookie signature signature-input
sourcemap strict-transport-security sunset surrogate-control surrogate-key tk timing-allow-origin trailer
transfer-encoding upgrade vary via warning www-authenticate x-cache x-cache-hits x-content-type-options
x-dns-prefetch-control x-download-options x-frame-options x-permitted-cross-domain-policies x-powered-by
x-robots-tag x-runtime x-served-by x-timer x-ua-compatible x-xss-protection
"""
_BOTH = """
b3 baggage traceparent tracestate x-request-id x-correlation-id x-amzn-trace-id x-cloud-trace-context x-real-ip
true-client-ip x-client-ip x-original-host x-original-url x-rewrite-url x-scheme uber-trace-id sentry-trace
x-datadog-trace-id x-datadog-parent-id x-datadog-sampling-priority
"""
_PREFIXES = (
    "x-forwarded-",
    "x-envoy-",
    "x-b3-",
    "sec-",
    "cf-",
    "x-amz-cf-",
    "x-azure-",
    "fastly-",
    "cdn-",
    "akamai-",
    ":",
)

OF_REQUESTS = frozenset(f"{_REQUEST} {_BOTH}".split())
OF_RESPONSES = frozenset(f"{_RESPONSE} {_BOTH}".split())


def is_usual(name: str) -> bool:
    """Whether a header, by its name in small letters, is of a family that proxies, browsers or tracing add."""
    return name.startswith(_PREFIXES)
