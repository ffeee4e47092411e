import type { EventView } from '../../../../shared/contracts/view.ts';

export interface Span {
  /** ms UTC */
  readonly start: number;
  readonly end: number;
}

/** Number of events listed beside the curves, the newest ones; the log has the others. */
const MOST = 30;

/** Returns the events at the gateways of these series within a span, oldest first, without those of other devices. */
export function eventsOf(events: readonly EventView[], series: readonly string[], { start, end }: Span): EventView[] {
  const shown = series.map((each) => each.split('/'));
  const concerns = ({ source, device }: EventView): boolean =>
    shown.some(([gateway, own]) => source === gateway && (device === null || device === own));
  return events
    .filter((event) => event.severity !== 'info' && event.time >= start && event.time < end && concerns(event))
    .toSorted((a, b) => a.time - b.time || a.id - b.id);
}

export const newest = (events: readonly EventView[]): readonly EventView[] => events.slice(-MOST);

export const gatewaysOf = (series: readonly string[]): string[] => [
  ...new Set(series.map((each) => each.split('/')[0] ?? '')),
];
