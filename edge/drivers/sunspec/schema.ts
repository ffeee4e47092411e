import { Type } from 'typebox';
import { closed, meterStale, optional, seconds } from '../../schema/parts.ts';
import { ofEachSetpoint, timing } from '../../schema/setpoints.ts';
import { connectionKeys } from '../modbus/schema.ts';

export const TimedWrites = Type.Object(ofEachSetpoint(timing), {
  ...closed,
  description: 'what is commanded, by metric; the models of the device give the registers',
});

const sunspecConnection = {
  ...connectionKeys,
  nominalV: Type.Number({
    exclusiveMinimum: 0,
    default: 230,
    description: 'voltage to neutral at the terminal that is 1 pu, V',
  }),
};

export const Models = Type.Union(
  [Type.Literal('auto'), Type.Array(Type.Integer({ minimum: 1, maximum: 65_534 }), { minItems: 1, maxItems: 64 })],
  {
    default: 'auto',
    description: 'auto: all models that the scan finds; or a list of the models that may be used, by number',
  },
);

const SunspecSign = Type.Union([Type.Literal('consumption-positive'), Type.Literal('generation-positive')], {
  description: 'sign convention of the device; absent: inverters generation-positive, meters consumption-positive',
});

const driver = Type.Literal('sunspec', {
  description: 'a SunSpec device over Modbus; a scan finds its models',
});

export const sunspecDevice = {
  driver,
  connection: Type.Object(
    { ...sunspecConnection, staleAfterS: seconds('silent after, s', 5) },
    { ...closed, description: 'how to reach the device' },
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
