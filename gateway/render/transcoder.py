"""REST: JSON in, JSON out, by the `google.api.http` rules of the contract."""

import base64

from gateway.contract import contracts, descriptor_set
from gateway.inputs import Limits
from gateway.render.types import Config, typed

TRANSCODER = "envoy.filters.http.grpc_json_transcoder"


def transcoder(limits: Limits, *, events: bool) -> Config:
    """The transcoder; streams are one JSON object a line, or server-sent events."""
    stream = "stream_sse_style_delimited" if events else "stream_newline_delimited"
    return typed(
        "extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        proto_descriptor_bin=base64.b64encode(descriptor_set()).decode(),
        services=[contract.full_name for contract in contracts()],
        convert_grpc_status=True,
        case_insensitive_enum_parsing=True,
        print_options={
            "always_print_primitive_fields": True,
            "preserve_proto_field_names": True,
            stream: True,
        },
        request_validation_options={
            "reject_unknown_query_parameters": True,
            "reject_binding_body_field_collisions": True,
        },
        max_request_body_size=limits.message_bytes,
        max_response_body_size=limits.message_bytes,
    )
