# Images of the mesh. One service: docker build --target service --build-arg SERVICE=schema .

FROM python:3.11.14-slim-bookworm AS wheel
WORKDIR /source
ENV UV_CACHE_DIR=/var/cache/uv
COPY constraints.txt ./
RUN pip install --no-cache-dir -c constraints.txt uv hatchling
COPY pyproject.toml README.md ./
COPY protos/python protos/python
COPY clients/cli clients/cli
COPY clients/python clients/python
COPY examples/ecommerce examples/ecommerce
COPY dwsim_wire dwsim_wire
COPY local_stack local_stack
COPY schema_svc schema_svc
COPY generator_svc generator_svc
COPY loader_svc loader_svc
COPY query_svc query_svc
COPY gateway gateway
RUN uv build --wheel --no-build-isolation --out-dir /wheels

# A service with the libraries of its own extra, and a command that starts it.
FROM wheel AS installed
ARG SERVICE
RUN --mount=type=cache,target=/var/cache/uv uv venv /opt/dwsim \
 && uv pip install --python /opt/dwsim --compile-bytecode -c constraints.txt "$(ls /wheels/*.whl)[${SERVICE}]" \
 && printf '#!/bin/sh\nexec python -P -m %s_svc "$@"\n' "${SERVICE}" > /opt/dwsim/bin/serve \
 && chmod 755 /opt/dwsim/bin/serve

FROM python:3.11.14-slim-bookworm AS service
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin dwsim \
 && install -d -o dwsim -g dwsim /data /staging /warehouses
COPY --from=installed /opt/dwsim /opt/dwsim
# State goes to /data, and with it numba's compiled kernels and SQLite's large sorts: all else may be read-only.
ENV PATH=/opt/dwsim/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SQLITE_TMPDIR=/data \
    DW_SIMULATOR_HOST=0.0.0.0 \
    DW_SIMULATOR_DATA_DIR=/data
WORKDIR /opt/dwsim
USER 10001:10001
ENTRYPOINT ["serve"]

# The gateway: Envoy's own image, with the configuration that `dw-sim up` renders too, for Compose's names.
FROM installed AS gateway-config
RUN /opt/dwsim/bin/python -P -c "import pathlib, gateway.docs; gateway.docs.build(pathlib.Path('/etc/envoy/docs'))" \
 && /opt/dwsim/bin/python -P -m gateway --mode render --host 0.0.0.0 --port 8000 \
    --schema-address schema-svc:50051 --generator-address generator-svc:50052 \
    --loader-address loader-svc:50053 --query-address query-svc:50054 \
    --reflection-address reflection-svc:50055 --static-dir /etc/envoy/docs > /etc/envoy/envoy.json

FROM envoyproxy/envoy:v1.40.0 AS gateway
COPY --from=gateway-config /etc/envoy /etc/envoy
USER 101:101
CMD ["envoy", "--disable-hot-restart", "--log-level", "warning", "-c", "/etc/envoy/envoy.json"]

# The Snowflake stand-in: fakesnow's server, whose pins conflict with those of the services.
FROM python:3.11.14-slim-bookworm AS snowflake-emulator
COPY local_stack /opt/local_stack
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin dwsim \
 && mkdir /data && chown dwsim:dwsim /data \
 && pip install --no-cache-dir --no-deps -r /opt/local_stack/fakesnow.txt
USER 10001:10001
ENTRYPOINT ["python", "/opt/local_stack/snowflake_emulator.py"]
CMD ["--host", "0.0.0.0", "--port", "8085", "--directory", "/data"]
