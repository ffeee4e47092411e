import { Type } from 'typebox';

export const closed = { additionalProperties: false } as const;
export const optional = Type.Optional;

/** A limit whose name carries its direction; a negative one is LS-CONFIG-004. */
export const magnitude = (description: string) => Type.Number({ minimum: 0, magnitude: true, description });
export const seconds = (description: string, value: number) =>
  Type.Number({ minimum: 0, maximum: 1e6, default: value, description });

export const Band = (description: string) => Type.Tuple([Type.Number(), Type.Number()], { description });

export const Sign = Type.Union([Type.Literal('consumption-positive'), Type.Literal('generation-positive')], {
  default: 'consumption-positive',
  description: 'sign convention of the device',
});
export const UserName = Type.String({
  pattern: '^[^:\\s]{1,64}$',
  description:
    'the only user of the local broker who may publish its values and receive its commands; needs a line in localBroker.userFile; absent: any user may',
});

export const PowerMagnitudes = (description: string) =>
  Type.Object(
    { importKw: magnitude('import limit, kW'), exportKw: magnitude('export limit, kW') },
    { ...closed, description },
  );

/** For a meter, whose other keys are at the same level. */
export const meterStale = optional(
  Type.Number({ minimum: 0, maximum: 1e6, description: 'silent after, s; absent: staleAfterS of read, else 5' }),
);
