# The worker's image; the same image runs `microseg up`, `microseg status` and every other command.
# Python 3.11 slim, for all platforms; to renew: docker buildx imagetools inspect python:3.11-slim
FROM python:3.11-slim@sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7

RUN useradd --create-home microseg
WORKDIR /app

# First what changes rarely, so that a change of code does not install TensorFlow again. Nothing that only tests need.
COPY requirements.lock requirements-uv.lock ./
# By uv, as in the Makefile: pip takes no lock whose extras are written out as packages of their own.
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements-uv.lock && \
    uv pip install --system --no-cache --compile-bytecode --require-hashes --requirement requirements.lock

COPY pyproject.toml README.md LICENSE prefect.yaml ./
COPY expectations expectations
COPY flows flows
COPY model model
COPY sql sql
COPY tasks tasks
COPY warehouse warehouse
RUN uv pip install --system --no-cache --no-deps --no-build-isolation --editable .

# More freed allocations at hand: the lake's many small ones are a tenth of a small night (docs/decisions/024).
ENV GLIBC_TUNABLES=glibc.malloc.tcache_count=2000
# Tables, models, exports and logs; mount a volume here.
ENV MICROSEG_HOME=/data PREFECT_SERVER_ANALYTICS_ENABLED=false PREFECT_FLOWS_HEARTBEAT_FREQUENCY=30
RUN mkdir /data && chown microseg /data
VOLUME /data
USER microseg

# `up` listens for other machines here, and starts only with a password that was chosen:
#   --env PREFECT_SERVER_API_AUTH_STRING=NAME:PASSWORD, or --env-file
# Exit code 1 when something is broken: an orchestrator may probe it.
HEALTHCHECK --interval=10m --timeout=60s CMD ["microseg", "status"]
EXPOSE 4200
ENTRYPOINT ["microseg"]
CMD ["up", "--host", "0.0.0.0"]
