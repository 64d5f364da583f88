"""Every result that a test of headers can have: whether it passes, its points, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """One result: the points that it adds or takes, of 100; where it does not pass, what is wrong and the remedy."""

    points: int = 0
    text: str = ""
    remedy: str = ""

    @property
    def passes(self) -> bool:
        return not self.text


_CSP = "Send a Content-Security-Policy that begins with default-src 'none' and allows what the page needs"
_INLINE = "Move inline code to files, or give it a nonce; drop 'unsafe-inline', data: and whole schemes"
_SECURE = "Set cookies with Secure, and sessions with HttpOnly and SameSite too"
_REDIRECT = "Answer every http:// address with 301 to the same host over https://"
_HSTS = "Send Strict-Transport-Security: max-age=63072000; includeSubDomains over https"
_CERTIFICATE = "Serve a certificate that a public authority signed for this name and that has not expired"
_SRI = "Load scripts of other sites over https, each with an integrity attribute"
_FRAMES = "Send frame-ancestors 'none' or 'self' in the Content-Security-Policy"
_REFERRER = "Send Referrer-Policy: strict-origin-when-cross-origin, or same-origin"
_CORP = "Send Cross-Origin-Resource-Policy: same-origin, same-site or cross-origin"

OUTCOMES: Mapping[str, Outcome] = {
    "csp-implemented-with-no-unsafe-default-src-none": Outcome(10),
    "csp-implemented-with-no-unsafe": Outcome(5),
    "csp-implemented-but-duplicate-directives": Outcome(),
    "csp-implemented-with-unsafe-inline-in-style-src-only": Outcome(),
    "csp-implemented-with-insecure-scheme-in-passive-content-only": Outcome(-10),
    "csp-implemented-with-unsafe-eval": Outcome(-10, "the content security policy allows 'unsafe-eval'", _CSP),
    "csp-implemented-with-unsafe-inline": Outcome(-20, "the policy lets inline or any scripts run", _INLINE),
    "csp-implemented-with-insecure-scheme": Outcome(-20, "the policy allows active content over http:", _CSP),
    "csp-header-invalid": Outcome(-25, "the content security policy is malformed", _CSP),
    "csp-not-implemented": Outcome(-25, "there is no content security policy", _CSP),
    "csp-not-implemented-but-reporting-enabled": Outcome(-25, "the policy only reports, and forbids nothing", _CSP),
    "cookies-secure-with-httponly-sessions-and-samesite": Outcome(5),
    "cookies-secure-with-httponly-sessions": Outcome(),
    "cookies-not-found": Outcome(),
    "cookies-without-secure-flag-but-protected-by-hsts": Outcome(-5, "a cookie has no Secure", _SECURE),
    "cookies-session-without-secure-flag-but-protected-by-hsts": Outcome(-10, "a session has no Secure", _SECURE),
    "cookies-without-secure-flag": Outcome(-20, "a cookie has no Secure and is sent over http too", _SECURE),
    "cookies-samesite-flag-invalid": Outcome(-20, "a cookie's SameSite is none that browsers know", _SECURE),
    "cookies-anticsrf-without-samesite-flag": Outcome(-20, "a cookie against forged requests has no SameSite", _SECURE),
    "cookies-session-without-httponly-flag": Outcome(-30, "scripts can read a session's cookie", _SECURE),
    "cookies-session-without-secure-flag": Outcome(-40, "a session's cookie is sent over http too", _SECURE),
    "cross-origin-resource-sharing-not-implemented": Outcome(),
    "cross-origin-resource-sharing-implemented-with-public-access": Outcome(),
    "cross-origin-resource-sharing-implemented-with-restricted-access": Outcome(),
    "cross-origin-resource-sharing-implemented-with-universal-access": Outcome(
        -50, "any site can read answers with the user's credentials", "Allow the origins that need it by name"
    ),
    "redirection-to-https": Outcome(),
    "redirection-not-needed-no-http": Outcome(),
    "redirection-all-redirects-preloaded": Outcome(),
    "redirection-off-host-from-http": Outcome(-5, "http leads to another host at once", _REDIRECT),
    "redirection-not-to-https-on-initial-redirection": Outcome(-10, "http leads to http first", _REDIRECT),
    "redirection-not-to-https": Outcome(-20, "http leads elsewhere, and not to https", _REDIRECT),
    "redirection-missing": Outcome(-20, "http is answered, and does not lead to https", _REDIRECT),
    "redirection-invalid-cert": Outcome(-20, "http leads to a host whose certificate does not hold", _CERTIFICATE),
    "referrer-policy-private": Outcome(5),
    "referrer-policy-not-implemented": Outcome(),
    "referrer-policy-unsafe": Outcome(-5, "other sites are told which page a user comes from", _REFERRER),
    "referrer-policy-header-invalid": Outcome(-5, "the referrer policy is none that browsers know", _REFERRER),
    "hsts-preloaded": Outcome(5),
    "hsts-implemented-max-age-at-least-six-months": Outcome(),
    "hsts-implemented-max-age-less-than-six-months": Outcome(-10, "HSTS is forgotten within six months", _HSTS),
    "hsts-not-implemented": Outcome(-20, "there is no HSTS", _HSTS),
    "hsts-header-invalid": Outcome(-20, "the HSTS header is malformed, or there are several", _HSTS),
    "hsts-not-implemented-no-https": Outcome(-20, "nothing answers over https", _HSTS),
    "hsts-invalid-cert": Outcome(-20, "the certificate does not hold, so HSTS is ignored", _CERTIFICATE),
    "sri-implemented-and-all-scripts-loaded-securely": Outcome(5),
    "sri-implemented-and-external-scripts-loaded-securely": Outcome(5),
    "sri-not-implemented-response-not-html": Outcome(),
    "sri-not-implemented-but-no-scripts-loaded": Outcome(),
    "sri-not-implemented-but-all-scripts-loaded-from-secure-origin": Outcome(),
    "sri-not-implemented-but-external-scripts-loaded-securely": Outcome(-5, "a foreign script has no integrity", _SRI),
    "sri-implemented-but-external-scripts-not-loaded-securely": Outcome(-20, "a foreign script is from http", _SRI),
    "sri-not-implemented-and-external-scripts-not-loaded-securely": Outcome(
        -50, "a script of another site is loaded without https and integrity", _SRI
    ),
    "x-content-type-options-nosniff": Outcome(),
    "x-content-type-options-not-implemented": Outcome(-5, "types are guessed", "Send X-Content-Type-Options: nosniff"),
    "x-content-type-options-header-invalid": Outcome(
        -5, "X-Content-Type-Options is not nosniff", "Send X-Content-Type-Options: nosniff"
    ),
    "x-frame-options-implemented-via-csp": Outcome(5),
    "x-frame-options-sameorigin-or-deny": Outcome(),
    "x-frame-options-allow-from-origin": Outcome(),
    "x-frame-options-not-implemented": Outcome(-20, "any site can put the page in a frame", _FRAMES),
    "x-frame-options-header-invalid": Outcome(-20, "X-Frame-Options is none that browsers know", _FRAMES),
    "corp-not-implemented": Outcome(),
    "corp-implemented-with-same-origin": Outcome(10),
    "corp-implemented-with-same-site": Outcome(10),
    "corp-implemented-with-cross-origin": Outcome(),
    "corp-header-invalid": Outcome(-5, "Cross-Origin-Resource-Policy is none that browsers know", _CORP),
}  # fmt: skip
"""By the Observatory's names; its score table of algorithm 4."""
