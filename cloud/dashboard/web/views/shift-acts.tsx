import { useEffect, useRef, useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import type { HandOverContent, HandOverView } from '../../../../shared/contracts/shift.ts';
import { Field } from '../parts/fields.tsx';
import { Problem } from '../parts/layout.tsx';
import { Modal } from '../parts/modal.tsx';
import { sendJson } from '../state/api.ts';
import { whyOff } from '../state/controls.ts';
import { t } from '../words/t.ts';

/** Maximum length of a text. */
const MOST_TEXT = 2000;

/** Sends one request at a time, and keeps the problem. */
function useSend(path: string, onDone: () => void) {
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (body?: object): Promise<void> => {
    setBusy(true);
    const answer = await sendJson('POST', path, body);
    setBusy(false);
    setProblem(answer.state === 'bad' ? answer.problem : null);
    if (answer.state === 'good') onDone();
  };
  return { problem, busy, send };
}

const isOff = (busy: boolean): boolean => busy || whyOff() !== undefined;

export function NoteForm({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState('');
  const { problem, busy, send } = useSend('/v1/shift/notes', () => {
    setText('');
    onDone();
  });
  const off = isOff(busy) || text.trim() === '';
  return (
    <form
      class="desk-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!off) void send({ text });
      }}
    >
      <Field name={t('Note')} hint={t('recorded with your name and the time; it cannot be changed later')}>
        {(own) => (
          <textarea
            {...own}
            rows={3}
            maxLength={MOST_TEXT}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
      </Field>
      <div class="row">
        <button type="submit" class="big primary" disabled={off}>
          {t('Add the note')}
        </button>
      </div>
      {whyOff() !== undefined && <p class="muted">{whyOff()}</p>}
      {problem !== null && <Problem problem={problem} />}
    </form>
  );
}

export function SignOffDialog({
  content,
  onClose,
  onDone,
}: {
  content: HandOverContent;
  onClose: () => void;
  onDone: () => void;
}) {
  const [remark, setRemark] = useState('');
  const first = useRef<HTMLTextAreaElement>(null);
  useEffect(() => first.current?.focus(), []);
  const { problem, busy, send } = useSend('/v1/shift/hand-overs', onDone);
  const { alarms, control, incidents, notes } = content;
  return (
    <Modal title={t('Sign off')} onClose={onClose}>
      <form
        class="desk-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isOff(busy)) void send({ remark });
        }}
      >
        <p>
          {t(
            'You sign {alarms, plural, one {# alarm} other {# alarms}}, {control, plural, one {# state} other {# states}} not left to the plan, {incidents, plural, one {# incident} other {# incidents}} and {notes, plural, one {# note} other {# notes}}, as they are when you confirm. You stay on shift until somebody else takes over.',
            { alarms: alarms.total, control: control.total, incidents: incidents.total, notes: notes.total },
          )}
        </p>
        <Field name={t('In short, how the shift went')} hint={t('recorded in the audit list')}>
          {(own) => (
            <textarea
              {...own}
              ref={first}
              rows={3}
              maxLength={MOST_TEXT}
              value={remark}
              onInput={({ currentTarget }) => setRemark(currentTarget.value)}
            />
          )}
        </Field>
        <div class="row">
          <button type="submit" class="big primary" disabled={isOff(busy)} title={whyOff()}>
            {t('Sign off')}
          </button>
        </div>
        {problem !== null && <Problem problem={problem} />}
      </form>
    </Modal>
  );
}

export function TakeOver({ handOver, isOwn, onDone }: { handOver: HandOverView; isOwn: boolean; onDone: () => void }) {
  const { problem, busy, send } = useSend(`/v1/shift/hand-overs/${handOver.id}/take-over`, onDone);
  return (
    <>
      <button
        type="button"
        class="big primary"
        disabled={isOff(busy) || isOwn}
        title={whyOff()}
        onClick={() => void send()}
      >
        {t('I take over')}
      </button>
      {isOwn && <span class="muted">{t('Somebody else takes over.')}</span>}
      {problem !== null && <Problem problem={problem} />}
    </>
  );
}
