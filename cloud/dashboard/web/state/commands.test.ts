import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandView } from '../../../../shared/contracts/command.ts';
import '../../testing/page-globals.ts';

const { commands, commandTurn, readCommands, takeCommand } = await import('./commands.ts');

test('thousands of commands in a second let the lists be read at once and once more', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  for (let n = 0; n < 4_000; n++) takeCommand({ id: String(n % 400) } as CommandView);
  assert.equal(commandTurn.value, 1);
  mock.timers.tick(1_000);
  assert.equal(commandTurn.value, 2);
  mock.timers.tick(5_000);
  assert.equal(commandTurn.value, 2);
  assert.equal(Object.keys(commands.value).length, 400);
});

test('an answer does not replace a command that changed while it was under way', async ({ mock }) => {
  const answer = Promise.withResolvers<Response>();
  mock.method(globalThis, 'fetch', () => answer.promise);
  const isRead = readCommands();
  takeCommand({ id: 'a', state: 'verified' } as CommandView);
  answer.resolve(Response.json({ items: ['a', 'b'].map((id) => ({ id, state: 'sent' })) }));
  await isRead;
  assert.deepEqual([commands.value['a']?.state, commands.value['b']?.state], ['verified', 'sent']);
});
