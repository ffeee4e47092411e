import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine } from './command-line.ts';

test('a command takes its options, words and --help, and nothing else', () => {
  const options = { config: { type: 'string', default: 'a.yaml' }, set: { type: 'string', multiple: true } } as const;
  const { values, positionals } = commandLine(['put', '--set', 'a=1', '-h', 'anna', '--set', 'b=2'], options);
  assert.deepEqual({ ...values }, { config: 'a.yaml', set: ['a=1', 'b=2'], help: true });
  assert.deepEqual(positionals, ['put', 'anna']);
  assert.equal(commandLine([], options).values.help, false);
  assert.throws(() => commandLine(['--sett', 'a=1'], options), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
});
