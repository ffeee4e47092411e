/**
 * What the cloud had stored of a gateway by a moment of plant time, as the ledger knows it: offsets whose source times lie in
 * the stated bounds (inclusive), and archives of imported history, each sample of which counts as known `intervalMs` after its
 * source time.
 */
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

const holds = (range: KnownRange, offset: number, time: number): boolean =>
  offset >= range.first && offset <= range.last && time >= range.timeFrom && time <= range.timeTo;

/** Whether a point with this offset and source time was in the store at `asOf`. */
export function isKnown(known: Known, point: { offset: number; time: number }, asOf: number): boolean {
  const { offset, time } = point;
  return (
    known.ranges.some((range) => holds(range, offset, time)) ||
    known.archives.some((archive) => holds(archive, offset, time) && time + archive.intervalMs <= asOf)
  );
}
