import { useState } from 'preact/hooks';
import { number } from '../lib/format.ts';
import { t } from '../words/t.ts';

interface PagesProps {
  /** Index of the first that is shown. */
  readonly from: number;
  readonly shown: number;
  /** Null: not known. */
  readonly total: number | null;
  readonly what?: string;
  /** Undefined: there is none. */
  readonly onBack: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

/** Which part of a long list is shown, and the ways to the others. */
export function Pages({ from, shown, total, what = '', onBack, onNext }: PagesProps) {
  if (total === 0) return null;
  return (
    <nav class="row pages" aria-label={t('Pages')}>
      <button type="button" disabled={onBack === undefined} onClick={onBack}>
        {t('Back')}
      </button>
      <span role="status">
        {total !== null &&
          t('{from} to {last} of {total}{what}', {
            from: number(from + 1),
            last: number(from + shown),
            total: number(total),
            what: what === '' ? '' : ` ${what}`,
          })}
      </span>
      <button type="button" disabled={onNext === undefined} onClick={onNext}>
        {t('Next')}
      </button>
    </nav>
  );
}

/** The way through a list of which each page names the next one. */
interface Paged {
  /** Names the page that is shown; undefined: the first. */
  readonly cursor: string | undefined;
  /** How many pages are before it. */
  readonly before: number;
  readonly toFirst: () => void;
  /** Undefined: there is none. */
  readonly onBack: (() => void) | undefined;
  readonly onTo: (next: string | null) => (() => void) | undefined;
}

export function usePaged(): Paged {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  return {
    cursor: cursors.at(-1),
    before: cursors.length,
    toFirst: () => setCursors([]),
    onBack: cursors.length === 0 ? undefined : () => setCursors(cursors.slice(0, -1)),
    onTo: (next) => (next === null ? undefined : () => setCursors([...cursors, next])),
  };
}

/** The ways to the other pages of a list whose newest entries come first; nothing where it has one page. */
export function NewerOlder({ paged: { onBack, onTo }, next }: { readonly paged: Paged; readonly next: string | null }) {
  if (onBack === undefined && next === null) return null;
  return (
    <div class="row foot">
      <button type="button" disabled={onBack === undefined} onClick={onBack}>
        {t('Newer')}
      </button>
      <button type="button" disabled={next === null} onClick={onTo(next)}>
        {t('Older')}
      </button>
    </div>
  );
}
