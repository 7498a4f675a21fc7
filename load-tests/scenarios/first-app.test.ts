import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { required } from '../../runtime/index.ts';
import { TestCity } from './city.test-kit.ts';

const ROOT = join(import.meta.dirname, '../..');
const APP = /## Your first app\n.*?```ts\n(.*?)```/s;

test('the first app of the README does what the README says', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const app = required(APP.exec(readme)?.[1], 'the first app');
  const directory = await mkdtemp(join(tmpdir(), 'hexfleet-first-app-'));
  await symlink(join(ROOT, 'clients'), join(directory, 'clients'));
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  await writeFile(join(directory, 'first-app.ts'), app);
  const city = await TestCity.start();
  const restaurant = await city.person('restaurant', 'soup-house');
  const child = spawn(process.execPath, [join(directory, 'first-app.ts')], {
    env: {
      ENGINE: city.url,
      CUSTOMER: await city.token('customer', 'anna'),
      COURIER: await city.token('courier', 'near'),
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => void (said += text));
  }
  try {
    const { orderId } = await restaurant.hears('order_event', (m) => m.event === 'order.paid');
    await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 60 });
    const soon = { timeout: 30_000 };
    await expect.poll(() => said, soon).toContain('order.assigned');
    await expect.poll(() => said, soon).toContain('courier at 52.52 13.4');
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await city.stop();
    await rm(directory, { recursive: true });
  }
});
