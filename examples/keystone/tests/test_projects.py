"""Projects and their milestones, from the outside."""

import httpx
import pytest


def test_a_project_starts_open_and_empty(client: httpx.Client) -> None:
    answer = client.post("/projects", json={"name": "  Harbour bridge "})
    assert answer.status_code == 201
    assert client.get(answer.headers["Location"]).json() == {
        "id": 1,
        "name": "Harbour bridge",
        "state": "open",
        "milestones": [],
    }


@pytest.mark.parametrize(
    "body",
    [{"name": "   "}, {"name": "n" * 201}, {"name": "Harbour bridge", "colour": "red"}],
    ids=["blank name", "long name", "unknown field"],
)
def test_a_project_needs_a_good_name_and_nothing_else(
    client: httpx.Client, body: dict[str, str]
) -> None:
    assert client.post("/projects", json=body).status_code == 422


def test_projects_come_in_pages(client: httpx.Client) -> None:
    for name in ("Bridge", "Quay", "Crane"):
        client.post("/projects", json={"name": name})

    first = client.get("/projects", params={"limit": 2}).json()
    last = client.get("/projects", params={"limit": 2, "after": first["next"]}).json()

    assert [project["name"] for project in first["projects"]] == ["Bridge", "Quay"]
    assert [project["name"] for project in last["projects"]] == ["Crane"]
    assert last["next"] is None


def test_a_project_shows_its_milestones_in_order(client: httpx.Client, project: str) -> None:
    client.post(f"{project}/milestones", json={"title": "Footing", "due": "2027-03-01"})
    client.post(f"{project}/milestones", json={"title": "Deck"})
    milestones = client.get(project).json()["milestones"]
    assert [(found["title"], found["due"]) for found in milestones] == [
        ("Footing", "2027-03-01"),
        ("Deck", None),
    ]


def test_a_milestone_goes_from_planned_to_done(client: httpx.Client, project: str) -> None:
    path = client.post(f"{project}/milestones", json={"title": "Footing"}).headers["Location"]
    for state in ("active", "done"):
        client.post(f"{path}/transitions", json={"to": state})
    assert client.get(path).json()["state"] == "done"


def test_a_milestone_refuses_to_skip_a_state(client: httpx.Client, project: str) -> None:
    path = client.post(f"{project}/milestones", json={"title": "Footing"}).headers["Location"]
    answer = client.post(f"{path}/transitions", json={"to": "done"})
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/invalid-transition")


@pytest.mark.parametrize("path", ["/projects/7", "/milestones/7"])
def test_what_does_not_exist_is_not_found(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["title"] == "Not found"
