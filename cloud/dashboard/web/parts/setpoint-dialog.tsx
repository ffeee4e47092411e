import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommandView, SetpointWish } from '../../../../shared/contracts/command.ts';
import type { DeviceRowView, EffectView, SelectionView } from '../../../../shared/contracts/desk.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { duration, kw, words } from '../lib/format.ts';
import { HeldSelection, type HeldToken } from '../lib/held-selection.ts';
import { barredBy, proposed, readDraft, wishText, type Draft } from '../lib/setpoint.ts';
import { sendJson, tellLast, useAnswer, type Answer } from '../state/api.ts';
import { commands, commandTurn } from '../state/commands.ts';
import { may, needs } from '../state/session.ts';
import { tick } from '../state/store.ts';
import { cloudLink } from '../state/stream.ts';
import { AreaNotice, isOpen } from './area-notice.tsx';
import { CommandProgress } from './command-progress.tsx';
import { Confirm } from './confirm-setpoint.tsx';
import { DeviceIncidents } from './device-incidents.tsx';
import { Effect } from './effect.tsx';
import { Facts, Problem, Waiting } from './layout.tsx';
import { LinkMark } from './marks.tsx';
import { Modal } from './modal.tsx';
import { SetpointForm } from './setpoint-form.tsx';
import { Value } from './value.tsx';
import { whyLost } from '../state/controls.ts';
import { t, translate } from '../words/t.ts';

const AGAIN_MS = 5_000;

export interface SetpointTarget {
  readonly gateway: string;
  readonly device: string;
  /** A proposal, such as a recommendation to accept. */
  readonly proposal?: Readonly<{ wish: SetpointWish; reason: string }>;
}

/** Selects, confirms and follows a manual setpoint with a duration and a reason. */
export function SetpointDialog({ target, onClose }: { target: SetpointTarget; onClose: () => void }) {
  const path = `/v1/devices/${target.gateway}/${target.device}`;
  const answer = useAnswer<DeviceRowView>(path, commandTurn.value + Math.floor(tick.value / AGAIN_MS));
  const title =
    answer.state === 'good'
      ? t('Setpoint of {name}, {id}', { name: answer.value.name, id: answer.value.id })
      : t('Setpoint');
  return (
    <Modal title={title} onClose={onClose}>
      {answer.state === 'loading' && <Waiting what={t('the device')} />}
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'good' && <Steps device={answer.value} target={target} path={path} />}
    </Modal>
  );
}

interface Selected extends HeldToken {
  readonly at: 'selected';
  readonly command: CommandView | null;
}

type Stage = { readonly at: 'form' } | Selected | { readonly at: 'sent'; readonly command: CommandView };

function Steps({ device, target, path }: { device: DeviceRowView; target: SetpointTarget; path: string }) {
  const [draft, setDraft] = useState<Draft>({
    values: proposed(target.proposal?.wish ?? {}, device.takes),
    minutes: '15',
    reason: target.proposal?.reason ?? '',
  });
  const [stage, setStage] = useState<Stage>({ at: 'form' });
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const selection = useSelection(path);
  const { wish, durationS, faults } = readDraft(draft, device.takes);
  const effect = useEffectOf(path, wish);
  const barred = barredBy(device, { lost: whyLost(), needs: may('operate') ? null : needs(t('an operator')) });
  const open = isOpen(`device:${device.id}`, device.feeder);
  const body = { setpoint: wish, durationS, reason: draft.reason.trim() };
  const ask = async (asked: Promise<Answer<Stage>>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    const answer = await asked;
    setBusy(false);
    setProblem(answer.state === 'bad' ? answer.problem : null);
    if (answer.state === 'bad') selection.giveBack();
    setStage(answer.state === 'good' ? answer.value : { at: 'form' });
  };
  const select = async (): Promise<Answer<Stage>> => {
    const answer = await sendJson<SelectionView>('POST', `${path}/select`, body);
    if (answer.state !== 'good') return answer;
    const { token, expiresInMs, command } = answer.value;
    const held = { token, until: performance.now() + expiresInMs };
    selection.keep(held);
    return { state: 'good', value: { at: 'selected', ...held, command } };
  };
  const operate = async ({ token, until }: Selected): Promise<Answer<Stage>> => {
    selection.confirming();
    const answer = await sendJson<CommandView>('POST', `${path}/operate`, { ...body, token });
    if (answer.state === 'good') return { state: 'good', value: { at: 'sent', command: answer.value } };
    selection.keep({ token, until });
    return answer;
  };
  const back = (): void => {
    selection.giveBack();
    setStage({ at: 'form' });
  };
  return (
    <div class="setpoint">
      <div class="setpoint-side">
        <Now device={device} />
        {stage.at !== 'sent' && <Effect answer={effect} feeder={device.feeder} />}
      </div>
      <div class="setpoint-main">
        {barred !== null && stage.at !== 'sent' && (
          <p class="notice" role="status">
            {t('Controls are off. {barred}', { barred })}
          </p>
        )}
        {stage.at !== 'sent' && <AreaNotice target={`device:${device.id}`} feeder={device.feeder} />}
        {stage.at === 'form' && (
          <SetpointForm
            device={device}
            draft={draft}
            faults={faults}
            off={barred !== null || !open || busy}
            onDraft={setDraft}
            onSelect={() => void ask(select())}
          />
        )}
        {stage.at === 'selected' && (
          <Confirm
            text={t('{wish} for {time}, then it ends by itself.', {
              wish: wishText(wish),
              time: duration(durationS * 1000),
            })}
            reason={body.reason}
            gateway={device.gateway}
            command={stage.command}
            until={stage.until}
            off={barred !== null || !open || busy}
            onConfirm={() => void ask(operate(stage))}
            onBack={back}
          />
        )}
        {stage.at === 'sent' && <Sent command={stage.command} />}
        {problem !== null && <Problem problem={problem} />}
      </div>
    </div>
  );
}

/** The dialog's selection, cancelled if the dialog closes, the page changes or the tab goes away before it is confirmed. */
function useSelection(path: string): HeldSelection {
  const [selection] = useState(
    () =>
      new HeldSelection({
        cancel: (token) => tellLast(`${path}/cancel`, { token }),
        now: () => performance.now(),
      }),
  );
  useEffect(() => {
    const left = (): void => selection.giveBack();
    window.addEventListener('pagehide', left);
    return () => {
      window.removeEventListener('pagehide', left);
      selection.close();
    };
  }, [selection]);
  return selection;
}

const QUIET_MS = 300;

/** The effect of a wish, requested once typing pauses; null if there is nothing to compute. */
function useEffectOf(path: string, wish: SetpointWish) {
  const wanted =
    Object.keys(wish).length === 0
      ? null
      : `${path}/effect?${new URLSearchParams(Object.entries(wish).map(([key, value]) => [key, String(value)]))}`;
  const [asked, setAsked] = useState(wanted);
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked(wanted), QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [wanted]);
  const answer = useAnswer<EffectView>(asked);
  return wanted === null || asked === null ? null : answer;
}

function Now({ device }: { device: DeviceRowView }) {
  const { envelope, limitedBy } = device;
  return (
    <>
      <ul class="device-links" aria-label={t('Links to the device')}>
        <li>
          <LinkMark state={cloudLink.value === 'up' ? 'up' : cloudLink.value === 'lost' ? 'down' : 'unknown'} />
          {t('page to cloud {link}', { link: translate(cloudLink.value) })}
        </li>
        <li>
          <LinkMark state={device.gatewayLink === 'up' ? 'up' : device.gatewayLink === 'down' ? 'down' : 'unknown'} />
          {t('cloud to gateway {link}', { link: translate(device.gatewayLink) })}
        </li>
        <li>
          <LinkMark state={device.link === 'up' ? 'up' : device.link === 'stale' ? 'part' : 'unknown'} />
          {t('gateway to device {link}', { link: translate(device.link) })}
        </li>
      </ul>
      <Facts
        rows={[
          [
            t('Power now'),
            device.type === 'tap-changer' ? t('none') : <Value value={device.activePowerKw} unit="kW" age />,
          ],
          [
            t('Setpoint'),
            t('{value}, by {source}{limitedBy}', {
              value: device.setpointKw === null ? t('none') : `${kw(device.setpointKw)} kW`,
              source: words(device.source),
              limitedBy: limitedBy === null ? '' : t(', held by {limitedBy}', { limitedBy: translate(limitedBy) }),
            }),
          ],
          [
            t('Envelope'),
            envelope === null
              ? t('not known')
              : t('{least} to {most} kW, by {by}', {
                  least: kw(envelope.minKw),
                  most: kw(envelope.maxKw),
                  by: envelope.by,
                }),
          ],
        ]}
      />
      <p class="foot">
        <DeviceIncidents {...device} />
      </p>
    </>
  );
}

function Sent({ command }: { command: CommandView }) {
  const box = useRef<HTMLParagraphElement>(null);
  useEffect(() => box.current?.focus(), []);
  const now = commands.value[command.id] ?? command;
  return (
    <div class="sent">
      <p class="strong" ref={box} tabIndex={-1}>
        {wishText(now.setpoint)}
      </p>
      <CommandProgress command={now} />
      <p class="muted foot">
        {t('It goes on without this dialog;')} <a href="/overrides">{t('Overrides')}</a>{' '}
        {t('shows its countdown and releases it.')}
      </p>
    </div>
  );
}
