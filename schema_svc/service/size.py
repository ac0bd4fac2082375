"""What is larger than a message is refused before anything is stored: nobody could read it."""

from schema_svc.core.faults import TooComplex

_MARGIN_BYTES = 4096
"""What a stored experiment says beside its document: id, etag, times."""
_MIB = 1 << 20


def refuse_oversized(size: int, what: str, most: int) -> None:
    """Raise TooComplex where `what` would have more bytes than a message may."""
    if size + _MARGIN_BYTES > most:
        raise TooComplex(
            f"{what} would have {size / _MIB:.1f} MiB; a message has at most {most / _MIB:g} MiB",
            hint="split the experiment into several, each with the tables that reference one another",
            metadata={"limit": str(most)},
        )
