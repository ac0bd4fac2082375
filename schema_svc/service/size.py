"""What is larger than a message is refused before anything is stored: nobody could read it.

A document is several times larger as the JSON that REST answers than as a message; the gateway holds no more of either.
"""

from schema_svc.core.faults import TooComplex
from schema_svc.core.record import Content

_MARGIN_BYTES = 4096
"""What a stored experiment says beside its document: id, etag, times."""
_MIB = 1 << 20


def refuse_unreadable(content: Content, rest: int, most: int) -> None:
    """Raise TooComplex where an experiment, or an answer with `rest` more bytes, would be larger than a message."""
    refuse_oversized(content.json_bytes, "the experiment as JSON", most)
    refuse_oversized(len(content.message) + rest, "the answer", most)


def refuse_oversized(size: int, what: str, most: int) -> None:
    """Raise TooComplex where `what` would have more bytes than a message may."""
    if size + _MARGIN_BYTES > most:
        raise TooComplex(
            f"{what} would have {size / _MIB:.1f} MiB; a message has at most {most / _MIB:g} MiB",
            hint="split the experiment into several, each with the tables that reference one another",
            metadata={"limit": str(most)},
        )
