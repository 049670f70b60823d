# Balto in a container: Debian slim (onnxruntime-node has no musl build), non-root, read-only root file system.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build
RUN npm prune --omit=dev --ignore-scripts
# One platform's CPU library is enough: 291 MB become 47.
RUN node config/container/prune.js

FROM node:24-bookworm-slim
ENV NODE_ENV=production BALTO_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir -p /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8765
# /health/live and not /health/ready: ready is 503 while only a vendor's key is missing, and a restart would not bring one.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+(process.env.PORT||8765)+'/health/live').then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# The flag of "npm start": docs/decisions/0120.
CMD ["node", "--max-semi-space-size=2", "dist/core/cli/balto.js", "start"]
