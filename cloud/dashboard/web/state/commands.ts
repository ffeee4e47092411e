import { signal } from '@preact/signals';
import type { CommandView } from '../../../../shared/contracts/command.ts';
import { paced } from '../lib/paced.ts';

const MOST = 500;

/** Commands received over the stream since the page was opened, by id, newest last. */
export const commands = signal<Readonly<Record<string, CommandView>>>({});
/** Rises after commands were received; lists of commands are then read again. */
export const commandTurn = signal(0);
/** A stop of a region brings thousands of commands within seconds. */
const turn = paced(1_000, () => commandTurn.value++);

export function takeCommand(view: CommandView): void {
  const { [view.id]: _before, ...others } = commands.peek();
  const newest = Object.entries(others).slice(1 - MOST);
  commands.value = { ...Object.fromEntries(newest), [view.id]: view };
  turn();
}
