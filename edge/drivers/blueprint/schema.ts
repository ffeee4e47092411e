import { Type, type Static } from 'typebox';
import { closed, meterStale, optional, Sign, UserName } from '../../schema/parts.ts';
import { ofEachMetric, ofEachSetpoint, timing } from '../../schema/setpoints.ts';

const Read = Type.Object(
  {
    ...ofEachMetric({
      scale: Type.Number({ default: 1, description: 'factor from the payload to the unit of the key' }),
    }),
    staleAfterS: Type.Number({ default: 5, minimum: 0.2, description: 'without a value for this long it is silent' }),
  },
  { ...closed, description: 'what is read, by metric' },
);
export type BlueprintRead = Static<typeof Read>;

const Writes = Type.Object(ofEachSetpoint(timing), { ...closed, description: 'what is commanded, by metric' });
export type BlueprintWrites = Static<typeof Writes>;

const keys = {
  driver: Type.Literal('blueprint', {
    description: 'a device that publishes a plain number on a topic of its own for each metric',
  }),
  user: optional(UserName),
  topic: Type.String({
    minLength: 1,
    maxLength: 150,
    pattern: '^[^+#]+$',
    description: 'MQTT topic, no wildcard; values are on <topic>/<metric>, setpoints on <topic>/<metric>/set',
  }),
  sign: Sign,
};

export const blueprintDevice = { ...keys, read: optional(Read), write: optional(Writes) };
export const blueprintMeter = { ...keys, staleAfterS: meterStale, read: Read };
