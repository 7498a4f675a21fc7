import { createServer, type Server, type ServerResponse } from 'node:http';
import { withDeadline, type Metrics, messageOf } from '../runtime/index.ts';
import { ListenError, requireKnownHost } from './errors.ts';
import type { OverloadView } from './overload/overload.ts';
import type { HealthCheck } from './ports.ts';

/** A part that takes longer to say that it works does not work. */
const CHECK_DEADLINE_MS = 2_000;
const REQUEST_TIMEOUT_MS = 5_000;

export interface OpsServer {
  readonly port: number;
  close(): Promise<void>;
}

interface OpsDeps {
  readonly metrics: Metrics;
  readonly health: readonly HealthCheck[];
  readonly overload: () => OverloadView;
}

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Health and metrics, on a port of their own, for those who run the engine; without tokens, so it
 * must not be reachable from outside.
 *
 * - `GET /health/live`: the process works
 * - `GET /health/ready`: every part works; 503 with the parts that do not, and why. An engine that leaves
 *   something undone is ready: sent elsewhere, its load would be too much there
 * - `GET /metrics`: Prometheus' text format
 * @throws ListenError
 */
export async function startOpsServer(
  at: { readonly host: string; readonly port: number },
  deps: OpsDeps,
): Promise<OpsServer> {
  const pages: Readonly<Record<string, () => Promise<Page>>> = {
    '/health/live': () => Promise.resolve(json(200, { status: 'live' })),
    '/health/ready': () => readiness(deps),
    '/metrics': async () => ({ status: 200, ...(await deps.metrics.page()) }),
  };
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const make = pages[path] ?? notFound;
    void answer(response, make);
  });
  await requireKnownHost(at);
  await listen(server, at);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : at.port;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(response: ServerResponse, make: () => Promise<Page>): Promise<void> {
  const failed = (error: unknown): Page =>
    json(500, { status: 'failed', reason: messageOf(error) });
  const { status, contentType, body } = await make().catch(failed);
  response.writeHead(status, { 'Content-Type': contentType }).end(body);
}

async function readiness({ health, overload }: OpsDeps): Promise<Page> {
  const parts = await Promise.all(
    health.map(async (part) => {
      const { name } = part;
      try {
        await withDeadline(part.check(), CHECK_DEADLINE_MS, name);
        return { name, status: 'up' };
      } catch (error) {
        return { name, status: 'down', reason: messageOf(error) };
      }
    }),
  );
  const ready = parts.every(({ status }) => status === 'up');
  const status = ready ? 'ready' : 'not ready';
  return json(ready ? 200 : 503, { status, parts, overload: overload() });
}

function notFound(): Promise<Page> {
  const pages = ['/health/live', '/health/ready', '/metrics'];
  return Promise.resolve(json(404, { status: 'not found', pages }));
}

function json(status: number, body: unknown): Page {
  return { status, contentType: 'application/json', body: `${JSON.stringify(body, null, 2)}\n` };
}

function listen(server: Server, at: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new ListenError(at.host, at.port, error)));
    server.listen({ ...at, exclusive: true }, resolve);
  });
}
