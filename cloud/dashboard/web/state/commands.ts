import { signal } from '@preact/signals';
import type { CommandView } from '../../../../shared/contracts/command.ts';

const MOST = 500;

/** Commands received over the stream since the page was opened, by id, newest last. */
export const commands = signal<Readonly<Record<string, CommandView>>>({});
/** Counts received commands; lists of commands are read again when it changes. */
export const commandTurn = signal(0);

export function takeCommand(view: CommandView): void {
  const { [view.id]: _before, ...others } = commands.peek();
  const newest = Object.entries(others).slice(1 - MOST);
  commands.value = { ...Object.fromEntries(newest), [view.id]: view };
  commandTurn.value++;
}
