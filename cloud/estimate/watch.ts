import { sayEstimate } from '../../shared/sentences/estimate-forms.ts';
import { addAccounts, judgeAccounts, type Accounts, type AccountVerdict } from './accounts.ts';
import { addChanges, judgeGains, type Gains } from './gains.ts';
import type { Hypothesis } from './hypotheses.ts';
import { judgeDay, judgeExchange, judgeWindow, type SwitchHypothesis } from './judge-window.ts';
import { addReadings, meanReadings, startMeans, type Means } from './means.ts';
import type { EstimateModel } from './model.ts';
import type { Readings } from './readings.ts';
import type { MeterFinding } from './state.ts';
import type { Exchange } from './topologies.ts';

/** State of a substation between two windows. */
export interface Watch {
  readonly means: Means;
  /** Means of the current day. */
  readonly day: Means;
  readonly gains: Gains;
  readonly accounts: Accounts;
  /** Accumulated evidence, by what it supports: device/channel, or the closed line. */
  readonly evidence: ReadonlyMap<string, number>;
  readonly findings: readonly MeterFinding[];
  /** Lines exchanged on the evidence. */
  readonly exchange: Exchange | undefined;
  /** What the last day's means hint at: worth a look, not enough to change the model. */
  readonly suspected: MeterFinding | undefined;
}

/** Certain findings, then a suspicion. */
export const findingsOf = ({ findings, suspected }: Watch): readonly MeterFinding[] =>
  suspected === undefined || findings.some(({ device }) => device === suspected.device)
    ? findings
    : [...findings, suspected];

export const WINDOW_MS = 3_600_000;
/** Bounds on one window's weight: model errors persist, and windows are not independent. */
const WINDOW_MOST = 8;
const WINDOW_LEAST = -4;
/** Evidence each window must bring for the sum to grow. A wrong switch shows a little in every window. */
const DRIFT = 2;
const SWITCH_DRIFT = 1.25;
/** Without a suspicion, the switches are tried in one window of this many. */
const QUIET_WINDOWS = 3;
/** A finding is made at this evidence and ends when none is left. */
const BELIEVED = 16;
const MOST = 24;
/** A suspicion of a switch rests on one day and on strong evidence: ten to one (Jeffreys, Theory of Probability, appendix B). */
const DAY_MS = 86_400_000;
const SUSPECTED = Math.log(10);

/** `known`: meters whose power was found wrong before; each hour tests them again, and their findings end like any other. */
export function startWatch(time: number, known: readonly MeterFinding[] = []): Watch {
  const findings = known.map((finding) => ({ ...finding, channel: 'power' as const }));
  return {
    means: startMeans(time),
    day: startMeans(time),
    gains: new Map(),
    accounts: new Map(),
    evidence: new Map(findings.map((finding) => [keyOf(finding), BELIEVED])),
    findings,
    exchange: undefined,
    suspected: undefined,
  };
}

/**
 * Adds readings, and at the end of each hour judges meters and switches by the hour's means. Evidence is summed over the hours (Page's
 * cumulative sum, Biometrika 41, 1954): the likeliest hypothesis of an hour gains, all others lose. Pure.
 *
 * `known` are findings made elsewhere; their meters are left out here too.
 */
export function watch(
  model: EstimateModel,
  before: Watch,
  now: { readonly time: number; readonly readings: Readings; readonly known: readonly MeterFinding[] },
): Watch {
  const { substation } = model;
  const means = addReadings(substation, before.means, now.readings);
  const day = addReadings(substation, before.day, now.readings);
  const gains = addChanges(substation, before.gains, now.readings);
  const accounts = addAccounts(substation, before.accounts, now.readings);
  if (now.time - means.since < WINDOW_MS) return { ...before, means, day, gains, accounts };
  const { time } = now;
  const { readings, counts } = meanReadings(means, time);
  const judgements = judged(model, before, { time, readings, counts, known: now.known });
  const evidence = new Map<string, number>();
  for (const key of new Set([...before.evidence.keys(), ...judgements.keys()])) {
    const more = Math.min(WINDOW_MOST, Math.max(WINDOW_LEAST, (judgements.get(key)?.evidence ?? 0) - driftOf(key)));
    const sum = Math.min(MOST, (before.evidence.get(key) ?? 0) + more);
    if (sum > 0) evidence.set(key, sum);
  }
  const persisting = before.findings.filter((finding) => evidence.has(keyOf(finding)));
  const made = [...judgements].flatMap(([key, { finding }]): MeterFinding[] => {
    const known = persisting.some((each) => keyOf(each) === key);
    return known || (evidence.get(key) ?? 0) < BELIEVED || finding === undefined ? [] : [finding];
  });
  const exchange = [...judgements.values()].find((each) => made.includes(each.finding!))?.exchange;
  // The opened line is closed again: the switches stand as configured, and nothing is wrong with them.
  const isUndone = exchange !== undefined && exchange.close === before.exchange?.open;
  if (isUndone) for (const key of [...evidence.keys()].filter(isOfSwitch)) evidence.delete(key);
  const findings = [...persisting, ...made].filter(({ finding }) => !isUndone || finding !== 'wrong-switch');
  const dayIsOver = time - day.since >= DAY_MS;
  return {
    means: startMeans(time),
    day: dayIsOver ? startMeans(time) : day,
    gains,
    accounts,
    evidence,
    findings,
    exchange: isUndone ? undefined : (exchange ?? standing(before.exchange, evidence)),
    suspected: dayIsOver ? suspectedBy(model, day, { time, findings: [...now.known, ...findings] }) : before.suspected,
  };
}

/** Returns no suspicion if a switch or meter was found wrong meanwhile: the day's means would mix two states. */
function suspectedBy(
  model: EstimateModel,
  day: Means,
  { time, findings }: { readonly time: number; readonly findings: readonly MeterFinding[] },
): MeterFinding | undefined {
  if (findings.some(({ finding }) => finding !== 'stale')) return undefined;
  const likeliest = best(judgeDay(model, { time, findings, ...meanReadings(day, time) }));
  return likeliest === undefined || likeliest.evidence < SUSPECTED ? undefined : suspicion(likeliest, time);
}

const standing = (exchange: Exchange | undefined, evidence: ReadonlyMap<string, number>): Exchange | undefined =>
  exchange !== undefined && evidence.has(`${exchange.close}${SWITCH}`) ? exchange : undefined;

interface Judgement {
  readonly evidence: number;
  readonly finding?: MeterFinding;
  readonly exchange?: Exchange;
}

const SWITCH = '/switch';
const isOfSwitch = (key: string): boolean => key.endsWith(SWITCH);
const driftOf = (key: string): number => (isOfSwitch(key) ? SWITCH_DRIFT : DRIFT);

const keyOf = ({ device, channel }: MeterFinding): string =>
  channel === undefined ? `${device}${SWITCH}` : `${device}/${channel}`;

interface Hour {
  readonly time: number;
  readonly readings: Readings;
  readonly counts: ReadonlyMap<string, number>;
  readonly known: readonly MeterFinding[];
}

/** This hour's evidence for the likeliest hypothesis and for all earlier findings. */
function judged(model: EstimateModel, before: Watch, { known, ...hour }: Hour): Map<string, Judgement> {
  const judgements = new Map<string, Judgement>();
  const found = before.findings.filter(({ finding }) => finding !== 'wrong-switch');
  const suspected = [...before.evidence.keys()].some(isOfSwitch);
  const due = Math.floor(hour.time / WINDOW_MS) % QUIET_WINDOWS === 0;
  const { meters, switches } = judgeWindow(
    model,
    { ...hour, findings: [...known, ...found] },
    suspected || due ? 'tried' : 'when-doubted',
  );
  const meter = best(meters);
  const topology = best(switches);
  if (topology !== undefined && topology.evidence > (meter?.evidence ?? 0)) {
    const { exchange, evidence } = topology;
    judgements.set(`${exchange.close}${SWITCH}`, { evidence, exchange, finding: switchFinding(exchange, hour.time) });
  } else if (meter !== undefined) judgements.set(`${meter.device}/${meter.channel}`, meterJudgement(meter, hour.time));
  // Tests each finding again with its own value included: does it still disagree with all others?
  for (const finding of found) {
    const others = [...known, ...found.filter((each) => each !== finding)];
    const own = judgeOwn(model, { ...hour, findings: others }, finding);
    judgements.set(keyOf(finding), { evidence: own });
  }
  // An exchange stands unless the hours speak against it: some say little about it.
  if (before.exchange !== undefined) {
    const own = judgeExchange(model, { ...hour, findings: [...known, ...found] }, before.exchange);
    judgements.set(`${before.exchange.close}${SWITCH}`, { evidence: own + SWITCH_DRIFT });
  }
  for (const { device, kind, gain, against } of judgeGains(model.substation, before.gains)) {
    if (known.some((each) => each.device === device)) continue;
    const said = sayEstimate('moves {slope} kW of {element} for each kW of its own, where 1 is right', {
      slope: gain.toFixed(2),
      element: against,
    });
    const finding = kind === 'reversed' ? kind : 'gross-error';
    judgements.set(`${device}/power`, {
      evidence: WINDOW_MOST + DRIFT,
      finding: { device, finding, channel: 'power', since: hour.time, ...said },
    });
  }
  for (const verdict of judgeAccounts(before.accounts)) {
    if (known.some((each) => each.device === verdict.device)) continue;
    const finding = accountFinding(verdict, hour.time);
    judgements.set(keyOf(finding), { evidence: WINDOW_MOST + DRIFT, finding });
  }
  return judgements;
}

/**
 * Evidence of this hour that a meter found wrong still is. To stay, a finding need not bring more in each window, as it had to before: an
 * hour that cannot tell a wrong meter from a right one already speaks against it, since a wrong one may read anything.
 */
function judgeOwn(model: EstimateModel, input: Parameters<typeof judgeWindow>[1], finding: MeterFinding): number {
  const { meters } = judgeWindow(model, input, 'not-tried');
  const own = best(meters.filter(({ device, channel }) => device === finding.device && channel === finding.channel));
  return own === undefined ? 0 : own.evidence + DRIFT;
}

const best = <T extends { readonly evidence: number }>(all: readonly T[]): T | undefined =>
  all.reduce<T | undefined>(
    (most, each) => (most === undefined || each.evidence > most.evidence ? each : most),
    undefined,
  );

function meterJudgement({ device, channel, kind, evidence, shows, expected }: Hypothesis, time: number): Judgement {
  const digits = channel === 'power' ? 0 : 4;
  const figures = { value: shows.toFixed(digits), expected: expected.toFixed(digits) };
  const said =
    channel === 'power'
      ? sayEstimate('shows {value} kW over the last hour, where all others together say {expected} kW', figures)
      : sayEstimate('shows {value} pu over the last hour, where all others together say {expected} pu', figures);
  const finding = kind === 'reversed' ? kind : 'gross-error';
  return { evidence, finding: { device, finding, channel, since: time, ...said } };
}

function accountFinding({ device, kind, meteredKwh, takenKwh }: AccountVerdict, time: number): MeterFinding {
  const said = sayEstimate('shows {value} kWh, where its device took in {expected} kWh by its own account', {
    value: meteredKwh.toFixed(0),
    expected: takenKwh.toFixed(0),
  });
  return { device, finding: kind === 'gross' ? 'gross-error' : kind, channel: 'power', since: time, ...said };
}

const switchFinding = ({ open, close }: Exchange, time: number): MeterFinding => ({
  device: close,
  finding: 'wrong-switch',
  since: time,
  ...sayEstimate('the meters fit only with {closed} closed and {open}, or a line beside it, open', {
    closed: close,
    open,
  }),
});

const suspicion = ({ exchange: { open, close }, evidence }: SwitchHypothesis, time: number): MeterFinding => ({
  device: close,
  finding: 'wrong-switch',
  since: time,
  ...sayEstimate(
    'the last day fits {times} times better with {closed} closed and {open}, or a line beside it, open: worth a look; the estimate stays as it is',
    { times: Math.exp(evidence).toFixed(0), closed: close, open },
  ),
});
