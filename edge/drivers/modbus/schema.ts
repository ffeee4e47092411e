import { Type, type Static } from 'typebox';
import { ofEachMetric, ofEachSetpoint, timing } from '../../schema/setpoints.ts';
import { closed, meterStale, optional, Sign } from '../../schema/parts.ts';

const Register = (description: string) => Type.Integer({ minimum: 0, maximum: 65_535, description });

const Held = (description: string) =>
  Type.Union(
    [
      Type.Literal('int16'),
      Type.Literal('uint16'),
      Type.Literal('int32'),
      Type.Literal('uint32'),
      Type.Literal('int64'),
      Type.Literal('uint64'),
      Type.Literal('float32'),
      Type.Literal('float64'),
    ],
    { default: 'int16', description },
  );

const WordOrder = Type.Union([Type.Literal('big'), Type.Literal('little')], {
  default: 'big',
  description: 'first word of a value of several registers: the high one (big) or the low one (little)',
});

const signalKeys = {
  register: Register('address on the wire, from 0; 40001 in a manual is 0 here'),
  table: Type.Union([Type.Literal('holding'), Type.Literal('input')], {
    default: 'holding',
    description: 'holding registers (function 3) or input registers (function 4)',
  }),
  type: Held('number format of the registers'),
  wordOrder: WordOrder,
  scale: Type.Number({ default: 1, description: 'factor from the registers to the unit of the key' }),
  offset: Type.Number({ default: 0, description: 'added after the factor' }),
  absent: optional(Type.Number({ description: 'raw number by which the device reports that it has no value' })),
};

/** Registers of one value. */
export const RegisterSignal = Type.Object(signalKeys, closed);
export type RegisterSignal = Static<typeof RegisterSignal>;

export type RegisterType = RegisterSignal['type'];

/** How a setpoint is written into registers. */
export const RegisterWriting = Type.Object(
  {
    register: signalKeys.register,
    type: signalKeys.type,
    wordOrder: WordOrder,
    scale: Type.Number({ default: 1, description: 'factor from the unit of the key to the registers' }),
    single: Type.Boolean({ default: false, description: 'write with function 6 instead of 16; for one register only' }),
    revert: optional(
      Type.Object(
        {
          register: Register('register for the time after which the device reverts'),
          type: Held('number format of the register'),
          scale: Type.Number({ default: 1, description: 'factor from seconds to the register' }),
        },
        {
          ...closed,
          description: 'written before the setpoint; absent: the watchdog is set at the device',
        },
      ),
    ),
    enable: optional(
      Type.Object(
        {
          register: Register('register that enables the setpoint'),
          value: Type.Integer({ minimum: 0, maximum: 65_535, default: 1, description: 'value that enables it' }),
        },
        { ...closed, description: 'written after the setpoint' },
      ),
    ),
    ...timing,
  },
  closed,
);
export type RegisterWriting = Static<typeof RegisterWriting>;

const named = (description: string) => Type.Object(signalKeys, { ...closed, description });

/** Registers of a site's charging sessions: the same layout for each charger. */
export const RegisterSessions = Type.Object(
  {
    chargers: Type.Integer({
      minimum: 1,
      maximum: 100,
      description: 'number of chargers; the registers below are of the first one',
    }),
    stride: Type.Integer({ minimum: 1, maximum: 10_000, description: 'registers from one charger to the next' }),
    connected: named('not 0 while a car is connected'),
    energyDueKwh: optional(named('energy that the car still needs')),
    departure: optional(named('departure, milliseconds UTC; absent or 0: not known')),
    maxKw: named('maximum charging power'),
    minKw: optional(named('minimum charging power; absent: 0')),
    uninterrupted: optional(named('not 0 if the car must not pause once it charges')),
    charging: optional(named('not 0 while the car charges')),
  },
  { ...closed, description: 'the sessions of a charging site, so that each car is charged by its departure' },
);
export type RegisterSessions = Static<typeof RegisterSessions>;

export const RegisterRead = Type.Object(
  {
    ...ofEachMetric(signalKeys),
    sessionList: optional(RegisterSessions),
    staleAfterS: Type.Number({ default: 5, minimum: 0.2, description: 'silent after this long without a value, s' }),
  },
  { ...closed, description: 'what is read, by metric' },
);
export type RegisterRead = Static<typeof RegisterRead>;

export const RegisterWrites = Type.Object(ofEachSetpoint(RegisterWriting.properties), {
  ...closed,
  description: 'what is commanded, by metric',
});

/** Speeds of serial ports, bit/s. */
export const BAUDS = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200] as const;

export const connectionKeys = {
  host: optional(
    Type.String({
      minLength: 1,
      maxLength: 253,
      description: 'host name or address of the device; give this or serial',
    }),
  ),
  port: Type.Integer({ minimum: 1, maximum: 65_535, default: 502, description: 'TCP port' }),
  framing: Type.Union([Type.Literal('tcp'), Type.Literal('rtu')], {
    default: 'tcp',
    description: 'Modbus TCP, or RTU frames over TCP as serial device servers send them',
  }),
  serial: optional(
    Type.String({
      pattern: '^/dev/[A-Za-z0-9/._:-]+$',
      description: 'serial port with Modbus RTU, such as /dev/ttyUSB0',
    }),
  ),
  baud: Type.Unsafe<number>(
    Type.Union(
      BAUDS.map((speed) => Type.Literal(speed)),
      { default: 19_200, description: 'speed of the serial port, bit/s' },
    ),
  ),
  parity: Type.Union([Type.Literal('none'), Type.Literal('even'), Type.Literal('odd')], {
    default: 'even',
    description: 'parity on the serial port',
  }),
  stopBits: optional(
    Type.Union([Type.Literal(1), Type.Literal(2)], { description: 'stop bits; absent: 1 with parity, 2 without' }),
  ),
  unitId: Type.Integer({ minimum: 0, maximum: 255, default: 1, description: 'Modbus unit at that address' }),
  pollMs: Type.Integer({ minimum: 50, maximum: 3_600_000, default: 1000, description: 'pause between two polls, ms' }),
  timeoutMs: Type.Integer({
    minimum: 20,
    maximum: 60_000,
    default: 800,
    description: 'longest wait for one answer, ms',
  }),
  silentAtNight: Type.Boolean({
    default: false,
    description: 'for an inverter that sleeps: while silent it is polled every five minutes instead of every minute',
  }),
};

const registerConnection = {
  ...connectionKeys,
  gap: Type.Integer({
    minimum: 0,
    maximum: 100,
    default: 0,
    description: 'unneeded registers that a request may include to save requests; many devices refuse it',
  }),
};

const driver = Type.Literal('modbus', { description: 'a Modbus device, by a table of its registers' });

export const modbusDevice = {
  driver,
  connection: Type.Object(registerConnection, { ...closed, description: 'how to reach the device' }),
  sign: Sign,
  read: optional(RegisterRead),
  write: optional(RegisterWrites),
};
export const modbusMeter = { driver, ...registerConnection, sign: Sign, staleAfterS: meterStale, read: RegisterRead };
