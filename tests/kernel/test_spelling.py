"""The nearest known word, and that looking for it has an end."""

from hardpoint.kernel.spelling import MAX_MISSPELT, Spelling, did_you_mean


def test_the_nearest_known_word_is_named():
    assert did_you_mean("relaese", ["merge", "release"]) == " (did you mean 'release'?)"
    assert did_you_mean("zzz", ["merge", "release"]) == ""
    assert did_you_mean("x", []) == ""


def test_the_nearest_stands_first():
    assert next(iter(Spelling(["restoring", "restore"]).nearest("restor"))) == "restore"


def test_after_many_misspelt_words_no_more_are_looked_up_and_those_before_are_still_known():
    spelling = Spelling(["restore"])
    for number in range(MAX_MISSPELT):
        spelling.nearest(f"restore{number}")
    assert not spelling.nearest("restor")
    assert spelling.nearest("restore1") == ["restore"]
