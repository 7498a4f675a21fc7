import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { withDeadline } from '../../runtime/index.ts';
import type { WebhookTarget } from './webhooks.ts';

const READY_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 5_000;
const COMPLAINT_CHARS_MAX = 2_000;

const readySchema = z.object({ port: z.number().int().min(1).max(65_535) });

/** A payment provider that runs beside us, and ends with us at the latest. */
export interface PaymentProviderProcess {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  readonly port: number;
  /** A key that it takes; any that begins with `sk_` will do. */
  readonly apiKey: string;
  readonly pid: number;
  /** Ends it in order; resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it on the spot, as a power cut would; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface PaymentProviderOptions {
  readonly dataDir: string;
  readonly port?: number;
  readonly authorizationSeconds?: number;
  readonly webhooks?: WebhookTarget;
}

/**
 * Starts the provider as a process of its own. Unlike the engine's, it is not started again when it
 * dies: a test that kills it says itself when it comes back.
 * @param options.port to listen on; any free one when it is left out
 * @param options.authorizationSeconds after which an intent that was not captured lapses; 7 days
 * @param options.webhooks who is told of what happens; nobody when it is left out
 * @throws Error with what the process complained of, AppError `deadline_exceeded`
 */
export async function startPaymentProvider(
  options: PaymentProviderOptions,
): Promise<PaymentProviderProcess> {
  const program = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [program, ...argvOf(options)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  try {
    const port = await withDeadline(portOf(child), READY_DEADLINE_MS, 'start payment provider');
    return {
      url: `http://127.0.0.1:${port}`,
      port,
      apiKey: 'sk_test_payment_provider',
      pid: child.pid ?? 0,
      stop: () => end(child, 'SIGTERM'),
      kill: () => end(child, 'SIGKILL'),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function argvOf(options: PaymentProviderOptions): string[] {
  const { dataDir, port = 0, authorizationSeconds, webhooks } = options;
  const argv = ['--port', String(port), '--data-dir', dataDir];
  if (authorizationSeconds !== undefined) {
    argv.push('--authorization-seconds', String(authorizationSeconds));
  }
  if (webhooks !== undefined) {
    argv.push('--webhook-url', webhooks.url, '--webhook-secret', webhooks.secret);
  }
  return argv;
}

function portOf(child: ChildProcess): Promise<number> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_CHARS_MAX);
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(readySchema.parse(message).port));
    child.once('error', reject);
    // `close` comes when all that it wrote was read, `exit` may come before.
    child.once('close', (code, signal) =>
      reject(new Error(`payment provider ended with ${code ?? signal}: ${complaint.trim()}`)),
    );
  });
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await withDeadline(gone, STOP_DEADLINE_MS, 'end payment provider').catch(async () => {
    child.kill('SIGKILL');
    await gone;
  });
}
