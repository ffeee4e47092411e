# The gateway, packed without npm. Build from the repository's root, with images by digest as ./prepare writes them:
#   docker build -f deploy/containers/edge.Dockerfile --build-arg NODE_IMAGE=... --build-arg DEBIAN_IMAGE=... -t loadstone-edge .
ARG NODE_IMAGE
ARG DEBIAN_IMAGE
FROM ${NODE_IMAGE} AS pack
WORKDIR /src
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run package:edge -- --arch "$(node --print process.arch)" --no-deb --out /packed && mv /packed/loadstone-edge-linux-* /packed/edge

FROM ${DEBIAN_IMAGE}
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --user-group --home-dir /var/lib/loadstone-edge --create-home loadstone-edge
COPY --from=pack --chown=root:root /packed/edge /opt/loadstone-edge
WORKDIR /var/lib/loadstone-edge
USER loadstone-edge
VOLUME ["/var/lib/loadstone-edge"]
STOPSIGNAL SIGTERM
# Open only if watch.listen is set, as in compose.yaml.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["/opt/loadstone-edge/node", "-e", "require('http').get('http://127.0.0.1:' + (process.env.LOADSTONE_WATCH__LISTEN ?? ':9464').split(':').pop() + '/health', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
ENTRYPOINT ["/opt/loadstone-edge/loadstone"]
CMD ["edge", "--config", "/etc/loadstone/gateway.yaml"]
