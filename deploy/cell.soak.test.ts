import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../shared/testing/until.ts';
import { guideWalk, portHindrance, walkToCell } from './testing/cell-walk.ts';
import { MINIMAL } from './testing/first-point.ts';
import { debianHindrance, makeDebian } from './testing/fresh-debian.ts';
import { hindrance } from './testing/own-machine.ts';

const HOLDS = 'Loadstone cloud:';
/** As in the guide: two owners, two job nodes, two api nodes. */
const PORTS = ['8081', '8082', '8083', '8084', '8090', '8091'];

test('the guide has commands for six terminals and shows what the first of each kind prints', () => {
  const { steps, terminals } = guideWalk();
  assert.deepEqual(
    steps.flatMap(({ file }) => file ?? []),
    ['owner.yaml', 'job.yaml', 'api.yaml'],
  );
  assert.deepEqual(
    terminals.map(({ command }) => /--port (\d+)$/.exec(command)?.[1]),
    PORTS,
  );
  assert.deepEqual(
    terminals.map(({ says }) => says),
    [HOLDS, 'stands by', 'Loadstone job node', undefined, 'Loadstone api node', undefined],
  );
});

test('the guide, typed into a fresh Debian, starts two owners, two job nodes and two api nodes, and one owner may die', async (t) => {
  const why = debianHindrance() ?? hindrance() ?? (await portHindrance());
  if (why !== undefined) {
    t.skip(why);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ls-fresh-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  makeDebian(join(folder, 'debian'), MINIMAL);
  await walkToCell(join(folder, 'debian'), async ({ terminals, minutes, transcript, said, kill }) => {
    const [first, second] = terminals;
    t.diagnostic(`${transcript}${minutes.toFixed(1)} minutes`);
    for (const port of PORTS)
      await until(
        () => `port ${port} is healthy`,
        async () => (await ask(port, '/health')).ok,
      );
    const [, password = ''] = /one-time password (\S+);/.exec(said(first!)) ?? [];
    assert.equal((await signIn('8090', password)).status, 200);
    kill(first!);
    await until(
      () => `the other owner takes over: ${said(second!)}`,
      () => said(second!).includes(HOLDS),
    );
    for (const port of ['8090', '8091'])
      await until(`the page at ${port} still answers`, async () => (await ask(port, '/health')).ok);
  });
});

const ask = (port: string, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://localhost:${port}${path}`, init);

const signIn = (port: string, password: string): Promise<Response> =>
  ask(port, '/v1/session', {
    method: 'POST',
    headers: { origin: `http://localhost:${port}`, 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'admin', password }),
  });
