import type { CommandView } from '../../../../shared/contracts/command.ts';
import { duration } from '../lib/format.ts';
import { commandProgress, type StepMark } from '../lib/setpoint.ts';
import { clockSeconds } from '../lib/zone.ts';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';
import { t, translate } from '../words/t.ts';

const MARKS: Readonly<Record<StepMark, string>> = { done: '✓', waiting: '…', failed: '✕', open: '○' };
const SAID: Readonly<Record<StepMark, string>> = { done: 'done', waiting: 'waiting', failed: 'failed', open: '' };

/** Live progress of a command by stage, with plant times. A screen reader does not hear how long a stage waits, which changes every second. */
export function CommandProgress({ command }: { command: CommandView }) {
  return (
    <ol class="way" aria-live="polite" aria-label={t('Progress of the command')}>
      {commandProgress(command).map(({ name, mark, time, note }) => (
        <li key={name} class={`way-${mark}`}>
          <span class="way-mark" aria-hidden="true">
            {MARKS[mark]}
          </span>
          <span>
            {name}
            <span class="unseen">{`, ${translate(SAID[mark])}`}</span>
            {note !== '' && <span class="way-note">{note}</span>}
          </span>
          <span class="way-time" aria-hidden={time === null}>
            {time === null
              ? mark === 'waiting'
                ? t('for {now}', { now: duration(moment.value.now - command.issuedAt) })
                : ''
              : `${clockSeconds(time, zone())} (+${duration(time - command.issuedAt)})`}
          </span>
        </li>
      ))}
    </ol>
  );
}
