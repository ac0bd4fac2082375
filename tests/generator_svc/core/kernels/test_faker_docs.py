"""docs/faker.md says which methods are kernels; this keeps it true."""

from tests.golden import faker_docs


def test_the_table_of_kernels_is_what_the_engine_has() -> None:
    """Otherwise run `make golden` and review the difference."""
    assert faker_docs.text() == faker_docs.expected()
