"""The words and operators of a shell script."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_SCRIPT = 256 * 1024


class ShellError(Exception):
    """The text is no shell script, or not one that this reader understands."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    """`word`, `op`, `redirect` or `end`; a newline is the operator `\\n`."""
    text: str
    start: int
    end: int
    quoted: bool = False


_OPERATOR = re.compile(r"&&|\|\||;;&|;;|;&|\|&|[|;()&\n]")
_REDIRECT = re.compile(r"[0-9]*(?:<<<|<<-?|<>|>>|>&|<&|>\||&>>|&>|<(?!\()|>(?!\())|\{\w+\}>")
_BLANK = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_PLAIN = re.compile(r"[^\s;&|()<>'\"\\$`{#]+")
_EXPRESSION = re.compile(r"\$?\{\{.{0,500}?\}\}", re.DOTALL)
_CLOSING = {"(": ")", "{": "}"}


class Lexer:
    """Text to tokens, once from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._heredocs: list[tuple[str, bool]] = []

    def tokens(self) -> Iterator[Token]:
        text, previous = self._text, ""
        while True:
            if blank := _BLANK.match(text, self._at):
                self._at = blank.end()
            if self._at >= len(text):
                yield Token("end", "", self._at, self._at)
                return
            start = self._at
            if text[start] == "#":
                end = text.find("\n", start)
                self._at = len(text) if end < 0 else end
            elif redirect := _REDIRECT.match(text, start):
                self._at = redirect.end()
                yield Token("redirect", redirect[0], start, self._at)
                previous = redirect[0]
                continue
            elif operator := _OPERATOR.match(text, start):
                self._at = operator.end()
                if operator[0] == "\n":
                    self._skip_heredocs()
                yield Token("op", operator[0], start, operator.end())
            else:
                token = self._word()
                if previous.lstrip("0123456789") in {"<<", "<<-"}:
                    self._heredocs.append((token.text, previous.endswith("-")))
                yield token
            previous = ""

    def _skip_heredocs(self) -> None:
        for end_word, indented in self._heredocs:
            while self._at < len(self._text):
                stop = self._text.find("\n", self._at)
                stop = len(self._text) if stop < 0 else stop
                line = self._text[self._at : stop]
                self._at = min(stop + 1, len(self._text))
                if (line.strip() if indented else line.rstrip("\r ")) == end_word:
                    break
        self._heredocs.clear()

    def _word(self) -> Token:
        start, pieces = self._at, []
        while self._at < len(self._text) and (piece := self._piece()) is not None:
            pieces.append(piece)
        if self._at == start:
            raise ShellError(f"{self._text[start]!r} is out of place")
        return Token("word", "".join(pieces), start, self._at, quoted=self._text[start] in "\"'\\")

    def _piece(self) -> str | None:
        """The next part of a word, without its quotes, or None where the word ends."""
        text, at = self._text, self._at
        if whole := _EXPRESSION.match(text, at) or _PLAIN.match(text, at):
            self._at = whole.end()
            return whole[0]
        if text[at : at + 2] in {"$(", "${", "<(", ">("}:
            self._at = self._balanced(at + 1)
            return text[at : self._at]
        if text[at] in "${#":
            self._at += 1
            return text[at]
        return self._quoted_piece()

    def _quoted_piece(self) -> str | None:
        text, at = self._text, self._at
        if text[at] in "'`":
            self._at = self._after(text.find(text[at], at + 1), 1)
            return text[at + 1 : self._at - 1] if text[at] == "'" else text[at : self._at]
        if text[at] == '"':
            self._at = self._quoted(at + 1)
            return re.sub(r"\\\n|\\([\"\\$`])", r"\1", text[at + 1 : self._at - 1])
        if text[at] == "\\":
            self._at = min(at + 2, len(text))
            return text[at + 1 : self._at].strip("\n")
        return None

    def _after(self, found: int, length: int) -> int:
        if found < 0:
            raise ShellError("a quote is not closed")
        return found + length

    def _quoted(self, at: int) -> int:
        """The offset after the closing double quote."""
        text = self._text
        while at < len(text):
            if text[at] == "\\":
                at += 2
            elif text[at] == '"':
                return at + 1
            elif expression := _EXPRESSION.match(text, at):
                at = expression.end()
            elif text.startswith("$(", at) or text.startswith("${", at):
                at = self._balanced(at + 1)
            else:
                at += 1
        raise ShellError("a quote is not closed")

    def _balanced(self, at: int) -> int:
        """The offset after the bracket that closes the one at `at`; quotes in between are whole."""
        text, expected = self._text, [_CLOSING[self._text[at]]]
        at += 1
        while at < len(text):
            char = text[at]
            if char == expected[-1]:
                expected.pop()
                at += 1
                if not expected:
                    return at
            elif char == "\\":
                at += 2
            elif char == "'" and expected[-1] == ")":
                at = self._after(text.find("'", at + 1), 1)
            elif char == '"':
                at = self._inner_quote(at + 1)
            elif char in _CLOSING and (char == "(" or text[at - 1] == "$"):
                expected.append(_CLOSING[char])
                at += 1
            else:
                at += 1
        raise ShellError("a bracket is not closed")

    def _inner_quote(self, at: int) -> int:
        text = self._text
        while at < len(text) and text[at] != '"':
            at += 2 if text[at] == "\\" else 1
        return self._after(at if at < len(text) else -1, 1)
