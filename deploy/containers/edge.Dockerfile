# The gateway: packed without npm, run without a shell of its own. Build from the repository's root:
#   docker build -f deploy/containers/edge.Dockerfile -t loadstone-edge .
FROM node:20-trixie-slim AS pack
WORKDIR /src
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run package:edge -- --arch $(node --print process.arch) --no-deb --out /packed

FROM debian:trixie-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --home-dir /var/lib/loadstone --create-home loadstone
COPY --from=pack /packed/loadstone-edge-linux-*/ /opt/loadstone/
USER loadstone
VOLUME ["/var/lib/loadstone", "/etc/loadstone"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/loadstone/loadstone", "edge"]
CMD ["--config", "/etc/loadstone/gateway.yaml"]
