import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnswer, readRequest } from '../drivers/modbus/pdu.ts';
import { makeRig, RIG_YAML } from '../cycle/testing/rig.ts';
import type { DeviceStatus } from './protocol.ts';
import { checkLines, statusLines } from './status-text.ts';

test('check and status name cause and remedy of a silent device, and how one that must connect does so', async () => {
  const rig = await makeRig({ yaml: RIG_YAML });
  Object.assign(rig.world, { 'b/p': null, 'b/soc': null });
  await rig.run(2);
  const status = rig.gateway.status();
  const battery = status.devices.find(({ device }) => device === 'battery-1')!;
  const said = (device: DeviceStatus): string => {
    const given = { ...status, devices: [device] };
    const line = checkLines(given).at(-1)!;
    const causes = statusLines(given).filter((each) => each.startsWith('CAUSE    battery-1: '));
    assert.equal(causes.length, 1);
    assert.ok(line.endsWith(causes[0]!.slice('CAUSE    battery-1'.length)), line);
    return line;
  };
  assert.match(said(battery), /^battery-1 has never reported: it must connect to \S+:\d+ and publish on b\/p$/);
  await rig.gateway.stop();
  const exception = (code: number): string => {
    const outcome = readAnswer(readRequest('holding', 10, 1), Uint8Array.of(0x83, code));
    return outcome.ok ? '' : outcome.fault.detail;
  };
  const rows: [reason: string, remedy: RegExp][] = [
    ['10.0.0.7:502: connect ECONNREFUSED 10.0.0.7:502', /nothing listens there: look at host and port/],
    ['10.0.0.7:502: connect EHOSTUNREACH 10.0.0.7:502', /no way there: look at host, its power/],
    ['10.0.0.7:502: no connection within 800 ms', /no way there/],
    ['pv.local:502: getaddrinfo ENOTFOUND pv.local', /give an IP address/],
    ['10.0.0.7:502: closed by the device', /serve one master only/],
    ['10.0.0.7:502: protocol 21584 is not Modbus', /something else listens there/],
    ['unit 3 did not answer within 800 ms', /look at unitId and the wiring/],
    ['/dev/ttyUSB0: stty: /dev/ttyUSB0: Permission denied', /usermod -aG dialout loadstone-edge/],
    ["/dev/ttyUSB0: EACCES: permission denied, open '/dev/ttyUSB0'", /usermod -aG dialout loadstone-edge/],
    ['/dev/ttyUSB0: stty: /dev/ttyUSB0: No such file or directory', /by-id lists the ports/],
    [exception(1), /some devices need single: true/],
    [exception(2), /look at register and table: 40001 in a manual is 0 here/],
    [exception(3), /leave out gap/],
    [exception(6), /longer pollMs/],
    [exception(10), /behind the Modbus gateway$/],
    [exception(11), /behind the Modbus gateway$/],
    ['payload is not JSON', /look at topic/],
    ['activePowerKw is string, not a number', /look at path/],
    ['activePowerKw 5000000 is outside -1000 to 1000', /look at scale, sign and ratings/],
  ];
  const { awaits: _, ...polled } = battery;
  for (const [lastRefusal, remedy] of rows) {
    const line = said({ ...polled, lastRefusal });
    assert.ok(line.startsWith(`battery-1 has never reported: ${lastRefusal}; `), line);
    assert.match(line, remedy);
  }
  const up = { ...battery, link: 'up', activePowerKw: 5, unsent: 2, lastRefusal: exception(2) } as const;
  assert.match(
    checkLines({ ...status, devices: [up] }).at(-1)!,
    /battery-1 takes 5\.0 kW; 2 setpoints not taken, the last: register 10: exception 2.*look at register and table/,
  );
});
