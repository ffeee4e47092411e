import type { TrainingReport, TrainingTask } from '../../../../shared/contracts/federated.ts';

/** State of one gateway in a round. */
export interface Part {
  readonly task: string;
  /** The gateway's report; its update counts once `held`. */
  readonly report?: TrainingReport;
  readonly held?: true;
  /** Why it does not count; LS-FED-004: it does not take part at all. */
  readonly fault?: { readonly code: string; readonly detail: string };
}

/** The stored state of federated learning, from which a restart resumes. */
export interface FederatedState {
  /** Hash of the weights that the next round starts from. */
  readonly base: string;
  /** Release of the models last made from them. */
  readonly published?: { readonly release: string; readonly base: string };
  readonly campaign?: Campaign | undefined;
}

/** Rounds that end in models. An additional last round trains nothing: it measures the result. */
export interface Campaign {
  readonly id: string;
  readonly reason: string;
  readonly round: number;
  readonly rounds: number;
  /** Plant time. */
  readonly deadline: number;
  readonly parts: Readonly<Record<string, Part>>;
}

export const isMeasuring = ({ round, rounds }: Campaign): boolean => round > rounds;

/** Share of the participating gateways, but at least three: with two, the mean would reveal each update to the other. */
const LEAST_PARTS = 3;

export const quorumOf = (parts: readonly Part[], share: number): number => {
  const taking = parts.filter(({ fault }) => fault?.code !== 'LS-FED-004').length;
  return Math.max(LEAST_PARTS, Math.ceil(share * taking));
};

/** Whether a part contributes to the round: a stored update, or in the measuring round its losses. */
export const counts = (part: Part, measuring: boolean): boolean =>
  part.fault === undefined && part.report !== undefined && (measuring || part.held === true);

/** Whether nothing more is expected of a part. */
export const isSettled = (part: Part, measuring: boolean): boolean =>
  part.fault !== undefined || counts(part, measuring);

/** Why a report does not belong to the round; undefined if it does. */
export function misfit(
  report: TrainingReport,
  { part, base, round, measuring }: { part: Part | undefined; base: string; round: number; measuring: boolean },
): string | undefined {
  if (part === undefined) return 'this gateway has no task';
  if (report.task !== part.task) return `it is for task ${report.task}; the current task is ${part.task}`;
  if (report.round !== round || report.base !== base) return `round ${report.round} used other base weights`;
  if ((report.update === null) !== measuring)
    return measuring ? 'the task asked for no update' : 'the update is missing';
  const before = part.report?.update?.sha256;
  if (before !== undefined && before !== report.update?.sha256) return 'a second update for one task';
  return undefined;
}

export interface TaskSettings {
  readonly epochs: number;
  readonly clip: number;
  readonly noiseMultiplier: number;
}

/** Learning rate of the first round, rows per pass, and held-back days, as many as a gate looks at. */
const FIRST_RATE = 4e-3;
const ROWS_PER_EPOCH = 20_000;
const HELD_BACK_DAYS = 28;

/** The rate decays over the rounds as half a cosine, as within a training at one place. The measuring round does not use it. */
export const rateOf = ({ round, rounds }: Pick<Campaign, 'round' | 'rounds'>): number =>
  FIRST_RATE * (0.5 + 0.5 * Math.cos((Math.PI * (Math.min(round, rounds) - 1)) / rounds));

export const taskOf = (
  campaign: Campaign,
  { id, base, bytes, network }: { id: string; base: string; bytes: number; network: number },
  { epochs, clip, noiseMultiplier }: TaskSettings,
): TrainingTask => ({
  id,
  round: campaign.round,
  network,
  base: { sha256: base, bytes },
  epochs: isMeasuring(campaign) ? 0 : epochs,
  rowsPerEpoch: ROWS_PER_EPOCH,
  rate: rateOf(campaign),
  proximal: 0,
  clip,
  noiseMultiplier,
  heldBackDays: HELD_BACK_DAYS,
  deadline: campaign.deadline,
});
