import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Waiting } from './layout.tsx';

/** A screen whose script comes when it is opened: the first view stays small. */
export function lazy(load: () => Promise<ComponentType<{ id: string }>>, what: string): ComponentType<{ id: string }> {
  let found: ComponentType<{ id: string }> | undefined;
  return function Lazy(props) {
    const [, setLoaded] = useState(0);
    useEffect(() => {
      if (found === undefined) void load().then((Component) => ((found = Component), setLoaded(1)));
    }, []);
    const Component = found;
    if (Component !== undefined) return <Component {...props} />;
    return (
      <>
        <h1 class="unseen" tabIndex={-1}>
          {what}
        </h1>
        <Waiting what={what} />
      </>
    );
  };
}
