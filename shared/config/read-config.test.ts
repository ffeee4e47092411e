import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { LoadstoneError } from '../outcome/outcome.ts';
import { printConfig } from './print-config.ts';
import { readConfig } from './read-config.ts';

const schema = Type.Object({
  gateway: Type.Object({ id: Type.String({ pattern: '^[a-z]+$', description: 'letters only' }) }),
  uplink: Type.Object({
    url: Type.String({ default: 'mqtt://127.0.0.1:1883', description: 'broker of the cloud' }),
    keepAliveS: Type.Integer({ minimum: 5, maximum: 600, default: 60, description: 'seconds between keepalives' }),
    mode: Type.Union([Type.Literal('fast'), Type.Literal('slow')], { default: 'fast' }),
  }),
  devices: Type.Array(Type.Object({ id: Type.String(), limitKw: Type.Optional(Type.Number()) }), { default: [] }),
});

const read = (text: string, more = {}) => readConfig(schema, { file: 'gateway.yaml', text, ...more });

test('defaults fill in; environment and flags override the file', () => {
  const config = read('gateway: { id: owd }\nuplink: {}\n', {
    env: { LOADSTONE_UPLINK__KEEP_ALIVE_S: '30', LOADSTONE_TOKEN: 'not a key' },
    flags: { 'uplink.mode': 'slow' },
  });
  assert.deepEqual(config, {
    gateway: { id: 'owd' },
    uplink: { url: 'mqtt://127.0.0.1:1883', keepAliveS: 30, mode: 'slow' },
    devices: [],
  });
});

test('the schema decides whether a variable or flag is text, a number or a boolean', () => {
  const Kinds = Type.Object({
    made: Type.Optional(Type.Object({ pin: Type.String() })),
    word: Type.Optional(Type.String({ pattern: '^[a-z]+$' })),
    store: Type.Optional(
      Type.Union([
        Type.Object({ type: Type.Literal('file'), port: Type.Optional(Type.Number()) }),
        Type.Object({ type: Type.Literal('server'), database: Type.Optional(Type.String()) }),
      ]),
    ),
    ids: Type.Optional(Type.Record(Type.String(), Type.String())),
    list: Type.Optional(Type.Array(Type.Object({ id: Type.String(), on: Type.Optional(Type.Boolean()) }))),
    either: Type.Optional(Type.Union([Type.Literal('none'), Type.Number()])),
  });
  const of = (flags: Record<string, string>, text = ''): unknown =>
    readConfig(Kinds, { file: 'kinds.yaml', text, flags });
  for (const pin of ['0123', '1e5', '12345', 'true', '0x10', ' 5 ']) {
    assert.deepEqual(of({ 'made.pin': pin }), { made: { pin } });
    const env = { LOADSTONE_MADE__PIN: pin };
    assert.deepEqual(readConfig(Kinds, { file: 'kinds.yaml', text: '', env }), { made: { pin } });
  }
  assert.deepEqual(of({ 'store.type': 'server', 'store.database': '7' }), { store: { type: 'server', database: '7' } });
  assert.deepEqual(of({ 'store.type': 'file', 'store.port': '7' }), { store: { type: 'file', port: 7 } });
  assert.deepEqual(of({ 'ids.mrid': '0815' }), { ids: { mrid: '0815' } });
  assert.deepEqual(of({ 'list.0.id': '4', 'list.0.on': 'true' }, 'list: [{ id: a }]'), {
    list: [{ id: '4', on: true }],
  });
  assert.deepEqual([of({ either: '5' }), of({ either: 'none' })], [{ either: 5 }, { either: 'none' }]);
  assert.throws(() => of({ word: '12' }), { message: /must match pattern/ });
});

test('an error names file, line, key, the fault and the expected value', () => {
  const cases: [string, string, RegExp][] = [
    [
      'gateway: { id: owd }\nuplink:\n  keepAlivS: 3\n',
      'LS-CONFIG-001',
      /gateway\.yaml:3: uplink\.keepAlivS is not a known key; did you mean "keepAliveS"\?/,
    ],
    [
      'gateway: { id: owd }\nuplink:\n  keepAliveS: 3\n',
      'LS-CONFIG-002',
      /gateway\.yaml:3: uplink\.keepAliveS must be >= 5; expected: seconds/,
    ],
    [
      'gateway: { id: owd }\nuplink:\n  mode: swift\n',
      'LS-CONFIG-002',
      /gateway\.yaml:3: uplink\.mode .*one of fast, slow/,
    ],
    [
      'gateway: { id: owd }\nuplink: {}\ndevices:\n  - id: a\n  - { id: b, limitKW: 3 }\n',
      'LS-CONFIG-001',
      /gateway\.yaml:5: devices\.1\.limitKW .*did you mean "limitKw"/,
    ],
    ['uplink: {}\n', 'LS-CONFIG-002', /gateway/],
    ['gateway: [\n', 'LS-CONFIG-003', /gateway\.yaml/],
    ['gateway: { id: a, id: b }\nuplink: {}\n', 'LS-CONFIG-003', /unique/],
  ];
  for (const [text, code, message] of cases) {
    assert.throws(
      () => read(text),
      (error) =>
        (error instanceof LoadstoneError && error.code === code && message.test(error.message)) ||
        assert.fail(`${String(error)} for ${text}`),
    );
  }
});

test('errors are reported together, once per key, with the code of the first', () => {
  const faultOf = (text: string): [string, string[]] => {
    try {
      read(text);
    } catch (error) {
      if (error instanceof LoadstoneError) return [error.code, error.message.split('\n').map((line) => line.trim())];
    }
    return assert.fail('nothing was refused');
  };
  const [keys, unknown] = faultOf('gateway: { id: owd, ip: 1 }\nuplink:\n  keepAlivS: 3\n');
  assert.equal(keys, 'LS-CONFIG-001');
  assert.deepEqual(
    [unknown.length, unknown[0]?.includes('gateway.ip'), unknown[1]?.includes('keepAlivS')],
    [2, true, true],
  );
  const [values, wrong] = faultOf(
    'gateway: { id: O1 }\nuplink:\n  keepAliveS: 3\n  mode: swift\ndevices:\n  - { limitKw: many }\n',
  );
  assert.equal(values, 'LS-CONFIG-002');
  const places = ['gateway.id', 'uplink.keepAliveS', 'uplink.mode', 'devices.0', 'devices.0.limitKw'];
  assert.deepEqual(
    wrong.map((line) => /gateway\.yaml:\d+: (\S+)/.exec(line)?.[1]),
    places,
    wrong.join('\n'),
  );
});

test('at most twenty errors are reported', () => {
  const devices = Array.from({ length: 30 }, () => '  - { limitKw: many, id: a }\n').join('');
  assert.throws(() => read(`gateway: { id: a }\nuplink: {}\ndevices:\n${devices}`), /and 10 more$/);
});

test('every key is printed with its meaning', () => {
  const printed = printConfig(schema);
  assert.match(printed, /^ {2}keepAliveS: 60 {2}# seconds between keepalives; integer 5 to 600$/m);
  assert.match(printed, /^ {2}id: {2}# letters only; string; required$/m);
  assert.match(printed, /^# {3}- id: {2}# string/m);
  assert.deepEqual(read(printed.replace('id:', 'id: owd')), read('gateway: { id: owd }\nuplink: {}\n'));
});
