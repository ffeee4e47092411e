import { Type, type Static } from 'typebox';
import { ofEachMetric, ofEachSetpoint, timing } from '../../schema/setpoints.ts';
import { closed, meterStale, optional, Sign, UserName } from '../../schema/parts.ts';

/** Sparkplug B 3.0, 4.1: any name without the special characters of MQTT topics; a group must not be named STATE. */
const levelOf = (description: string) =>
  Type.String({ minLength: 1, maxLength: 120, pattern: '^(?!STATE$)[^/+#]+$', description });

const sparkplugConnection = {
  group: levelOf('Sparkplug group id of the edge node'),
  node: levelOf('edge node id'),
  device: optional(levelOf('device id behind the edge node; absent: the metrics of the node itself')),
};

const MetricName = (description: string) => Type.String({ minLength: 1, maxLength: 300, description });

const signalKeys = {
  metric: MetricName('name of the Sparkplug metric, as in the birth, such as Meter/Active Power'),
  scale: Type.Number({ default: 1, description: 'factor from the metric to the unit of the key' }),
};

const ofEach = (description: string) =>
  Type.Object(
    {
      metric: Type.String({
        maxLength: 300,
        pattern: '\\{n\\}',
        description: 'metric name for each charger, with {n} for its number from 1, such as EVSE {n}/Connected',
      }),
      scale: signalKeys.scale,
    },
    { ...closed, description },
  );

/** Metrics of a site's charging sessions: the same for each charger, with its number in their names. */
export const SparkplugSessions = Type.Object(
  {
    chargers: Type.Integer({ minimum: 1, maximum: 100, description: 'number of chargers' }),
    connected: ofEach('true, or not 0, while a car is connected'),
    energyDueKwh: optional(ofEach('energy that the car still needs')),
    departure: optional(ofEach('departure, milliseconds UTC; null or 0: not known')),
    maxKw: ofEach('maximum charging power'),
    minKw: optional(ofEach('minimum charging power; absent: 0')),
    uninterrupted: optional(ofEach('true, or not 0, if the car must not pause once it charges')),
    charging: optional(ofEach('true, or not 0, while the car charges')),
  },
  { ...closed, description: 'the sessions of a charging site, so that each car is charged by its departure' },
);
export type SparkplugSessions = Static<typeof SparkplugSessions>;

export const SPARKPLUG_SILENT_S = 60;

export const SparkplugRead = Type.Object(
  {
    ...ofEachMetric(signalKeys),
    sessionList: optional(SparkplugSessions),
    staleAfterS: Type.Number({
      default: SPARKPLUG_SILENT_S,
      minimum: 0.2,
      description:
        'silent after this long without a message, s; a quiet node is asked for its births at half of this, at most every 10 s',
    }),
  },
  { ...closed, description: 'what is read, by metric' },
);
export type SparkplugRead = Static<typeof SparkplugRead>;

const writeKeys = {
  metric: MetricName('name of the Sparkplug metric to command; its reported value is the readback of the setpoint'),
  scale: Type.Number({ default: 1, description: 'factor from the unit of the key to the metric' }),
  revertMetric: optional(
    MetricName('metric that receives revertAfterS, in seconds, with each setpoint; absent: it is set at the device'),
  ),
  ...timing,
};
const SparkplugWrite = Type.Object(writeKeys, closed);
export type SparkplugWrite = Static<typeof SparkplugWrite>;

export const SparkplugWrites = Type.Object(ofEachSetpoint(writeKeys), {
  ...closed,
  description: 'what is commanded, by metric',
});
export type SparkplugWrites = Static<typeof SparkplugWrites>;

const driver = Type.Literal('sparkplug', {
  description: 'a Sparkplug B edge node at the local broker, or a device behind one',
});

export const sparkplugDevice = {
  driver,
  user: optional(UserName),
  connection: Type.Object(sparkplugConnection, { ...closed, description: 'the edge node, or the device behind it' }),
  sign: Sign,
  read: optional(SparkplugRead),
  write: optional(SparkplugWrites),
};
export const sparkplugMeter = {
  driver,
  user: optional(UserName),
  ...sparkplugConnection,
  sign: Sign,
  staleAfterS: meterStale,
  read: SparkplugRead,
};
