import { ApiError, ConnectionLost } from '../../clients/ts/index.ts';
import type {
  DemoPeople,
  DemoSignIn,
  PageRole,
  PageSession,
  PagesConfig,
  WireError,
} from '../../protocol/index.ts';

/**
 * Who this page speaks for. The token lives in the page's memory and in a cookie that no script can
 * read, and nowhere else: not in an address, not in the browser's storage.
 *
 * Everything throws ApiError when it is refused, ConnectionLost when the engine cannot be reached.
 */
const TIMEOUT_MS = 10_000;

/** Who was signed in for this role before the page was loaded; null: nobody. */
export async function resumeSession(role: PageRole): Promise<PageSession | null> {
  const path = `/v1/session?role=${role}`;
  return (await ask<{ session: PageSession | null }>('GET', path)).session;
}

/** Signs in, for whichever role the token is. */
export async function signIn(token: string): Promise<PageSession> {
  return await ask('POST', '/v1/session', { token });
}

export async function signOut(role: PageRole): Promise<void> {
  await send('DELETE', `/v1/session?role=${role}`);
}

export async function readPagesConfig(): Promise<PagesConfig> {
  return await ask('GET', '/v1/pages/config');
}

/** Whom one may be at the machine of an engine that is there for trying out. */
export async function readDemoPeople(): Promise<DemoPeople> {
  return await ask('GET', '/v1/session/demo');
}

export async function beSomebody(wanted: DemoSignIn): Promise<PageSession> {
  return await ask('POST', '/v1/session/demo', wanted);
}

async function ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  return (await (await send(method, path, body)).json()) as Body;
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
  } catch (error) {
    throw new ConnectionLost(`${method} ${path}`, { cause: error });
  }
  if (response.ok) return response;
  const { error } = (await response.json()) as { error: WireError };
  throw new ApiError(error, response.status);
}
