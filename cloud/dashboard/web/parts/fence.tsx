import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { t } from '../words/t.ts';
import { PriorityMark } from './marks.tsx';
import { messageOf } from '../../../../shared/outcome/message-of.ts';

/** Delay before a failed part renders again; by then its values may have changed. */
const AGAIN_MS = 5_000;

/** An error boundary: a failing part shows its error and leaves the rest of the page alone. It renders again until it succeeds. */
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
        <b>{t('This part of the page has failed.')}</b> {t('It is retried every 5 s; the rest of the page works.')}{' '}
        <span lang="en">{messageOf(failure)}</span>
      </span>
    </div>
  );
}
