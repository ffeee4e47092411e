import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiToken } from './people-store.ts';
import { PeopleReader } from './people-reader.ts';

test('the use of a token is noted at most once a minute', () => {
  let now = 1_000_000;
  const asked: string[] = [];
  const token: ApiToken = {
    id: 'one',
    user: 'anna',
    label: 'scada',
    scopes: [],
    createdAt: 0,
    usedAt: null,
    expiresAt: 10_000_000,
  };
  const reader = new PeopleReader({
    store: {
      users: () => [],
      user: (name) => ({ name, hash: '', roles: [], areas: '*', mustChange: false, disabled: false }),
      session: () => undefined,
      signedIn: () => [],
      token: () => token,
      tokens: () => [token],
    },
    requestsPerSecond: 1,
    now: () => now,
    noteUse: (id) => asked.push(id),
  });
  for (let each = 0; each < 100; each++) reader.callerOfToken('secret');
  assert.equal(asked.length, 1);
  now += 60_000;
  reader.callerOfToken('secret');
  assert.equal(asked.length, 2);
});
