import { Type, type Static } from 'typebox';
import type { DriftView } from '../../forecast/registry/drift/drift-watch.ts';
import type { Gain } from '../../forecast/registry/gate.ts';
import type { ModelState, Transition } from '../../forecast/registry/lifecycle.ts';
import type { RegistryEntry } from '../../forecast/registry/registry.ts';
import type { LiveDuel } from '../../forecast/registry/rollout.ts';
import type { WaitingPromotion } from '../../forecast/registry/second-person.ts';
import { formatTime } from '../conventions.ts';
import { energyOf } from './energy.ts';

const gainExample = { days: 28, gain: 0.06, ci95: [0.03, 0.09] };

export const modelExample = {
  id: 'mdl-owd-17',
  target: 'substation:owd',
  role: 'cloud',
  state: 'active',
  since: '2021-09-25T03:00:00Z',
  reason: 'as a canary its loss is 110.2 kW, the incumbent has 131.0 kW (6144 targets)',
  release: '20210925t0300',
  sha256: '9f2c41aa'.repeat(8),
  bytes: 280_000,
  trainedFrom: '2021-08-01T00:00:00Z',
  trainedUpTo: '2021-09-25T00:00:00Z',
  createdAt: '2021-09-25T03:00:00Z',
  expiresAt: '2021-11-24T03:00:00Z',
  weather: 'hindcast',
  members: { ridge: 0.3, boosting: 0.6, sameHourMean: 0.1 },
  pruned: {
    bytesBefore: 410_000,
    members: [{ member: 'boosting', kept: 90, of: 180, lossBeforeKw: 61.2, lossAfterKw: 61.24 }],
  },
  reductions: [{ member: 'boosting', how: 'pruned', quantiles: [{ level: 0.5, beforeKw: 74.1, afterKw: 74.2 }] }],
  energy: { inferenceMs: 0.7, energyJ: 0.007, co2Mg: 0.000525, assumed: { coreW: 10, co2KgPerMwh: 270 } },
  metrics: { nMae: 0.08, pinball: 0.027, coverage80: 0.79, seasonalNaiveNMae: 0.1, seasonalNaivePinball: 0.035 },
  gate: {
    passes: true,
    baseline: { name: 'sameHourMean', ...gainExample },
    incumbent: gainExample,
  },
  waiting: null,
};

const GainShape = {
  days: Type.Integer({ description: 'whole days compared' }),
  gain: Type.Number({ description: '1 - loss / loss of the other' }),
  ci95: Type.Array(Type.Number(), { description: 'of the gain, by bootstrap over blocks of whole days' }),
};

const fields = {
  id: Type.String(),
  target: Type.String(),
  role: Type.String({ description: 'cloud or gateway' }),
  state: Type.String({ description: 'candidate, shadow, canary, active, held, retired or rejected' }),
  since: Type.String(),
  reason: Type.String({ description: 'why it is in this state' }),
  release: Type.String({ description: 'models that are rolled out together' }),
  sha256: Type.String(),
  bytes: Type.Integer(),
  trainedFrom: Type.String(),
  trainedUpTo: Type.String(),
  createdAt: Type.String(),
  expiresAt: Type.String(),
  weather: Type.String(),
  members: Type.Record(Type.String(), Type.Number()),
  pruned: Type.Union(
    [
      Type.Null(),
      Type.Object({
        bytesBefore: Type.Integer(),
        members: Type.Array(
          Type.Object({
            member: Type.String(),
            kept: Type.Integer(),
            of: Type.Integer(),
            lossBeforeKw: Type.Number(),
            lossAfterKw: Type.Number(),
          }),
        ),
      }),
    ],
    { description: 'members without their pruned trees and hidden units, with the pinball loss on the held-back days' },
  ),
  reductions: Type.Array(
    Type.Object({
      member: Type.String(),
      how: Type.String({ description: 'pruned, or int8: eight bits per weight' }),
      quantiles: Type.Array(Type.Object({ level: Type.Number(), beforeKw: Type.Number(), afterKw: Type.Number() }), {
        description: 'mean pinball loss of the member on the held-back days, per quantile',
      }),
    }),
    { description: 'accuracy that a model of ours lost by being made smaller; empty: none, or unknown' },
  ),
  energy: Type.Union(
    [
      Type.Null(),
      Type.Object({
        inferenceMs: Type.Number({
          description: 'one forecast on one core, measured when the model entered the registry',
        }),
        energyJ: Type.Number(),
        co2Mg: Type.Number(),
        assumed: Type.Object({ coreW: Type.Number(), co2KgPerMwh: Type.Number() }),
      }),
    ],
    {
      description:
        'estimate for one forecast, from its time on one core, the power of the core and the CO2 of the grid',
    },
  ),
  metrics: Type.Object(
    {},
    { additionalProperties: true, description: 'on the held-back window, with seasonal naive for comparison' },
  ),
  gate: Type.Union([
    Type.Null(),
    Type.Object({
      passes: Type.Boolean(),
      baseline: Type.Object({ name: Type.String(), ...GainShape }),
      incumbent: Type.Union([Type.Null(), Type.Object(GainShape)]),
    }),
  ]),
  waiting: Type.Union(
    [Type.Null(), Type.Object({ to: Type.String(), by: Type.String(), reason: Type.String(), until: Type.String() })],
    { description: 'a promotion that one person has requested; it happens when another person requests the same' },
  ),
};
export const ModelShape = Type.Object(fields, { examples: [modelExample] });
type ModelShape = Static<typeof ModelShape>;

export const ModelDetailShape = Type.Object(
  {
    ...fields,
    next: Type.Array(Type.String(), { description: 'states that a person may request' }),
    live: Type.Union([
      Type.Null(),
      Type.Object({
        answering: Type.String(),
        beside: Type.Union([Type.String(), Type.Null()]),
        n: Type.Integer({ description: 'forecasts of the last two days that both models made' }),
        answeringKw: Type.Number({ description: 'mean pinball loss over all quantiles and leads, kW' }),
        besideKw: Type.Number(),
        standardErrorKw: Type.Number({ description: 'standard error of the difference' }),
        refused: Type.Union([Type.String(), Type.Null()]),
      }),
    ]),
    drift: Type.Union(
      [
        Type.Null(),
        Type.Object({
          hasDrifted: Type.Boolean(),
          lookedAt: Type.Union([Type.String(), Type.Null()]),
          inputs: Type.Array(
            Type.Object({
              group: Type.String({
                description:
                  'load, change (load minus the usual), ghi and wind: population stability index of the last 28 days; load jump and weather missing: CUSUM of the last 14 days',
              }),
              index: Type.Number(),
              limit: Type.Number(),
            }),
          ),
          errors: Type.Object({
            days: Type.Integer({ description: 'days from which the reference was learnt' }),
            sum: Type.Number({ description: 'CUSUM of daily losses, in standard deviations' }),
            limit: Type.Number(),
          }),
        }),
      ],
      {
        description:
          'drift of the model that answers in the cloud: its inputs and errors compared with when it was new',
      },
    ),
    transitions: Type.Array(
      Type.Object({
        from: Type.Union([Type.String(), Type.Null()]),
        to: Type.String(),
        at: Type.String(),
        by: Type.String(),
        reason: Type.String(),
      }),
      { description: 'its history, oldest first' },
    ),
  },
  {
    examples: [
      {
        ...modelExample,
        next: ['retired', 'held'],
        live: null,
        drift: {
          hasDrifted: false,
          lookedAt: '2021-09-25T00:00:00Z',
          inputs: [{ group: 'load', index: 0.07, limit: 0.31 }],
          errors: { days: 28, sum: 1.4, limit: 12 },
        },
        transitions: [
          { from: null, to: 'candidate', at: '2021-09-25T03:00:00Z', by: 'loadstone', reason: 'trained on schedule' },
        ],
      },
    ],
  },
);

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
const shownGain = ({ days, gain, ci95 }: Gain) => ({ days, gain: rounded(gain), ci95: ci95.map(rounded) });

export const shownModel = (
  { manifest, role, state, since, reason, release, evidence }: RegistryEntry,
  waiting: WaitingPromotion | undefined,
): ModelShape => ({
  id: manifest.id,
  target: manifest.target,
  role,
  state,
  since: formatTime(since),
  reason,
  release,
  sha256: manifest.sha256,
  bytes: manifest.bytes,
  trainedFrom: formatTime(manifest.trainedFrom),
  trainedUpTo: formatTime(manifest.trainedUpTo),
  createdAt: formatTime(manifest.createdAt),
  expiresAt: formatTime(manifest.expiresAt),
  weather: manifest.weather,
  waiting: waiting === undefined ? null : { ...waiting, until: formatTime(waiting.until) },
  members: manifest.members,
  pruned: manifest.pruned ?? null,
  reductions: (evidence.reductions ?? []).map(({ member, how, quantiles }) => ({
    member,
    how,
    quantiles: quantiles.map((each) => ({ ...each })),
  })),
  energy: evidence.inferenceMs === undefined ? null : energyOf(evidence.inferenceMs),
  metrics: manifest.metrics,
  gate:
    evidence.gate === undefined
      ? null
      : {
          passes: evidence.gate.passes,
          baseline: { name: evidence.gate.baseline.name, ...shownGain(evidence.gate.baseline) },
          incumbent: evidence.gate.incumbent && shownGain(evidence.gate.incumbent),
        },
});

export const shownDetail = (
  entry: RegistryEntry,
  {
    next,
    duel,
    waiting,
    drift,
    transitions,
  }: {
    readonly next: readonly ModelState[];
    readonly duel: LiveDuel | undefined;
    readonly waiting: WaitingPromotion | undefined;
    readonly drift: DriftView | undefined;
    readonly transitions: readonly Transition[];
  },
): Static<typeof ModelDetailShape> => ({
  ...shownModel(entry, waiting),
  next: [...next],
  live: duel === undefined ? null : { ...duel },
  drift: drift?.model === entry.manifest.id ? shownDrift(drift) : null,
  transitions: transitions.map(({ from, to, at, by, reason }) => ({ from, to, at: formatTime(at), by, reason })),
});

const shownDrift = ({ hasDrifted, lookedAt, inputs, errors }: DriftView) => ({
  hasDrifted,
  lookedAt: lookedAt === 0 ? null : formatTime(lookedAt),
  inputs: inputs.map(({ group, index, limit }) => ({ group, index: rounded(index), limit: rounded(limit) })),
  errors: { ...errors, sum: rounded(errors.sum) },
});
