"""Which service is meant."""

import pytest

from hardpoint.kernel.ownership.model import Service, service_named
from hardpoint.kernel.problem import UsageProblem

ONE = (Service(name="keystone"),)
TWO = (*ONE, Service(name="ledger"))


def test_the_only_service_needs_no_name():
    assert service_named(ONE, None).name == "keystone"


def test_a_name_picks_its_service():
    assert service_named(TWO, "ledger").name == "ledger"


@pytest.mark.parametrize(
    ("services", "name", "sentence", "remedy"),
    [
        ((), None, "declares no service", "under `services:`"),
        ((), "x", "declares no service", "under `services:`"),
        (TWO, None, "There are 2 services", "--service keystone | ledger"),
        (TWO, "legder", r"No service is named 'legder' \(did you mean 'ledger'\?\)", "keystone, ledger"),
        (ONE, "", "No service is named ''", "keystone"),
    ],
)
def test_a_doubt_is_a_problem_that_names_the_choices(services, name, sentence, remedy):
    with pytest.raises(UsageProblem, match=sentence) as caught:
        service_named(services, name)
    assert remedy in caught.value.remedy


def test_without_a_name_the_only_default_is_meant():
    whole = Service(name="shop", default=True)
    assert service_named((*TWO, whole), None) is whole
    assert service_named((*TWO, whole), "ledger").name == "ledger"
    with pytest.raises(UsageProblem, match="There are 2 services"):
        service_named((whole, Service(name="other", default=True)), None)
