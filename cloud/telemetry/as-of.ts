/** A range of offsets that the cloud had stored by some plant time, with bounds of their source times (inclusive). */
export interface KnownRange {
  readonly first: number;
  readonly last: number;
  readonly timeFrom: number;
  readonly timeTo: number;
}

export interface Known {
  readonly ranges: readonly KnownRange[];
  readonly archives: readonly (KnownRange & { readonly intervalMs: number })[];
}

/** The ledger as the stores see it. */
export interface ReceivedAt {
  known(gateway: string, asOf: number): Known;
}

/** A frame that arrives within this of its source time is live. */
export const LIVE_MS = 60_000;

const holds = (range: KnownRange, offset: number, time: number): boolean =>
  offset >= range.first && offset <= range.last && time >= range.timeFrom && time <= range.timeTo;

/**
 * True if the cloud had stored a point with this offset and source time by `asOf`. A sample of an archive counts as stored `intervalMs`
 * after its source time.
 */
export function isKnown(known: Known, point: { offset: number; time: number }, asOf: number): boolean {
  const { offset, time } = point;
  return (
    known.ranges.some((range) => holds(range, offset, time)) ||
    known.archives.some((archive) => holds(archive, offset, time) && time + archive.intervalMs <= asOf)
  );
}

/** Offsets whose points make up a mean, and bounds of their source times: [from, to), ms UTC. */
export interface Summed {
  readonly oldest: number;
  readonly newest: number;
  readonly from: number;
  readonly to: number;
}

/**
 * True if the cloud had stored all of these points by `asOf`. False if that is unknown: an offset between them is not in the ledger.
 */
export function isAllKnown(known: Known, { oldest, newest, from, to }: Summed, asOf: number): boolean {
  // Ranges of live frames end a lag before `asOf`; this long after `to` they hold everything before it.
  if (asOf < to + LIVE_MS) return false;
  const isNear = ({ timeFrom, timeTo }: KnownRange): boolean => timeFrom < to && timeTo >= from;
  const ended = known.archives.filter(({ intervalMs }) => to + intervalMs <= asOf);
  let next = oldest;
  for (const { first, last } of [...known.ranges, ...ended].filter(isNear).sort((a, b) => a.first - b.first))
    if (first <= next) next = Math.max(next, last + 1);
  return next > newest;
}
