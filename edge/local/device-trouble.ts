import { withRemedy, type Remedies } from './remedies.ts';

/** By what a driver reports of a device. */
const remedies: Remedies = [
  [/ECONNREFUSED/, 'nothing listens there: look at host and port, and whether the device serves Modbus TCP'],
  [
    /EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|no connection within/,
    'no way there: look at host, its power and cabling, and whether this computer has an address in its network',
  ],
  [/ENOTFOUND|EAI_AGAIN/, 'the name in host is not known here: give an IP address'],
  [/closed by the device|ECONNRESET|EPIPE/, 'many devices serve one master only: disconnect the other one'],
  [/is not Modbus|invalid length/, 'something else listens there: look at port, and whether framing must be rtu'],
  [/did not answer within \d+ ms$/, 'look at unitId and the wiring, and whether it needs a longer timeoutMs'],
  [
    /permission denied|EACCES/i,
    'the user of the service may not use the port: sudo usermod -aG dialout loadstone-edge, then restart the service',
  ],
  [/no such file|ENOENT/i, 'ls -l /dev/serial/by-id lists the ports that there are'],
  [/resource busy|EBUSY/i, 'another program uses the port: sudo fuser -v shows which'],
  [/input\/output error|EIO|the port is gone/i, 'the adapter was unplugged, or is broken'],
  [/exception 1,/, 'look at table; some devices need single: true for writes'],
  [/exception 2,/, 'look at register and table: 40001 in a manual is 0 here'],
  [/exception 3,/, 'look at type, and leave out gap'],
  [/exception [56],/, 'give it a longer pollMs'],
  [/exception 1[01],/, 'look at unitId, and at power and wiring behind the Modbus gateway'],
  [/do not answer a read of/, 'two units may have the same number: look at unitId'],
  [/payload is not JSON/, 'look at topic, and at what the device publishes there'],
  [/is \w+, not a number/, 'look at path'],
  [/older than the last value/, "look at the device's clock, and whether two devices publish there"],
  [/is outside -?\d/, 'look at scale, sign and ratings'],
];

/** What a driver reports of a device, with its remedy. */
export const deviceTrouble = (reason: string): string => withRemedy(reason, remedies);
