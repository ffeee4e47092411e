import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { bareConfig, loadConfig, parseConfig, printConfig, printShort } from './load.ts';
import { hostIdOf, packetBytesOf, staleAfterSOf } from './reads.ts';
import { accessOf, openDoors } from './users.ts';

const battery = `
  - id: battery-1
    type: battery
    feeder: feeder-1
    connectionPoint: { id: cp-1, contract: { importKw: 100, exportKw: 100 }, authority: direct }
    driver: mqtt
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 215, socPct: [10, 95], rampKwPerS: 20 }
    sign: generation-positive
    read:
      activePowerKw: { topic: bms/1/state, path: $.power_w, scale: 0.001 }
      socPct: { topic: bms/1/state, path: $.soc }
      staleAfterS: 5
    write: { activePowerKw: { topic: bms/1/set, template: '{"p_w": \${value}}', scale: 1000 } }
    safeDefault: { activePowerKw: 0 }
`;

const head = (limits = '{ importKw: 600, exportKw: 400, voltagePu: [0.90, 1.10] }'): string => `
gateway: { id: owd-01, group: north, substation: owd, timezone: Europe/Amsterdam, latitude: 53.00, longitude: 6.29 }
guarded:
  - id: feeder-1
    meter: { driver: mqtt, read: { activePowerKw: { topic: head/1 }, staleAfterS: 2 } }
    limits: ${limits}
`;

const sample = `${head()}devices:${battery}`;
const read = (text: string, overrides = {}) => parseConfig(text, 'gateway.yaml', overrides);

test('a configuration gets defaults, and environment and flags override it', () => {
  const config = read(sample, { env: { LOADSTONE_UPLINK__URL: 'mqtts://grid:8883' }, flags: { mode: 'automatic' } });
  assert.equal(config.uplink.url, 'mqtts://grid:8883');
  assert.equal(config.mode, 'automatic');
  assert.equal(config.cycle.periodMs, 250);
  assert.deepEqual(config.uplink.heartbeat, { intervalS: 60, lostAfterS: 120 });
  assert.deepEqual(config.envelope, {
    default: { importKw: 0, exportKw: 0 },
    narrowAfterS: 900,
    releaseKwPerS: 5,
  });
  const [device] = config.devices;
  assert.ok(device?.driver === 'mqtt');
  assert.equal(device.read?.socPct?.scale, 1);
  assert.deepEqual([device.write?.activePowerKw?.keepAliveS, device.write?.activePowerKw?.revertAfterS], [10, 60]);
  assert.deepEqual(config.guarded[0]?.limits.voltagePu, [0.9, 1.1]);
});

test("a meter's own staleAfterS overrides that of its readings", () => {
  const meter = (text: string): number => staleAfterSOf(read(text).guarded[0]!.meter);
  assert.deepEqual(
    [meter(sample), meter(sample.replace('driver: mqtt, read', 'driver: mqtt, staleAfterS: 9, read'))],
    [2, 9],
  );
  assert.equal(meter(sample.replace(', staleAfterS: 2', '')), 5);
});

test('configuration errors name line, key and remedy', () => {
  const cases: [string, string, RegExp][] = [
    [
      sample.replace('chargeKw: 100', 'chargKw: 100'),
      'LS-CONFIG-001',
      /:13: devices\.0\.ratings\.chargKw .*"chargeKw"/,
    ],
    [
      head('{ importKw: -600 }'),
      'LS-CONFIG-004',
      /:6: guarded\.0\.limits\.importKw must be >= 0; expected: import limit/,
    ],
    [
      sample.replace('driver: mqtt\n    ratings', 'driver: opcc\n    connection: { host: a }\n    ratings'),
      'LS-CONFIG-002',
      /:12: devices\.0\.driver is "opcc", which is not a known driver; known: mqtt, sparkplug, sunspec, modbus, ocpp/,
    ],
    [sample.replace('feeder: feeder-1', 'feeder: feeder-9'), 'LS-CONFIG-002', /guarded: feeder-1/],
    [sample.replace(', capacityKwh: 215', ''), 'LS-CONFIG-002', /:13: devices\.0\.ratings lacks "capacityKwh"/],
    [sample.replace('socPct: [10, 95]', 'socPct: [95, 10]'), 'LS-CONFIG-002', /lower one first/],
    [sample.replace('[0.90, 1.10]', '[1.10, 0.90]'), 'LS-CONFIG-002', /voltagePu is \[1\.1, 0\.9\]/],
    ...['failsafe: { importKw: 250, exportKw: 100 }', 'thermal: { cooling: onan }'].map(
      (key): [string, string, RegExp] => [
        sample.replace('    limits: {', `    ${key}\n    limits: {`),
        'LS-CONFIG-002',
        /:6: guarded\.0\.(failsafe|thermal) is only for "transformer", .* this is feeder-1; move it there, or leave it out/,
      ],
    ),
    [`${sample}  ${battery.trim()}\n`, 'LS-CONFIG-002', /devices\.1\.id "battery-1" is already taken/],
    [
      `${sample}uplink: { proxy: 'http://me:secret@grid:3128' }\n`,
      'LS-CONFIG-002',
      /uplink\.proxy .*http:\/\/host:port/,
    ],
    [`${sample}uplink: { proxyUserFile: /etc/proxy }\n`, 'LS-CONFIG-002', /proxyUserFile is for uplink\.proxy/],
    [`${sample}uplink: { url: 'mqtt://me:secret@grid' }\n`, 'LS-CONFIG-002', /uplink\.userFile/],
    [
      `${sample}localBroker: { listen: "0.0.0.0:18830" }\n`,
      'LS-CONFIG-002',
      /without users; give localBroker\.userFile/,
    ],
    [sample.replace('rampKwPerS: 20', 'minOnS: 60'), 'LS-CONFIG-002', /ratings\.minOnS is only for a switched load/],
    [
      sample.replace('type: battery', 'type: flexible-load').replace('rampKwPerS: 20', 'activePowerKw: 9, minOffS: 60'),
      'LS-CONFIG-002',
      /ratings\.minOffS needs "minimumRunKw" too/,
    ],
    [
      sample
        .replace('type: battery', 'type: flexible-load')
        .replace('rampKwPerS: 20', 'activePowerKw: 9, minOffS: 60, minimumRunKw: 10'),
      'LS-CONFIG-002',
      /ratings\.minimumRunKw is 10; give more than 0 and at most activePowerKw \(9\)/,
    ],
    [sample.replace('${value}', '5'), 'LS-CONFIG-002', /template lacks \$\{value\}/],
    [sample.replace('scale: 1000', 'scale: 1000, revertAfterS: 5'), 'LS-CONFIG-002', /revert between two keep-alives/],
    [sample.replace('topic: bms/1/set', 'topic: bms/+/set'), 'LS-CONFIG-002', /no wildcard/],
    [sample.replace('id: owd-01', 'id: OWD 1'), 'LS-CONFIG-002', /gateway\.id/],
  ];
  for (const [text, code, message] of cases) {
    assert.throws(
      () => read(text),
      (error) => {
        assert.ok(error instanceof LoadstoneError, String(error));
        assert.equal(`${error.code} ${String(message.test(error.message))}`, `${code} true`, error.message);
        return true;
      },
    );
  }
});

test('without a file the gateway is bare; --print-config prints every key with its meaning', () => {
  assert.equal(loadConfig('/nowhere/gateway.yaml'), undefined);
  assert.deepEqual([bareConfig().mode, bareConfig().devices], ['monitor', []]);
  const printed = printConfig();
  for (const line of [
    /^ {2}periodMs: 250 {2}# control period/m,
    /narrowAfterS: 900 {2}# without the cloud, a plan/,
    /chargeKw: {2}# maximum charging/,
  ]) {
    assert.match(printed, line);
  }
  const bare = printed.split('\n').filter((line) => line.trim() !== '' && !line.includes('#'));
  assert.deepEqual(bare, []);
});

test('the printed configuration, with the required keys filled in, gives the defaults', () => {
  const printed = printConfig();
  assert.throws(() => parseConfig(printed, 'printed.yaml'), /gateway must have required properties id, substation/);
  const filled = printed
    .replace(/^ {2}id:/m, '  id: unconfigured')
    .replace(/^ {2}substation:/m, '  substation: unconfigured');
  assert.deepEqual(parseConfig(filled, 'printed.yaml'), bareConfig());
});

test('the short form contains only values that differ from the default and reads back the same', () => {
  const config = read(sample, { flags: { 'uplink.keepAliveS': '30' } });
  const short = printShort(config);
  assert.deepEqual(parseConfig(short, 'short.yaml'), config);
  assert.match(short, /^uplink:\n {2}keepAliveS: 30\n/m);
  assert.doesNotMatch(short, /periodMs|group|envelope|socPct: *\n? *- 10/);
  assert.equal(printShort(bareConfig()), 'gateway:\n  id: unconfigured\n  substation: unconfigured\n');
});

const asked = (driver: string): string =>
  sample
    .slice(0, sample.indexOf('    sign: generation-positive'))
    .replace('driver: mqtt\n    ratings', `${driver}\n    ratings`);

test('polled devices by SunSpec scan and by register table get their defaults', () => {
  const sunspec = read(`${asked('driver: sunspec\n    connection: { host: 10.0.0.2, silentAtNight: true }')}
    write: { activePowerKw: { minIntervalS: 5, deadbandPct: 1, revertAfterS: 120 } }
`).devices[0];
  assert.ok(sunspec?.driver === 'sunspec');
  assert.deepEqual(
    [
      sunspec.connection.port,
      sunspec.connection.unitId,
      sunspec.models,
      sunspec.sign,
      sunspec.write?.activePowerKw?.keepAliveS,
    ],
    [502, 1, 'auto', undefined, 10],
  );
  const modbus = read(`${asked('driver: modbus\n    connection: { host: 10.0.0.2 }')}
    read: { activePowerKw: { register: 30775, type: int32, scale: 0.001, absent: -2147483648 } }
`).devices[0];
  assert.ok(modbus?.driver === 'modbus');
  const signal = modbus.read?.activePowerKw;
  assert.deepEqual(
    [signal?.table, signal?.wordOrder, signal?.offset, modbus.sign],
    ['holding', 'big', 0, 'consumption-positive'],
  );
});

test('configuration errors of a polled device name the keys of its driver only', () => {
  const table = asked('driver: modbus\n    connection: { host: 10.0.0.2 }');
  const cases: [string, RegExp][] = [
    [
      asked('driver: sunspec\n    connection: { hots: 10.0.0.2 }'),
      /connection\.hots is not a known key; did you mean "host"/,
    ],
    [asked('driver: sunspec'), /devices\.0 .*connection/],
    [
      `${table}
    read: { sessionList: { chargers: 100, stride: 700, connected: { register: 0 }, maxKw: { register: 4 } } }
`,
      /read\.sessionList\.connected would be at 69300 for charger 100, beyond the last register 65535; give fewer/,
    ],
    [asked('driver: sunspec\n    connection: { host: a, unitId: 999 }'), /connection\.unitId must be <= 255/],
    [asked('driver: sunspec\n    connection: { unitId: 1 }'), /connection lacks "host" or "serial"; give one/],
    [
      asked('driver: sunspec\n    connection: { host: a, serial: /dev/ttyUSB0 }'),
      /connection has both "host" and "serial"/,
    ],
    [
      asked('driver: sunspec\n    connection: { serial: /dev/ttyUSB0, baud: 19201 }'),
      /connection\.baud .*one of 1200, 2400/,
    ],
    [
      asked('driver: sunspec\n    connection: { serial: /dev/ttyUSB0, unitId: 0 }'),
      /units on a serial line are numbered/,
    ],
    [asked('driver: sunspec\n    models: all\n    connection: { host: a }'), /devices\.0\.models/],
    [
      `${table}    read: { activePowerKw: { register: 70000 } }\n`,
      /read\.activePowerKw\.register must be <= 65535; expected: address/,
    ],
    [
      `${table}    read: { activePowerKw: { register: 1, type: int8 } }\n`,
      /read\.activePowerKw\.type .*one of int16, uint16/,
    ],
    [`${table}    read: { activePowerKw: { topic: a } }\n`, /read\.activePowerKw\.topic is not a known key/],
    [
      `${table}    write: { activePowerKw: { register: 1, type: int32, single: true } }\n`,
      /single is for a single register, but int32 takes 2/,
    ],
    [table, /has neither "read" nor "write"/],
  ];
  for (const [text, message] of cases) assert.throws(() => read(text), { message });
});

const plc = (
  connection = '{ group: site-7, node: plc-1, device: battery }',
  rest = 'write: { activePowerKw: { metric: Set/P, scale: 1000 } }',
): string =>
  sample
    .slice(0, sample.indexOf('    sign: generation-positive'))
    .replace('driver: mqtt\n    ratings', `driver: sparkplug\n    connection: ${connection}\n    ratings`) +
  `    read: { activePowerKw: { metric: Meter/P } }\n    ${rest}\n`;

test("a Sparkplug device gets defaults, rights at the local broker and the gateway's host id", () => {
  const config = read(plc());
  const [device] = config.devices;
  assert.ok(device?.driver === 'sparkplug');
  assert.deepEqual(
    [device.read?.activePowerKw?.scale, device.write?.activePowerKw?.keepAliveS, staleAfterSOf(device), device.sign],
    [1, 10, 60, 'consumption-positive'],
  );
  const { publish, subscribe } = accessOf(config).anyone;
  const own = (type: string, level = ''): string => `spBv1.0/site-7/${type}/plc-1${level}`;
  assert.deepEqual(
    [...publish].filter((topic) => topic.startsWith('spBv1.0/')),
    [own('NBIRTH'), own('NDATA'), own('NDEATH'), own('DBIRTH', '/+'), own('DDATA', '/+'), own('DDEATH', '/+')],
  );
  for (const filter of [own('NCMD'), own('NCMD', '/#'), own('DCMD', '/+'), own('DCMD', '/#'), 'spBv1.0/STATE/owd-01'])
    assert.ok(subscribe.has(filter), filter);
  assert.deepEqual([packetBytesOf(config), packetBytesOf(read(sample))], [262_144, 65_536]);
  assert.equal(hostIdOf(read(`${plc()}localBroker: { hostId: scada }\n`)), 'scada');
});

test('configuration errors of a Sparkplug device name its own keys', () => {
  const set = (write: string): string => plc(undefined, `write: { activePowerKw: ${write} }`);
  const cases: [string, RegExp][] = [
    [plc('{ group: site-7 }'), /devices\.0\.connection .*node/],
    [plc('{ group: site/7, node: plc-1 }'), /connection\.group .*expected: Sparkplug group id of the edge node/],
    [plc('{ group: STATE, node: plc-1 }'), /connection\.group/],
    [plc('{ group: g, node: plc-1, devise: b }'), /connection\.devise is not a known key; did you mean "device"/],
    [set('{ topic: a }'), /write\.activePowerKw\.topic is not a known key; known here: metric/],
    [set('{ metric: Set/P, scale: 0 }'), /scale is 0, so every setpoint would be 0; give the factor/],
    [
      set('{ metric: Node Control/Reboot }'),
      /metric is "Node Control\/Reboot", which controls the node; give a metric/,
    ],
    [
      set('{ metric: Set/P, revertAfterS: 5 }'),
      /revertAfterS is 5, so the device would revert between two keep-alives/,
    ],
    [
      plc().replace('activePowerKw: { metric: Meter/P }', 'staleAfterS: 9'),
      /read reads nothing; name at least one metric/,
    ],
    [`${plc()}localBroker: { hostId: a/b }\n`, /localBroker\.hostId/],
  ];
  for (const [text, message] of cases) assert.throws(() => read(text), { message });
});

test('a broker user belongs to one connection and needs a password; open topics are reported', () => {
  const file = 'localBroker: { userFile: devices.htpasswd }\n';
  const withUser = (user: string, text = sample): string =>
    text.replace('    driver: mqtt\n    ratings', `    driver: mqtt\n    user: ${user}\n    ratings`);
  const second = withUser('other', battery).replace('battery-1', 'battery-2');
  const cases: [string, RegExp][] = [
    [withUser('bms'), /devices\.0\.user is "bms", but localBroker\.userFile is missing; give both or none/],
    [`${withUser('bms:1')}${file}`, /devices\.0\.user/],
    [
      `${withUser('bms')}${second}${file}`,
      /devices\.0\.user is "bms", but battery-2 publishes to the same topic bms\/1\/state as "other"/,
    ],
    [
      `${withUser('bms')}${second.replaceAll('bms/1/state', 'bms/1/set')}${file}`,
      /devices\.0\.user is "bms", but battery-2 may publish to its command topic bms\/1\/set/,
    ],
    [
      plc().replace('driver: sparkplug', 'driver: sparkplug\n    user: plc'),
      /devices\.0\.user is "plc", but localBroker\.userFile is missing/,
    ],
  ];
  for (const [text, message] of cases) assert.throws(() => read(text), { message });

  const doors = (text: string, ...names: string[]): string[] => openDoors(read(text), () => new Set(names));
  assert.deepEqual(doors(sample), [], 'only this computer can connect');
  assert.deepEqual(doors(`${sample}${file}`), [
    'devices[].user: missing for feeder-1, battery-1, so any user of the local broker can publish their values; give each its own',
  ]);
  const named = withUser('bms', sample.replace('driver: mqtt, read', 'driver: mqtt, user: head, read'));
  assert.deepEqual(doors(`${named}${file}`, 'bms', 'head'), []);
  assert.deepEqual(doors(`${named}${file}`, 'bms'), [
    'devices[].user: "head" is not in devices.htpasswd and cannot connect; "loadstone edge passwd" prints its line',
  ]);
  const { byUser, anyone } = accessOf(read(`${withUser('bms')}${battery.replace('battery-1', 'battery-2')}${file}`));
  assert.deepEqual([[...byUser.keys()], [...anyone.publish]], [['bms'], ['head/1']], 'its topics are its own');
});

test('chargers whose cars must not pause are among those of the site', () => {
  const site = (names: string): string => `
gateway: { id: owd-01, substation: owd }
devices:
  - id: ev-1
    type: ev-site
    driver: ocpp
    connection: { listen: "127.0.0.1:9000", chargers: [cp-01, cp-02], uninterrupted: [${names}] }
    ratings: { activePowerKw: 44 }
    safeDefault: { activePowerKw: 17 }
`;
  assert.ok(read(site('cp-02')));
  assert.throws(() => read(site('cp-02, cp-03')), /uninterrupted.* is "cp-03", .*; give one of cp-01, cp-02/);
});

test('an OCPP port that others can reach is reported if it needs no passwords or if a charger lacks one', () => {
  const site = (listen: string, more = ''): string => `
gateway: { id: owd-01, substation: owd }
devices:
  - id: ev-1
    type: ev-site
    driver: ocpp
    connection: { listen: "${listen}", chargers: [cp-01, cp-02]${more} }
    ratings: { activePowerKw: 44 }
    safeDefault: { activePowerKw: 17 }
`;
  const doors = (text: string): string[] => openDoors(read(text), () => new Set(['cp-01']));
  assert.deepEqual(doors(site('127.0.0.1:9000')), []);
  assert.deepEqual(doors(site('192.168.10.1:9000')), [
    'connection.userFile: missing for ev-1, so anyone who reaches 192.168.10.1:9000 can pose as its chargers',
  ]);
  assert.deepEqual(doors(site('192.168.10.1:9000', ', userFile: chargers.htpasswd')), [
    'connection.chargers: cp-02 not in chargers.htpasswd and cannot connect; "loadstone edge passwd" prints the lines',
  ]);
});
