import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DefenceMutation, Edit } from './mutations.ts';

export interface Result {
  readonly ruleId: string;
  readonly kind: 'pass' | 'fail' | 'notApplicable';
  readonly properties: { readonly seen: string };
}

/** Longer than any time-out that attacks wait for, on a busy machine. */
const PATIENCE_S = 60;

const root = join(import.meta.dirname, '..', '..', '..');
const hook = join(root, 'simulators', 'simulate', 'testing', 'mutate.mjs');

export const nameOf = ({ file, find }: Edit): string => `${file}: ${find}`;

/** Results of attacks on an instance without these defences. `more`: options of the command. */
export async function attackedWithout(
  gone: readonly DefenceMutation[],
  attacks: readonly string[],
  more: readonly string[] = [],
): Promise<ReadonlyMap<string, Result>> {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-mutations-'));
  const sarif = join(folder, 'sarif.json');
  const command = ['attack', '--self', '--json', '--patience', String(PATIENCE_S), '--sarif', sarif, ...more];
  const edits = [...new Map(gone.flatMap((each) => each.edits).map((edit) => [nameOf(edit), edit])).values()];
  const { NODE_TEST_CONTEXT: _own, NODE_OPTIONS = '', ...environment } = process.env;
  try {
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(root, 'deploy', 'cli.ts'),
        ...command,
        ...attacks.flatMap((id) => ['--only', id]),
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...environment,
          NODE_OPTIONS: `${NODE_OPTIONS} --import=${hook}`,
          LOADSTONE_MUTATION: JSON.stringify(edits),
        },
      },
    );
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(child, 'close');
    // A mutation that no longer fits its file removes nothing and proves nothing.
    assert.doesNotMatch(said, /fix the mutation/);
    assert.match(said, /"open":\[/, said.slice(-3000));
    const { runs } = JSON.parse(readFileSync(sarif, 'utf8')) as { readonly runs: { readonly results: Result[] }[] };
    return new Map(runs[0]!.results.map((result) => [result.ruleId, result]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
