import { signal } from '@preact/signals';
import type { CommandView } from '../../../../shared/contracts/command.ts';

const MOST = 500;

/** Commands whose way was told over the stream while this page was open, by id, the newest last. */
export const commands = signal<Readonly<Record<string, CommandView>>>({});
/** Counts them: what lists commands is read again when it changes. */
export const commandTurn = signal(0);

export function takeCommand(view: CommandView): void {
  const { [view.id]: _before, ...others } = commands.peek();
  const kept = Object.entries(others).slice(1 - MOST);
  commands.value = { ...Object.fromEntries(kept), [view.id]: view };
  commandTurn.value++;
}
