import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { compare } from '../../cloud/ingest/rabbitmq/testing/kill-drill.ts';
import type { Region } from '../../shared/contracts/region.ts';
import { until } from '../../shared/testing/until.ts';
import { VERSION } from '../../shared/version.ts';
import { TreeCopy } from '../blueprints/copy.ts';
import { buildRegion } from '../region/region.ts';
import { startCluster } from '../testing/rabbitmq-cluster.ts';
import { CellGateways, StoredFrames } from './testing/cell-gateways.ts';
import { postgresFor } from './testing/on-postgres.ts';
import { doorOf, folderOf, run, start, type Scope, type Started } from './testing/started.ts';
import { HOLDS, twoClouds, WAITS } from './testing/two-clouds.ts';

/** Frames stored between two steps. */
const BETWEEN = 2000;
/** Each gateway sends three frames per period. */
const EVERY_MS = 1000;
const GATEWAYS = 100;

/** The next version: the same source tree with another version number. */
const copy = new TreeCopy();
const NEXT = `${VERSION}-next`;
copy.edit('shared/version.ts', (text) => text.replace(`'${VERSION}'`, `'${NEXT}'`));
const startNext = (t: Scope, ...args: string[]): Started => run(t, join(copy.folder, 'deploy/cli.ts'), ...args);

interface Health {
  readonly status: number;
  readonly text: string;
}

async function health(url: string): Promise<Health> {
  const response = await fetch(`${url}/health`);
  return { status: response.status, text: await response.text() };
}

/** Copies of the region's first substation, with names of their own. */
function manySubstations(): Region {
  const region = buildRegion(['owd']);
  const text = JSON.stringify(region.substations);
  const substations = Array.from(
    { length: GATEWAYS },
    (_, n) => JSON.parse(text.replaceAll('"owd', `"s${String(n).padStart(2, '0')}`)) as Region['substations'],
  ).flat();
  const { importKw, exportKw } = region.limits;
  return { ...region, substations, limits: { importKw: GATEWAYS * importKw, exportKw: GATEWAYS * exportKw } };
}

/** A cell with sending gateways: one owner and one standby. */
async function cellOf(t: TestContext) {
  const folder = folderOf(t);
  const postgres = await postgresFor(t);
  const clouds = await twoClouds(t, folder, {
    region: manySubstations(),
    postgres: postgres.config,
    // Without job threads of their own, their health reports on job nodes.
    roles: ['owner', 'api'],
    startBroker: startCluster,
  });
  const owner = (of: 'one' | 'two', begin = start): Started => begin(t, 'cloud', '--config', clouds.configs[of]);
  const one = owner('one');
  await one.says(HOLDS);
  const two = owner('two');
  await two.says(WAITS);
  const gateways = await CellGateways.enrol(t, clouds, { folder, at: HOLDS.exec(one.said())![1]! });
  const stored = new StoredFrames(t, postgres.config);
  const busy = gateways.start('busy', EVERY_MS);
  await stored.more(BETWEEN, 'frames are stored');
  mkdirSync(join(folder, 'nodes'));
  const node = (role: 'job' | 'api', name: string): string =>
    clouds.write(name, join(folder, 'nodes', name), clouds.near, {
      roles: [role],
      ...(role === 'job' ? { state: {}, dispatch: { workers: 1 } } : {}),
    });
  /** Checks that everything the gateways accepted is stored once and that the ledger agrees. `last` is the owner. */
  const account = async (last: Started): Promise<void> => {
    const { accepted, frames } = await gateways.end(busy);
    await gateways.sendRest(stored, frames);
    last.child.kill('SIGTERM');
    assert.equal(await last.ended, 0, last.said());
    const stores = { ledger: new LedgerFile(postgres.look()), points: clouds.points() };
    await compare(stores, gateways.names, accepted);
    t.diagnostic(`${frames} frames accepted, each stored once`);
  };
  const stall = async (what: string, end: () => unknown): Promise<void> =>
    t.diagnostic(`${what}: ${await stored.stall(what, end)} s without a frame`);
  return { postgres, clouds, owner, one, two, stored, stall, node, account };
}

const urlOf = (owner: Started): string => /Loadstone cloud: (\S+)/.exec(owner.said())![1]!;

test('a cell loses and duplicates nothing while its engines and owners fail in turn and gateways send', async (t) => {
  const { postgres, clouds, owner, one, two, stored, stall, account } = await cellOf(t);
  const isWell = (of: Started, key: string) => async (): Promise<boolean> =>
    ((JSON.parse((await health(urlOf(of))).text) as Record<string, string>)[key] ?? 'ok') === 'ok';
  for (const which of ['first', 'second', 'third']) {
    await stall(`kill -9 of the ${which} node of RabbitMQ`, () => clouds.rabbit.kill());
    await stored.more(BETWEEN, `frames are stored without the ${which} node of RabbitMQ`);
    await clouds.rabbit.start();
    await stored.more(BETWEEN, `frames are stored with the ${which} node of RabbitMQ again`);
  }

  await postgres.kill();
  await until('the owner notices the loss of PostgreSQL', async () => !(await isWell(one, 'state')()));
  await stall('the start of PostgreSQL', () => postgres.start());
  await until('the owner is back on PostgreSQL', isWell(one, 'state'));
  await stored.more(BETWEEN, 'frames are stored in PostgreSQL again');
  assert.equal(one.child.exitCode, null, 'the owner still holds the database');

  await clouds.influx.kill();
  await until('the owner notices the loss of InfluxDB', async () => (await health(urlOf(one))).status === 503);
  await stall('the start of InfluxDB', () => clouds.influx.start());
  await stored.more(BETWEEN, 'frames are stored in InfluxDB again');

  await stall('kill -9 of the owner', () => one.child.kill('SIGKILL'));
  await one.ended;
  await two.says(HOLDS);
  await stored.more(BETWEEN, 'frames are stored by the second owner');
  const again = owner('one');
  await again.says(WAITS);
  await stall('SIGSTOP of the owner', () => two.child.kill('SIGSTOP'));
  await again.says(HOLDS);
  await stored.more(BETWEEN, 'frames are stored by the first owner again');
  two.child.kill('SIGCONT');
  assert.equal(await two.ended, 1, two.said());
  await account(again);
});

test('a cell upgraded by the guide loses and duplicates nothing while gateways send', async (t) => {
  const { owner, one, two, stored, node, account } = await cellOf(t);
  const begin = (role: 'job' | 'api', name: string, by = start): Started =>
    by(t, 'cloud', '--config', node(role, name));
  const end = async (ended: Started): Promise<void> => {
    ended.child.kill('SIGTERM');
    assert.equal(await ended.ended, 0, ended.said());
  };
  const nodes = async (of: Started): Promise<string> =>
    (JSON.parse((await health(urlOf(of))).text) as { readonly nodes: string }).nodes;
  const job = begin('job', 'job');
  const left = begin('api', 'left');
  let right = begin('api', 'right');
  const doors = { left: await doorOf(left), right: await doorOf(right) };
  const follows = (door: string) => async (): Promise<boolean> => (await health(door)).status === 200;
  await until('both api nodes follow', async () => (await follows(doors.left)()) && (await follows(doors.right)()));
  await until('the job node is found', async () => (await nodes(one)) === 'ok');

  // 1. Start job nodes of the new version beside the old ones.
  const nextJob = begin('job', 'next-job', startNext);
  await nextJob.says(/Loadstone job node/);
  // 2. Upgrade the standby.
  await end(two);
  const nextTwo = owner('two', startNext);
  await nextTwo.says(WAITS);
  // 3. Upgrade half of the api nodes.
  await end(right);
  right = begin('api', 'next-right', startNext);
  doors.right = await doorOf(right);
  const other = await until('it reports an owner of another version', async () => {
    const answer = await health(doors.right);
    return answer.text.includes(NEXT) && answer;
  });
  assert.equal(other.status, 503, other.text);
  assert.equal(await follows(doors.left)(), true);
  await stored.more(BETWEEN, 'frames are stored by the old version');
  // 4. Upgrade the owner.
  await end(one);
  await nextTwo.says(HOLDS);
  assert.ok(nextTwo.said().includes(NEXT), nextTwo.said());
  await stored.more(BETWEEN, 'frames are stored by the new version');
  await until('the new half of the api follows', follows(doors.right));
  await until('the old half does not', async () => (await health(doors.left)).status === 503);
  await until('tasks go to the new job node', async () => (await nodes(nextTwo)) === 'ok');
  const nextOne = owner('one', startNext);
  await nextOne.says(WAITS);
  // 5. Upgrade the other half of the api nodes.
  await end(left);
  const nextLeft = begin('api', 'next-left', startNext);
  await until('the other half of the api follows', follows(await doorOf(nextLeft)));
  // 6. Stop the old job nodes.
  await end(job);
  assert.equal(await nodes(nextTwo), 'ok');
  for (const each of [right, nextLeft, nextJob, nextOne]) await end(each);
  await account(nextTwo);
});
