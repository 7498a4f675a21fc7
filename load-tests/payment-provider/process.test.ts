import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProviderBench } from './provider.test-kit.ts';

const PROGRAM = join(import.meta.dirname, 'main.ts');

let bench: ProviderBench;
beforeEach(async () => {
  bench = await ProviderBench.start();
});
afterEach(() => bench.stop());

test('the books survive a kill at any moment: what was answered is in them', async () => {
  const answered: string[] = [];
  const burst = Array.from({ length: 40 }, async (_, i) => {
    answered.push((await bench.authorize(`order-${i}`)).id);
    if (answered.length === 10) await bench.kill();
  });
  await Promise.allSettled(burst);
  expect(answered.length).toBeGreaterThanOrEqual(10);
  await bench.startAgain();
  const booked = (await bench.ledger()).map(({ id }) => id);
  expect(booked).toEqual(expect.arrayContaining(answered));
  expect(new Set(booked).size).toBe(booked.length);
});

test('a line that a crash cut short is dropped, and the books go on after it', async () => {
  const { id } = await bench.authorize('order-1');
  await bench.kill();
  const whole = await readFile(bench.ledgerFile, 'utf8');
  await appendFile(bench.ledgerFile, whole.slice(0, whole.length / 2));
  await bench.startAgain();
  expect(await readFile(bench.ledgerFile, 'utf8')).toBe(whole);

  const later = await bench.authorize('order-2');
  await bench.kill();
  await bench.startAgain();
  expect(await bench.ledger()).toMatchObject([{ id: later.id }, { id }]);
});

test('a whole line that cannot be understood is no crash: it does not start, and names the line', async () => {
  await bench.authorize('order-1');
  await bench.kill();
  const good = await readFile(bench.ledgerFile, 'utf8');
  await writeFile(bench.ledgerFile, `${good}{"key":1}\n${good}`);
  await expect(bench.startAgain()).rejects.toThrow('ledger.jsonl, line 2');
});

test('it ends when the process that started it dies', async () => {
  const start = join(import.meta.dirname, 'start.ts');
  const script = `
    const { startPaymentProvider } = await import(${JSON.stringify(start)});
    const { url } = await startPaymentProvider({ dataDir: ${JSON.stringify(join(bench.dataDir, 'child'))} });
    process.stdout.write(url, () => process.kill(process.pid, 'SIGKILL'));`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  let url = '';
  parent.stdout.setEncoding('utf8').on('data', (text: string) => (url += text));
  await once(parent, 'close');
  expect(url).toMatch(/^http:/);
  const isUp = (): Promise<boolean> =>
    fetch(new URL('/_health', url)).then(
      () => true,
      () => false,
    );
  await expect.poll(isUp, { timeout: 10_000 }).toBe(false);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'alone it says where it listens, and %s ends it',
  async (signal) => {
    const argv = [PROGRAM, '--port', '0', '--data-dir', join(bench.dataDir, signal)];
    const provider = spawn(process.execPath, argv);
    const [line] = (await once(provider.stdout, 'data')) as [Buffer];
    const url = /^payment provider: (http:\S+), books in /.exec(line.toString())?.[1];
    expect((await fetch(new URL('/_health', url))).status).toBe(200);
    provider.kill(signal);
    expect(await once(provider, 'exit')).toEqual([0, null]);
  },
);

test.each([
  { argv: [], says: '--data-dir: is needed' },
  { argv: ['--data-dir', 'x', '--port', '70000'], says: '--port: ' },
  { argv: ['--data-dir', 'x', '--authorization-seconds', '0'], says: 'authorization-seconds' },
  { argv: ['--data-dir', 'x', '--webhook-url', 'http://x/'], says: 'both or neither' },
  { argv: ['--data-dir', 'x', '--webhook-secret', 'guess'], says: 'begins with whsec_' },
  { argv: ['--data-dir', 'x', '--webhook-url', 'ftp://x/'], says: '--webhook-url: Invalid URL' },
  { argv: ['--data-dir', 'x', '--prot', '1'], says: "Unknown option '--prot'" },
])('a wrong call ($argv) is answered with what is wrong', async ({ argv, says }) => {
  const call = promisify(execFile)(process.execPath, [PROGRAM, ...argv]);
  const { code, stderr } = await call.then(
    () => ({ code: 0, stderr: '' }),
    (error: unknown) => error as { code: number; stderr: string },
  );
  expect(code).toBe(2);
  expect(stderr).toContain(says);
});
