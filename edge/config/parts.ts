import { Type } from 'typebox';

export const closed = { additionalProperties: false } as const;
export const optional = Type.Optional;

/** A limit that carries its direction in its name; a negative one is LS-CONFIG-004. */
export const magnitude = (description: string) => Type.Number({ minimum: 0, magnitude: true, description });
export const seconds = (description: string, value: number) =>
  Type.Number({ minimum: 0, maximum: 1e6, default: value, description });

export const Band = (description: string) => Type.Tuple([Type.Number(), Type.Number()], { description });

export const Sign = Type.Union([Type.Literal('consumption-positive'), Type.Literal('generation-positive')], {
  default: 'consumption-positive',
  description: 'how the device counts power',
});
export const SunspecSign = Type.Union([Type.Literal('consumption-positive'), Type.Literal('generation-positive')], {
  description: 'how the device counts power; absent: inverters generation-positive, meters consumption-positive',
});

export const UserName = Type.String({
  pattern: '^[^:\\s]{1,64}$',
  description:
    'user at the local broker that alone may write its topics and hear its commands, with a line in localBroker.userFile; absent: any user there may',
});

export const PowerMagnitudes = (description: string) =>
  Type.Object(
    { importKw: magnitude('most that may be taken, kW'), exportKw: magnitude('most that may be fed in, kW') },
    { ...closed, description },
  );

export const driver = {
  mqtt: Type.Literal('mqtt', { description: 'a device that publishes JSON at the local broker' }),
  sparkplug: Type.Literal('sparkplug', {
    description: 'a Sparkplug B edge node at the local broker, or a device behind one',
  }),
  sunspec: Type.Literal('sunspec', { description: 'a SunSpec device over Modbus: what it has is found by a scan' }),
  modbus: Type.Literal('modbus', { description: 'a device over Modbus, by the table of its registers' }),
  ocpp: Type.Literal('ocpp', { description: 'a charging site whose chargers connect to the gateway' }),
};
