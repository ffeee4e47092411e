import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { VERSION } from '../../shared/version.ts';
import { systemOf } from './system.ts';

const own = `process ${process.pid} of ${hostname()}`;
const standing = { away: null, commitMs: 2, term: 3 };
const parts = {
  config: { telemetry: { kind: 'influxdb' }, rabbitmq: undefined },
  health: async () => ({ store: 'cannot store measurements', state: 'ok', broker: 'ok', clock: 'ok', disk: 'ok' }),
  lag: () => ({ thread: null, heldPoints: 7, failedWrites: 1, backlogFrames: 0, missingFrames: 0 }),
  givenUp: () => [],
  queues: async () => [],
  jobNodes: () => [],
  now: () => 1_000_000_000,
};
const row = (name: string, address: string | null) => ({ name, address, since: 5000, version: '17.6 (Debian 17.6-1)' });

test('each process at the database is listed by the role that it reports, and the owner only once', async () => {
  const look = async () => [
    row(`loadstone ${VERSION}, ${own}`.slice(0, 63), null),
    row('loadstone standby 0.3.0, process 12 of cloud-2', '192.0.2.7'),
    row('loadstone api 0.2.0-rc.1, process 3 of page-1', '192.0.2.8'),
    row('loadstone api, process 4 of page-1', '192.0.2.8'),
    row('loadstone 0.1.0, process 99 of cloud-1', null),
    row(`loadstone, ${own.slice(0, -1)}`, '192.0.2.9'),
  ];
  const health = async () => ({ ...(await parts.health()), nodes: 'no job node accepts tasks of plan' });
  const jobNodes = () => [{ name: 'process 5 of job-1', version: '0.1.9', since: 3 }];
  const { nodes, parts: found, lag } = await systemOf({ ...parts, health, jobNodes, postgres: { look, standing } })();
  assert.deepEqual(
    nodes.map(({ role, name, version, address }) => [role, name, version, address]),
    [
      ['owner', own, VERSION, null],
      ['standby', 'process 12 of cloud-2', '0.3.0', '192.0.2.7'],
      ['api', 'process 3 of page-1', '0.2.0-rc.1', '192.0.2.8'],
      ['api', 'process 4 of page-1', null, '192.0.2.8'],
      ['other', 'process 99 of cloud-1', '0.1.0', null],
      ['other', own.slice(0, -1), null, '192.0.2.9'],
      ['job', 'process 5 of job-1', '0.1.9', null],
    ],
  );
  assert.deepEqual(
    found.map(({ part, kind, health }) => [part, kind, health]),
    [
      ['store', 'InfluxDB', 'cannot store measurements'],
      ['state', 'PostgreSQL 17.6', 'ok'],
      ['broker', 'aedes', 'ok'],
      ['nodes', '', 'no job node accepts tasks of plan'],
      ['clock', '', 'ok'],
      ['disk', '', 'ok'],
    ],
  );
  assert.deepEqual([lag.heldPoints, lag.commitMs, lag.term], [7, 2, 3]);
});

test('if the database does not answer, only the owner is listed, and the health shows why', async () => {
  const away = 'has not answered since 2026-11-29T12:00:00.000Z: no route';
  const health = async () => ({ ...(await parts.health()), state: away });
  const look = () => Promise.reject(new Error('no route'));
  const { nodes, parts: found } = await systemOf({ ...parts, health, postgres: { look, standing } })();
  assert.deepEqual([nodes.length, found[1]], [1, { part: 'state', kind: 'PostgreSQL', health: away }]);
  const alone = await systemOf({ ...parts, postgres: undefined })();
  assert.deepEqual([alone.nodes.length, alone.parts[1]!.kind, alone.lag.term], [1, 'SQLite', null]);
});

test('what was given up is listed with its subject or with who submitted it', async () => {
  const fault = {
    code: 'LS-NODE-002',
    detail: 'dispatch was given up: it was returned four times, as its nodes died or lost the broker',
  } as const;
  const job = { status: 'failed', progress: 0, createdAt: 1, finishedAt: 7, href: null, fault } as const;
  const givenUp = () => [
    { job: { ...job, id: 'plan.owd', kind: 'plan', owner: '' }, request: { subject: 'owd' }, attempts: 2 },
    { job: { ...job, id: 'job_1', kind: 'scenario', owner: 'anna' }, request: {}, attempts: 1 },
  ];
  const view = await systemOf({ ...parts, postgres: undefined, givenUp })();
  const common = { at: 7, code: fault.code, why: fault.detail };
  assert.deepEqual(view.givenUp, [
    { ...common, id: 'plan.owd', kind: 'plan', subject: 'owd', by: null, attempts: 2 },
    { ...common, id: 'job_1', kind: 'scenario', subject: null, by: 'anna', attempts: 1 },
  ]);
});
