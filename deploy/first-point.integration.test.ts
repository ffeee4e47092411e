import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FEED_IN_KW, guideCommands, walkToFirstPoint } from './testing/first-point.ts';
import { hindrance } from './testing/own-machine.ts';

const commandOf = (line: string): string => line.replace(/ +#.*/, '');

test('the quick start of the guide has at most six commands, one per line', () => {
  const commands = guideCommands().map(commandOf);
  assert.ok(commands.length > 0 && commands.length <= 6, commands.join('\n'));
  for (const command of commands) assert.doesNotMatch(command, /&&|\|\||;|\||\\$/);
});

test('the first-run text of the package has the same commands', () => {
  const text = readFileSync(join(import.meta.dirname, 'packages/edge/first-run.txt'), 'utf8');
  const said = [...text.matchAll(/^ {2}(sudo .*)$/gm)].map(([, line]) => commandOf(line!));
  assert.deepEqual(said, guideCommands().slice(1).map(commandOf));
});

test('the commands, with a running cloud and a token, store the first value of a third-party device', async (t) => {
  const why = hindrance();
  if (why !== undefined) {
    t.skip(why);
    return;
  }
  const { activePowerKw, transcript, minutes } = await walkToFirstPoint('/');
  t.diagnostic(`${transcript}${minutes.toFixed(1)} minutes`);
  assert.equal(activePowerKw, FEED_IN_KW);
});
