# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/alertmesh
COPY requirements.lock requirements-build.lock ./
RUN /opt/alertmesh/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock \
 && python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY scripts scripts
COPY alertmesh alertmesh
COPY rules rules
COPY models models
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
 && /opt/alertmesh/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps /dist/*.whl

FROM python:3.11-slim
RUN groupadd --gid 10001 alertmesh \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin alertmesh \
 && install -d -o 10001 -g 10001 /data
COPY --from=build /opt/alertmesh /opt/alertmesh
ENV PATH=/opt/alertmesh/bin:$PATH PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 9393
STOPSIGNAL SIGTERM
# The address is reached from outside the container, so AlertMesh starts only with a token: see docs/howto.md.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9393/-/healthy', timeout=4)"]
ENTRYPOINT ["alertmesh"]
CMD ["serve", "--store", "sqlite:////data/alertmesh.db", "--listen", "0.0.0.0:9393"]
