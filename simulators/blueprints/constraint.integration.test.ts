import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type * as feeder from '../../cloud/plan/testing/small-feeder.ts';
import type * as problems from '../../cloud/plan/problem/problem.ts';
import type * as solver from '../../cloud/plan/compose-solver.ts';
import type * as tasks from '../../cloud/plan/tasks.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { TreeCopy } from './copy.ts';

const TABLE = 'cloud/plan/search/constraints/table.ts';

test('a constraint is one file and its line in the table: plans keep it, say it and explain it', async () => {
  const copy = new TreeCopy();
  copy.add('constraint.ts.txt', 'cloud/plan/search/constraints/blueprint.ts');
  copy.edit(TABLE, (text) =>
    text
      .replace('import { connectionPoint }', "import { blueprint } from './blueprint.ts';\nimport { connectionPoint }")
      .replace('source, connectionPoint]', 'source, connectionPoint, blueprint]'),
  );
  assert.equal(copy.touched.length, 2);
  assert.equal(copy.run('node_modules/.bin/oxfmt', '--check', ...copy.touched), '');
  assert.equal(copy.run('node_modules/.bin/tsc', '--noEmit'), '');
  assert.equal(copy.run('--test', 'shared/layers.test.ts'), '');
  assert.equal(copy.run('--test', 'cloud/plan/search/constraints/table.test.ts'), '');

  const load = async (file: string): Promise<unknown> => import(join(copy.folder, file));
  const { smallProblem, batteryAt } = (await load('cloud/plan/testing/small-feeder.ts')) as typeof feeder;
  const { loadSolver } = (await load('cloud/plan/compose-solver.ts')) as typeof solver;
  const { dispatchTasks } = (await load('cloud/plan/tasks.ts')) as typeof tasks;
  const { dispatch } = dispatchTasks(loadSolver);
  const planned = async (problem: problems.DispatchProblem) =>
    unwrap(await dispatch({ problem, plan: { substation: 's', substitutions: [], bandKw: 100 } })).content;

  const able = await planned(smallProblem({ loadKw: [400], devices: [batteryAt('b3', { maxReactiveKvar: 400 })] }));
  assert.ok(able.cost.doNothingViolationEur! > 0, 'doing nothing passes it');
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
