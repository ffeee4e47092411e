import { useState } from 'preact/hooks';
import type { SystemView } from '../../../../shared/contracts/system.ts';
import { number } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';
import { Panel, Problem } from '../parts/layout.tsx';
import { sendJson, type Answer } from '../state/api.ts';
import { whyOff } from '../state/controls.ts';
import { zone } from '../state/settings.ts';
import { isTranslated, t, translate, type Text } from '../words/t.ts';

type Work = NonNullable<SystemView['givenUp']>[number];

interface GivenUpProps {
  readonly all: readonly Work[];
  readonly onDone: () => void;
}

/** What failed for good, to be tried again or discarded; nothing if there is none. */
export function GivenUp({ all, onDone }: GivenUpProps) {
  const [answer, setAnswer] = useState<Answer<unknown> | null>(null);
  const send = async (method: 'POST' | 'DELETE', path: string): Promise<void> => {
    setAnswer(await sendJson(method, path));
    onDone();
  };
  if (all.length === 0) return null;
  const off = whyOff();
  return (
    <Panel title={t('Given up')} class="wide">
      {answer?.state === 'bad' && <Problem problem={answer.problem} />}
      <div class="scroll" tabIndex={0} role="group" aria-label={t('Given up')}>
        <table class="data given-up card-rows">
          <thead>
            <ColumnHeads names={[t('Work'), t('When'), t('Why'), t('Attempts'), t('Decide')]} />
          </thead>
          <tbody>
            {all.map((work) => (
              <tr key={work.id}>
                <th scope="row">{nameOf(work)}</th>
                <td class="when" data-name={t('When')}>
                  {near(work.at, Date.now(), zone())}
                </td>
                <td data-name={t('Why')} lang={isTranslated(work.why, work.code) ? undefined : 'en'}>
                  {`${work.code}: ${translate(work.why, work.code)}`}
                </td>
                <td data-name={t('Attempts')}>{number(work.attempts)}</td>
                <td data-name={t('Decide')}>
                  <button
                    type="button"
                    class="quiet"
                    disabled={off !== undefined}
                    title={off}
                    aria-label={t('Try again: {work}', { work: nameOf(work) })}
                    onClick={() => void send('POST', `${pathOf(work)}/retry`)}
                  >
                    {t('Try again')}
                  </button>
                  <button
                    type="button"
                    class="quiet"
                    disabled={off !== undefined}
                    title={off}
                    aria-label={t('Discard {work}', { work: nameOf(work) })}
                    onClick={() => void send('DELETE', pathOf(work))}
                  >
                    {t('Discard')}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

const pathOf = ({ id }: Work): string => `/v1/system/given-up/${encodeURIComponent(id)}`;

const KINDS: Readonly<Record<string, Text>> = {
  plan: 'plan of {of}',
  training: 'training of {of}',
  forecast: 'forecast for {of}',
  scenario: 'scenario for {of}',
  backtest: 'backtest for {of}',
  export: 'export for {of}',
};

function nameOf({ kind, subject, by }: Work): string {
  const of = subject ?? by ?? '';
  const known = KINDS[kind];
  return known === undefined ? `${kind} ${of}` : t(known, { of });
}
