"""Faker's decorators of texts, as changes of letters that do not depend on where a text's parts begin."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

_OTHER: Final = re.compile(r"[^\w\s-]")
_OTHER_DOTTED: Final = re.compile(r"[^\.\w\s-]")
_GAPS: Final = re.compile(r"[-\s]+")


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def _slug(text: str, other: re.Pattern[str]) -> str:
    return _GAPS.sub("-", other.sub("", text).lower())


SLUGS: Final[Mapping[str, Callable[[str], str]]] = {
    "lowercase": str.lower,
    "slugify": lambda text: _slug(_ascii(text), _OTHER),
    "slugify_domain": lambda text: _slug(_ascii(text), _OTHER_DOTTED),
    "slugify_unicode": lambda text: _slug(unicodedata.normalize("NFKC", text), _OTHER),
}
