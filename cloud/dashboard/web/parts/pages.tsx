import { useState } from 'preact/hooks';
import { number } from '../lib/format.ts';
import { t } from '../words/t.ts';

interface PagesProps {
  /** Index of the first item shown. */
  readonly from: number;
  readonly shown: number;
  /** Null if unknown. */
  readonly total: number | null;
  readonly what?: string;
  /** Undefined on the first page. */
  readonly onBack: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

/** Which part of a long list is shown, with links to the others. */
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

/** Navigation through a list in which each page names the next one. */
interface Paged {
  /** Cursor of the current page; undefined for the first. */
  readonly cursor: string | undefined;
  /** Number of pages before it. */
  readonly before: number;
  readonly toFirst: () => void;
  /** Undefined on the first page. */
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

/** Links to the other pages of a list with the newest entries first; nothing if it has one page. */
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
