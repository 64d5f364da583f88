"""Closing a project, from the outside."""

import httpx


def add_milestone(client: httpx.Client, project: str, *states: str) -> None:
    """A new milestone, moved through the given states."""
    path = client.post(f"{project}/milestones", json={"title": "Footing"}).headers["Location"]
    for state in states:
        client.post(f"{path}/transitions", json={"to": state})


def test_a_project_without_milestones_closes(client: httpx.Client, project: str) -> None:
    assert client.post(f"{project}/close").json()["state"] == "closed"


def test_a_project_with_finished_milestones_closes(client: httpx.Client, project: str) -> None:
    add_milestone(client, project, "active", "done")
    add_milestone(client, project, "cancelled")
    assert client.post(f"{project}/close").status_code == 200
    assert client.get(project).json()["state"] == "closed"


def test_a_planned_milestone_keeps_its_project_open(client: httpx.Client, project: str) -> None:
    add_milestone(client, project)
    answer = client.post(f"{project}/close")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/unfinished-milestones")
    assert client.get(project).json()["state"] == "open"


def test_an_active_milestone_keeps_its_project_open(client: httpx.Client, project: str) -> None:
    add_milestone(client, project, "active")
    assert client.post(f"{project}/close").status_code == 409


def test_a_closed_project_takes_no_milestone(client: httpx.Client, project: str) -> None:
    client.post(f"{project}/close")
    answer = client.post(f"{project}/milestones", json={"title": "Late idea"})
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/project-closed")
