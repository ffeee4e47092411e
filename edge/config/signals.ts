import { Type, type Static, type TProperties } from 'typebox';
import { metrics, type Metric } from '../../shared/contracts/frame.ts';
import { closed } from './parts.ts';

/** Where one value stands in what a device publishes. */
export const MqttSignal = Type.Object(
  {
    topic: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^+#]+$', description: 'MQTT topic, no wildcard' }),
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

/** How often a setpoint is written at most and at least, and how long the device keeps it. */
export const timing = {
  keepAliveS: Type.Number({ default: 10, minimum: 0.1, description: 'the setpoint is sent again this often' }),
  revertAfterS: Type.Number({
    default: 60,
    minimum: 1,
    description: 'the device falls back by itself when it hears nothing for this long',
  }),
  minIntervalS: Type.Number({ default: 0, minimum: 0, description: 'least time between two writes' }),
  deadbandPct: Type.Number({
    default: 0,
    minimum: 0,
    maximum: 20,
    description: 'smaller changes, % of the rating, wait',
  }),
};

/** How a setpoint is written. */
export const MqttWrite = Type.Object(
  {
    topic: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^+#]+$', description: 'MQTT topic, no wildcard' }),
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

/** Where a charging site lists its sessions one by one. */
export const MqttSessions = Type.Object(
  {
    topic: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^+#]+$', description: 'MQTT topic, no wildcard' }),
    path: Type.String({
      default: '$.sessions',
      pattern: '^\\$(\\.[A-Za-z0-9_-]+|\\[[0-9]+\\])*$',
      description: 'JSON path of the list',
    }),
    id: fieldName('charger or connector, nothing that tells whose car it is', 'id'),
    energyDueKwh: fieldName('what it still wants, kWh; may be absent', 'energyDueKwh'),
    departure: fieldName('when it leaves, milliseconds UTC; may be absent', 'departure'),
    maxKw: fieldName('most that it takes', 'maxKw'),
    minKw: fieldName('least with which it charges; may be absent', 'minKw'),
    powerScale: Type.Number({ default: 1, exclusiveMinimum: 0, description: 'factor from its powers to kW' }),
  },
  { ...closed, description: 'the sessions of a charging site, so that each is charged by its own departure' },
);
export type MqttSessions = Static<typeof MqttSessions>;

const signals = Object.fromEntries(
  Object.entries(metrics).map(([metric, meaning]) => [metric, Type.Optional(described(MqttSignal, meaning))]),
) as Record<Metric, ReturnType<typeof Type.Optional<typeof MqttSignal>>>;

export const MqttRead = Type.Object(
  {
    ...signals,
    sessionList: Type.Optional(MqttSessions),
    timePath: Type.Optional(
      Type.String({
        pattern: '^\\$(\\.[A-Za-z0-9_-]+|\\[[0-9]+\\])*$',
        description: 'JSON path of the source time, milliseconds UTC; absent: the time of receipt',
      }),
    ),
    staleAfterS: Type.Number({ default: 5, minimum: 0.2, description: 'without a value for this long it is silent' }),
  },
  { ...closed, description: 'what is read, by metric' },
);
export type MqttRead = Static<typeof MqttRead>;

/** What a device can be told. */
export const setpointMetrics = {
  activePowerKw: 'active power, positive is consumption',
  reactivePowerKvar: 'reactive power, positive is absorbed',
  activePowerLimitKw: 'limit in the direction of the device, a magnitude',
  voltageTargetPu: 'target of the tap changer controller',
  capacitorStep: 'steps of a capacitor bank that are to be switched in',
} as const;
export type SetpointMetric = keyof typeof setpointMetrics;

/** The metric under which a device reads back what it was told. */
export const readbacks = {
  activePowerKw: 'activePowerSetpointKw',
  reactivePowerKvar: 'reactivePowerSetpointKvar',
  activePowerLimitKw: 'activePowerLimitKw',
  voltageTargetPu: 'voltageTargetPu',
  capacitorStep: 'capacitorStep',
} as const satisfies Record<SetpointMetric, Metric>;

export const MqttWrites = Type.Object(
  Object.fromEntries(
    Object.entries(setpointMetrics).map(([metric, meaning]) => [metric, Type.Optional(described(MqttWrite, meaning))]),
  ) as Record<SetpointMetric, ReturnType<typeof Type.Optional<typeof MqttWrite>>>,
  { ...closed, description: 'what is commanded, by metric' },
);
export type MqttWrites = Static<typeof MqttWrites>;

/** The same object schema with another description. */
function described<Properties extends TProperties>(
  schema: ReturnType<typeof Type.Object<Properties>>,
  description: string,
): ReturnType<typeof Type.Object<Properties>> {
  return Type.Object(schema.properties, { ...closed, description });
}
