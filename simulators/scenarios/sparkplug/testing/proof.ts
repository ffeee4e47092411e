import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { statements, type Statements } from '../statements.ts';

/** Notes which statement which test has proved, and holds that against the table. */
export class Proof {
  readonly #role: Statements['role'];
  readonly #proved = new Map<string, string>();

  constructor(role: Statements['role']) {
    this.#role = role;
  }

  /** Each id with what shows that it holds. Ids that one fact proves stand in one key, apart by blanks. */
  holds({ name }: TestContext, facts: Readonly<Record<string, boolean>>): void {
    for (const [ids, fact] of Object.entries(facts)) {
      assert.ok(fact, `not so: ${ids}`);
      for (const id of ids.trim().split(/\s+/)) this.#proved.set(id, name);
    }
  }

  /** Every statement that is called met was proved by the test that it names, and every proof stands in the table. */
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
      'each statement stands once',
    );
    for (const { status, test, why, ids } of rows)
      assert.equal(status === 'met' ? test !== undefined : why !== undefined, true, ids.join(' '));
  }
}
