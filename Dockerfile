FROM python:3.14.7-alpine3.24@sha256:05b2b8b732ecd268fee8727a369f936f022d1321b59befd13c30ede22769dcdc AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.14.7-alpine3.24@sha256:05b2b8b732ecd268fee8727a369f936f022d1321b59befd13c30ede22769dcdc AS final
# git tells which files are the project's.
RUN apk add --no-cache git \
    && addgroup -g 1001 kerp \
    && adduser -D -u 1001 -G kerp kerp
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels kerp-policy

USER 1001:1001
# Validates the policies and keeps them, so that no start has to.
RUN kerp-policy list >/dev/null
WORKDIR /project
# A run is over before the first probe. The standard asks every image for one.
HEALTHCHECK --interval=30s --timeout=3s --retries=3 CMD ["kerp-policy", "--version"]
ENTRYPOINT ["kerp-policy"]
CMD ["check"]
