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
  metric: MetricName('name of the Sparkplug metric, as the birth has it, such as Meter/Active Power'),
  scale: Type.Number({ default: 1, description: 'factor from the metric to the unit of the key' }),
};

const ofEach = (description: string) =>
  Type.Object(
    {
      metric: Type.String({
        maxLength: 300,
        pattern: '\\{n\\}',
        description:
          'name of the metric of each charger, where {n} is its number from 1 on, such as EVSE {n}/Connected',
      }),
      scale: signalKeys.scale,
    },
    { ...closed, description },
  );

/** Metrics of a site's charging sessions: the same for each charger, with its number in their names. */
export const SparkplugSessions = Type.Object(
  {
    chargers: Type.Integer({ minimum: 1, maximum: 100, description: 'chargers of the site' }),
    connected: ofEach('true, or not 0, while a car stands there'),
    energyDueKwh: optional(ofEach('what the car still wants')),
    departure: optional(ofEach('when it leaves, milliseconds UTC; null or 0: not known')),
    maxKw: ofEach('most that it takes'),
    minKw: optional(ofEach('least with which it charges; absent: 0')),
  },
  { ...closed, description: 'the sessions of a charging site, so that each is charged by its own departure' },
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
        'without a message of it for this long it is silent; where nothing changes it is asked for its births at half of this, each 10 s at most',
    }),
  },
  { ...closed, description: 'what is read, by metric' },
);
export type SparkplugRead = Static<typeof SparkplugRead>;

const writeKeys = {
  metric: MetricName('name of the Sparkplug metric that is commanded; what it tells is the readback of the setpoint'),
  scale: Type.Number({ default: 1, description: 'factor from the unit of the key to the metric' }),
  revertMetric: optional(
    MetricName('metric that takes revertAfterS, in seconds, with each setpoint; absent: it is set at the device'),
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
  connection: Type.Object(sparkplugConnection, { ...closed, description: 'which edge node, or device behind it' }),
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
