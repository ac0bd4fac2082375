"""The services' JSON log lines, as people read them."""

import json

_PLACED = frozenset({"time", "level", "message", "logger", "request_id", "exception"})


def readable(line: str) -> str:
    """`12:00:00 INFO serving address=…` for a JSON log line; any other line as it is."""
    try:
        record = json.loads(line)
        facts = "".join(f" {key}={value}" for key, value in record.items() if key not in _PLACED and value != "")
        trace = "\n" + record["exception"] if record.get("exception") else ""
        return f"{record['time'][11:19]} {record['level']} {record['message']}{facts}{trace}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return line
