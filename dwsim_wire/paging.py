"""Pages: sizes within limits, opaque tokens that only fit the rpc and filters that made them."""

import base64
import binascii
import json
import zlib

from dwsim_wire.fault import InvalidArgument, InvalidPageToken

BEYOND = 1 << 63
LONGEST = len(str(BEYOND))


def page_size(requested: int, *, default: int = 50, maximum: int = 500) -> int:
    """Rows of a page: `default` for 0, at most `maximum`."""
    if requested < 0:
        raise InvalidArgument(
            f"page_size is {requested}; it takes 0 (for {default}) to {maximum}", metadata={"field": "page_size"}
        )
    return min(requested or default, maximum)


def encode_token(rpc: str, position: int | str, filters: str = "") -> str:
    """Make the token of the page that begins after `position`."""
    body = json.dumps([rpc, zlib.crc32(filters.encode()), str(position)], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def decode_token(rpc: str, token: str, filters: str = "") -> str | None:
    """Position that `token` stands for; None for the first page."""
    if not token:
        return None
    try:
        made_by, made_with, position = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, binascii.Error, TypeError, RecursionError):
        made_by, made_with, position = "", 0, ""
    if made_by != rpc or made_with != zlib.crc32(filters.encode()) or not isinstance(position, str):
        raise _foreign(rpc)
    return position


def decode_number(rpc: str, token: str, filters: str = "") -> int | None:
    """Number that `token` stands for; None for the first page."""
    position = decode_token(rpc, token, filters)
    return None if position is None else number_of(rpc, position)


def number_of(rpc: str, position: str) -> int:
    """A number inside a position; whoever forges a token may have put anything there."""
    if position.isascii() and position.isdecimal() and len(position) <= LONGEST and int(position) < BEYOND:
        return int(position)
    raise _foreign(rpc)


def _foreign(rpc: str) -> InvalidPageToken:
    return InvalidPageToken(
        f"page_token is not one that {rpc} gave for these filters",
        hint="send next_page_token of the page before with the same filters, or none to begin anew",
    )
