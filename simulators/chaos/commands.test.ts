import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Commands } from './commands.ts';
import type { ChaosRig } from './rig.ts';

test('all pages of commands are read', async () => {
  const ids = Array.from({ length: 1203 }, (_, at) => `command-${at}`);
  const api = async (path: string): Promise<object> => {
    const { searchParams } = new URL(path, 'http://cloud');
    const from = Number(searchParams.get('cursor') ?? 0);
    const to = from + Number(searchParams.get('limit'));
    const items = ids.slice(from, to).map((id) => ({ id }));
    return { items, nextCursor: to < ids.length ? String(to) : null };
  };
  const all = await new Commands({ api } as unknown as ChaosRig).all();
  assert.deepEqual(
    all.map(({ id }) => id),
    ids,
  );
});
