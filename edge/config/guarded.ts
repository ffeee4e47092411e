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
        importKw: optional(magnitude('import limit, kW')),
        exportKw: optional(magnitude('export limit (reverse flow), kW')),
        currentA: optional(magnitude('current limit of each phase, A')),
        voltagePu: optional(Band('voltage band at the busbar, [lowest, highest], pu')),
      },
      { ...closed, default: {}, description: 'set on site; never widened remotely' },
    ),
    emergency: optional(
      Type.Object(
        {
          importKw: optional(magnitude('import limit while an emergency is declared, kW')),
          exportKw: optional(magnitude('export limit while an emergency is declared, kW')),
        },
        {
          ...closed,
          description:
            'limits that two operators together may set in place of importKw and exportKw for a time; absent: none',
        },
      ),
    ),
    relay: optional(
      Type.Object(
        {
          pickUpA: Type.Number({
            exclusiveMinimum: 0,
            description: 'pick-up current of a phase, primary, A',
          }),
          timeMultiplier: Type.Number({ minimum: 0.01, maximum: 10, description: 'time multiplier setting (TMS)' }),
        },
        {
          ...closed,
          description:
            'its overcurrent relay, IEC 60255-151 standard inverse; an alarm is raised when half of the time to its trip is over; absent: not known',
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
            description: 'ambient temperature to assume while no device measures it, C',
          }),
        },
        {
          ...closed,
          description: 'limit the transformer by its predicted hot spot (IEC 60076-7); absent: by its rating',
        },
      ),
    ),
    failsafe: optional(
      Type.Object(
        {
          importKw: magnitude('import limit without a heartbeat, kW'),
          exportKw: magnitude('export limit without a heartbeat, kW'),
          minimumHours: Type.Number({
            minimum: 0,
            maximum: 48,
            default: 2,
            description: 'least time that it holds, h; after it an alarm calls people, because it never ends by itself',
          }),
        },
        {
          ...closed,
          description:
            'narrows limits that only the cloud knows, never widens them, while its heartbeat is lost; ends with a heartbeat and a fresh limit',
        },
      ),
    ),
  },
  closed,
);
export type GuardedConfig = Static<typeof GuardedConfig>;
