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
