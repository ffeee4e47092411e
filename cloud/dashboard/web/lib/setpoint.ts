import type { CommandState, CommandView, SetpointWish } from '../../../../shared/contracts/command.ts';
import type { DeviceRowView, SetpointRange, WishKey } from '../../../../shared/contracts/desk.ts';
import type { PlanBody } from '../../../../shared/contracts/plan.ts';
import { number, pu, withUnit, words } from './format.ts';
import { saidIn, t, translate, type Text } from '../words/t.ts';

const NAMES: Readonly<Record<WishKey, Text>> = {
  activePowerKw: 'Active power',
  reactivePowerKvar: 'Reactive power',
  activePowerLimitKw: 'Limit of active power',
  voltageTargetPu: 'Voltage target',
  capacitorStep: 'Capacitor steps',
};
export const wishName = (key: WishKey): string => t(NAMES[key]);

/** Explains the sign of a value, if it has one. */
export function signNote({ key, min }: SetpointRange): string {
  if (key === 'activePowerKw') return t('positive consumes, negative feeds in');
  if (key === 'reactivePowerKvar') return t('positive absorbs, negative lifts the voltage');
  return min > 0 && key === 'activePowerLimitKw' ? t('the customer keeps at least the lower end') : '';
}

const UNITS: Readonly<Record<WishKey, string>> = {
  activePowerKw: 'kW',
  reactivePowerKvar: 'kvar',
  activePowerLimitKw: 'kW',
  voltageTargetPu: 'pu',
  capacitorStep: 'steps',
};
export const wishUnit = (key: WishKey): string => (key === 'capacitorStep' ? t('steps') : UNITS[key]);

const MOST_DECIMALS = 2;

/** With the decimals it has: a rounded setpoint or limit is another one. */
function figure(key: WishKey, value: number): string {
  if (key === 'voltageTargetPu') return pu(value);
  return number(value, String(Number(Math.abs(value).toFixed(MOST_DECIMALS))).split('.')[1]?.length ?? 0);
}

/** The ends of a range, so rounded that they are in it. */
export function rangeText({ key, min, max, unit }: SetpointRange): string {
  // Against the error of the multiplication: 0.29 * 100 is 28.999999999999996.
  const inward = (value: number, round: (value: number) => number, by: number): number =>
    round(value * 10 ** MOST_DECIMALS + by) / 10 ** MOST_DECIMALS;
  const [least, most] =
    key === 'voltageTargetPu' ? [min, max] : [inward(min, Math.ceil, -1e-9), inward(max, Math.floor, 1e-9)];
  return t('{least} to {most}', { least: figure(key, least), most: withUnit(figure(key, most), unit) });
}

/** "Active power −300 kW, reactive power 20 kvar" */
export function wishText(wish: SetpointWish | null): string {
  const parts = Object.entries(wish ?? {}).map(
    ([key, value]) =>
      `${wishName(key as WishKey)} ${withUnit(figure(key as WishKey, value), wishUnit(key as WishKey))}`,
  );
  const text = parts.join(', ');
  return text === '' ? t('no setpoint') : text.charAt(0).toUpperCase() + text.slice(1);
}

/** Parses a number as people write it: comma or point, a true minus; undefined for anything else. */
export function readNumber(text: string): number | undefined {
  const plain = text
    .trim()
    .replaceAll('\u2212', '-')
    .replace(',', '.')
    .replaceAll(/[\s\u202f]/g, '');
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(plain) ? Number(plain) : undefined;
}

/**
 * Returns the other reading of a number: a point or comma before three digits separates thousands for some, decimals for others. Undefined
 * if the number is unambiguous.
 */
function otherNumber(text: string): number | undefined {
  const parts = /^([+-]?[1-9]\d{0,2})[.,](\d{3})$/.exec(text.trim().replace('\u2212', '-'));
  return parts === null ? undefined : Number(`${parts[1]}${parts[2]}`);
}

export interface Draft {
  /** Texts by key; empty ones are not sent. */
  readonly values: Readonly<Partial<Record<WishKey, string>>>;
  readonly minutes: string;
  readonly reason: string;
}

export const LONGEST_MINUTES = 1440;
export const LEAST_REASON = 3;

/** Reads the form: the wish, or the errors by field. */
export function readDraft(
  draft: Draft,
  ranges: readonly SetpointRange[],
): { readonly wish: SetpointWish; readonly durationS: number; readonly faults: Readonly<Record<string, string>> } {
  const wish: SetpointWish = {};
  const faults: Record<string, string> = {};
  for (const range of ranges) {
    const text = draft.values[range.key] ?? '';
    if (text.trim() === '') continue;
    const value = readNumber(text);
    const other = otherNumber(text);
    const isEither = other !== undefined && other >= range.min && other <= range.max;
    if (value === undefined) faults[range.key] = t('Not a number');
    else if (isEither) faults[range.key] = t('Write {whole} or {part}', { whole: other, part: number(value, 1) });
    else if (value < range.min || value > range.max)
      faults[range.key] = t('Beyond {range}', { range: rangeText(range) });
    else wish[range.key] = value;
  }
  if (Object.keys(wish).length === 0 && Object.keys(faults).length === 0 && ranges[0] !== undefined)
    faults[ranges[0].key] = t('Give a value');
  const minutes = readNumber(draft.minutes);
  if (minutes === undefined || minutes < 1 || minutes > LONGEST_MINUTES)
    faults['minutes'] = t('1 to {most} min', { most: number(LONGEST_MINUTES) });
  if (draft.reason.trim().length < LEAST_REASON) faults['reason'] = t('Say why, in words');
  return { wish, durationS: Math.round((minutes ?? 0) * 60), faults };
}

/** Returns why this page cannot command a device now; null if it can. */
export function barredBy(
  device: DeviceRowView,
  { lost, needs }: { readonly lost: string | undefined; readonly needs: string | null },
): string | null {
  if (lost !== undefined) return lost;
  if (needs !== null) return needs;
  if (device.takes.length === 0)
    return t('It takes no setpoint: its authority is {authority}.', { authority: words(device.authority) });
  if (device.gatewayLink !== 'up')
    return t('The link to {gateway} is {link}.', {
      gateway: device.gateway,
      link: translate(device.gatewayLink),
    });
  if (device.link !== 'up')
    return t('{gateway} does not reach it: {link}.', { gateway: device.gateway, link: translate(device.link) });
  if (device.stopped === true) return t('It is stopped.');
  if (device.tagged === true) return t('It is tagged.');
  return null;
}

export type StepMark = 'done' | 'waiting' | 'failed' | 'open';
export interface ProgressStep {
  readonly name: string;
  readonly mark: StepMark;
  /** Plant time. */
  readonly time: number | null;
  readonly note: string;
}

/** Acts that change the setpoints of devices, whose effect the gateway verifies. All others end once the gateway has applied them. */
const VERIFIED: readonly CommandView['kind'][] = ['override', 'mode', 'stop', 'resume', 'untag'];

const ENDED: readonly CommandState[] = ['refused', 'unanswered', 'completed', 'superseded'];
export const hasEnded = ({ state }: Pick<CommandView, 'state'>): boolean => ENDED.includes(state);

/** Returns the stages sent, accepted, applied and verified; a clamp or refusal is noted at its stage. */
export function commandProgress({ kind, issuedAt, stages, state }: CommandView): ProgressStep[] {
  const rejected = stages.find(({ stage }) => stage === 'rejected');
  const clamped = stages.find(({ stage }) => stage === 'clamped');
  const steps: ProgressStep[] = [{ name: t('Sent'), mark: 'done', time: issuedAt, note: '' }];
  let open = !hasEnded({ state }) || state === 'unanswered';
  for (const [stage, name] of [
    ['accepted', t('Accepted by the gateway')],
    ['applied', t('Applied')],
    ['verified', kind === 'override' || kind === 'mode' ? t('Verified by readback') : t('Verified at the devices')],
  ] as const) {
    if (stage === 'verified' && !VERIFIED.includes(kind)) continue;
    const found = stages.find((each) => each.stage === stage);
    const note =
      stage === 'applied' && clamped !== undefined
        ? t('held by a limit: {detail}', {
            detail: translate(clamped.detail ?? t('no detail'), clamped.code),
          })
        : '';
    if (found !== undefined) steps.push({ name, mark: 'done', time: found.time, note });
    else if (rejected !== undefined || !open) continue;
    else {
      steps.push({ name, mark: state === 'unanswered' ? 'failed' : 'waiting', time: null, note: '' });
      open = false;
    }
  }
  if (rejected !== undefined)
    steps.push({
      name: t('Refused'),
      mark: 'failed',
      time: rejected.time,
      note: translate(rejected.detail ?? rejected.code ?? '', rejected.code),
    });
  if (state === 'unanswered')
    steps.push({
      name: t('No answer'),
      mark: 'failed',
      time: null,
      note: t('the gateway did not accept it in time: it is void'),
    });
  if (state === 'superseded')
    steps.push({ name: t('Superseded'), mark: 'open', time: null, note: t('a newer one has taken its place') });
  if (state === 'completed')
    steps.push({ name: t('Ended'), mark: 'open', time: null, note: t('its time has run out, or it was released') });
  return steps;
}

export type HeldMark = Exclude<StepMark, 'open'>;

/** Describes whether a gateway holds a selection; only `done` may be confirmed. `select` is null for a gateway that takes no selections. */
export function heldAt(
  gateway: string,
  select: Pick<CommandView, 'state' | 'stages'> | null,
): { readonly mark: HeldMark; readonly text: string } {
  switch (select?.state) {
    case undefined:
      return {
        mark: 'done',
        text: t('{gateway} has an older version: it checks the setpoint when you confirm.', { gateway }),
      };
    case 'sent':
    case 'accepted':
      return { mark: 'waiting', text: t('Waiting for {gateway} to take the selection.', { gateway }) };
    case 'applied':
    case 'verified':
      return { mark: 'done', text: t('{gateway} is ready: it holds the device for you.', { gateway }) };
    case 'refused': {
      const why = select?.stages.find(({ stage }) => stage === 'rejected');
      return {
        mark: 'failed',
        text: t('{gateway} refuses: {detail}.', {
          gateway,
          detail: translate(why?.detail ?? why?.code ?? t('it gives no reason'), why?.code),
        }),
      };
    }
    case 'unanswered':
      return { mark: 'failed', text: t('{gateway} has not answered in time: select again.', { gateway }) };
    case 'superseded':
      return { mark: 'failed', text: t('It was cancelled or replaced by a newer selection: select again.') };
    case 'completed':
      return { mark: 'failed', text: t('The selection has lapsed at {gateway}: select again.', { gateway }) };
  }
}

export interface Recommendation {
  readonly device: string;
  readonly wish: SetpointWish;
  readonly reason: string;
}

const decimalsOf = (key: WishKey, value: number): number =>
  key === 'voltageTargetPu' ? 3 : Math.abs(value) < 100 ? 1 : 0;

/** Texts of a rounded wish for the form, moved back into the device's ranges where the rounding has left them. */
export function proposed(wish: SetpointWish, ranges: readonly SetpointRange[]): Draft['values'] {
  const fitted = ([name, value]: [string, number]): readonly [string, string] => {
    const range = ranges.find(({ key }) => key === name);
    const inside = range === undefined ? value : Math.min(range.max, Math.max(range.min, value));
    const error = 0.5 / 10 ** decimalsOf(name as WishKey, value);
    return [name, String(Math.abs(inside - value) <= error ? inside : value)];
  };
  return Object.fromEntries(Object.entries(wish).map(fitted));
}

/** Returns what a plan wants of each device at a time, in whole kW from 100 kW on; empty outside its horizon. */
export function recommendationsOf({ horizon, devices, status, sentences }: PlanBody, now: number): Recommendation[] {
  let end = horizon.start;
  const step = horizon.stepsS.findIndex((seconds) => (end += seconds * 1000) > now);
  if (now < horizon.start || step < 0 || status === 'envelopes-only') return [];
  return devices.flatMap((plan) => {
    const wish: SetpointWish = {};
    for (const key of Object.keys(NAMES) as WishKey[]) {
      const value = plan[key]?.[step];
      if (value !== null && value !== undefined) wish[key] = Number(value.toFixed(decimalsOf(key, value)));
    }
    if (Object.keys(wish).length === 0) return [];
    const reason = plan.reasons.find(({ fromStep, toStep }) => fromStep <= step && step <= toStep);
    return [
      { device: plan.device, wish, reason: reason === undefined ? t('the plan') : saidIn(reason.text, sentences) },
    ];
  });
}
