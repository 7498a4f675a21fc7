# The engine with its production dependencies. Its TypeScript is run as it is; only the pages are built.
FROM node:22.23-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The embedded PostgreSQL is left out: in a container the database is a service of its own.
RUN npm ci --omit=dev --omit=optional && npm cache clean --force

# What the pages are made of and with stays in this stage.
FROM node:22.23-bookworm-slim AS pages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts && npm cache clean --force
COPY . .
RUN node web/build/main.ts

FROM node:22.23-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 OPS_HOST=0.0.0.0 HEXFLEET_DATA_DIR=/data
RUN mkdir /data && chown node:node /data
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .
COPY --from=pages /app/web/dist ./web/dist
USER node
EXPOSE 8080 9090
# Node itself and not npm, so that SIGTERM reaches the engine and it drains.
CMD ["node", "main.ts"]
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9090/health/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
