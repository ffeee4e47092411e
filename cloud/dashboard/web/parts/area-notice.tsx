import { useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { changeAreas, sharesOf } from '../state/areas.ts';
import { may } from '../state/session.ts';
import { areas, controlsOn } from '../state/store.ts';
import { Problem } from './layout.tsx';
import { t } from '../words/t.ts';

/** True if nobody else holds a part of a target. While the areas are unknown this blocks nothing; the cloud decides. */
export const isOpen = (target: string, feeder?: string): boolean =>
  areas.value === null || sharesOf(target, feeder).others.length === 0;

/** Names the holders of a target, and takes what they offer with one click. */
export function AreaNotice({ target, feeder }: { target: string; feeder?: string | undefined }) {
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  if (!may('operate') || isOpen(target, feeder)) return null;
  const { others, offered } = sharesOf(target, feeder);
  const names = [...new Set(others.map(({ held }) => held!.holder))].join(', ');
  const open = offered.map((part) => part.target);
  const take = async (): Promise<void> => setProblem(await changeAreas('take', { areas: open }));
  return (
    <div class="notice" role="status">
      <p>
        {`${t('{names} holds {others}: let them act, or take it over under', { names, others: nameOf(others) })} `}
        <a href="/areas">{t('Areas')}</a>.
      </p>
      {open.length > 0 && (
        <button type="button" disabled={!controlsOn.value} onClick={() => void take()}>
          {t('Take {open}', {
            open: open.length === 1 ? open[0]!.split(':')[1] : t('{open} areas', { open: open.length }),
          })}
        </button>
      )}
      {problem !== null && <Problem problem={problem} />}
    </div>
  );
}

const nameOf = (parts: readonly { readonly id: string }[]): string =>
  parts.length > 3 ? t('{parts} areas', { parts: parts.length }) : parts.map(({ id }) => id).join(', ');
