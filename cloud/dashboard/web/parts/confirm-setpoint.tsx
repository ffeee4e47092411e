import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommandView } from '../../../../shared/contracts/command.ts';
import { heldAt, type HeldMark } from '../lib/setpoint.ts';
import { commands } from '../state/commands.ts';
import { t } from '../words/t.ts';

export interface ConfirmProps {
  readonly text: string;
  readonly reason: string;
  readonly gateway: string;
  /** The `select` command to the gateway; null if the gateway takes none. */
  readonly command: CommandView | null;
  /** performance.now() at which the selection expires. */
  readonly until: number;
  readonly off: boolean;
  readonly onConfirm: () => void;
  readonly onBack: () => void;
}

const MARKS: Readonly<Record<HeldMark, string>> = { done: '✓', waiting: '…', failed: '✕' };

/** The selected setpoint, whether the gateway holds it (live), and how long it may be confirmed. */
export function Confirm({ text, reason, gateway, command, until, off, onConfirm, onBack }: ConfirmProps) {
  const title = useRef<HTMLParagraphElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [left, setLeft] = useState(Math.ceil((until - performance.now()) / 1000));
  useEffect(() => {
    const timer = window.setInterval(() => setLeft(Math.ceil((until - performance.now()) / 1000)), 250);
    return () => window.clearInterval(timer);
  }, [until]);
  const over = left <= 0;
  const held = heldAt(gateway, command === null ? null : (commands.value[command.id] ?? command));
  const ready = held.mark === 'done' && !over && !off;
  useEffect(() => title.current?.focus(), []);
  // The button takes the focus once it is enabled, unless the user has moved the focus.
  useEffect(() => {
    if (ready && document.activeElement === title.current) button.current?.focus();
  }, [ready]);
  return (
    <div class="confirm">
      <p class="strong" ref={title} tabIndex={-1}>
        {text}
      </p>
      <p class="muted">{reason}</p>
      <p class={`held way-${held.mark}`} role="status">
        <span class="way-mark" aria-hidden="true">
          {MARKS[held.mark]}
        </span>
        {` ${held.text}`}
      </p>
      {held.mark !== 'failed' && (over || held.mark === 'done') && (
        <p role="timer">
          {over ? t('The selection has expired: select again.') : t('Selected. Confirm within {left} s.', { left })}
        </p>
      )}
      <div class="row">
        <button type="button" class="primary big" ref={button} disabled={!ready} onClick={onConfirm}>
          {t('Confirm')}
        </button>
        <button type="button" class="big" onClick={onBack}>
          {t('Back')}
        </button>
      </div>
    </div>
  );
}
