import { useEffect, useRef, useState } from 'preact/hooks';
import { goesOutLocked, isCritical } from '../../../../shared/contracts/critical-act.ts';
import type { Act, ActAnswer } from '../../../../shared/contracts/desk.ts';
import { actWords } from '../lib/acts.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { LEAST_REASON } from '../lib/setpoint.ts';
import { sendJson } from '../state/api.ts';
import { commands, commandTurn } from '../state/commands.ts';
import { whyOff } from '../state/controls.ts';
import { AreaNotice, isOpen } from './area-notice.tsx';
import { CommandProgress } from './command-progress.tsx';
import { Field, ReasonField } from './fields.tsx';
import { Problem } from './layout.tsx';
import { Modal } from './modal.tsx';
import { t, type Text } from '../words/t.ts';

interface ActDialogProps {
  readonly act: Act;
  /** Feeder of the target device, if it is one. */
  readonly feeder?: string | undefined;
  readonly onClose: () => void;
}

/** One-click reasons: a stop must not wait for typing. */
const STOP_REASONS: readonly Text[] = ['Danger to people', 'Fire or smoke', 'Devices misbehave', 'Work on the line'];

/** Shows the effect of an act, asks for a reason and one confirmation; then shows the progress of each command, or who must approve. */
export function ActDialog({ act, feeder, onClose }: ActDialogProps) {
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState('1');
  const [answer, setAnswer] = useState<ActAnswer | null>(null);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const whole: Act = act.kind === 'emergency' ? { ...act, durationS: Math.round(Number(hours) * 3600) } : act;
  const { title, effect } = actWords(whole);
  // Anyone may send a stop. The cloud judges an act that needs a second person, because it knows both.
  const free = act.kind === 'stop' || isCritical(act);
  const barred = whyOff(goesOutLocked(act));
  const off = barred !== undefined || (!free && !isOpen(act.target, feeder));
  const send = async (): Promise<void> => {
    setBusy(true);
    const got = await sendJson<ActAnswer>('POST', '/v1/acts', { ...whole, reason: reason.trim() });
    setBusy(false);
    setProblem(got.state === 'bad' ? got.problem : null);
    if (got.state === 'good') setAnswer(got.value);
    commandTurn.value++;
  };
  return (
    <Modal title={title} onClose={onClose}>
      {answer === null ? (
        <form
          class="desk-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!off && !busy && reason.trim().length >= LEAST_REASON) void send();
          }}
        >
          <p>{effect}</p>
          {!free && <AreaNotice target={act.target} feeder={feeder} />}
          {barred !== undefined && (
            <p class="notice" role="status">
              {barred}
            </p>
          )}
          {act.kind === 'emergency' && (
            <Field name={t('Duration, h')} hint={t('plant time; then the normal limits hold by themselves')}>
              {(own) => (
                <select {...own} value={hours} onChange={({ currentTarget }) => setHours(currentTarget.value)}>
                  {['0.5', '1', '2', '4', '8'].map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </select>
              )}
            </Field>
          )}
          <ReasonField ref={first} value={reason} onText={setReason} />
          {act.kind === 'stop' && (
            <div class="row" role="group" aria-label={t('Why, in one click')}>
              {STOP_REASONS.map((each) => (
                <button type="button" class="quiet" key={each} onClick={() => setReason(t(each))}>
                  {t(each)}
                </button>
              ))}
            </div>
          )}
          <div class="row">
            <button
              type="submit"
              class={`big ${act.kind === 'stop' ? 'danger' : 'primary'}`}
              disabled={off || busy || reason.trim().length < LEAST_REASON}
            >
              {isCritical(act) ? t('Ask a second person') : t('Confirm')}
            </button>
          </div>
          {problem !== null && <Problem problem={problem} />}
        </form>
      ) : (
        <Outcome answer={answer} />
      )}
    </Modal>
  );
}

function Outcome({ answer: { commands: given, approval } }: { answer: ActAnswer }) {
  if (approval?.state === 'waiting')
    return (
      <p role="status">
        {t('It waits for a second person for {minutes} min. Another operator of the area approves it on this screen.', {
          minutes: Math.round(approval.expiresInMs / 60_000),
        })}
      </p>
    );
  return (
    <div class="sent">
      {given.map((command) => (
        <section key={command.id} aria-label={command.gateway}>
          <p class="strong">{command.gateway}</p>
          <CommandProgress command={commands.value[command.id] ?? command} />
        </section>
      ))}
    </div>
  );
}
