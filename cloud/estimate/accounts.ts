import type { RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import { rangeOf } from './inputs.ts';
import { usable, type Readings } from './readings.ts';

/** One device's own readings at one moment. */
interface Moment {
  readonly time: number;
  /** Power at its meter. */
  readonly kw: number;
  /**
   * Energy taken in by the device's own account, up to a constant: a battery's state of charge, or minus the energy its cars still want.
   */
  readonly kwh: number;
  /** Cars at the site; undefined: not a charging site. */
  readonly sessions: number | undefined;
  /** The most that the cars may draw under their demand and the site's limit, kW. */
  readonly mostKw: number;
}

/** Energy taken in over a stretch, kWh: by the meter and by the account. */
interface Stretch {
  readonly metered: number;
  readonly taken: number;
  /** The meter shows more than the cars can have taken. Always true of a battery, whose account is complete. */
  readonly beyond: boolean;
}

interface Account {
  readonly last: Moment;
  /** Start of the current stretch, and what the meter has summed since. */
  readonly from: Moment;
  readonly metered: number;
  readonly most: number;
  readonly stretches: readonly Stretch[];
}

/** By device id; only devices that keep an account of their energy. */
export type Accounts = ReadonlyMap<string, Account>;

/** A meter that disagrees with its device's own energy account. */
export interface AccountVerdict {
  readonly device: string;
  readonly kind: 'gross' | 'reversed' | 'dead';
  readonly meteredKwh: number;
  readonly takenKwh: number;
}

const STRETCH_MS = 600_000;
/** Nothing is known of the flow in a longer gap. */
const LONGEST_GAP_MS = 300_000;
/** Readings further apart than this belong to different moments. */
const TOGETHER_MS = 5_000;
/** A stretch that moves less than this share of an hour at full power is ignored. */
const MOVED_SHARE = 0.005;
const REMEMBERED = 36;
const FEWEST = 6;
/** Accounted kWh per metered kWh within which a meter is right: covers losses and coarse accounts. */
const RIGHT = { least: 0.65, most: 1.35 };
/** Beyond this ratio the account counts something else. */
const MOST_RATIO = 5;
/** Largest share of the account, by squares, that a single scale factor on the meter may leave unexplained. */
const UNEXPLAINED = 0.03;
/** A meter that shows less than this share of the account is dead. */
const DEAD_SHARE = 0.01;
/**
 * A site may not know what each car wants. Its meter counts as too high only if this share of the stretches exceeds what the cars can have
 * taken.
 */
const BEYOND_SHARE = 0.8;

/** Adds new readings. A car that arrives, leaves or changes its demand ends the stretch, which is dropped. */
export function addAccounts({ devices }: RegionSubstation, before: Accounts, readings: Readings): Accounts {
  const next = new Map(before);
  for (const device of devices) {
    const now = momentOf(device, readings);
    if (now === undefined) continue;
    const known = before.get(device.id);
    if (known === undefined) next.set(device.id, { ...begun(now), stretches: [] });
    else if (now.time > known.last.time) next.set(device.id, goneOn(device, known, now));
  }
  return next;
}

const begun = (now: Moment): Omit<Account, 'stretches'> => ({ last: now, from: now, metered: 0, most: 0 });

function goneOn(device: RegionDevice, { last, from, stretches, ...sums }: Account, now: Moment): Account {
  const gap = now.time - last.time;
  if (gap > LONGEST_GAP_MS || now.sessions !== last.sessions || jumped(device, last, now))
    return { ...begun(now), stretches };
  const hours = gap / 3_600_000;
  const metered = sums.metered + ((taken(device, last.kw) + taken(device, now.kw)) / 2) * hours;
  const most = sums.most + ((last.mostKw + now.mostKw) / 2) * hours;
  if (now.time - from.time < STRETCH_MS) return { last: now, from, metered, most, stretches };
  const own = now.kwh - from.kwh;
  const says = Math.max(Math.abs(metered), Math.abs(own)) > MOVED_SHARE * fullKw(device);
  const stretch = { metered, taken: own, beyond: now.sessions === undefined || metered > RIGHT.most * most };
  return { ...begun(now), stretches: says ? [...stretches, stretch].slice(-REMEMBERED) : stretches };
}

/** Finds meters that disagree with their devices' accounts by one constant factor. */
export function judgeAccounts(accounts: Accounts): AccountVerdict[] {
  return [...accounts].flatMap(([device, { stretches }]): AccountVerdict[] => {
    if (stretches.length < FEWEST) return [];
    const sum = (of: (stretch: Stretch) => number): number =>
      stretches.reduce((total, stretch) => total + of(stretch), 0);
    const xx = sum(({ metered }) => metered ** 2);
    const xy = sum(({ metered, taken: own }) => metered * own);
    const yy = sum(({ taken: own }) => own ** 2);
    const about = { device, meteredKwh: sum(({ metered }) => metered), takenKwh: sum(({ taken: own }) => own) };
    if (xx < DEAD_SHARE ** 2 * yy) return [{ ...about, kind: 'dead' }];
    const ratio = xy / xx;
    if (Math.abs(ratio) > MOST_RATIO || Math.abs(ratio) < 1 / MOST_RATIO) return [];
    if (yy - ratio * xy > UNEXPLAINED * yy) return [];
    if (ratio < 0) return [{ ...about, kind: 'reversed' }];
    const beyond = stretches.filter((stretch) => stretch.beyond).length >= BEYOND_SHARE * stretches.length;
    return ratio > RIGHT.most || (ratio < RIGHT.least && beyond) ? [{ ...about, kind: 'gross' }] : [];
  });
}

function momentOf(device: RegionDevice, readings: Readings): Moment | undefined {
  const power = usable(readings, device.id, 'activePowerKw');
  const metric = device.type === 'battery' ? 'socPct' : device.type === 'ev-site' ? 'energyDueKwh' : undefined;
  const own = metric === undefined ? undefined : usable(readings, device.id, metric);
  if (power === undefined || own === undefined || Math.abs(own.time - power.time) > TOGETHER_MS) return undefined;
  const { time, value: kw } = power;
  if (device.type === 'battery')
    return device.capacityKwh === undefined
      ? undefined
      : { time, kw, kwh: (own.value / 100) * device.capacityKwh, sessions: undefined, mostKw: 0 };
  const sessions = usable(readings, device.id, 'sessions');
  if (sessions === undefined) return undefined;
  const most = (['wishedKw', 'activePowerLimitKw'] as const).map(
    (each) => usable(readings, device.id, each)?.value ?? Infinity,
  );
  return { time, kw, kwh: -own.value, sessions: sessions.value, mostKw: Math.min(...most) };
}

/** Power that ends up stored: a battery loses some on the way in and out. */
function taken({ type, efficiency = 1 }: RegionDevice, kw: number): number {
  if (type !== 'battery') return kw;
  return kw > 0 ? kw * efficiency : kw / efficiency;
}

function fullKw(device: RegionDevice): number {
  const { minKw, maxKw } = rangeOf(device);
  return Math.max(1, -minKw, maxKw);
}

/** More than the site can deliver, or less than nothing: the cars or their demand changed. */
function jumped(device: RegionDevice, last: Moment, now: Moment): boolean {
  if (last.sessions === undefined) return false;
  const served = now.kwh - last.kwh;
  const coarse = MOVED_SHARE * fullKw(device);
  return served < -coarse || served > (fullKw(device) * (now.time - last.time)) / 3_600_000 + coarse;
}
