"""Where settings come from, and which source wins."""

from pathlib import Path

import pytest
from pydantic import Field

from dwsim_wire.settings import InvalidSettings, PostgresqlUrl, ServiceSettings, read_settings


class QuerySettings(ServiceSettings):
    """A service's own settings."""

    rows: int = Field(1, ge=1)
    warehouse_url: PostgresqlUrl = None


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_each_source_wins_over_those_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Operators must be able to predict which value is used."""
    assert read_settings(QuerySettings, root=tmp_path).rows == 1
    write(tmp_path / "config/default.yml", "rows: 2")
    assert read_settings(QuerySettings, root=tmp_path).rows == 2
    write(tmp_path / "deployment/local.yml", "rows: 3")
    assert read_settings(QuerySettings, root=tmp_path).rows == 3
    write(tmp_path / ".env.local", "DW_SIMULATOR_ROWS=4")
    assert read_settings(QuerySettings, root=tmp_path).rows == 4
    monkeypatch.setenv("DW_SIMULATOR_ROWS", "5")
    assert read_settings(QuerySettings, root=tmp_path).rows == 5
    assert read_settings(QuerySettings, ["--rows", "6"], root=tmp_path).rows == 6


def test_a_wrong_value_is_named_without_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value may be a secret: errors name the field alone."""
    monkeypatch.setenv("DW_SIMULATOR_ROWS", "hunter2")
    with pytest.raises(InvalidSettings, match="rows") as caught:
        read_settings(QuerySettings, root=tmp_path)
    assert "hunter2" not in str(caught.value)


def test_a_database_url_is_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings end up in logs and bug reports."""
    monkeypatch.setenv("DW_SIMULATOR_TARGET_DB_URL", "postgresql://u:hunter2@host/db")
    settings = read_settings(QuerySettings, root=tmp_path)
    assert "hunter2" not in repr(settings)
    assert settings.target_db_url is not None
    assert settings.target_db_url.get_secret_value().endswith("/db")


@pytest.mark.parametrize("url", ["redshift://u:hunter2@host/db", "host=h password=hunter2", "hunter2"])
def test_what_is_no_url_of_a_warehouse_is_refused(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service would start, and call a server that nobody named away for ever."""
    monkeypatch.setenv("DW_SIMULATOR_WAREHOUSE_URL", url)
    with pytest.raises(InvalidSettings, match=r"warehouse_url: .*postgresql://user:") as caught:
        read_settings(QuerySettings, root=tmp_path)
    assert "hunter2" not in str(caught.value)


def test_an_empty_url_of_a_warehouse_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`export DW_SIMULATOR_REDSHIFT_URL=` is how shells and compose files take a variable back."""
    monkeypatch.setenv("DW_SIMULATOR_WAREHOUSE_URL", "")
    assert read_settings(QuerySettings, root=tmp_path).warehouse_url is None
    monkeypatch.setenv("DW_SIMULATOR_WAREHOUSE_URL", "postgres://host/db")
    assert read_settings(QuerySettings, root=tmp_path).warehouse_url is not None
