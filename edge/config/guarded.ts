import { Type, type Static } from 'typebox';
import { Models, RegisterRead, registerConnection, sunspecConnection } from './modbus.ts';
import { Band, closed, driver, magnitude, optional, Sign, SunspecSign, UserName } from './parts.ts';
import { MqttRead } from './signals.ts';
import { sparkplugConnection, SparkplugRead } from './sparkplug.ts';

const meter = { ...closed, description: 'the meter of this element' };
const meterStale = optional(
  Type.Number({ minimum: 0, maximum: 1e6, description: 'silent after, s; absent: what read says, else 5' }),
);
const MeterConfig = Type.Union([
  Type.Object(
    { driver: driver.mqtt, user: optional(UserName), sign: Sign, staleAfterS: meterStale, read: MqttRead },
    meter,
  ),
  Type.Object(
    {
      driver: driver.sparkplug,
      user: optional(UserName),
      ...sparkplugConnection,
      sign: Sign,
      staleAfterS: meterStale,
      read: SparkplugRead,
    },
    meter,
  ),
  Type.Object(
    {
      driver: driver.sunspec,
      ...sunspecConnection,
      models: Models,
      sign: optional(SunspecSign),
      staleAfterS: meterStale,
    },
    meter,
  ),
  Type.Object(
    { driver: driver.modbus, ...registerConnection, sign: Sign, staleAfterS: meterStale, read: RegisterRead },
    meter,
  ),
]);

export const GuardedConfig = Type.Object(
  {
    id: Type.String({
      pattern: '^(transformer|feeder-[0-9]+)$',
      description: 'transformer or feeder-1, feeder-2, ...',
    }),
    ratedKva: optional(magnitude('rated apparent power, kVA')),
    meter: MeterConfig,
    limits: Type.Object(
      {
        importKw: optional(magnitude('most that may flow in, kW')),
        exportKw: optional(magnitude('most that may flow back, kW')),
        currentA: optional(magnitude('most current in a phase, A')),
        voltagePu: optional(Band('voltage at the busbar, lowest and highest, pu')),
      },
      { ...closed, default: {}, description: 'set on site; never widened from afar' },
    ),
    emergency: optional(
      Type.Object(
        {
          importKw: optional(magnitude('most that may flow in while an emergency is declared, kW')),
          exportKw: optional(magnitude('most that may flow back while an emergency is declared, kW')),
        },
        {
          ...closed,
          description:
            'limits that two operators may put in the place of importKw and exportKw for a time; absent: none',
        },
      ),
    ),
    thermal: optional(
      Type.Object(
        {
          cooling: Type.Literal('onan', { description: 'oil-immersed, natural circulation of oil and air' }),
          ambientC: Type.Number({
            minimum: -40,
            maximum: 60,
            default: 40,
            description: 'ambient temperature while no device measures it, C',
          }),
        },
        {
          ...closed,
          description: 'load the transformer by its predicted hot spot (IEC 60076-7); absent: by its rating alone',
        },
      ),
    ),
    failsafe: optional(
      Type.Object(
        {
          importKw: magnitude('import that holds without a heartbeat, kW'),
          exportKw: magnitude('export that holds without a heartbeat, kW'),
          minimumHours: Type.Number({
            minimum: 0,
            maximum: 48,
            default: 2,
            description: 'it holds at least this long; then people are called, since it never ends by itself',
          }),
        },
        { ...closed, description: 'for limits that only the cloud knows, when its heartbeat is lost' },
      ),
    ),
  },
  closed,
);
export type GuardedConfig = Static<typeof GuardedConfig>;
