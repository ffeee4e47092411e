import { Type, type Static, type TObject, type TProperties } from 'typebox';
import { protocols } from '../drivers/table.ts';
import { Band, closed, magnitude, optional } from '../schema/parts.ts';

type Schemas<Protocols extends readonly unknown[]> = Protocols extends readonly [infer First, ...infer Rest]
  ? First extends { readonly meter: infer Meter extends TProperties }
    ? [TObject<Meter>, ...Schemas<Rest>]
    : Schemas<Rest>
  : [];

const MeterConfig = Type.Union(
  protocols.flatMap(({ meter }) =>
    meter === undefined
      ? []
      : [Type.Object<TProperties>(meter, { ...closed, description: 'the meter of this element' })],
  ) as unknown as Schemas<typeof protocols>,
);

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
    relay: optional(
      Type.Object(
        {
          pickUpA: Type.Number({
            exclusiveMinimum: 0,
            description: 'primary current in a phase at which it picks up, A',
          }),
          timeMultiplier: Type.Number({ minimum: 0.01, maximum: 10, description: 'its time multiplier (TMS)' }),
        },
        {
          ...closed,
          description:
            'its overcurrent relay, IEC 60255-151 standard inverse: people are told when half of its time to the trip is over; absent: not known',
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
