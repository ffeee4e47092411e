# The cloud tier in one process. Build from the repository's root:
#   docker build -f deploy/containers/cloud.Dockerfile -t loadstone-cloud .
FROM node:20-trixie-slim AS install
WORKDIR /opt/loadstone
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build:dashboard && npm prune --omit=dev --no-audit --no-fund

FROM node:20-trixie-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
COPY --from=install --chown=root:root /opt/loadstone /opt/loadstone
RUN mkdir -p /var/lib/loadstone && chown node:node /var/lib/loadstone
WORKDIR /opt/loadstone
# The installation is root's: compiled sources are kept where the user can write, or not at all.
ENV NODE_COMPILE_CACHE=/tmp/loadstone-compiled
USER node
VOLUME ["/var/lib/loadstone", "/etc/loadstone"]
EXPOSE 8080 8883
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "const look = (by, next) => require(by).get({ host: '127.0.0.1', port: 8080, path: '/health', rejectUnauthorized: false }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on('error', next); look('https', () => look('http', () => process.exit(1)))"]
ENTRYPOINT ["/opt/loadstone/deploy/loadstone.mjs", "cloud"]
CMD ["--config", "/etc/loadstone/cloud.yaml"]
