import { useState } from 'preact/hooks';
import type { HandOverView, ShiftEntry, ShiftView as Shift } from '../../../../shared/contracts/shift.ts';
import { levelOfLine, lineText, pathOfLine, signedText } from '../lib/shift-words.ts';
import { near } from '../lib/zone.ts';
import { DeskTabs } from '../parts/desk-tabs.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { NewerOlder, usePaged } from '../parts/pages.tsx';
import { useAnswer } from '../state/api.ts';
import { whyOff } from '../state/controls.ts';
import { may, needs, session } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';
import { HandedOver, reader } from './handed-over.tsx';
import { NoteForm, SignOffDialog, TakeOver } from './shift-acts.tsx';
import { saveHandOver } from './shift-page.ts';
import { t } from '../words/t.ts';

/** Interval between reads, ms of machine time: somebody else may have written a note or signed. */
const AGAIN_MS = 5_000;

export function ShiftView({ id }: { id: string }) {
  return id === '' ? <Now /> : <Earlier id={id} />;
}

function Now() {
  const [acts, setActs] = useState(0);
  const [isSigning, setSigning] = useState(false);
  const { now, speed } = moment.value;
  const version = `${acts} ${Math.floor(now / (AGAIN_MS * Math.max(1, speed)))}`;
  const read = useAnswer<Shift>('/v1/shift', version);
  const done = (): void => {
    setSigning(false);
    setActs(acts + 1);
  };
  return (
    <>
      <DeskTabs title={t('Shift')} />
      {read.state === 'loading' && <Waiting what={t('the shift')} />}
      {read.state === 'bad' && <Problem problem={read.problem} />}
      {read.state === 'good' && (
        <>
          <Standing shift={read.value} onDone={done} onSign={() => setSigning(true)} />
          <HandedOver content={read.value.now} />
          {isSigning && <SignOffDialog content={read.value.now} onClose={() => setSigning(false)} onDone={done} />}
        </>
      )}
      <div class="with-side shift-log">
        <Log version={version} />
        <Panel title={t('Add a note')}>
          <NoteForm onDone={done} />
        </Panel>
      </div>
    </>
  );
}

/** Who is on shift, and what is to be signed. */
function Standing({ shift, onDone, onSign }: { shift: Shift; onDone: () => void; onSign: () => void }) {
  const { waiting, last } = shift;
  const me = session.value?.user?.name;
  const foot =
    last === null
      ? t('There was no hand-over before.')
      : t('Last hand-over: {last}.', { last: signedText(last, reader()) });
  return (
    <section class="panel wide shift-standing" aria-label={t('Hand-over')}>
      <p class={waiting === null ? '' : 'strong'} role="status">
        {waiting === null ? t('What the next shift must know, as it is now:') : `${signedText(waiting, reader())}.`}
      </p>
      <div class="row">
        {waiting !== null && <TakeOver handOver={waiting} isOwn={waiting.signedBy === me} onDone={onDone} />}
        <button type="button" class="big" disabled={whyOff() !== undefined} title={whyOff()} onClick={onSign}>
          {waiting === null ? t('Sign off') : t('Sign off again')}
        </button>
        {waiting !== null && (
          <a class="button quiet" href={`/shift/${waiting.id}`}>
            {t('Read what was signed')}
          </a>
        )}
        <button type="button" onClick={() => saveHandOver({ content: shift.now, handOver: null, reader: reader() })}>
          {t('Save as a page')}
        </button>
      </div>
      {!may('operate') && <p class="muted">{t('To sign: {needs}', { needs: needs(t('an operator')) })}</p>}
      <p class="muted">
        {foot} {last !== null && <a href={`/shift/${last.id}`}>{t('Read it')}</a>}
      </p>
    </section>
  );
}

/** A hand-over as it was signed. */
function Earlier({ id }: { id: string }) {
  const [acts, setActs] = useState(0);
  const read = useAnswer<HandOverView>(`/v1/shift/hand-overs/${encodeURIComponent(id)}`, acts);
  const me = session.value?.user?.name;
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Hand-over {id}', { id })}</h1>
        <a class="button quiet" href="/shift">
          {t('Back to the shift')}
        </a>
      </div>
      {read.state === 'loading' && <Waiting what={t('the hand-over')} />}
      {read.state === 'bad' && <Problem problem={read.problem} />}
      {read.state === 'good' && (
        <>
          <section class="panel wide shift-standing" aria-label={t('Signatures')}>
            <p class="strong" role="status">{`${signedText(read.value, reader())}.`}</p>
            {read.value.remark !== '' && <p>{read.value.remark}</p>}
            <div class="row">
              {read.value.state === 'waiting' && (
                <TakeOver handOver={read.value} isOwn={read.value.signedBy === me} onDone={() => setActs(acts + 1)} />
              )}
              <button
                type="button"
                onClick={() => saveHandOver({ content: read.value.content, handOver: read.value, reader: reader() })}
              >
                {t('Save as a page')}
              </button>
            </div>
          </section>
          <HandedOver content={read.value.content} />
        </>
      )}
    </>
  );
}

interface LogPage {
  readonly items: readonly ShiftEntry[];
  readonly nextCursor: string | null;
}

function Log({ version }: { version: string }) {
  const paged = usePaged();
  const { cursor } = paged;
  const path = `/v1/shift/log?limit=50${cursor === undefined ? '' : `&cursor=${cursor}`}`;
  const read = useAnswer<LogPage>(path, `${cursor ?? ''} ${version}`);
  return (
    <Panel
      title={t('Shift log')}
      aside={<span class="muted">{t('alarms of priority 1 and 2, acts, incidents, notes')}</span>}
    >
      {read.state === 'loading' && <Waiting what={t('the log')} />}
      {read.state === 'bad' && <Problem problem={read.problem} />}
      {read.state === 'good' && (
        <>
          <Lines items={read.value.items} />
          <NewerOlder paged={paged} next={read.value.nextCursor} />
        </>
      )}
    </Panel>
  );
}

function Lines({ items }: { items: readonly ShiftEntry[] }) {
  if (items.length === 0)
    return <p class="muted waiting">{t('Nothing has happened yet: the log fills itself, and you can add notes.')}</p>;
  return (
    <div class="scroll log" tabIndex={0} role="group" aria-label={t('Shift log, newest first')}>
      <table class="data card-rows shift-lines">
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">{t('Priority')}</span>
            </th>
            <th scope="col">{t('When')}</th>
            <th scope="col">{t('What')}</th>
            <th scope="col">{t('Who')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => (
            <tr key={entry.id} class={entry.code === 'note' ? 'is-note' : ''}>
              <td class="mark-cell">
                <PriorityMark level={levelOfLine(entry)} />
              </td>
              <td class="when">{near(entry.at, moment.value.now, zone())}</td>
              <td>
                <Line entry={entry} />
              </td>
              <td>{entry.by ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ entry }: { entry: ShiftEntry }) {
  const path = pathOfLine(entry);
  const text = lineText(entry, reader());
  return path === null ? <>{text}</> : <a href={path}>{text}</a>;
}
