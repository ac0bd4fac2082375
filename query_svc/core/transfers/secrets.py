"""Keys that users put into COPY and UNLOAD, which nothing may keep."""

import re

MASK = "***"
_BLANK = r"(?:\s|--[^\n]*\n|/\*.*?\*/)"
_AFTER = re.compile(
    rf"\b(CREDENTIALS|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|MASTER_SYMMETRIC_KEY)({_BLANK}+AS)?{_BLANK}*'(?:[^']|'')*+'",
    re.IGNORECASE | re.DOTALL,
)
_INSIDE = re.compile(r"\b(aws_access_key_id|aws_secret_access_key|token|master_symmetric_key)=[^;'\s]+", re.IGNORECASE)


def without_secrets(sql: str) -> str:
    """The text of a COPY or UNLOAD as history and logs may have it."""
    return _INSIDE.sub(rf"\1={MASK}", _AFTER.sub(rf"\1\2 '{MASK}'", sql))
