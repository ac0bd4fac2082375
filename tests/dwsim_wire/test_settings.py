"""Where settings come from, and which source wins."""

from pathlib import Path

import pytest
from pydantic import Field

from dwsim_wire.settings import InvalidSettings, ServiceSettings, read_settings


class QuerySettings(ServiceSettings):
    """A service's own settings."""

    rows: int = Field(1, ge=1)


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
