import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { cloudLink } from '../state/stream.ts';
import { Waiting } from './layout.tsx';
import { t, type Text } from '../words/t.ts';

/** A screen whose script loads when it is opened, which keeps the first view small. */
export function lazy(load: () => Promise<ComponentType<{ id: string }>>, what: Text): ComponentType<{ id: string }> {
  let found: ComponentType<{ id: string }> | undefined;
  return function Lazy(props) {
    const [, setLoaded] = useState(0);
    const [hasFailed, setFailed] = useState(false);
    useEffect(() => {
      if (found !== undefined) return;
      const took = (Component: ComponentType<{ id: string }>): void => ((found = Component), setLoaded(1));
      void load().then(took, () => setFailed(true));
    }, []);
    const Component = found;
    if (Component !== undefined) return <Component {...props} />;
    return (
      <>
        <h1 class="unseen" tabIndex={-1}>
          {t(what)}
        </h1>
        {hasFailed ? (
          <div class="problem" role="status">
            <p>{t('This screen did not load: the cloud is lost, or newer than the page.')}</p>
            <button type="button" disabled={cloudLink.value !== 'up'} onClick={() => location.reload()}>
              {t('Reload the page')}
            </button>
          </div>
        ) : (
          <Waiting what={t(what)} />
        )}
      </>
    );
  };
}
