"""The API pages: complete, and content with themselves."""

import re
from pathlib import Path

from gateway.docs import OPENAPI, build


def test_the_page_finds_all_that_it_asks_for_beside_itself(tmp_path: Path) -> None:
    """They are served below /docs/, maybe behind somebody's prefix: only relative names work everywhere."""
    build(tmp_path / "docs")
    page, start = (tmp_path / "docs/index.html").read_text(), (tmp_path / "docs/start.js").read_text()
    asked = re.findall(r'(?:src|href)="([^"]+)"', page) + re.findall(r'url: "([^"]+)"', start)
    assert len(asked) >= 6
    for name in asked:
        assert (tmp_path / "docs" / name).stat().st_size, name
    assert (tmp_path / "docs/openapi.json").read_text() == OPENAPI.read_text()


def test_the_browser_is_told_to_ask_nobody_else(tmp_path: Path) -> None:
    """There may be no network; and what is documented here is nobody else's business."""
    build(tmp_path)
    policy = re.search(r'content="(default-src[^"]+)"', (tmp_path / "index.html").read_text())
    assert policy
    assert "http" not in policy.group(1)
    assert "validatorUrl: null" in (tmp_path / "start.js").read_text()


def test_building_again_replaces_what_was_there(tmp_path: Path) -> None:
    """A stack that starts again after an upgrade must not show the old contract."""
    (tmp_path / "openapi.json").write_text("{}")
    build(tmp_path)
    assert (tmp_path / "openapi.json").read_text() == OPENAPI.read_text()
