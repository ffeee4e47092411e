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
