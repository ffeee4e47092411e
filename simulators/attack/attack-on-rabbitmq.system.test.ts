import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Summary } from './run.ts';
import { notRefusedIn, ran } from './started.ts';
import { atBroker, suiteOn } from './suite.ts';
import { attackedWithout } from './testing/attacked.ts';
import { rabbitMqMutations } from './testing/rabbitmq-mutations.ts';

test('RabbitMQ refuses every attack on the broker except those known to succeed there', async () => {
  const only = atBroker.flatMap((id) => ['--only', id]);
  const { code, said } = await ran('attack', '--self', '--rabbitmq', '--json', ...only);
  const summary = JSON.parse(said.trimEnd().split('\n').at(-1)!) as Summary;
  const groups = suiteOn('RabbitMQ')
    .map(({ attacks }) => attacks.filter(({ id }) => atBroker.some((each) => id.startsWith(each))))
    .filter(({ length }) => length > 0);
  const known = groups.flat().filter(({ knownOpen }) => knownOpen !== undefined);
  const open = known.map(({ id }) => id);
  assert.deepEqual(summary.open, open, notRefusedIn(said));
  const { length } = groups.flat();
  assert.deepEqual(summary, { groups: groups.length, attacks: length, refused: length - open.length, notRun: 0, open });
  assert.equal(code, open.length === 0 ? 0 : 1);
});

test('an attack on RabbitMQ succeeds where its defence is removed', async () => {
  const opens = rabbitMqMutations.flatMap((each) => each.opens);
  const results = await attackedWithout(rabbitMqMutations, opens, ['--rabbitmq']);
  const seen = opens.map((id) => [id, results.get(id)?.kind, results.get(id)?.properties.seen] as const);
  const isOpen = ([, kind, what = '']: (typeof seen)[number]): boolean =>
    kind === 'fail' && !what.startsWith('not judged');
  assert.deepEqual(
    seen.filter((each) => !isOpen(each)),
    [],
  );
});
