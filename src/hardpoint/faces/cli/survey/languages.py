"""The languages of a repository, by the endings of its files."""

import posixpath
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

MAX_NAMED = 3
_ENDINGS = {
    "Python": "py pyi",
    "TypeScript": "ts tsx mts cts",
    "JavaScript": "js jsx mjs cjs",
    "Vue": "vue",
    "Svelte": "svelte",
    "Go": "go",
    "Rust": "rs",
    "Java": "java",
    "Kotlin": "kt",
    "Scala": "scala",
    "Groovy": "groovy",
    "Clojure": "clj cljs cljc",
    "C": "c h",
    "C++": "cc cpp cxx hpp hh hxx",
    "C#": "cs",
    "F#": "fs fsx",
    "Swift": "swift",
    "Objective-C": "m mm",
    "Dart": "dart",
    "Ruby": "rb",
    "PHP": "php",
    "Perl": "pl pm",
    "Lua": "lua",
    "R": "r",
    "Julia": "jl",
    "Elixir": "ex exs",
    "Erlang": "erl hrl",
    "Haskell": "hs",
    "OCaml": "ml mli",
    "Zig": "zig",
    "Shell": "sh bash",
    "PowerShell": "ps1 psm1",
    "SQL": "sql",
    "Terraform": "tf",
    "CSS": "css scss less",
    "HTML": "html",
}
_LANGUAGES = {f".{ending}": language for language, endings in _ENDINGS.items() for ending in endings.split()}
_MARKUP = frozenset({"CSS", "HTML"})


@dataclass(frozen=True, slots=True)
class Language:
    """A language, and its files in percent of all files in languages that are known."""

    name: str
    files: int
    percent: int


def languages(files: Iterable[str]) -> list[Language]:
    """The languages of some files, the one with most files first; markup counts only where there is nothing else."""
    found = Counter(
        language for file in files if (language := _LANGUAGES.get(posixpath.splitext(file)[1].lower())) is not None
    )
    code = Counter({language: count for language, count in found.items() if language not in _MARKUP}) or found
    total = code.total()
    ordered = sorted(code.items(), key=lambda each: (-each[1], each[0]))
    return [Language(name, count, round(100 * count / total)) for name, count in ordered]
