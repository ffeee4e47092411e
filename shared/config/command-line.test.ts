import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine } from './command-line.ts';

const options = { config: { type: 'string', default: 'a.yaml' }, set: { type: 'string', multiple: true } } as const;

test('a command takes its options, words and --help, and nothing else', () => {
  const { values, positionals } = commandLine(['put', '--set', 'a=1', '-h', 'anna', '--set', 'b=2'], 2, options);
  assert.deepEqual({ ...values }, { config: 'a.yaml', set: ['a=1', 'b=2'], help: true });
  assert.deepEqual(positionals, ['put', 'anna']);
  assert.equal(commandLine([], 0, options).values.help, false);
  assert.throws(() => commandLine(['--sett', 'a=1'], 2, options), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
});

test('the first word too many is named, but not to whoever asks for help', () => {
  const line = ['put', 'anna', '--config', 'b.yaml', 'bert', 'carl'];
  const refusal = { code: 'LS-CONFIG-006', message: '"bert" is no word of this command' };
  assert.throws(() => commandLine(line, 2, options), refusal);
  assert.throws(() => commandLine(['bert'], 0, options), refusal);
  assert.throws(() => commandLine(['--', '--bert', '-h'], 0, options), { message: /^"--bert" is no word/ });
  assert.equal(commandLine([...line, '-h'], 2, options).values.help, true);
});
