import { bytes, number } from './format.ts';
import { t, type Text } from '../words/t.ts';

/** A model of the registry as GET /v1/models returns it. */
export interface ModelAnswer {
  readonly id: string;
  readonly target: string;
  readonly role: string;
  readonly state: string;
  readonly since: string;
  readonly reason: string;
  readonly bytes: number;
  readonly trainedFrom: string;
  readonly trainedUpTo: string;
  readonly expiresAt: string;
  readonly weather: string;
  /** A promotion that waits for its second person. */
  readonly waiting: {
    readonly to: string;
    readonly by: string;
    readonly reason: string;
    readonly until: string;
  } | null;
  readonly members: Readonly<Record<string, number>>;
  readonly pruned: {
    readonly bytesBefore: number;
    readonly members: readonly {
      readonly member: string;
      readonly kept: number;
      readonly of: number;
      readonly lossBeforeKw: number;
      readonly lossAfterKw: number;
    }[];
  } | null;
  readonly reductions: readonly {
    readonly member: string;
    readonly how: string;
    readonly quantiles: readonly { readonly level: number; readonly beforeKw: number; readonly afterKw: number }[];
  }[];
  /** Cost of one forecast, estimated. */
  readonly energy: {
    readonly inferenceMs: number;
    readonly energyJ: number;
    readonly co2Mg: number;
    readonly assumed: { readonly coreW: number; readonly co2KgPerMwh: number };
  } | null;
  readonly gate: {
    readonly passes: boolean;
    readonly baseline: GainAnswer & { readonly name: string };
    readonly incumbent: GainAnswer | null;
  } | null;
}

export interface GainAnswer {
  readonly days: number;
  readonly gain: number;
  readonly ci95: readonly number[];
}

export interface DriftAnswer {
  readonly hasDrifted: boolean;
  readonly lookedAt: string | null;
  readonly inputs: readonly { readonly group: string; readonly index: number; readonly limit: number }[];
  readonly errors: { readonly days: number; readonly sum: number; readonly limit: number };
}

export interface ModelDetailAnswer extends ModelAnswer {
  readonly next: readonly string[];
  readonly live: {
    readonly answering: string;
    readonly beside: string | null;
    readonly n: number;
    readonly answeringKw: number;
    readonly besideKw: number;
  } | null;
  readonly drift: DriftAnswer | null;
  readonly transitions: readonly {
    readonly from: string | null;
    readonly to: string;
    readonly at: string;
    readonly by: string;
    readonly reason: string;
  }[];
}

/** Rounds of federated learning as GET /v1/federated returns them. */
export interface FederatedAnswer {
  readonly enabled: boolean;
  readonly campaign: {
    readonly round: number;
    readonly rounds: number;
    readonly measuring: boolean;
    readonly gateways: readonly { readonly gateway: string; readonly state: string; readonly code: string | null }[];
  } | null;
}

/** Progress of the rounds, in words. */
export function federatedText({
  round,
  rounds,
  measuring,
  gateways,
}: NonNullable<FederatedAnswer['campaign']>): string {
  const taking = gateways.filter(({ code }) => code !== 'LS-FED-004');
  const have = taking.filter(({ state }) => state === 'counts').length;
  const of = { have, taking: taking.length };
  return measuring
    ? t('federated learning: measured by {have} of {taking, plural, one {# gateway} other {# gateways}}', of)
    : t(
        'federated learning: round {round} of {rounds}, updates of {have} of {taking, plural, one {# gateway} other {# gateways}}',
        {
          round,
          rounds,
          ...of,
        },
      );
}

/** A target in the cloud or at its gateway, with the model that answers and the newest other one. */
export interface PlaceRow {
  readonly key: string;
  readonly target: string;
  readonly role: string;
  readonly answering: ModelAnswer | undefined;
  /** The active model if a canary answers; otherwise the newest in shadow, else candidate, else held or rejected. */
  readonly other: ModelAnswer | undefined;
}

const newest = (models: readonly ModelAnswer[], ...states: readonly string[]): ModelAnswer | undefined =>
  models
    .filter(({ state }) => states.includes(state))
    .toSorted((a, b) => Number(a.since < b.since) - Number(a.since > b.since))[0];

/** Returns the places, those with a rollout first, then by name. */
export function placesOf(models: readonly ModelAnswer[]): PlaceRow[] {
  const groups = Map.groupBy(models, ({ role, target }) => `${target} ${role}`);
  const rows = [...groups].map(([key, all]): PlaceRow => {
    const canary = newest(all, 'canary');
    const active = newest(all, 'active');
    const waiting = newest(all, 'shadow') ?? newest(all, 'candidate') ?? newest(all, 'held', 'rejected');
    const { target, role } = all[0]!;
    return { key, target, role, answering: canary ?? active, other: canary === undefined ? waiting : active };
  });
  const rank = ({ answering, other }: PlaceRow): number =>
    answering?.state === 'canary' || other?.state === 'shadow' ? 0 : 1;
  return rows.toSorted((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
}

/** +6.1 % better or worse, with its interval. */
export function gainText({ gain, ci95 }: GainAnswer): string {
  const share = (value: number): string => `${value > 0 ? '+' : ''}${number(100 * value, 1)}`;
  return t('{gain} % ({least} to {most})', { gain: share(gain), least: share(ci95[0]!), most: share(ci95[1]!) });
}

const GROUP_NAMES: Readonly<Record<string, Text>> = {
  load: 'load',
  change: 'change',
  ghi: 'sun',
  wind: 'wind',
  'load jump': 'jump',
};

const groupName = (group: string): string => {
  const name = GROUP_NAMES[group];
  return name === undefined ? group : t(name);
};

/** "none: load 0.07 of 0.31, errors 1.4 of 12": each measure with its limit. */
export function driftText({ hasDrifted, inputs, errors }: DriftAnswer): string {
  const parts = inputs.map(({ group, index, limit }) =>
    t('{name} {index} of {limit}', {
      name: groupName(group),
      index: number(index, 2),
      limit: number(limit, 2),
    }),
  );
  parts.push(t('errors {sum} of {limit}', { sum: number(errors.sum, 1), limit: errors.limit }));
  return `${hasDrifted ? t('yes') : t('none')}: ${parts.join(', ')}`;
}

/** "from 410 kB: boosting keeps 90 of 180 trees, loss +0.1 %". */
export function prunedText({ bytesBefore, members }: NonNullable<ModelAnswer['pruned']>): string {
  const parts = members.map(({ member, kept, of, lossBeforeKw, lossAfterKw }) => {
    const added = 100 * (lossAfterKw / lossBeforeKw - 1);
    return t('{member} keeps {kept} of {of} {parts}, loss {added} %', {
      member,
      kept,
      of,
      parts: member === 'mlp' ? t('units') : t('trees'),
      added: `${added < 0 ? '' : '+'}${number(added, 2)}`,
    });
  });
  return t('from {size}: {parts}', { size: bytes(bytesBefore), parts: parts.join(', ') });
}

const SHOWN_LEVELS = [0.1, 0.5, 0.9];

/** "boosting, pruned: P10 +0.1 %, P50 0 %, P90 -0.2 %": the added loss of each reduced member. */
export const reductionsText = (reductions: ModelAnswer['reductions']): string =>
  reductions
    .map(({ member, how, quantiles }) => {
      const shown = quantiles
        .filter(({ level }) => SHOWN_LEVELS.includes(level))
        .map(({ level, beforeKw, afterKw }) => {
          const added = beforeKw > 0 ? 100 * (afterKw / beforeKw - 1) : 0;
          return `P${Math.round(100 * level)} ${added < 0 ? '' : '+'}${number(added, 2)} %`;
        });
      return t('{member}, {how}: {losses}', {
        member,
        how: how === 'int8' ? t('eight bits') : t('pruned'),
        losses: shown.join(', '),
      });
    })
    .join('; ');

/** "0.2 J, 0.015 mg CO2 in 20 ms (estimated: 10 W a core, 270 kg/MWh)" */
export const energyText = ({ inferenceMs, energyJ, co2Mg, assumed }: NonNullable<ModelAnswer['energy']>): string =>
  t('{energy} J, {co2} mg CO2 in {time} ms (estimated: {watts} W a core, {intensity} kg/MWh)', {
    energy: number(energyJ, 4),
    co2: number(co2Mg, 5),
    time: number(inferenceMs, 1),
    watts: number(assumed.coreW),
    intensity: number(assumed.co2KgPerMwh),
  });
