import { Type, type Static } from 'typebox';
import { closed, meterStale, optional, Sign, UserName } from '../../schema/parts.ts';
import { ofEachMetric, ofEachSetpoint, timing } from '../../schema/setpoints.ts';

/** Where a value is found in a device's messages. */
export const MqttSignal = Type.Object(
  {
    topic: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^+#]+$', description: 'MQTT topic, no wildcards' }),
    path: Type.String({
      default: '$',
      pattern: '^\\$(\\.[A-Za-z0-9_-]+|\\[[0-9]+\\])*$',
      description: 'JSON path of the value, such as $.power_w; $ is the payload itself',
    }),
    scale: Type.Number({ default: 1, description: 'factor from the payload to the unit of the key' }),
  },
  closed,
);
export type MqttSignal = Static<typeof MqttSignal>;

/** How a setpoint is written. */
export const MqttWrite = Type.Object(
  {
    topic: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^+#]+$', description: 'MQTT topic, no wildcards' }),
    template: Type.String({
      default: '{"value":${value},"revertAfterS":${revertAfterS}}',
      description: 'payload; ${value} and ${revertAfterS} are filled in',
    }),
    scale: Type.Number({ default: 1, description: 'factor from the unit of the key to the payload' }),
    ...timing,
  },
  closed,
);
export type MqttWrite = Static<typeof MqttWrite>;

const fieldName = (meaning: string, name: string): ReturnType<typeof Type.String> =>
  Type.String({ default: name, minLength: 1, maxLength: 60, description: `field of an entry: ${meaning}` });

const flagName = (meaning: string): ReturnType<typeof Type.String> =>
  Type.String({ minLength: 1, maxLength: 60, description: `field of an entry: ${meaning}; may be absent` });

/** Where a charging site lists its sessions. */
export const MqttSessions = Type.Object(
  {
    topic: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^+#]+$', description: 'MQTT topic, no wildcards' }),
    path: Type.String({
      default: '$.sessions',
      pattern: '^\\$(\\.[A-Za-z0-9_-]+|\\[[0-9]+\\])*$',
      description: 'JSON path of the list',
    }),
    id: fieldName('charger or connector, nothing that identifies the car', 'id'),
    energyDueKwh: fieldName('energy that the car still needs, kWh; may be absent', 'energyDueKwh'),
    departure: fieldName('departure, milliseconds UTC; may be absent', 'departure'),
    maxKw: fieldName('maximum charging power', 'maxKw'),
    minKw: fieldName('minimum charging power; may be absent', 'minKw'),
    uninterrupted: optional(flagName('true, or not 0, if the car must not pause once it charges')),
    charging: optional(flagName('true, or not 0, while the car charges')),
    powerScale: Type.Number({ default: 1, exclusiveMinimum: 0, description: 'factor from powers in the list to kW' }),
  },
  { ...closed, description: 'the sessions of a charging site, so that each car is charged by its departure' },
);
export type MqttSessions = Static<typeof MqttSessions>;

export const MqttRead = Type.Object(
  {
    ...ofEachMetric(MqttSignal.properties),
    sessionList: Type.Optional(MqttSessions),
    timePath: Type.Optional(
      Type.String({
        pattern: '^\\$(\\.[A-Za-z0-9_-]+|\\[[0-9]+\\])*$',
        description: 'JSON path of the source time, milliseconds UTC; absent: the time of receipt',
      }),
    ),
    staleAfterS: Type.Number({ default: 5, minimum: 0.2, description: 'silent after this long without a value, s' }),
  },
  { ...closed, description: 'what is read, by metric' },
);
export type MqttRead = Static<typeof MqttRead>;

export const MqttWrites = Type.Object(ofEachSetpoint(MqttWrite.properties), {
  ...closed,
  description: 'what is commanded, by metric',
});
export type MqttWrites = Static<typeof MqttWrites>;

const driver = Type.Literal('mqtt', { description: 'a device that publishes JSON to the local broker' });
const common = { driver, user: optional(UserName), sign: Sign };

export const mqttDevice = { ...common, read: optional(MqttRead), write: optional(MqttWrites) };
export const mqttMeter = { ...common, staleAfterS: meterStale, read: MqttRead };
