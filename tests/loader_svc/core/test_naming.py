"""Names that tables get in a target."""

import pytest

from loader_svc.core.naming import targets


@pytest.mark.parametrize(
    ("tables", "names"),
    [
        (["orders", "Orders", "ORDERS"], ["orders", "Orders_2", "ORDERS_3"]),
        (["a_2", "a", "A"], ["a_2", "a", "A_3"]),
        (["t_sqlite_x", "sqlite_x"], ["t_sqlite_x", "t_sqlite_x_2"]),
        (["t__dwsim_load", "_dwsim_load", "_DWSIM_load"], ["t__dwsim_load", "t__dwsim_load_2", "t__DWSIM_load_3"]),
    ],
)
def test_numbered_names_are_safe_and_distinct_too(tables: list[str], names: list[str]) -> None:
    """SQLite refuses `sqlite_…`, and a table named `_dwsim_…` would hide the loader's own."""
    assert list(targets(tables).values()) == names
