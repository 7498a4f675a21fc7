import { execFile } from 'node:child_process';
import { join } from 'node:path';

const TOOL = join(import.meta.dirname, '../../tools/check-invariants.ts');
const TIMEOUT_MS = 60_000;

/**
 * Asks the tool that everybody has (`npm run check:invariants`), in a process of its own.
 * @returns violations by the name of the invariant
 */
export function checkInvariants(where: {
  readonly databaseUrl: string;
  readonly paymentApiUrl: string;
}): Promise<Record<string, number>> {
  const env = {
    ...process.env,
    DATABASE_URL: where.databaseUrl,
    PAYMENT_API_URL: where.paymentApiUrl,
    // Needed with DATABASE_URL by the configuration; no token is checked here.
    JWT_SECRET: process.env['JWT_SECRET'] ?? 'x'.repeat(32),
  };
  return new Promise((resolve, reject) => {
    const command = [TOOL, '--json'];
    const options = { env, timeout: TIMEOUT_MS };
    execFile(process.execPath, command, options, (error, stdout, stderr) => {
      try {
        const results = JSON.parse(stdout) as { name: string; violations: number }[];
        resolve(Object.fromEntries(results.map(({ name, violations }) => [name, violations])));
      } catch {
        const reason = stderr || (error?.message ?? stdout);
        reject(new Error(`the invariants could not be checked: ${reason}`));
      }
    });
  });
}
