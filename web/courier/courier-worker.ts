/**
 * The courier app's service worker: it keeps the shell (the page, its scripts, styles and icons), and
 * nothing else. What stands under /v1 is never kept and never answered from here: orders, places and
 * sessions live in the engine.
 *
 * Pages come from the network first, so a new version is there with the next load; files under /assets/
 * have their hash in their names, so what is kept of them is right for ever.
 */
const KEPT_AS = 'hexfleet-courier-1';
const PAGE = '/courier';
const SHELL = [PAGE, '/courier.webmanifest', '/icon.svg', '/icon-192.png', '/icon-512.png'];
/** Files of some versions: of more the oldest go. */
const FILES_MAX = 60;

/** What a service worker has besides a page; the types of both do not go together. */
interface WorkerScope {
  readonly location: { readonly origin: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}
interface LifeEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(activate()));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== scope.location.origin) return;
  if (pathname.startsWith('/assets/')) event.respondWith(keptFirst(request));
  else if (SHELL.includes(pathname)) event.respondWith(networkFirst(request, pathname));
});

/** With what the page begins with; what it loads later is kept when it is loaded. */
async function install(): Promise<void> {
  const cache = await caches.open(KEPT_AS);
  await cache.addAll(SHELL);
  const page = await (await cache.match(PAGE))?.text();
  const files = page?.match(/\/assets\/[\w.-]+/g) ?? [];
  await cache.addAll([...new Set(files)]);
  await scope.skipWaiting();
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== KEPT_AS).map((old) => caches.delete(old)));
  await scope.clients.claim();
}

async function keptFirst(request: Request): Promise<Response> {
  const cache = await caches.open(KEPT_AS);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok) {
    await cache.put(request, response.clone());
    await forgetOldest(cache);
  }
  return response;
}

async function networkFirst(request: Request, pathname: string): Promise<Response> {
  const cache = await caches.open(KEPT_AS);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(pathname, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(pathname);
    if (kept !== undefined) return kept;
    throw error;
  }
}

async function forgetOldest(cache: Cache): Promise<void> {
  const files = (await cache.keys()).filter(({ url }) =>
    new URL(url).pathname.startsWith('/assets/'),
  );
  for (const old of files.slice(0, Math.max(0, files.length - FILES_MAX))) await cache.delete(old);
}
