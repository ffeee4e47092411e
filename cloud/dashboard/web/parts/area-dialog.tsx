import { useEffect, useRef, useState } from 'preact/hooks';
import type { OperatorView } from '../../../../shared/contracts/areas.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { LEAST_REASON } from '../lib/setpoint.ts';
import { useAnswer } from '../state/api.ts';
import { changeAreas } from '../state/areas.ts';
import { session } from '../state/session.ts';
import { controlsOn } from '../state/store.ts';
import { ReasonField } from './fields.tsx';
import { Problem } from './layout.tsx';
import { Modal } from './modal.tsx';
import { t, type Text } from '../words/t.ts';

/** A change of areas that needs a reason. */
export interface AreaWish {
  readonly act: 'take' | 'hand-over' | 'decline' | 'release' | 'free';
  readonly name: string;
  readonly areas: readonly string[];
}

const WORDS: Readonly<Record<AreaWish['act'], Readonly<Record<'title' | 'effect' | 'button', Text>>>> = {
  take: {
    title: 'Take over',
    effect: 'You are responsible for it from now on. Its holder sees that you took it, and why.',
    button: 'Take over',
  },
  'hand-over': {
    title: 'Hand over',
    effect: 'It is offered to them, and stays yours until they take it.',
    button: 'Hand over',
  },
  decline: {
    title: 'Decline',
    effect: 'Its holder keeps it and sees that you declined it, and why.',
    button: 'Decline',
  },
  release: {
    title: 'Let go of',
    effect: 'Nobody holds it then; anybody who may act there can take it with one click.',
    button: 'Let go',
  },
  free: {
    title: 'Free',
    effect: 'Use this for a holder who is gone. Nobody holds it then.',
    button: 'Free',
  },
} as const;

/** Asks for the new holder, the reason and one confirmation. */
export function AreaDialog({ wish, onClose }: { wish: AreaWish; onClose: () => void }) {
  const { act, name, areas } = wish;
  const [reason, setReason] = useState('');
  const [to, setTo] = useState('');
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement & HTMLSelectElement>(null);
  const operators = useAnswer<{ items: OperatorView[] }>(act === 'hand-over' ? '/v1/areas/operators' : null);
  const me = session.value?.user?.name;
  const others = operators.state === 'good' ? operators.value.items.filter((each) => each.name !== me) : [];
  useEffect(() => first.current?.focus(), [operators.state]);
  const said = WORDS[act];
  const [title, effect, button] = [t(said.title), t(said.effect), t(said.button)];
  const lacks = act === 'hand-over' && to === '';
  const off = !controlsOn.value || busy || lacks || reason.trim().length < LEAST_REASON;
  const send = async (): Promise<void> => {
    setBusy(true);
    const found = await changeAreas(act, { areas, reason: reason.trim(), ...(act === 'hand-over' ? { to } : {}) });
    setBusy(false);
    setProblem(found);
    if (found === null) onClose();
  };
  return (
    <Modal title={`${title} ${name}`} onClose={onClose}>
      <form
        class="desk-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!off) void send();
        }}
      >
        <p>{effect}</p>
        {act === 'hand-over' && (
          <label>
            <span>{t('To')}</span>
            <select ref={first} value={to} onChange={({ currentTarget }) => setTo(currentTarget.value)}>
              <option value="">{others.length === 0 ? t('There is no other operator') : t('Choose')}</option>
              {others.map((each) => (
                <option key={each.name} value={each.name}>
                  {`${each.name}${each.signedIn ? '' : t(', not signed in')}`}
                </option>
              ))}
            </select>
          </label>
        )}
        <ReasonField ref={act === 'hand-over' ? null : first} value={reason} onText={setReason} />
        <div class="row">
          <button type="submit" class="big primary" disabled={off}>
            {button}
          </button>
        </div>
        {problem !== null && <Problem problem={problem} />}
      </form>
    </Modal>
  );
}
