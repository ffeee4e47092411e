import { Type } from 'typebox';
import { closed, meterStale, optional, seconds } from '../../schema/parts.ts';
import { ofEachSetpoint, timing } from '../../schema/setpoints.ts';
import { connectionKeys } from '../modbus/schema.ts';

export const TimedWrites = Type.Object(ofEachSetpoint(timing), {
  ...closed,
  description: 'what is commanded, by metric; the models of the device say where',
});

const sunspecConnection = {
  ...connectionKeys,
  nominalV: Type.Number({
    exclusiveMinimum: 0,
    default: 230,
    description: 'volts to neutral at the terminal that are 1 per unit',
  }),
};

export const Models = Type.Union(
  [Type.Literal('auto'), Type.Array(Type.Integer({ minimum: 1, maximum: 65_534 }), { minItems: 1, maxItems: 64 })],
  { default: 'auto', description: 'auto: what the scan finds; or the SunSpec models that may be used, by number' },
);

const SunspecSign = Type.Union([Type.Literal('consumption-positive'), Type.Literal('generation-positive')], {
  description: 'how the device counts power; absent: inverters generation-positive, meters consumption-positive',
});

const driver = Type.Literal('sunspec', {
  description: 'a SunSpec device over Modbus: what it has is found by a scan',
});

export const sunspecDevice = {
  driver,
  connection: Type.Object(
    { ...sunspecConnection, staleAfterS: seconds('silent after, s', 5) },
    { ...closed, description: 'where the device is reached' },
  ),
  models: Models,
  sign: optional(SunspecSign),
  write: optional(TimedWrites),
};
export const sunspecMeter = {
  driver,
  ...sunspecConnection,
  models: Models,
  sign: optional(SunspecSign),
  staleAfterS: meterStale,
};
