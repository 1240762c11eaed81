# Two images from one file: `worker` (the last, hence the default) answers calls in production;
# `rehearsal` brings the stand-ins for what lies outside the company, for compose.yaml.

FROM python:3.12-slim-bookworm AS base
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONUNBUFFERED=1
WORKDIR /srv

FROM base AS build
ENV UV_PYTHON_DOWNLOADS=never \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1
COPY setup/uv.txt setup/
RUN pip install --no-cache-dir --require-hashes -r setup/uv.txt
RUN uv venv venv
# What we depend on changes less often than what we write: a layer of its own. The lock holds the
# versions and their hashes; only what the worker itself needs is taken from it.
COPY pyproject.toml requirements.lock README.md ./
RUN uv pip install --python venv --constraint requirements.lock -r pyproject.toml

FROM build AS build-worker
COPY . .
RUN uv pip install --python venv --no-deps --build-constraint requirements.lock .

FROM build AS build-rehearsal
RUN uv pip install --python venv --constraint requirements.lock --extra rehearsal -r pyproject.toml
COPY . .
RUN uv pip install --python venv --no-deps --build-constraint requirements.lock .

FROM base AS running
RUN useradd --system --uid 10001 --home-dir /srv frontdesk \
    && install --directory --owner=frontdesk /srv/calls /srv/data

FROM running AS rehearsal
RUN apt-get update \
    && apt-get install -y --no-install-recommends espeak-ng flite \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build-rehearsal /srv/venv venv
USER frontdesk

FROM running AS worker
COPY --from=build-worker /srv/venv venv
ENV FRONTDESK_RECORDS_SPOOL=/srv/calls/spool \
    FRONTDESK_RECORDINGS_URL=/srv/calls/recordings \
    FRONTDESK_RECORDINGS_WAITING=/srv/calls/recordings-waiting \
    FRONTDESK_PROFILES=/srv/profiles \
    FRONTDESK_HTTP_PORT=8081 \
    FRONTDESK_METRICS_PORT=9464
USER frontdesk
EXPOSE 8081 9464
# Slow to count as up: loading the model's client and the VAD takes a busy machine some seconds.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['FRONTDESK_HTTP_PORT'], timeout=2)"]
# Calls in progress are finished on SIGTERM: give `docker stop` or the pod the drain time and 60 s.
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "agent"]
CMD ["start"]
