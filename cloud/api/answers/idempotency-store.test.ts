import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { IdempotencyStore } from './idempotency-store.ts';
import { keptAnswersSuite } from './testing/kept-answers-suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadstone-answers-'));
const stores: IdempotencyStore[] = [];
after(() => {
  for (const each of stores) each.close();
  rmSync(folder, { recursive: true });
});

keptAnswersSuite('SQLite', async () => {
  const path = join(folder, `${stores.length}.sqlite`);
  const opened = async (): Promise<IdempotencyStore> => {
    const store = new IdempotencyStore(path);
    store.open();
    stores.push(store);
    return store;
  };
  const answers = await opened();
  return {
    answers,
    again: () => {
      answers.close();
      return opened();
    },
  };
});
