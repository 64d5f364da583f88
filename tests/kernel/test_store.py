"""Where the store lies, how it is made, and that it is never made by reading."""

import pytest
import sqlalchemy as sa

from hardpoint.kernel.problem import IntegrityProblem, StoreProblem, UnreadableProblem
from hardpoint.kernel.record.tables import TABLES
from hardpoint.kernel.store import SETTING, create_store, open_store, store_url


def test_the_store_lies_in_the_repository(tmp_path):
    assert store_url(tmp_path, {}) == f"sqlite:///{tmp_path}/.hardpoint/hardpoint.db"


def test_a_setting_says_otherwise(tmp_path):
    assert store_url(tmp_path, {SETTING: "postgresql://h/d"}) == "postgresql://h/d"


@pytest.mark.parametrize("name", ["with space", "what?", "a%20b", "hash#", "\N{SNOWMAN}", "a&b=c", "semi;colon"])
def test_a_store_lies_where_it_should_whatever_the_folder_is_called(tmp_path, name):
    (tmp_path / name).mkdir()
    create_store(store_url(tmp_path / name, {}), [TABLES]).close()
    assert (tmp_path / name / ".hardpoint" / "hardpoint.db").stat().st_size > 0


def test_the_store_hides_itself_from_git(repository, git):
    root = repository({"a": ""})
    database = create_store(store_url(root, {}), [TABLES])
    assert (root / ".hardpoint" / ".gitignore").read_text().splitlines()[-1] == "*"
    assert git(root, "status", "--porcelain", "--untracked-files=all") == ""
    database.close()
    assert git(root, "status", "--porcelain", "--untracked-files=all") == ""


def test_a_gitignore_that_is_there_is_left_alone(tmp_path):
    (tmp_path / ".hardpoint").mkdir()
    (tmp_path / ".hardpoint" / ".gitignore").write_text("mine\n")
    create_store(store_url(tmp_path, {}), [TABLES]).close()
    assert (tmp_path / ".hardpoint" / ".gitignore").read_text() == "mine\n"


def test_a_folder_that_is_not_its_own_is_not_hidden(tmp_path):
    create_store(f"sqlite:///{tmp_path / 'stores' / 'mine.db'}", [TABLES]).close()
    assert not (tmp_path / "stores" / ".gitignore").exists()


def test_a_store_is_made_with_the_current_tables_and_made_again_without_harm(tmp_path):
    url = store_url(tmp_path, {})
    for _ in range(2):
        database = create_store(url, [TABLES])
        assert database.installed() == {"record": TABLES.current}
        database.close()


def test_a_store_that_was_made_can_be_opened(tmp_path):
    url = store_url(tmp_path, {})
    create_store(url, [TABLES]).close()
    database = open_store(url, [TABLES])
    assert database.installed() == {"record": TABLES.current}
    database.close()


def test_reading_makes_nothing(tmp_path):
    with pytest.raises(UnreadableProblem, match="There is no record at"):
        open_store(store_url(tmp_path, {}), [TABLES])
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_holds_no_record(tmp_path):
    (tmp_path / "empty.db").touch()
    with pytest.raises(UnreadableProblem, match="holds no record"):
        open_store(f"sqlite:///{tmp_path / 'empty.db'}", [TABLES])


def test_a_file_where_the_folder_should_be_is_a_problem(tmp_path):
    (tmp_path / ".hardpoint").write_text("")
    with pytest.raises(StoreProblem, match="cannot be written") as refused:
        create_store(store_url(tmp_path, {}), [TABLES])
    assert SETTING in refused.value.remedy


@pytest.mark.parametrize("use", [create_store, open_store])
@pytest.mark.parametrize("url", ["nonsense", "mysql://h/d", "postgresql://h:port/d", "sqlite+none:///f", "://"])
def test_a_url_that_cannot_be_used_is_a_problem(use, url):
    with pytest.raises(StoreProblem):
        use(url, [TABLES])


@pytest.mark.parametrize("use", [create_store, open_store])
def test_a_store_of_a_newer_program_is_refused(tmp_path, use):
    url = store_url(tmp_path, {})
    database = create_store(url, [TABLES])
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE hardpoint_tables SET version = version + 1"))
    database.close()
    with pytest.raises(StoreProblem, match="this Hardpoint knows") as refused:
        use(url, [TABLES])
    assert "Upgrade Hardpoint" in refused.value.remedy


def test_a_file_that_is_no_database_is_a_problem_and_kept(tmp_path):
    text = b"no database\n" * 100
    (tmp_path / "file").write_bytes(text)
    for use in (create_store, open_store):
        with pytest.raises(IntegrityProblem, match="damaged"):
            use(f"sqlite:///{tmp_path / 'file'}", [TABLES])
    assert (tmp_path / "file").read_bytes() == text


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
def test_a_store_that_would_keep_nothing_is_refused(url):
    with pytest.raises(StoreProblem, match="nothing would be kept"):
        create_store(url, [TABLES])
