import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommandView } from '../../../../shared/contracts/command.ts';
import { isCritical } from '../../../../shared/contracts/critical-act.ts';
import type { ActAnswer, DeskView } from '../../../../shared/contracts/desk.ts';
import type { FeederMode } from '../../../../shared/contracts/ids.ts';
import { MODE_EFFECTS } from '../lib/acts.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { sentence, words } from '../lib/format.ts';
import { modePlan, type ModePlan } from '../lib/mode-changes.ts';
import { LEAST_REASON } from '../lib/setpoint.ts';
import { sendJson } from '../state/api.ts';
import { shared } from '../state/areas.ts';
import { commands, commandTurn } from '../state/commands.ts';
import { whyOff } from '../state/controls.ts';
import { CommandProgress } from './command-progress.tsx';
import { ReasonField } from './fields.tsx';
import { Problem } from './layout.tsx';
import { Modal } from './modal.tsx';
import { t } from '../words/t.ts';

const MODES: readonly FeederMode[] = ['monitor', 'manual', 'automatic'];

interface Done {
  readonly commands: readonly CommandView[];
  readonly waits: boolean;
  readonly problems: readonly { readonly target: string; readonly problem: ProblemAnswer }[];
}

/** Sets one mode for all feeders that the operator may act on; lists the changes before confirmation. */
export function ModeDialog({ view, onClose }: { view: DeskView; onClose: () => void }) {
  const [mode, setMode] = useState<FeederMode | null>(null);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<Done | null>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), [mode]);
  const open = new Set([...shared.value.mine, ...shared.value.free].map(({ target }) => target));
  const plan = mode === null ? null : modePlan(view, mode, open);
  const targets = plan?.targets ?? [];
  const critical = targets.some((target) => isCritical({ kind: 'mode', target }));
  const off =
    busy || whyOff(mode === 'manual') !== undefined || targets.length === 0 || reason.trim().length < LEAST_REASON;
  const send = async (): Promise<void> => {
    setBusy(true);
    const given: CommandView[] = [];
    const problems: { target: string; problem: ProblemAnswer }[] = [];
    let waits = false;
    for (const target of targets) {
      const got = await sendJson<ActAnswer>('POST', '/v1/acts', { kind: 'mode', target, mode, reason: reason.trim() });
      if (got.state === 'bad') problems.push({ target, problem: got.problem });
      if (got.state !== 'good') continue;
      given.push(...got.value.commands);
      waits ||= got.value.approval !== null;
    }
    setBusy(false);
    setDone({ commands: given, waits, problems });
    commandTurn.value++;
  };
  return (
    <Modal title={t('Mode of all your feeders')} onClose={onClose}>
      {done === null ? (
        <form
          class="desk-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!off) void send();
          }}
        >
          <div class="segments" role="group" aria-label={t('Mode')}>
            {MODES.map((each) => (
              <button type="button" key={each} aria-pressed={mode === each} onClick={() => setMode(each)}>
                {sentence(words(each))}
              </button>
            ))}
          </div>
          {mode === null || plan === null ? (
            <p class="muted">{t('Choose a mode: what changes is listed before anything is sent.')}</p>
          ) : (
            <>
              <p>{t(MODE_EFFECTS[mode])}</p>
              <Changes plan={plan} mode={mode} />
              <ReasonField ref={first} value={reason} onText={setReason} />
              <div class="row">
                <button type="submit" class="big primary" disabled={off}>
                  {critical
                    ? t('Ask a second person')
                    : t('Set {changes, plural, one {# feeder} other {# feeders}} to {mode}', {
                        changes: plan.changes.length,
                        mode: words(mode),
                      })}
                </button>
              </div>
            </>
          )}
        </form>
      ) : (
        <Outcome done={done} />
      )}
    </Modal>
  );
}

function Changes({ plan, mode }: { plan: ModePlan; mode: FeederMode }) {
  const { changes, unchanged, others, unreached } = plan;
  return (
    <>
      {changes.length === 0 ? (
        <p class="strong">{others > 0 && unchanged === 0 ? t('Others hold every feeder.') : t('Nothing changes.')}</p>
      ) : (
        <div class="scroll mode-changes" tabIndex={0} role="group" aria-label={t('What changes')}>
          <table class="data">
            <thead>
              <tr>
                <th scope="col">{t('Feeder')}</th>
                <th scope="col">{t('Now')}</th>
                <th scope="col">{t('Then')}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map(({ feeder, from }) => (
                <tr key={feeder}>
                  <th scope="row">{feeder}</th>
                  <td>{from === null ? <span class="unknown">{t('unknown')}</span> : words(from)}</td>
                  <td class="strong">{words(mode)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="muted">
        {[
          unchanged > 0
            ? t('{kept, plural, one {# feeder is} other {# feeders are}} in {mode} already', {
                kept: unchanged,
                mode: words(mode),
              })
            : '',
          others > 0
            ? t('{others, plural, one {# feeder} other {# feeders}} held by others: left as they are', { others })
            : '',
          unreached.length > 0 ? t('not reached now: {unreached}', { unreached: unreached.join(', ') }) : '',
        ]
          .filter(Boolean)
          .join('; ')}
      </p>
    </>
  );
}

function Outcome({ done: { commands: given, waits, problems } }: { done: Done }) {
  return (
    <div class="sent">
      {waits && (
        <p role="status">
          {t('The whole region takes two persons: it waits for another operator, who approves it on this screen.')}
        </p>
      )}
      {problems.map(({ target, problem }) => (
        <section key={target} aria-label={target}>
          <p class="strong">{target.split(':')[1]}</p>
          <Problem problem={problem} />
        </section>
      ))}
      {given.map((command) => (
        <section key={command.id} aria-label={command.target}>
          <p class="strong">{command.target.split(':')[1]}</p>
          <CommandProgress command={commands.value[command.id] ?? command} />
        </section>
      ))}
    </div>
  );
}
