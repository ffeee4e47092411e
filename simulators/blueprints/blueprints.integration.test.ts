import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type * as feeder from '../../cloud/plan/testing/small-feeder.ts';
import type * as problems from '../../cloud/plan/problem/problem.ts';
import type * as solver from '../../cloud/plan/compose-solver.ts';
import type * as tasks from '../../cloud/plan/tasks.ts';
import type * as load from '../../edge/config/load.ts';
import type * as rigs from '../../edge/cycle/testing/rig.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { TreeCopy } from './copy.ts';

const STATION = `
gateway: { id: owd-01, substation: owd, timezone: Europe/Amsterdam }
mode: automatic
guarded:
  - { id: transformer, limits: { importKw: 100 }, meter: { driver: pulse, topic: t, read: { activePowerKw: {} } } }
envelope: { default: { importKw: 100, exportKw: 100 } }
devices:
  - id: battery-1
    type: battery
    driver: pulse
    topic: b
    ratings: { chargeKw: 50, dischargeKw: 50, capacityKwh: 100 }
    read: { activePowerKw: { scale: 0.001 }, socPct: {} }
    write: { activePowerKw: {} }
    safeDefault: { activePowerKw: 0 }
`;

/** One copy for all blueprints: its types, layers and format are checked once. */
const copy = new TreeCopy();

const driver = globSync('edge/drivers/blueprint/*', { cwd: copy.folder }).map((file) =>
  copy.add(file, join('edge/drivers/pulse', basename(file)), (text) =>
    text.replaceAll('blueprint', 'pulse').replaceAll('Blueprint', 'Pulse'),
  ),
);
copy.edit('edge/drivers/table.ts', (text) =>
  text
    .replace(/^import .*ocpp.*$/m, (line) => `${line}\nimport { pulse } from './pulse/protocol.ts';`)
    .replace('ocpp] as const', 'ocpp, pulse] as const'),
);
copy.add('simulators/blueprints/constraint.ts.txt', 'cloud/plan/search/constraints/blueprint.ts');
copy.edit('cloud/plan/search/constraints/table.ts', (text) =>
  text
    .replace('import { connectionPoint }', "import { blueprint } from './blueprint.ts';\nimport { connectionPoint }")
    .replace('connectionPoint]', 'connectionPoint, blueprint]'),
);
copy.add('simulators/blueprints/route.ts.txt', 'cloud/api/routes/blueprint.ts');
copy.edit('cloud/api/routes/table.ts', (text) =>
  text
    .replace(
      'import { completenessRoute }',
      "import { blueprintRoutes } from './blueprint.ts';\nimport { completenessRoute }",
    )
    .replace('  auditRoutes,\n', '  auditRoutes,\n  blueprintRoutes,\n'),
);
copy.add('simulators/blueprints/screen.tsx.txt', 'cloud/dashboard/web/screens/blueprint.tsx');
for (const [language, title, none] of [
  ['nl', 'Blauwdruk', 'nog geen regio'],
  ['de', 'Blaupause', 'noch keine Region'],
] as const)
  copy.edit(`cloud/dashboard/web/words/${language}/frame.ts`, (text) =>
    text.replace('frame = {\n', `frame = {\n  Blueprint: '${title}',\n  'no region yet': '${none}',\n`),
  );

test('types, format and layers hold with an added driver, constraint, route and screen', () => {
  assert.equal(copy.touched.length, driver.length + 1 + 2 + 2 + 3);
  copy.run('node_modules/.bin/oxfmt', '--check', ...copy.touched);
  // Libraries keep the paths that they have in this tree.
  copy.run('node_modules/.bin/tsc', '--noEmit', '--preserveSymlinks');
  copy.run('node_modules/.bin/tsc', '--noEmit', '--preserveSymlinks', '-p', 'cloud/dashboard/tsconfig.json');
  copy.test('shared/layers.test.ts', 'cloud/dashboard/words.test.ts');
});

test('a driver is a folder and a table entry: it conforms, and a gateway runs on it', async () => {
  const suite = copy.test(...driver.filter((file) => file.endsWith('.test.ts')));
  assert.match(suite, /# Subtest: pulse: nothing outside the span is sent/);

  const { printConfig } = (await copy.load('edge/config/load.ts')) as typeof load;
  assert.match(printConfig(), /pulse/);

  const { makeRig } = (await copy.load('edge/cycle/testing/rig.ts')) as typeof rigs;
  const nothing = STATION.replace('read: { activePowerKw: {} } }', 'read: {} }');
  await assert.rejects(makeRig({ yaml: nothing }), /guarded\S*meter\.read reads nothing; name at least one metric/);
  const rig = await makeRig({ yaml: STATION });
  Object.assign(rig.world, { 't/activePowerKw': 130, 'b/activePowerKw': 20_000, 'b/socPct': 50 });
  await rig.run(10);
  assert.equal(rig.gateway.status().devices[0]?.activePowerKw, 20);
  assert.ok(rig.commanded('b/activePowerKw/set')! < 0, 'the guard relieves the transformer with it');
});

test('a constraint is one file and a table entry: plans keep, state and explain it', async () => {
  copy.test('cloud/plan/search/constraints/table.test.ts');

  const { smallProblem, batteryAt } = (await copy.load('cloud/plan/testing/small-feeder.ts')) as typeof feeder;
  const { loadSolver } = (await copy.load('cloud/plan/compose-solver.ts')) as typeof solver;
  const { dispatchTasks } = (await copy.load('cloud/plan/tasks.ts')) as typeof tasks;
  const { dispatch } = dispatchTasks(loadSolver);
  const planned = async (problem: problems.DispatchProblem) =>
    unwrap(await dispatch({ problem, plan: { substation: 's', substitutions: [], bandKw: 100 } })).content;

  const able = await planned(smallProblem({ loadKw: [400], devices: [batteryAt('b3', { maxReactiveKvar: 400 })] }));
  assert.ok(able.cost.doNothingViolationEur! > 0, 'doing nothing exceeds it');
  assert.equal(able.status, 'optimal');
  assert.equal(able.cost.violationEur, 0);

  const unable = await planned(smallProblem({ loadKw: [400], devices: [batteryAt('b3', { maxReactiveKvar: 10 })] }));
  assert.equal(unable.status, 'least-violation');
  const [binding] = unable.binding;
  assert.equal(binding!.constraint, 'reactive power drawn');
  assert.ok(Math.abs(binding!.limit - 300) < 1e-6 && binding!.value > 300, JSON.stringify(binding));
  assert.match(unable.devices[0]!.reasons[0]!.text, /^transformer: reactive power drawn binds/);
  assert.match(unable.conflict!.text, /^transformer cannot stay within 300 kvar drawn at 00:00Z, because battery-b3 /);
});

test('a route is one file and a table entry: rights, description and types derive from it', () => {
  copy.run('cloud/api/description/lint.ts');
  assert.match(copy.test('--test-name-pattern=blueprint', 'cloud/api/access.test.ts'), /GET \/v1\/blueprint requires/);
});

test('a screen is one file: deep link, menu and title derive from it', () => {
  const built = join(copy.folder, 'built');
  copy.run('node_modules/.bin/vite', 'build', '--config', 'cloud/dashboard/vite.config.ts', '--outDir', built);
  const screens = readFileSync(join(built, 'assets', 'screens.json'), 'utf8');
  assert.ok(JSON.parse(screens).includes('/blueprint'), screens);
});
