import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mock, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { cloudFiles, folderOf, start } from '../../simulators/cli/testing/started.ts';
import { plantSpecs } from '../../simulators/region/inputs.ts';
import { buildRegion } from '../../simulators/region/region.ts';
import { RegionSim } from '../../simulators/sim/region-sim.ts';
import { Trace } from '../../simulators/sim/trace.ts';
import { walksOf } from './testing/walks.ts';

const DAY = 'start=2021-09-24T00:00:00Z&end=2021-09-25T00:00:00Z';
/** What a guest of the page or a planner reads, besides everything that needs no parameter. */
const ASKED = [
  '/metrics',
  '/v1/events?severity=high',
  '/v1/events?kind=alarm&q=owd',
  '/v1/events?to=2021-09-25T00:00:00Z',
  '/v1/substations/owd',
  '/v1/feeders/owd-1/plan',
  '/v1/view/feeders/owd-1',
  '/v1/regions/north/forecast',
  `/v1/forecasts?target=substation:owd&${DAY}`,
  `/v1/measurements?target=substation:owd&${DAY}`,
  `/v1/scorecards?target=substation:owd&${DAY}`,
  `/v1/weather?location=substation:owd&${DAY}`,
  '/v1/gateways/owd-01/completeness',
  '/v1/jobs/job_none',
  '/v1/backtests/bt_none',
  '/v1/exports/ex_none',
  '/v1/commands/cmd_none',
  '/v1/incidents/1',
  '/v1/shift/hand-overs/1',
];
/** The rarest of the queries that repeat while nothing happens (`LapseWatch`). */
const LOOKS = "SELECT * FROM approval WHERE state = 'waiting'";
const DISPATCH_S = 300;

/** A started cloud that is asked for everything once: its folder, and the statements that its threads ran on its files. */
async function served(t: Parameters<typeof folderOf>[0]) {
  const folder = folderOf(t);
  const noted = join(folder, 'statements');
  const { config, data } = cloudFiles(folder, buildRegion(['owd']));
  writeFileSync(config, readFileSync(config, 'utf8').replace('api: { port: 0 }', 'api: { port: 0, guests: true }'));
  const hook = pathToFileURL(join(import.meta.dirname, 'testing', 'note-statements.child.ts'));
  Object.assign(process.env, { NODE_OPTIONS: `--import=${hook.href}`, STATEMENTS: noted });
  const cloud = start(t, 'cloud', '--config', config);
  delete process.env['NODE_OPTIONS'];
  delete process.env['STATEMENTS'];
  await cloud.says(/Loadstone cloud: http\S+/);
  const url = /Loadstone cloud: (http\S+)/.exec(cloud.said())![1]!;
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, { get?: object }> };
  const plain = Object.keys(paths).filter((path) => paths[path]!.get !== undefined && !/[{]|\/stream$/.test(path));
  for (const path of [...plain, ...ASKED]) {
    const { status, body } = await fetch(url + path);
    await body?.cancel();
    assert.notEqual(status, 500, path);
  }
  cloud.child.kill('SIGTERM');
  await cloud.ended;
  const said = readFileSync(noted, 'utf8').trim().split('\n');
  return { data, statements: said.map((line) => JSON.parse(line) as string) };
}

/** Statements that a cloud with a gateway runs on its files in a quarter of an hour: measurements, plans, alarms, models, pruning. */
async function fed(): Promise<string[]> {
  const prepare = mock.method(DatabaseSync.prototype, 'prepare');
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(),
    stepS: 10,
    estimateEveryS: 60,
    dispatchEveryS: DISPATCH_S,
    planStepsS: Array<number>(12).fill(DISPATCH_S),
    train: [],
    history: false,
    world: { specs: plantSpecs(['owd']), region: buildRegion(['owd']) },
  });
  await sim.start();
  await sim.run(3 * DISPATCH_S + 30);
  await sim.stop();
  const said = prepare.mock.calls.map(({ arguments: [sql] }) => sql);
  mock.restoreAll();
  return said;
}

test('no recurring statement of a cloud reads the whole of a growing table', async (t) => {
  const { data, statements } = await served(t);
  const said = new Set([...statements, ...(await fed())]);
  assert.ok(said.size > 110, `${said.size} statements`);
  assert.ok([...said].some((sql) => sql.startsWith(LOOKS)));
  assert.deepEqual(walksOf(said, data), []);
});
