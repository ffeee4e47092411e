import type { Said } from '../../shared/sentences/said.ts';
import { sayEstimate } from '../../shared/sentences/estimate-forms.ts';
import type { MeterPoint, RegionSubstation } from '../../shared/contracts/region.ts';
import { reportIntervalS } from '../../shared/time/staleness.ts';
import { addImpossible, judgeImpossible, type Impossibles } from './impossible.ts';
import { isLiveAt, usable, type Moment, type Readings } from './readings.ts';
import type { MeterFinding } from './state.ts';

/** State of one meter between two judgements. */
interface MeterMemory {
  readonly value: number;
  readonly time: number;
  /** Since when it has read the same value, and how far the others have moved meanwhile. */
  readonly flatSince: number;
  readonly flatReadings: number;
  readonly othersMovedKw: number;
  /** The value it last repeated, or its first. A dead meter is alive again once it leaves this value. */
  readonly restKw: number;
  /** For a head that fell to zero: what it carried, and what the transformer carried then. */
  readonly fell?: { readonly byKw: number; readonly wholeKw: number; readonly time: number } | undefined;
  /** The transformer lost as much at the same time: the feeder is out of service and its meter is right. */
  readonly isOut?: boolean;
}

/** Regression of the transformer's changes on those of its heads, with forgetting. */
interface SignMemory {
  readonly time: number;
  readonly transformerKw: number;
  readonly headsKw: number;
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
  readonly count: number;
  /** Total movement of the heads since judging began. */
  readonly moved: number;
}

export interface LiveMeterState {
  readonly meters: ReadonlyMap<string, MeterMemory>;
  readonly sign: SignMemory | undefined;
  readonly impossible: Impossibles;
  readonly findings: readonly MeterFinding[];
}

export interface LiveJudgement {
  readonly state: LiveMeterState;
  /** All current findings: those of the history that running readings do not refute, and those of the readings. */
  readonly findings: readonly MeterFinding[];
}

/** A head or transformer that repeats one value this often and this long while the others move is dead. */
const FLAT_READINGS = 20;
const FLAT_MS = 300_000;
const OTHERS_MOVED_SHARE = 0.02;
/** Readings this close, as a share of the rating, are the same. A dead meter that moves by the other share is alive. */
const SAME_SHARE = 1e-5;
const REVIVED_SHARE = 1e-3;
/** A head that falls from above the first share of the rating to below the second has lost its feeder, or its meter has died. */
const FELL_FROM_SHARE = 0.02;
const NOTHING_SHARE = 1e-4;
/** The transformer's reading may lag a fall by this long, and differ by this share of what the head carried. */
const FALL_SEEN_MS = 30_000;
const FALL_SHARE = 0.25;
/** Cold load pickup: after an outage, loads may draw up to this multiple. */
const COLD_LOAD = 2;
/** Memory of the regression, and the t value at which a sign is believed. */
const FORGET_MS = 3_600_000;
const BELIEVED_T = 8;
const FEWEST_CHANGES = 120;
/** Changes over a longer gap are skipped: the rest of the busbar moves too. */
const LONGEST_GAP_MS = 30_000;

/** Starts with the findings of the history. */
export const startLive = (findings: readonly MeterFinding[] = []): LiveMeterState => ({
  meters: new Map(),
  sign: undefined,
  impossible: new Map(),
  findings,
});

/**
 * Judges running readings: stale, dead (repeats one value while the others move), gross error (outside what can be), reversed (its device
 * cannot have this sign), and the sign of the transformer's meter by how it moves with its heads within seconds. Pure: returns the next
 * state.
 */
export function judgeLive(
  substation: RegionSubstation,
  state: LiveMeterState,
  now: Moment & { readonly readings: Readings },
): LiveJudgement {
  const { time, readings } = now;
  const power = substation.meters.filter(({ kind }) => kind === 'transformer' || kind === 'feeder-head');
  const ratedKva = substation.network.transformers[0]?.ratedKva ?? 1000;
  const moved = new Map(power.map((meter) => [meter.device, movedKw(meter, state, readings)]));
  const meters = new Map<string, MeterMemory>();
  for (const meter of power) {
    const memory = remember(meter, { state, readings, moved, ratedKva, whole: wholeOf(substation, state, readings) });
    if (memory !== undefined) meters.set(meter.device, memory);
  }
  const sign = regress(substation, state.sign, readings);
  const lasting = power.flatMap(({ device, kind }): MeterFinding[] => {
    const known = state.findings.find((finding) => finding.device === device && isLasting(finding));
    const memory = meters.get(device);
    const dead = memory === undefined ? undefined : judgeDead(device, memory, ratedKva);
    if (dead !== undefined) return [known?.finding === 'dead' ? known : dead];
    if (known?.finding === 'dead' && !hasLeft(memory, REVIVED_SHARE * ratedKva)) return [known];
    if (kind !== 'transformer') return [];
    const turned = judgeSign(device, sign, time);
    if (turned === 'right') return [];
    if (turned === undefined) return known?.finding === 'reversed' ? [known] : [];
    return [known?.finding === 'reversed' ? known : turned];
  });
  const passing = substation.meters.flatMap((meter) => {
    const finding = judgeReading(meter, ratedKva, now);
    if (finding === undefined || lasting.some(({ device }) => device === meter.device)) return [];
    const known = state.findings.find((each) => each.device === finding.device && each.finding === finding.finding);
    return [known === undefined ? finding : { ...finding, since: known.since }];
  });
  const impossible = addImpossible(substation, state.impossible, readings);
  const found = [...lasting, ...passing];
  const findings = [
    ...found,
    ...judgeImpossible(substation, impossible).filter(({ device }) => !found.some((each) => each.device === device)),
  ];
  return { state: { meters, sign, impossible, findings }, findings };
}

const hasLeft = (memory: MeterMemory | undefined, byKw: number): boolean =>
  memory !== undefined && Math.abs(memory.value - memory.restKw) > byKw;

const isLasting = ({ finding }: MeterFinding): boolean => finding === 'dead' || finding === 'reversed';

function movedKw(meter: MeterPoint, state: LiveMeterState, readings: Readings): number {
  const reading = usable(readings, meter.device, 'activePowerKw');
  const memory = state.meters.get(meter.device);
  return reading === undefined || memory === undefined ? 0 : Math.abs(reading.value - memory.value);
}

function remember(
  meter: MeterPoint,
  {
    state,
    readings,
    moved,
    ratedKva,
    whole,
  }: {
    state: LiveMeterState;
    readings: Readings;
    moved: ReadonlyMap<string, number>;
    ratedKva: number;
    whole: Whole | undefined;
  },
): MeterMemory | undefined {
  const before = state.meters.get(meter.device);
  const reading = usable(readings, meter.device, 'activePowerKw');
  if (reading === undefined) return before;
  const { value, time } = reading;
  if (before !== undefined && time <= before.time) return before;
  const fresh = { value, time, flatSince: time, flatReadings: 1, othersMovedKw: 0, restKw: before?.restKw ?? value };
  if (before === undefined) return fresh;
  if (Math.abs(value - before.value) > SAME_SHARE * ratedKva) {
    const isFall = Math.abs(value) <= NOTHING_SHARE * ratedKva && Math.abs(before.value) > FELL_FROM_SHARE * ratedKva;
    if (!isFall || meter.kind === 'transformer' || whole === undefined) return fresh;
    const fell = { byKw: before.value, wholeKw: whole.beforeKw, time };
    return { ...fresh, fell, isOut: isSeen(fell, whole, time) };
  }
  const others = [...moved].reduce((sum, [device, kw]) => (device === meter.device ? sum : sum + kw), 0);
  // The feeder is supplied again but the meter still reads zero: from now on it may be dead.
  if (before.isOut === true && isBack(before.fell!, whole, others)) return fresh;
  const flatReadings = before.flatReadings + 1;
  return {
    value: before.value,
    time,
    flatSince: before.flatSince,
    flatReadings,
    othersMovedKw: before.othersMovedKw + others,
    restKw: flatReadings < FLAT_READINGS ? before.restKw : before.value,
    fell: before.fell,
    isOut: before.isOut === true || (before.fell !== undefined && isSeen(before.fell, whole, time)),
  };
}

/** The transformer picks up what the feeder carried, or its cold load, and the other heads do not. */
function isBack({ byKw }: NonNullable<MeterMemory['fell']>, whole: Whole | undefined, othersKw: number): boolean {
  if (whole === undefined) return false;
  const step = whole.nowKw - whole.beforeKw;
  const share = step / byKw;
  return share >= 1 - FALL_SHARE && share <= COLD_LOAD && othersKw - Math.abs(step) < FALL_SHARE * Math.abs(byKw);
}

/** Power through the transformer by its own meter, now and at the previous look, kW. */
interface Whole {
  readonly nowKw: number;
  readonly beforeKw: number;
}

/** Undefined: no meter, no trusted meter, or no reading. */
function wholeOf({ meters }: RegionSubstation, state: LiveMeterState, readings: Readings): Whole | undefined {
  const device = meters.find(({ kind }) => kind === 'transformer')?.device;
  const finding = state.findings.find((each) => each.device === device)?.finding;
  const now = device === undefined ? undefined : usable(readings, device, 'activePowerKw');
  const before = device === undefined ? undefined : state.meters.get(device);
  if (now === undefined || before === undefined || (finding !== undefined && finding !== 'reversed')) return undefined;
  const sign = finding === 'reversed' ? -1 : 1;
  return { nowKw: sign * now.value, beforeKw: sign * before.value };
}

const isSeen = (
  { byKw, wholeKw, time }: NonNullable<MeterMemory['fell']>,
  whole: Whole | undefined,
  now: number,
): boolean =>
  whole !== undefined &&
  now - time <= FALL_SEEN_MS &&
  Math.abs(wholeKw - whole.nowKw - byKw) <= FALL_SHARE * Math.abs(byKw);

function judgeDead(device: string, memory: MeterMemory, ratedKva: number): MeterFinding | undefined {
  const { flatReadings, flatSince, time, othersMovedKw, value, isOut = false } = memory;
  if (isOut) return undefined;
  if (flatReadings < FLAT_READINGS || time - flatSince < FLAT_MS) return undefined;
  if (othersMovedKw < OTHERS_MOVED_SHARE * ratedKva) return undefined;
  const minutes = Math.floor((time - flatSince) / 60_000);
  return {
    device,
    finding: 'dead',
    since: flatSince,
    ...sayEstimate(
      'reads {value} kW without a change for {minutes} min, while the other meters moved by {moved} kW in all',
      { value, minutes, moved: othersMovedKw.toFixed(0) },
    ),
  };
}

function regress(
  substation: RegionSubstation,
  before: SignMemory | undefined,
  readings: Readings,
): SignMemory | undefined {
  const heads = substation.meters.filter(({ kind }) => kind === 'feeder-head');
  const meter = substation.meters.find(({ kind }) => kind === 'transformer');
  const whole = meter === undefined ? undefined : usable(readings, meter.device, 'activePowerKw');
  const parts = heads.map(({ device }) => usable(readings, device, 'activePowerKw'));
  if (whole === undefined || parts.length === 0 || parts.some((part) => part?.time !== whole.time)) return before;
  const headsKw = parts.reduce((sum, part) => sum + part!.value, 0);
  const start = { time: whole.time, transformerKw: whole.value, headsKw };
  if (before === undefined) return { ...start, xx: 0, xy: 0, yy: 0, count: 0, moved: 0 };
  const gap = whole.time - before.time;
  if (gap <= 0) return before;
  if (gap > LONGEST_GAP_MS) return { ...before, ...start };
  const keep = Math.exp(-gap / FORGET_MS);
  const x = headsKw - before.headsKw;
  const y = whole.value - before.transformerKw;
  return {
    ...start,
    xx: before.xx * keep + x * x,
    xy: before.xy * keep + x * y,
    yy: before.yy * keep + y * y,
    count: before.count * keep + 1,
    moved: before.moved + Math.abs(x),
  };
}

function judgeSign(device: string, memory: SignMemory | undefined, time: number): MeterFinding | 'right' | undefined {
  if (memory === undefined || memory.count < FEWEST_CHANGES || memory.xx <= 0) return undefined;
  const slope = memory.xy / memory.xx;
  const residual = Math.max(0, memory.yy - slope * memory.xy) / memory.count;
  const t = slope / Math.sqrt(residual / memory.xx + 1e-12);
  if (t > BELIEVED_T) return 'right';
  if (t > -BELIEVED_T) return undefined;
  return {
    device,
    finding: 'reversed',
    since: time,
    ...sayEstimate(
      'moves against its feeder heads: {slope} kW for each kW of theirs, where +1 is right (t {confidence})',
      { slope: slope.toFixed(2), confidence: t.toFixed(0) },
    ),
  };
}

function judgeReading(
  meter: MeterPoint,
  ratedKva: number,
  now: Moment & { readonly readings: Readings },
): MeterFinding | undefined {
  const { time, readings } = now;
  const { device } = meter;
  const any = readings.get(device);
  const newest = any === undefined ? undefined : Math.max(...Object.values(any).map((reading) => reading.time));
  if (newest !== undefined && !isLiveAt(now, newest, meter))
    return {
      device,
      finding: 'stale',
      since: newest,
      ...sayEstimate('last value is {age} s old; one each {interval} s is expected', {
        age: Math.round((time - newest) / 1000),
        interval: reportIntervalS(meter.intervalS),
      }),
    };
  const kw = usable(readings, device, 'activePowerKw');
  if (kw !== undefined && Math.abs(kw.value) > 3 * ratedKva)
    return gross(
      device,
      kw.time,
      sayEstimate('{value} kW is three times what the transformer is rated for', { value: kw.value.toFixed(0) }),
    );
  const pu = usable(readings, device, 'voltagePu');
  if (pu !== undefined && pu.value !== 0 && !(pu.value > 0.5 && pu.value < 1.5))
    return gross(
      device,
      pu.time,
      sayEstimate('{value} pu is no voltage that a network in service has', { value: pu.value.toFixed(3) }),
    );
  return undefined;
}

const gross = (device: string, since: number, said: Said): MeterFinding => ({
  device,
  finding: 'gross-error',
  since,
  ...said,
});
