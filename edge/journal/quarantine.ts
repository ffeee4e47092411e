import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { streams } from '../../shared/contracts/frame.ts';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import type { Disk } from '../../shared/ports/disk.ts';

export const QUARANTINE = 'quarantine';
const MAX_QUARANTINED = 8;
const UNREAD = '.unread';
export const FOREIGN = '.foreign';

export interface Notice {
  readonly code: ErrorCode;
  readonly detail: string;
  /** For conditions that last: true when one begins, false when it ends. */
  readonly active?: boolean;
}

/** Moves a file that is not part of the journal to quarantine. If that fails it stays where it is, and is ignored. */
export async function moveAway(
  disk: Disk,
  { path, suffix }: { readonly path: string; readonly suffix: string },
  notices: Notice[],
): Promise<void> {
  const aside = `${QUARANTINE}/${path.replace('/', '-')}${suffix}`;
  const isMoved = await disk.rename(path, aside).then(
    () => true,
    () => false,
  );
  notices.push({
    code: 'LS-JOURNAL-001',
    detail: formatMessage('LS-JOURNAL-001', '{file} is not part of this journal: it is kept as {aside} and ignored', {
      file: path,
      aside: isMoved ? aside : path,
    }),
  });
}

/**
 * Moves a segment that the disk fails to return to quarantine, where it may still be salvaged and does not block the others. Throws
 * if it cannot be renamed either: then the disk itself does not answer.
 */
export async function setAside(
  disk: Disk,
  { path, error }: { readonly path: string; readonly error: string },
  notices: Notice[],
): Promise<void> {
  const aside = `${QUARANTINE}/${path.replace('/', '-')}${UNREAD}`;
  await disk.rename(path, aside);
  notices.push({
    code: 'LS-JOURNAL-001',
    detail: formatMessage(
      'LS-JOURNAL-001',
      'the disk does not give {file} ({error}): it is kept as {aside}, and what stood in it alone is lost',
      { file: path, aside, error },
    ),
    active: true,
  });
}

/**
 * Keeps the last few damaged segments of each stream by name for inspection. Other files there are no copies, so
 * they all stay: segments that the disk failed to return, and what is not part of the journal.
 */
export async function boundQuarantine(disk: Disk): Promise<void> {
  const damaged = (await disk.list(QUARANTINE)).filter((file) => file.endsWith('.seg'));
  for (const stream of streams) {
    const files = damaged.filter((file) => file.startsWith(`${stream}-`));
    for (const file of files.slice(0, Math.max(0, files.length - MAX_QUARANTINED)))
      await disk.remove(`${QUARANTINE}/${file}`).catch(() => undefined);
  }
}
