import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandView } from '../../../../shared/contracts/command.ts';
import { commands, commandTurn, takeCommand } from './commands.ts';

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
