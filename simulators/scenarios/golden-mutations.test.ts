import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

/** Changes of a byte format that would strand gateways in the field. Each must fail the golden-bytes tests. */
const mutations: readonly {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly caughtBy: string;
}[] = [
  {
    name: 'another magic at the start of a journal record',
    file: 'edge/journal/record.ts',
    find: 'const MAGIC = 0x4c5a;',
    replace: 'const MAGIC = 0x4c5b;',
    caughtBy: 'edge/journal/record.test.ts',
  },
  {
    name: 'a negated time in a journal record',
    file: 'edge/journal/record.ts',
    find: 'view.setFloat64(at + 20, entry.time, true);',
    replace: 'view.setFloat64(at + 20, -entry.time, true);',
    caughtBy: 'edge/journal/record.test.ts',
  },
  {
    name: 'a negated source time of a frame',
    file: 'shared/codec/sparkplug.ts',
    find: 'timestamp: frame.time,',
    replace: 'timestamp: -frame.time,',
    caughtBy: 'shared/codec/golden.test.ts',
  },
  {
    name: 'quality codes in another order',
    file: 'shared/codec/sparkplug.ts',
    find: '{ good: 192, uncertain: STALE, bad: 0 }',
    replace: '{ good: 192, uncertain: 0, bad: STALE }',
    caughtBy: 'shared/codec/golden.test.ts',
  },
  {
    name: 'another UUID of the frame format',
    file: 'shared/codec/frame-body.ts',
    find: "'loadstone/frame/v1'",
    replace: "'loadstone/frame/v2'",
    caughtBy: 'shared/codec/golden.test.ts',
  },
  {
    name: 'the run in big-endian',
    file: 'shared/codec/frame-body.ts',
    find: 'view.setUint32(1, body.run, true);',
    replace: 'view.setUint32(1, body.run, false);',
    caughtBy: 'shared/codec/golden.test.ts',
  },
  {
    name: 'another order of the streams',
    file: 'edge/journal/record.ts',
    find: "['measurements', 'events'];",
    replace: "['events', 'measurements'];",
    caughtBy: 'edge/journal/record.test.ts',
  },
  {
    name: 'another topic for acknowledgements',
    file: 'shared/topics/topics.ts',
    find: "'loadstone/v1/{gateway}/ack'",
    replace: "'loadstone/v1/{gateway}/acks'",
    caughtBy: 'shared/topics/topics.test.ts',
  },
  {
    name: 'another header of a signed document',
    file: 'shared/codec/signed-document.ts',
    find: "const TYPE = 'loadstone+jws';",
    replace: "const TYPE = 'jws';",
    caughtBy: 'simulators/scenarios/recorded-wire.test.ts',
  },
  {
    name: 'another first byte of a packed document',
    file: 'shared/codec/packed-document.ts',
    find: 'const PACKED = 1;',
    replace: 'const PACKED = 2;',
    caughtBy: 'shared/codec/packed-document.test.ts',
  },
  {
    name: 'another sign of a difference in columns',
    file: 'shared/codec/columns.ts',
    find: 'difference < 0 ? -2 * difference + 1 : 2 * difference',
    replace: 'difference > 0 ? 2 * difference + 1 : -2 * difference',
    caughtBy: 'shared/codec/columns.test.ts',
  },
  {
    name: 'another word of what a gateway reports',
    file: 'shared/contracts/report.ts',
    find: 'reliefKw: Type.Optional(Type.Number()),',
    replace: 'relievedKw: Type.Optional(Type.Number()),',
    caughtBy: 'shared/topics/golden-messages.test.ts',
  },
  {
    name: 'a new kind of command without a golden message',
    file: 'shared/contracts/document.ts',
    find: "Type.Literal('normal'),",
    replace: "Type.Literal('normal'), Type.Literal('restart'),",
    caughtBy: 'shared/topics/golden-messages.test.ts',
  },
  {
    name: 'a topic without golden messages',
    file: 'shared/topics/topics.ts',
    find: "  command: line('loadstone/v1/{gateway}/command', 'down'",
    replace:
      "  added: line('loadstone/v1/{gateway}/added', 'down', { encoding: 'jws', meaning: '' }),\n  command: line('loadstone/v1/{gateway}/command', 'down'",
    caughtBy: 'shared/topics/golden-messages.test.ts',
  },
  {
    name: 'another header of a list of keys',
    file: 'shared/pki/key-list.ts',
    find: "const TYPE = 'loadstone-keys+jws';",
    replace: "const TYPE = 'keys+jws';",
    caughtBy: 'shared/topics/golden-messages.test.ts',
  },
  {
    name: 'a heartbeat signed in another order',
    file: 'shared/codec/signed-heartbeat.ts',
    find: '[head, gateway, nonce, String(time), ...(covered ?? [])]',
    replace: '[head, nonce, gateway, String(time), ...(covered ?? [])]',
    caughtBy: 'shared/topics/golden-messages.test.ts',
  },
  {
    name: 'another name of a property of a birth',
    file: 'shared/codec/sparkplug.ts',
    find: "'Properties/Heartbeat Nonce'",
    replace: "'Properties/Nonce'",
    caughtBy: 'shared/codec/golden.test.ts',
  },
  {
    name: 'another name for the secret of an enrolment',
    file: 'shared/pki/enrolment.ts',
    find: '{ gateway: Id, secret: Type.Optional(',
    replace: '{ gateway: Id, token: Type.Optional(',
    caughtBy: 'shared/pki/enrolment.test.ts',
  },
  {
    name: 'another place of the nonce in a sealed letter',
    file: 'cloud/nodes/letters.ts',
    find: 'const NONCE_BYTES = 12;',
    replace: 'const NONCE_BYTES = 16;',
    caughtBy: 'cloud/nodes/letters.test.ts',
  },
];

const root = join(import.meta.dirname, '..', '..');
const hook = join(root, 'simulators', 'simulate', 'testing', 'mutate.mjs');

function run(file: string, edits: readonly object[]): { readonly status: number | null; readonly output: string } {
  const { NODE_TEST_CONTEXT: _own, ...environment } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', `--import=${hook}`, '--test', file],
    { cwd: root, encoding: 'utf8', env: { ...environment, LOADSTONE_MUTATION: JSON.stringify(edits) } },
  );
  return { status, output: `${stdout}${stderr}` };
}

for (const { name, caughtBy, ...edit } of mutations) {
  test(`golden bytes catch ${name}`, () => {
    const { status, output } = run(caughtBy, [edit]);
    assert.equal(status, 1, output);
    // It must fail because of the bytes, not because the mutation no longer matches its file.
    assert.doesNotMatch(output, /fix the mutation/);
    assert.match(output, /AssertionError|LoadstoneError/);
  });
}

test('the same tests pass without a mutation', () => {
  for (const file of new Set(mutations.map(({ caughtBy }) => caughtBy))) {
    const { status, output } = run(file, []);
    assert.equal(status, 0, output);
  }
});
