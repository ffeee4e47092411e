import { Type, type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const Target = Type.String({ maxLength: 200, examples: ['substation:owd'] });
const Time = Type.String({ maxLength: 40, description: 'RFC 3339', examples: ['2021-02-01T00:00:00Z'] });

export const Change = Type.Union([
  Type.Object(
    {
      type: Type.Literal('ev'),
      target: Target,
      chargers: Type.Integer({ minimum: 1, maximum: 20_000 }),
      ratedKw: Type.Number({ minimum: 1, maximum: 400 }),
      profile: Type.Union([Type.Literal('home-evening'), Type.Literal('work-day'), Type.Literal('public')]),
    },
    closed,
  ),
  Type.Object(
    { type: Type.Literal('pv'), target: Target, addedKwp: Type.Number({ minimum: 0, maximum: 1e6 }) },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('heatPump'),
      target: Target,
      units: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      designKw: Type.Number({ minimum: 0.1, maximum: 1000 }),
    },
    closed,
  ),
  Type.Object(
    { type: Type.Literal('temperature'), deltaK: Type.Number({ minimum: -30, maximum: 30 }) },
    { ...closed, description: 'changes the outdoor temperature for the heat pumps of the scenario' },
  ),
  Type.Object(
    { type: Type.Literal('scale'), target: Target, factor: Type.Number({ minimum: 0, maximum: 100 }) },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('connection'),
      target: Target,
      kw: Type.Number({ minimum: -1e6, maximum: 1e6 }),
      profile: Type.Union([Type.Literal('flat'), Type.Literal('office'), Type.Literal('night')]),
    },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('transfer'),
      feeder: Type.String({ maxLength: 200, examples: ['feeder:whf-1'] }),
      to: Target,
      from: Type.Optional(Time),
    },
    closed,
  ),
]);
export type Change = Static<typeof Change>;

/** A planner's "what if" request. */
export const ScenarioBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    base: Type.Union([
      Type.Object({ kind: Type.Literal('forecast') }, closed),
      Type.Object({ kind: Type.Literal('history'), start: Time, end: Time }, closed),
    ]),
    changes: Type.Array(Change, { minItems: 1, maxItems: 50 }),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
  },
  {
    ...closed,
    title: 'ScenarioRequest',
    examples: [
      {
        name: 'north 2030',
        base: { kind: 'history', start: '2021-09-01T00:00:00Z', end: '2021-09-25T00:00:00Z' },
        changes: [
          { type: 'ev', target: 'substation:owd', chargers: 400, ratedKw: 11, profile: 'home-evening' },
          { type: 'pv', target: 'substation:owd', addedKwp: 6000 },
          { type: 'scale', target: 'region:north', factor: 1.02 },
        ],
        seed: 1,
      },
    ],
  },
);
export type ScenarioBody = Static<typeof ScenarioBody>;

/** Every target that a change reads or acts on. */
export function targetsOfChange(change: Change): string[] {
  if (change.type === 'temperature') return [];
  return change.type === 'transfer' ? [change.feeder, change.to] : [change.target];
}
