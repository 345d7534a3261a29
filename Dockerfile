# syntax=docker/dockerfile:1
FROM node:20-bookworm-slim AS build
WORKDIR /sluice
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts && rm -r src scripts

FROM node:20-bookworm-slim
WORKDIR /sluice
# Root's, so that the server cannot change its own code.
COPY --from=build /sluice ./
USER node
ENV NODE_ENV=production
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:8000/health').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve", "--host", "0.0.0.0"]
