"""The structure of a POSIX shell script: its commands, and what joins, guards and silences them.

A tolerant reader of the grammar of POSIX.1-2017, XCU 2.10, with what bash adds and pipelines use. Nothing is expanded
or run; expressions of a CI host (`${{ … }}`) are parts of words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hardpoint.assurance.delivery.tokens import MAX_SCRIPT, Lexer, ShellError, Token

MAX_NESTING = 50


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command: its words without quotes, and the span of the text that it takes."""

    words: tuple[str, ...]
    start: int
    end: int
    to_file: bool = False
    """Whether its standard output goes to a file."""


@dataclass(frozen=True, slots=True)
class Block:
    """A compound command: what it asks first, and what it runs then."""

    kind: str
    """`(`, `{`, `if`, `while`, `until`, `for`, `case` or `function`."""
    start: int
    end: int
    conditions: tuple["Sequence", ...] = ()
    bodies: tuple["Sequence", ...] = ()
    name: str = ""
    """Of a function."""


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands joined by `|`; the status is the last one's, or that of any with `pipefail`."""

    parts: tuple[Command | Block, ...]
    negated: bool = False

    @property
    def start(self) -> int:
        return self.parts[0].start

    @property
    def end(self) -> int:
        return self.parts[-1].end


@dataclass(frozen=True, slots=True)
class AndOr:
    """Pipes joined by `&&` and `||`; `joins[i]` stands before `pipes[i + 1]`."""

    pipes: tuple[Pipe, ...]
    joins: tuple[str, ...] = ()
    background: bool = False

    @property
    def start(self) -> int:
        return self.pipes[0].start

    @property
    def end(self) -> int:
        return self.pipes[-1].end


@dataclass(frozen=True, slots=True)
class Sequence:
    """What runs one after the other."""

    items: tuple[AndOr, ...] = ()


def parse(text: str) -> Sequence:
    """Read a script.

    Raises ShellError where it is none, is larger than MAX_SCRIPT, or nests deeper than MAX_NESTING.
    """
    if len(text) > MAX_SCRIPT:
        raise ShellError(f"larger than {MAX_SCRIPT} characters")
    parser = _Parser(list(Lexer(text).tokens()))
    sequence = parser.sequence(frozenset())
    if parser.token.kind != "end":
        raise ShellError(f"{parser.token.text!r} is out of place")
    return sequence


def commands(node: Sequence | AndOr | Pipe | Block | Command) -> Iterator[Command]:
    """Every simple command in it, in the order of the text."""
    if isinstance(node, Command):
        yield node
        return
    below: tuple[Sequence | AndOr | Pipe | Block | Command, ...]
    if isinstance(node, Sequence):
        below = node.items
    elif isinstance(node, AndOr):
        below = node.pipes
    elif isinstance(node, Pipe):
        below = node.parts
    else:
        inside = [command for part in (*node.conditions, *node.bodies) for command in commands(part)]
        yield from sorted(inside, key=lambda command: command.start)
        return
    for each in below:
        yield from commands(each)


_ENDS = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})
_LIST_ENDS = frozenset({")", ";;", ";&", ";;&"})


@dataclass(slots=True)
class _Parser:
    """Tokens to structure, by recursive descent of bounded depth."""

    tokens: list[Token]
    at: int = 0
    depth: int = field(default=0)

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def sequence(self, ends: frozenset[str]) -> Sequence:
        """Lists up to one of the words or operators in `ends`, which is not taken."""
        self._deeper()
        items: list[AndOr] = []
        while True:
            self._skip_separators()
            token = self.token
            if token.kind == "end" or (token.kind == "op" and token.text in _LIST_ENDS) or self._is(*ends):
                break
            if self._is(*_ENDS):
                raise ShellError(f"{token.text!r} is out of place")
            items.append(self._and_or())
        self.depth -= 1
        return Sequence(tuple(items))

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise ShellError(f"nested deeper than {MAX_NESTING} levels")

    def _skip_separators(self) -> None:
        while self.token.kind == "op" and self.token.text in {"\n", ";", "&"}:
            self.at += 1

    def _is(self, *words: str) -> bool:
        return self.token.kind == "word" and not self.token.quoted and self.token.text in words

    def _is_op(self, *operators: str) -> bool:
        return self.token.kind == "op" and self.token.text in operators

    def _newlines(self) -> None:
        while self._is_op("\n"):
            self.at += 1

    def _and_or(self) -> AndOr:
        pipes, joins = [self._pipe()], []
        while self._is_op("&&", "||"):
            joins.append(self.token.text)
            self.at += 1
            self._newlines()
            pipes.append(self._pipe())
        return AndOr(tuple(pipes), tuple(joins), background=self._is_op("&"))

    def _pipe(self) -> Pipe:
        negated = False
        while self._is("!"):
            negated = True
            self.at += 1
        parts = [self._command()]
        while self._is_op("|", "|&"):
            self.at += 1
            self._newlines()
            parts.append(self._command())
        return Pipe(tuple(parts), negated)

    def _command(self) -> Command | Block:
        start = self.token.start
        if self._is_op("("):
            block = self._arithmetic(start) or self._bracketed("(", ")", start)
        elif self._is("{"):
            block = self._bracketed("{", "}", start)
        elif self._is("if"):
            block = self._if(start)
        elif self._is("while", "until"):
            block = self._loop(self.token.text, start)
        elif self._is("for", "select"):
            block = self._for(start)
        elif self._is("case"):
            block = self._case(start)
        elif self._is("function"):
            self.at += 2
            return self._function(start, self.tokens[self.at - 1].text)
        elif self._is("[["):
            return self._test(start)
        else:
            return self._simple()
        self._redirections()
        return block

    def _expect(self, word: str) -> None:
        if not (self._is(word) or self._is_op(word)):
            raise ShellError(f"{word!r} is missing before {self.token.text!r}")
        self.at += 1

    def _end(self) -> int:
        return self.tokens[self.at - 1].end

    def _bracketed(self, opening: str, closing: str, start: int) -> Block:
        self.at += 1
        body = self.sequence(frozenset({closing}))
        self._expect(closing)
        return Block(opening, start, self._end(), bodies=(body,))

    def _arithmetic(self, start: int) -> Block | None:
        following = self.tokens[self.at + 1]
        if not (following.kind == "op" and following.text == "(" and following.start == start + 1):
            return None
        depth = 0
        for at in range(self.at, len(self.tokens)):
            token = self.tokens[at]
            if token.kind == "op" and token.text in {"(", ")"}:
                depth += 1 if token.text == "(" else -1
                if depth == 0:
                    self.at = at + 1
                    return Block("((", start, token.end)
        raise ShellError("a bracket is not closed")

    def _if(self, start: int) -> Block:
        conditions, bodies = [], []
        while True:
            self.at += 1
            conditions.append(self.sequence(frozenset({"then"})))
            self._expect("then")
            bodies.append(self.sequence(frozenset({"elif", "else", "fi"})))
            if not self._is("elif"):
                break
        if self._is("else"):
            self.at += 1
            bodies.append(self.sequence(frozenset({"fi"})))
        self._expect("fi")
        return Block("if", start, self._end(), tuple(conditions), tuple(bodies))

    def _loop(self, kind: str, start: int) -> Block:
        self.at += 1
        condition = self.sequence(frozenset({"do"}))
        return self._done(kind, start, condition)

    def _done(self, kind: str, start: int, *conditions: Sequence) -> Block:
        self._expect("do")
        body = self.sequence(frozenset({"done"}))
        self._expect("done")
        return Block(kind, start, self._end(), conditions, (body,))

    def _for(self, start: int) -> Block:
        self.at += 1
        while self.token.kind != "end" and not self._is("do", "{"):
            self.at += 1
        return self._done("for", start)

    def _case(self, start: int) -> Block:
        while self.token.kind != "end" and not self._is("in"):
            self.at += 1
        self.at += 1 if self.token.kind != "end" else 0
        bodies = []
        while True:
            self._skip_separators()
            if self._is("esac") or self.token.kind == "end":
                break
            self.at += 1 if self._is_op("(") else 0
            while self.token.kind != "end" and not self._is_op(")"):
                self.at += 1
            self._expect(")")
            bodies.append(self.sequence(frozenset({"esac"})))
            self.at += 1 if self._is_op(";;", ";&", ";;&") else 0
        self._expect("esac")
        return Block("case", start, self._end(), bodies=tuple(bodies))

    def _function(self, start: int, name: str) -> Block:
        if self._is_op("("):
            self.at += 1
            self._expect(")")
        self._newlines()
        self._deeper()
        body = self._command()
        self.depth -= 1
        return Block("function", start, self._end(), bodies=(Sequence((AndOr((Pipe((body,)),)),)),), name=name)

    def _test(self, start: int) -> Command:
        while self.token.kind != "end" and not self._is("]]"):
            self.at += 1
        self._expect("]]")
        self._redirections()
        return Command(("[[",), start, self._end())

    def _redirections(self) -> bool:
        """Take redirections; whether standard output goes to a file by one of them."""
        to_file = False
        while self.token.kind == "redirect":
            redirect = self.token.text
            self.at += 1
            if self.token.kind == "word":
                target = self.token.text
                to_file |= redirect in {">", ">>", "1>", "&>", ">|", "&>>"} and not target.startswith("/dev/")
                self.at += 1
        return to_file

    def _simple(self) -> Command | Block:
        start, words, to_file = self.token.start, [], False
        while True:
            if self.token.kind == "redirect":
                to_file |= self._redirections()
            elif self.token.kind == "word":
                words.append(self.token)
                self.at += 1
                if self._is_op("("):
                    if words[-1].text.endswith("=") and self.token.start == words[-1].end:
                        self._skip_array()
                    elif len(words) == 1 and self._closes_at_once():
                        return self._function(start, words[0].text)
                    else:
                        raise ShellError("a bracket is out of place")
            else:
                break
        if self._end() <= start or self.at == 0:
            raise ShellError(f"{self.token.text!r} is out of place")
        return Command(tuple(word.text for word in words), start, self._end(), to_file)

    def _closes_at_once(self) -> bool:
        following = self.tokens[self.at + 1]
        return following.kind == "op" and following.text == ")"

    def _skip_array(self) -> None:
        while self.token.kind != "end" and not self._is_op(")"):
            self.at += 1
        self._expect(")")
