import type { Severity } from '../../../../shared/contracts/event.ts';
import type { EventView } from '../../../../shared/contracts/view.ts';

export const SEVERITIES: readonly Severity[] = ['info', 'low', 'medium', 'high'];
export const KINDS = ['all', 'alarm', 'event', 'outcome', 'audit'] as const;

export interface EventFilter {
  readonly least: Severity;
  readonly kind: (typeof KINDS)[number];
  /** Words that must all occur. */
  readonly text: string;
}

/**
 * True for routine reports about plans, several for each gateway and quarter of an hour. What a plan could not do has a higher severity.
 */
export const isPlanRoutine = ({ code, kind, severity, parameters }: EventView): boolean =>
  kind === 'outcome' &&
  severity === 'info' &&
  (code.startsWith('plan.') || (code === 'document.accepted' && parameters?.['type'] === 'plan'));

const wordsOf = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);

/** True if an event matches, by its fields or by the text that it is shown with. */
export const fits = (
  event: EventView,
  { least, kind, text }: EventFilter,
  shownAs: (event: EventView) => string = () => '',
): boolean => {
  if (SEVERITIES.indexOf(event.severity) < SEVERITIES.indexOf(least) || (kind !== 'all' && event.kind !== kind))
    return false;
  const words = wordsOf(text);
  if (words.length === 0) return true;
  const { source, code, device, subject } = event;
  const said = [source, code, event.text, device, subject, shownAs(event)].join(' ').toLowerCase();
  return words.every((word) => said.includes(word));
};

/** Returns the search path for a filter and a language; null if the filter matches everything. */
export function searchPath({ least, kind, text }: EventFilter, limit: number, language = 'en'): string | null {
  const query = new URLSearchParams();
  const words = wordsOf(text);
  if (words.length > 0) query.set('q', words.join(' '));
  if (words.length > 0 && language !== 'en') query.set('language', language);
  if (kind !== 'all') query.set('kind', kind);
  if (least !== 'info') query.set('severityFrom', least);
  if (query.size === 0) return null;
  query.set('limit', String(limit));
  return `/v1/events?${query}`;
}
