"""`response_body` of the contract: REST's answer is one field of the message, which Envoy's transcoder cannot do.

Where `GET /api/experiments/{name}` is transcoded to `{"experiment":{…}}`, the client gets `{…}`: the document that it
may edit and PUT back. Errors, gRPC and gRPC-web pass as they are.
"""

from gateway.render.types import Config, extension, typed

UNWRAP = "envoy.filters.http.lua"
_SCRIPT = """
function envoy_on_response(handle)
  local headers = handle:headers()
  if headers:get(":status") ~= "200" or headers:get("content-type") ~= "application/json" then return end
  local opening, body = '{"FIELD":', handle:body()
  if not body then return end
  local text = body:getBytes(0, body:length())
  if text:sub(1, #opening) == opening then body:setBytes(text:sub(#opening + 1, -2)) end
end
"""


def unwrap_filter() -> Config:
    """The filter, which does nothing but where a route tells it to; it stands before the transcoder."""
    return extension(UNWRAP, "extensions.filters.http.lua.v3.Lua")


def unwrap(field: str) -> Config:
    """A route's order to answer REST with `field` alone."""
    script = {"inline_string": _SCRIPT.replace("FIELD", field)}
    return typed("extensions.filters.http.lua.v3.LuaPerRoute", source_code=script)
