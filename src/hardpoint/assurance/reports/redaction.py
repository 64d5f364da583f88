"""Redaction: the secrets of a command line, which are never recorded."""

import re
from collections.abc import Iterator, Sequence

HIDDEN = "***"

_NAMES = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|auth|api[-_.]?key|private[-_.]?key|access[-_.]?key|pat)"
)
_UNMISTAKEN = r"(?:password|passwd|passphrase|secret|token|credential|api[-_.]?key|private[-_.]?key|access[-_.]?key)"
"""Wherever they stand in a name, as in `dbPassword`."""
_NAMED = re.compile(rf"(?i)(?:^|[-_.]){_NAMES}(?:$|[-_.])|{_UNMISTAKEN}|(?:account|shared)key|signature|^sig$")
_OPTION = re.compile(r"^(-{1,2}[^=\s]+)$")
_ASSIGNMENT = re.compile(r"^(-{0,2}[^=\s]+)=(.*)$", re.DOTALL)
_VARIABLE = re.compile(r"^[A-Z_][A-Z0-9_]*$")
_HEADER = re.compile(
    r"(?i)\b((?:proxy-)?authorization|cookie|[\w-]*(?:token|key|secret)[\w-]*)(\s*:\s*)\S.*", re.DOTALL
)
_USERINFO = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s?#]+@")
_IN_QUERY = re.compile(
    rf"(?i)((?:^|[?&;=\s'\"])(?:(?:[\w.-]*[-_.])?{_NAMES}(?:[-_.][\w.-]*)?|[\w.-]*{_UNMISTAKEN}|[\w-]*signature|sig)=)"
    r"(?:'[^']*'|\"[^\"]*\"|[^&;\s]+)"
)
_IN_JSON = re.compile(
    rf"(?i)([\"'](?:(?:[\w.-]*[-_.])?{_NAMES}|[\w.-]*{_UNMISTAKEN})[\"']\s*:\s*)(?:\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|[^\s,}}]+)"
)
_LOGIN_WITHIN = re.compile(r"((?:^|\s)(?:-u\s*|--user[=\s]\s*)['\"]?[^\s:'\"]+:)[^\s'\"]+")
_BEARER = re.compile(r"(?i)\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}")
_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*", re.DOTALL)
_TAKES_P = frozenset({"sshpass", "login", "mysql", "mysqldump", "mysqladmin", "mariadb"})
"""Words after which `-p` is a password."""
_WITHIN = re.compile(rf"(?i)((?:^|\s)-{{1,2}}(?:[\w.-]*[-_.])?{_NAMES}(?:[-_.][\w.-]*)?[=\s]\s*)[^-\s]\S*")
_SET_WITHIN = re.compile(r"((?:^|[\s;&|(])(?:-e)?[A-Z_][A-Z0-9_]*=)(?:'[^']*'|\"[^\"]*\"|\S)+")
_LOGIN = frozenset({"-u", "--user"})
_SHAPES = re.compile(
    r"gh[oprsu]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{12,}|xox[a-z]-[\w-]{8,}|A(?:KIA|SIA)[A-Z0-9]{12,}|npm_\w{16,}"
    r"|pypi-[\w-]{16,}|sk-[\w-]{16,}|[rs]k_(?:live|test)_\w{8,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|hvs\.\w{8,}|dckr_pat_[\w-]{8,}"
)


def redacted(argv: Sequence[str]) -> tuple[str, ...]:
    """The arguments with their secrets hidden: too much rather than too little.

    Hidden are the value of every variable of the environment (`NAME=…`), of every option whose name says that it is a
    secret, the user part of a URL, the value of a header that authorises, and whatever has the shape of a token.
    """
    # What UTF-8 cannot write is escaped: else the run would be left out of the record, and one before it would stand.
    return tuple(word.encode("utf-8", "backslashreplace").decode() for word in _redacted(argv))


def _redacted(argv: Sequence[str]) -> Iterator[str]:
    before, takes_p = "", False
    for word in argv:
        takes_p = takes_p or word.rpartition("/")[2] in _TAKES_P
        if before in _LOGIN and ":" in word:
            yield f"{word.partition(':')[0]}:{HIDDEN}"
        elif (_is_secret(before) and not word.startswith("--")) or (takes_p and before == "-p"):
            yield HIDDEN
        elif takes_p and word.startswith("-p") and len(word) > len("-p"):
            yield f"-p{HIDDEN}"
        else:
            yield _word(word)
        before = word


def _is_secret(option: str) -> bool:
    """Whether the word after it is its value, and a secret."""
    return bool(_OPTION.match(option)) and bool(_NAMED.search(option.lstrip("-")))


def _word(word: str) -> str:
    assigned = _ASSIGNMENT.match(word)
    if assigned and (_VARIABLE.match(assigned[1]) or _NAMED.search(assigned[1].lstrip("-"))):
        return f"{assigned[1]}={HIDDEN}"
    for pattern, instead in (
        (_PEM, HIDDEN),
        (_IN_JSON, rf"\1{HIDDEN}"),
        (_HEADER, rf"\1\2{HIDDEN}"),
        (_BEARER, rf"\1{HIDDEN}"),
        (_LOGIN_WITHIN, rf"\1{HIDDEN}"),
        (_USERINFO, rf"\1{HIDDEN}@"),
        (_WITHIN, rf"\1{HIDDEN}"),
        (_SET_WITHIN, rf"\1{HIDDEN}"),
        (_IN_QUERY, rf"\1{HIDDEN}"),
        (_SHAPES, HIDDEN),
    ):
        word = pattern.sub(instead, word)
    return word
