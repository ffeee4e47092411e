import { batch, signal } from '@preact/signals';
import type { CommandView } from '../../../../shared/contracts/command.ts';
import { LiveIds } from '../lib/live-ids.ts';
import { paced } from '../lib/paced.ts';
import { getJson } from './api.ts';

const MOST = 500;

/** Commands received over the stream since the page was opened, by id, newest last. */
export const commands = signal<Readonly<Record<string, CommandView>>>({});
/** Rises after commands were received; lists of commands are then read again. */
export const commandTurn = signal(0);
/** A stop of a region brings thousands of commands within seconds. */
const turn = paced(1_000, () => commandTurn.value++);

const live = new LiveIds<string>();

/** Takes a live message. */
export function takeCommand(view: CommandView): void {
  live.add(view.id);
  put(view);
}

function put(view: CommandView): void {
  const { [view.id]: _before, ...others } = commands.peek();
  const newest = Object.entries(others).slice(1 - MOST);
  commands.value = { ...Object.fromEntries(newest), [view.id]: view };
  turn();
}

/** A watched command may have progressed while the stream was away. */
export async function readCommands(): Promise<void> {
  const [answer, newer] = await live.during(() => getJson<{ items: CommandView[] }>('/v1/commands?limit=50'));
  if (answer.state !== 'good') return;
  const older = answer.value.items.toReversed().filter(({ id }) => !newer.has(id));
  batch(() => older.forEach(put));
}
