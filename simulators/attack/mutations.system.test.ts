import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { suite } from './suite.ts';
import { mutations, type DefenceMutation, type Edit } from './testing/mutations.ts';

/**
 * Each mutation takes part in two of four instances, and two of the same file never in the same two. An attack has to succeed where its
 * defence is gone, and to be refused where it is not, whatever else is gone there: no mutation of another class opens it or hides it.
 */
const CLASSES = [
  [0, 1],
  [2, 3],
  [0, 2],
  [1, 3],
  [0, 3],
  [1, 2],
] as const;
const INSTANCES = [0, 1, 2, 3] as const;

/** The instances that a mutation takes part in: not those of another one of the same file. */
const instancesOf = ((): ReadonlyMap<DefenceMutation, readonly number[]> => {
  const found = new Map<DefenceMutation, (typeof CLASSES)[number]>();
  const count = (of: (typeof CLASSES)[number]): number =>
    found
      .values()
      .filter((each) => each === of)
      .toArray().length;
  const sharing = (mutation: DefenceMutation): (readonly number[] | undefined)[] =>
    mutations
      .filter(({ edits }) => edits.some(({ file }) => mutation.edits.some((edit) => edit.file === file)))
      .map((other) => found.get(other));
  for (const mutation of mutations) {
    const taken = sharing(mutation);
    const free = CLASSES.filter((each) => !taken.includes(each)).toSorted((a, b) => count(a) - count(b));
    assert.ok(free[0], `more mutations than classes in a file of "${mutation.without}"`);
    found.set(mutation, free[0]);
  }
  return found;
})();

/** More than any limit of time that is waited for, on a machine that is busy. */
const PATIENCE_S = 60;

const root = join(import.meta.dirname, '..', '..');
const hook = join(root, 'simulators', 'simulate', 'testing', 'mutate.mjs');
const folder = mkdtempSync(join(tmpdir(), 'loadstone-mutations-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const COMMAND = [
  '--disable-warning=ExperimentalWarning',
  join(root, 'deploy', 'cli.ts'),
  'attack',
  '--self',
  '--json',
  '--patience',
  String(PATIENCE_S),
];

const nameOf = ({ file, find }: Edit): string => `${file}: ${find}`;
const attacks = mutations.flatMap(({ opens }) => opens);

interface Result {
  readonly ruleId: string;
  readonly kind: 'pass' | 'fail' | 'notApplicable';
  readonly properties: { readonly seen: string };
}

/** What came of the attacks in an instance without these defences. */
async function attacked(name: string, gone: readonly DefenceMutation[]): Promise<ReadonlyMap<string, Result>> {
  const edits = [...new Map(gone.flatMap((each) => each.edits).map((edit) => [nameOf(edit), edit])).values()];
  const sarif = join(folder, `${name}.sarif`);
  const { NODE_TEST_CONTEXT: _own, NODE_OPTIONS = '', ...environment } = process.env;
  const child = spawn(process.execPath, [...COMMAND, '--sarif', sarif, ...attacks.flatMap((id) => ['--only', id])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environment,
      NODE_OPTIONS: `${NODE_OPTIONS} --import=${hook}`,
      LOADSTONE_MUTATION: JSON.stringify(edits),
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  // A mutation that no longer fits its file opens nothing: it would be no proof.
  assert.doesNotMatch(said, /mend the mutation/);
  assert.match(said, /"open":\[/, said.slice(-3000));
  const { runs } = JSON.parse(readFileSync(sarif, 'utf8')) as { readonly runs: { readonly results: Result[] }[] };
  return new Map(runs[0]!.results.map((result) => [result.ruleId, result]));
}

describe('an attack succeeds where its defence is gone, and there alone', { concurrency: 2 }, () => {
  for (const instance of INSTANCES) {
    test(`instance ${instance + 1}`, async () => {
      const gone = mutations.filter((each) => instancesOf.get(each)!.includes(instance));
      const edited = new Set(gone.flatMap(({ edits }) => edits.map(nameOf)));
      const results = await attacked(String(instance), gone);
      const wrong = mutations.flatMap(({ without, opens, edits }) => {
        const isGone = edits.every((edit) => edited.has(nameOf(edit)));
        return opens.flatMap((id) => {
          const result = results.get(id);
          const isRight =
            result?.kind === (isGone ? 'fail' : 'pass') && !result.properties.seen.startsWith('not judged');
          const seen = `${result?.kind}: ${result?.properties.seen}`;
          return isRight ? [] : [`${isGone ? 'without' : 'in spite of'} "${without}", ${id}: ${seen}`];
        });
      });
      assert.deepEqual(wrong, []);
    });
  }
});

test('every group loses a defence, but those whose attacks all succeed as it is', () => {
  const groupsOf = (ids: readonly string[]): Set<string> => new Set(ids.map((id) => id.split('/')[0]!));
  const known = new Set(suite.flatMap((group) => group.attacks.map(({ id }) => id)));
  assert.deepEqual(
    attacks.filter((id) => !known.has(id)),
    [],
  );
  const defended = suite.flatMap((group) =>
    group.attacks.some(({ knownOpen }) => knownOpen === undefined) ? [group.attacks[0]!.id] : [],
  );
  assert.deepEqual(
    [...groupsOf(defended)].filter((group) => !groupsOf(attacks).has(group)),
    [],
  );
});
