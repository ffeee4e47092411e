import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { LocalOrders, orderLocally } from './local-orders.ts';

const START = Date.UTC(2021, 8, 25, 10);

test('a failed order is answered, an unreadable one is dropped, and neither blocks other orders', async (context) => {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-orders-'));
  context.after(() => rmSync(data, { recursive: true }));
  const clock = new VirtualClock(START);
  const failures: string[] = [];
  const orders = new LocalOrders({
    data,
    time: clock.machine,
    act: async ({ kind }) => {
      if (kind === 'password') throw new Error('database or disk is full');
      return kind;
    },
    onFailure: (error) => failures.push(String(error)),
  });
  orders.start();
  context.after(() => orders.stop());
  const folder = join(data, 'orders');
  writeFileSync(join(folder, `${'0'.repeat(24)}.order`), '{"act":');
  const now = (): number => START;
  const both = Promise.allSettled([
    orderLocally(data, { kind: 'password', name: 'anna' }, now),
    orderLocally(data, { kind: 'list' }, now),
  ]);
  const turn = async (): Promise<void> => {
    await clock.advance(500);
    await sleep(5);
  };
  while ((await Promise.race([both, turn()])) === undefined);
  const [failed, listed] = await both;
  assert.match(String(failed.status === 'rejected' && failed.reason), /the cloud could not do it: .*disk is full/);
  assert.deepEqual(listed, { status: 'fulfilled', value: 'list' });
  assert.equal(failures.length, 2, failures.join());
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.order')),
    [],
  );
});
