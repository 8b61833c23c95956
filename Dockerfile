FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
COPY federation ./federation
COPY migrations ./migrations
# dist is a link to a folder per build; the image gets a plain one. What only builds, and the Node that npm
# scripts use on hosts without one, stay behind.
RUN npm run build \
  && cp -rL dist /dist \
  && npm prune --omit=dev \
  && rm -rf node_modules/node-linux-* node_modules/esbuild node_modules/@esbuild node_modules/.cache

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  PORT=3000 \
  DATA_DIR=/data \
  MALLOC_ARENA_MAX=2 \
  npm_config_cache=/tmp/npm \
  npm_config_logs_max=0 \
  npm_config_update_notifier=false
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /dist ./dist
COPY --from=build /app/src/launch.mjs ./src/launch.mjs
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "src/launch.mjs"]
