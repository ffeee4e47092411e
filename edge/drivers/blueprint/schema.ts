import { Type, type Static } from 'typebox';
import { closed, meterStale, optional, Sign, UserName } from '../../schema/parts.ts';
import { ofEachMetric, ofEachSetpoint, timing } from '../../schema/setpoints.ts';

const Read = Type.Object(
  {
    ...ofEachMetric({
      scale: Type.Number({ default: 1, description: 'factor from the payload to the unit of the key' }),
    }),
    staleAfterS: Type.Number({ default: 5, minimum: 0.2, description: 'silent after this long without a value, s' }),
  },
  { ...closed, description: 'what is read, by metric' },
);
export type BlueprintRead = Static<typeof Read>;

const Writes = Type.Object(ofEachSetpoint(timing), { ...closed, description: 'what is commanded, by metric' });
export type BlueprintWrites = Static<typeof Writes>;

const keys = {
  driver: Type.Literal('blueprint', {
    description: 'a device with one MQTT topic per metric, which carries a plain number',
  }),
  user: optional(UserName),
  topic: Type.String({
    minLength: 1,
    maxLength: 150,
    pattern: '^[^+#]+$',
    description: 'MQTT topic, no wildcards; values on <topic>/<metric>, setpoints on <topic>/<metric>/set',
  }),
  sign: Sign,
};

export const blueprintDevice = { ...keys, read: optional(Read), write: optional(Writes) };
export const blueprintMeter = { ...keys, staleAfterS: meterStale, read: Read };
