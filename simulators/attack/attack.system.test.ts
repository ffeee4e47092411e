import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused, succeeded, type Attack, type Group } from './attack.ts';
import { runAttacks, summaryOf, type Summary } from './run.ts';
import { NotHere, Stage } from './stage.ts';
import { ran } from './started.ts';
import { suite } from './suite.ts';

test('every attack on an instance of its own is refused, but those that are known to succeed', async () => {
  const { code, said } = await ran('attack', '--self', '--json');
  const summary = JSON.parse(said.trimEnd().split('\n').at(-1)!) as Summary;
  const attacks = suite.flatMap((group) => group.attacks);
  const known = attacks.filter(({ knownOpen }) => knownOpen !== undefined).map(({ id }) => id);
  assert.deepEqual(summary.open, known, said);
  const { length } = attacks;
  const counts = { groups: suite.length, attacks: length, refused: length - known.length, notRun: 0 };
  assert.deepEqual(summary, { ...counts, open: known });
  assert.equal(code, known.length === 0 ? 0 : 1);
});

test('what succeeds, costs too much or cannot be judged is open; what lacks its target is not run', async () => {
  const attack = (name: string, run: Attack['run']): Attack => ({
    id: `group/${name}`,
    title: name,
    requirements: [],
    expected: 'refused',
    run,
  });
  const group: Group = {
    id: 'group',
    title: 'group',
    asset: '',
    from: '',
    defence: '',
    attacks: [
      attack('refused', async () => refused('403')),
      attack('succeeded', async () => succeeded('200')),
      attack('broken', () => Promise.reject(new Error('a bug'))),
      attack('lacking', () => Promise.reject(new NotHere('it needs a gateway'))),
      { ...attack('patient', async () => refused('cut')), isPatient: true },
    ],
  };
  const verdicts = await runAttacks([group], new Stage({}));
  assert.deepEqual(summaryOf([group], verdicts), {
    groups: 1,
    attacks: 5,
    refused: 2,
    notRun: 1,
    open: ['group/succeeded', 'group/broken'],
  });
  assert.equal(verdicts[2]!.seen, 'not judged: a bug');
});

test('a foreign machine is not attacked', async () => {
  const { code, said } = await ran('attack', '--target', 'https://grid.example');
  assert.equal(code, 2);
  assert.match(said, /only a cloud on loopback is attacked/);
});
