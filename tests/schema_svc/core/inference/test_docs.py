"""The page about inference says what the tables say."""

from tests.golden import inference_docs


def test_the_page_shows_the_tables_as_they_are() -> None:
    """`make golden` writes it anew."""
    assert inference_docs.text() == inference_docs.expected()
