import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { t } from '../words/t.ts';
import { PriorityMark } from './marks.tsx';

/** So soon a part that failed is drawn again: by then another value may have come. */
const AGAIN_MS = 5_000;

/** A part of the page that fails says so, and ends nothing beside it. It is drawn anew until it holds. */
export function Fence({ children }: { children: ComponentChildren }) {
  const [failure, again] = useErrorBoundary((error: unknown) => reportError(error));
  return failure === undefined ? <>{children}</> : <Failed failure={failure} again={again} />;
}

function Failed({ failure, again }: { failure: unknown; again: () => void }) {
  useEffect(() => {
    const timer = setTimeout(again, AGAIN_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="banner fence" role="alert">
      <PriorityMark level={2} />
      <span>
        <b>{t('This part of the page has failed.')}</b> {t('It is drawn anew every 5 s; all others go on.')}{' '}
        <span lang="en">{failure instanceof Error ? failure.message : String(failure)}</span>
      </span>
    </div>
  );
}
