import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { statements, type Statements } from '../statements.ts';

/** Records which test has proved which statement, and compares that with the table. */
export class Proof {
  readonly #role: Statements['role'];
  readonly #proved = new Map<string, string>();

  constructor(role: Statements['role']) {
    this.#role = role;
  }

  /** Ids with whether they hold. Ids proved by the same fact share a key, separated by spaces. */
  holds({ name }: TestContext, facts: Readonly<Record<string, boolean>>): void {
    for (const [ids, fact] of Object.entries(facts)) {
      assert.ok(fact, `not satisfied: ${ids}`);
      for (const id of ids.trim().split(/\s+/)) this.#proved.set(id, name);
    }
  }

  /** Checks that every `met` statement was proved by the test it names, and that every proof is in the table. */
  compare(): void {
    const rows = statements.filter(({ role }) => role === this.#role);
    const table = rows
      .filter(({ status }) => status === 'met')
      .flatMap(({ ids, test }) => ids.map((id) => `${id}: ${test}`));
    const proofs = [...this.#proved].map(([id, test]) => `${id}: ${test}`);
    assert.deepEqual(proofs.toSorted(), table.toSorted());
    const all = rows.flatMap(({ ids }) => ids);
    assert.deepEqual(
      all.filter((id, at) => all.indexOf(id) !== at),
      [],
      'each statement is listed once',
    );
    for (const { status, test, why, ids } of rows)
      assert.equal(status === 'met' ? test !== undefined : why !== undefined, true, ids.join(' '));
  }
}
