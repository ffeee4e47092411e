import { useState } from 'preact/hooks';
import type { ProblemAnswer } from '../lib/answers.ts';
import { changeAreas, sharesOf } from '../state/areas.ts';
import { may } from '../state/session.ts';
import { areas, controlsOn } from '../state/store.ts';
import { Problem } from './layout.tsx';

/** Whether who is signed in holds all of a target: then nothing bars an act on it. Unknown areas bar nothing here; the cloud judges. */
export function holdsAll(target: string, feeder?: string): boolean {
  if (areas.value === null) return true;
  const { free, others } = sharesOf(target, feeder);
  return free.length === 0 && others.length === 0;
}

/** Says who holds what an act is on, and takes what nobody holds with one click. */
export function AreaNotice({ target, feeder }: { target: string; feeder?: string | undefined }) {
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  if (!may('operate') || holdsAll(target, feeder)) return null;
  const { free, others, offered } = sharesOf(target, feeder);
  const names = [...new Set(others.map(({ held }) => held!.holder))].join(', ');
  const open = [...free, ...offered].map((part) => part.target);
  const take = async (): Promise<void> => setProblem(await changeAreas('take', { areas: open }));
  return (
    <div class="notice" role="status">
      {others.length > 0 && (
        <p>
          {`${names} holds ${nameOf(others)}: let them act, or take it over under `}
          <a href="/areas">Areas</a>.
        </p>
      )}
      {open.length > 0 && (
        <>
          {free.length > 0 && <p>{`Nobody holds ${nameOf(free)}: take it to act there.`}</p>}
          <button type="button" disabled={!controlsOn.value} onClick={() => void take()}>
            {`Take ${open.length === 1 ? open[0]!.split(':')[1] : `${open.length} areas`}`}
          </button>
        </>
      )}
      {problem !== null && <Problem problem={problem} />}
    </div>
  );
}

const nameOf = (parts: readonly { readonly id: string }[]): string =>
  parts.length > 3 ? `${parts.length} areas` : parts.map(({ id }) => id).join(', ');
