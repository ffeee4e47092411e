import { LIVE_MS } from '../telemetry/as-of.ts';
import { receivedBy } from './lag.ts';
import { isTimeless, joined, QUARTER_MS, type Span } from './spans.ts';

/** Joined receipts: `span` replaces the `count` spans from index `at` on. */
export interface Joined {
  readonly at: number;
  readonly count: number;
  readonly span: Span;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Receipts stay exact for this long. */
const EXACT_MS = 2 * HOUR_MS;
/** Then they are kept to a quarter of an hour, and past this age to a day. The default store keeps raw samples as long. */
const QUARTERS_MS = 35 * DAY_MS;
/** Past this age, everything stored counts as received at its longest lag. */
const DAYS_MS = 400 * DAY_MS;

/**
 * The spans (in order) that may be joined at the plant time `now`. Adjacent stored spans become one, received no earlier than any of them;
 * spans that are not stored join their like. A neighbour without a time of its own lies between the times of the spans beside it, so those
 * keep theirs.
 */
export function joinedReceipts(spans: readonly Span[], now: number): Joined[] {
  const result: Joined[] = [];
  for (let from = 0; from < spans.length;) {
    let all: Span | undefined = spans[from];
    let to = from;
    while (all !== undefined) all = ++to < spans.length ? oneOf(all, spans[to]!, now) : undefined;
    const [at, end] = spans[from]!.state === 'stored' ? joinableRange(spans, from, to) : [from, to];
    const joinable = spans.slice(at, end);
    const span = joinable.slice(1).reduce<Span | undefined>((sum, each) => sum && oneOf(sum, each, now), joinable[0]);
    if (joinable.length > 1 && span !== undefined) result.push({ at, count: joinable.length, span });
    from = to;
  }
  return result;
}

/** The union of two adjacent spans; undefined: they stay separate. */
function oneOf(a: Span, b: Span, now: number): Span | undefined {
  if (a.last + 1 !== b.first || a.state !== b.state || a.code !== b.code) return undefined;
  const by = Math.max(receivedBy(a) ?? now, receivedBy(b) ?? now);
  if (by >= now - EXACT_MS || isTimeless(a) !== isTimeless(b)) return undefined;
  if (isTimeless(a)) return a.state === 'stored' ? undefined : joined(a, b);
  if (isLive(a) && isLive(b)) return joined(a, b);
  const step = by < now - QUARTERS_MS ? DAY_MS : QUARTER_MS;
  const cell = cellOf(a, step);
  if (cell !== undefined && cell === cellOf(b, step)) return { ...joined(a, b), receivedAt: by, lagMs: 0 };
  if (by >= now - DAYS_MS) return undefined;
  if (a.state !== 'stored') return joined(a, b);
  return { ...joined(a, b), receivedAt: null, lagMs: Math.max(lagOf(a), lagOf(b)) };
}

const isLive = ({ state, receivedAt, lagMs }: Span): boolean =>
  state === 'stored' && receivedAt === null && lagMs <= LIVE_MS;

/**
 * Index of the step, named by its end, in which the whole span was received (stored) or measured (not stored); undefined: more than one.
 */
function cellOf({ state, receivedAt, timeFrom, timeTo, lagMs }: Span, stepMs: number): number | undefined {
  if (state === 'stored' && receivedAt !== null) return Math.ceil(receivedAt / stepMs);
  const cell = Math.ceil((timeTo! + lagMs) / stepMs);
  return Math.ceil((timeFrom! + lagMs) / stepMs) === cell ? cell : undefined;
}

const lagOf = ({ receivedAt, timeFrom, lagMs }: Span): number =>
  receivedAt === null ? lagMs : Math.max(0, receivedAt - timeFrom!);

/** [from, to) without the first or last span if a neighbour depends on its time and joining would change it. */
function joinableRange(spans: readonly Span[], from: number, to: number): [number, number] {
  const leans = (span: Span | undefined, touches: boolean): boolean =>
    !touches || span === undefined || isTimeless(span);
  const [left, first, last, right] = [spans[from - 1], spans[from]!, spans[to - 1]!, spans[to]];
  let [at, end] = [from, to];
  if (leans(right, right?.first === last.last + 1) && latest(spans, at, end) !== last.timeTo) end--;
  if (at < end && leans(left, left?.last === first.first - 1) && earliest(spans, at, end) !== first.timeFrom) at++;
  return [at, end];
}

const earliest = (spans: readonly Span[], from: number, to: number): number =>
  spans.slice(from, to).reduce((least, { timeFrom }) => Math.min(least, timeFrom ?? least), Infinity);

const latest = (spans: readonly Span[], from: number, to: number): number =>
  spans.slice(from, to).reduce((most, { timeTo }) => Math.max(most, timeTo ?? most), -Infinity);
