# The cloud tier in one process, packed without npm. Build from the repository's root, with images by digest as ./prepare writes them:
#   docker build -f deploy/containers/cloud.Dockerfile --build-arg NODE_IMAGE=... --build-arg DEBIAN_IMAGE=... -t loadstone-cloud .
ARG NODE_IMAGE
ARG DEBIAN_IMAGE
FROM ${NODE_IMAGE} AS pack
WORKDIR /src
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run package:cloud -- --arch "$(node --print process.arch)" --no-deb --out /packed && mv /packed/loadstone-cloud-linux-* /packed/cloud

FROM ${DEBIAN_IMAGE}
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 999 --user-group --home-dir /var/lib/loadstone-cloud --create-home loadstone-cloud
COPY --from=pack --chown=root:root /packed/cloud /opt/loadstone-cloud
WORKDIR /var/lib/loadstone-cloud
# The root is read-only, so compiled sources are kept in memory.
ENV NODE_COMPILE_CACHE=/tmp/loadstone-compiled
USER loadstone-cloud
VOLUME ["/var/lib/loadstone-cloud"]
EXPOSE 8080 8883
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["/opt/loadstone-cloud/node", "-e", "const look = (by, next) => require(by).get({ host: '127.0.0.1', port: process.env.LOADSTONE_API__PORT ?? 8080, path: '/health', headers: { host: 'localhost' }, rejectUnauthorized: false }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on('error', next); look('https', () => look('http', () => process.exit(1)))"]
ENTRYPOINT ["/opt/loadstone-cloud/loadstone"]
CMD ["cloud", "--config", "/etc/loadstone/cloud.yaml"]
