import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCity } from './city.test-kit.ts';

/** The operators' commands on the books of a running engine. */
const ROOT = join(import.meta.dirname, '../..');
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start();
});
afterAll(() => city.stop());

function run(program: string, ...args: string[]) {
  const { databaseUrl, paymentApiUrl } = city.engine.facts;
  const books = { DATABASE_URL: databaseUrl, PAYMENT_API_URL: paymentApiUrl };
  const options = { env: { ...process.env, ...books, JWT_SECRET: 'x'.repeat(32) } };
  const file = join(ROOT, 'tools', `${program}.ts`);
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [file, ...args], options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

test.each(['dlq', 'reconcile', 'projections'])('%s has --help', async (program) => {
  const { code, stdout } = await run(program, '--help');
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: npm run ${program}`);
});

test('both books say the same, and the read models are made again', async () => {
  const { orderId } = await city.order();
  await expect.poll(async () => (await city.view(orderId)).state).toBe('PAID');
  expect(await run('reconcile')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 orders compared: no difference/) as string,
  });
  expect(await run('projections', 'rebuild', '--dry-run')).toMatchObject({ code: 0 });
  expect(await run('projections', 'rebuild')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/Made again from 2 events/) as string,
  });
  expect(await run('projections', 'status')).toMatchObject({ code: 0 });
});

test('wrong calls say how it is done', async () => {
  expect(await run('dlq', 'burn')).toMatchObject({ code: 2 });
  expect((await run('dlq', 'show', 'nothing')).stderr).toContain('no such dead letter');
  expect((await run('dlq', 'discard', 'x')).stderr).toContain('--why TEXT is needed');
  expect(await run('dlq', 'list')).toMatchObject({ code: 0, stdout: 'No dead letters.\n' });
  expect(await run('projections')).toMatchObject({ code: 2 });
});
