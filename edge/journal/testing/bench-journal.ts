import type { Disk } from '../../../shared/ports/disk.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { budgetOf } from '../budget.ts';
import { Journal } from '../journal.ts';
import type { JournalEntry } from '../record.ts';
import type { Notice } from '../quarantine.ts';

export interface OpenJournal {
  readonly journal: Journal;
  readonly clock: VirtualClock;
  readonly accepted: JournalEntry[];
  readonly notices: Notice[];
  /** Appends texts and syncs them. */
  readonly write: (...texts: string[]) => Promise<void>;
}

/** A journal on virtual time for tests. */
export async function openJournal(disk: Disk, options: { run?: number; maxBytes?: number } = {}): Promise<OpenJournal> {
  const clock = new VirtualClock(1_632_528_000_000);
  const accepted: JournalEntry[] = [];
  const notices: Notice[] = [];
  const journal = new Journal({
    disk,
    clock,
    run: options.run ?? 1,
    syncMs: 200,
    budget: budgetOf(options.maxBytes ?? 10_000_000, 7 * 86_400_000),
    onAccepted: (entries) => accepted.push(...entries),
    onNotice: (notice) => notices.push(notice),
  });
  await journal.open();
  const write = async (...texts: string[]): Promise<void> => {
    for (const each of texts) journal.append('measurements', new TextEncoder().encode(each));
    await journal.flush();
  };
  return { journal, clock, accepted, notices, write };
}

export const textOf = (entry: JournalEntry): string => new TextDecoder().decode(entry.payload);

/** Everything not yet acknowledged. */
export const backlogOf = (journal: Journal): Promise<JournalEntry[]> =>
  journal.backlog('measurements', { from: 0, limit: 1_000_000, skip: () => false });
