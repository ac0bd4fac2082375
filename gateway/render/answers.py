"""Where REST answers otherwise than Envoy's transcoder does, by a few lines of Lua on the routes concerned.

- `response_body` of the contract: the answer is one field of the message. What `GET /api/experiments/{name}` answers is
  the document alone, which may be edited and PUT back.
- A stream has one JSON document a line: that is `application/x-ndjson`, not JSON.

Errors, server-sent events, gRPC and gRPC-web pass as they are.
"""

from gateway.contract import Rpc
from gateway.render.types import Config, extension, typed

ANSWERS = "envoy.filters.http.lua"
_SCRIPT = """
function envoy_on_response(handle)
  local headers = handle:headers()
  if headers:get(":status") ~= "200" or headers:get("content-type") ~= "application/json" then return end
  CHANGE
end
"""
_LINES = 'headers:replace("content-type", "application/x-ndjson")'
_FIELD_ALONE = """
  local opening, body = '{"FIELD":', handle:body()
  if not body then return end
  local text = body:getBytes(0, body:length())
  if text:sub(1, #opening) == opening then body:setBytes(text:sub(#opening + 1, -2)) end
"""


def answers_filter() -> Config:
    """The filter, which does nothing but where a route tells it to; it stands before the transcoder."""
    return extension(ANSWERS, "extensions.filters.http.lua.v3.Lua")


def answers(rpc: Rpc) -> dict[str, Config]:
    """What the route of `rpc` tells the filter, if anything."""
    if rpc.streams_messages:
        change = _LINES
    elif rpc.rest_body:
        change = _FIELD_ALONE.replace("FIELD", rpc.rest_body).strip()
    else:
        return {}
    script = {"inline_string": _SCRIPT.replace("CHANGE", change)}
    return {ANSWERS: typed("extensions.filters.http.lua.v3.LuaPerRoute", source_code=script)}
