/** The page itself is kept, so that it opens without a network; nothing that the engine says is. */
export function keepShell(): void {
  if (!('serviceWorker' in navigator)) return;
  // Where it is not allowed (no TLS, a private window) the page works as it does, only not offline.
  navigator.serviceWorker
    .register('/courier-worker.js', { scope: '/courier' })
    .catch(() => undefined);
}
