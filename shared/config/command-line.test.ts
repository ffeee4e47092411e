import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { commandLine, subcommandOf } from './command-line.ts';

const options = { config: { type: 'string', default: 'a.yaml' }, set: { type: 'string', multiple: true } } as const;

test('a command accepts its options, words and --help, and rejects anything else', () => {
  const { values, positionals } = commandLine(['put', '--set', 'a=1', '-h', 'anna', '--set', 'b=2'], 2, options);
  assert.deepEqual({ ...values }, { config: 'a.yaml', set: ['a=1', 'b=2'], help: true });
  assert.deepEqual(positionals, ['put', 'anna']);
  assert.equal(commandLine([], 0, options).values.help, false);
  assert.throws(() => commandLine(['--sett', 'a=1'], 2, options), {
    code: 'LS-CONFIG-006',
    message: 'unknown option --sett; did you mean --set?',
  });
  assert.throws(() => commandLine(['--fantasy=1'], 2, options), { message: 'unknown option --fantasy' });
  assert.throws(() => commandLine(['-x'], 2, options), { message: /^unknown option -x/ });
  assert.throws(() => commandLine(['--config'], 2, options), { code: 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' });
});

test('the first extra word is an error, except with --help', () => {
  const line = ['put', 'anna', '--config', 'b.yaml', 'bert', 'carl'];
  const refusal = { code: 'LS-CONFIG-006', message: 'unexpected argument "bert"' };
  assert.throws(() => commandLine(line, 2, options), refusal);
  assert.throws(() => commandLine(['bert'], 0, options), refusal);
  assert.throws(() => commandLine(['--', '--bert', '-h'], 0, options), { message: /^unexpected argument "--bert"/ });
  assert.throws(() => commandLine(['statu'], 0, options, ['scan', 'status']), {
    message: 'unexpected argument "statu"; did you mean status?',
  });
  assert.equal(commandLine([...line, '-h'], 2, options).values.help, true);
});

test('a wrong subcommand or operand is one line on stderr, with the command that shows the help', (t) => {
  const table = { init: { operand: '' }, token: { operand: 'GATEWAY' } };
  assert.equal(subcommandOf('pki', table, ['token', 'owd-01']), table.token);
  assert.equal(subcommandOf('pki', table, ['init']), table.init);
  const said = (words: readonly string[]): string => faultOf(t, () => subcommandOf('pki', table, words));
  assert.equal(said([]), 'loadstone pki: expected one of init, token\n  loadstone pki --help shows the options.\n');
  assert.match(said(['tokn', 'owd-01']), /^loadstone pki: unknown command "tokn"; did you mean token\?\n/);
  assert.match(said(['toString']), /^loadstone pki: unknown command "toString"; expected one of init, token\n/);
  assert.match(said(['token']), /^loadstone pki token: expected GATEWAY\n {2}loadstone pki token --help/);
  assert.match(said(['init', 'owd-01']), /^loadstone pki init: unexpected argument "owd-01"\n/);
});

/** What a call that returns 2 writes to stderr. */
function faultOf(t: TestContext, call: () => unknown): string {
  const { mock } = t.mock.method(process.stderr, 'write', () => true);
  try {
    assert.equal(call(), 2);
    return mock.calls.map(({ arguments: [text] }) => String(text)).join('');
  } finally {
    mock.restore();
  }
}
