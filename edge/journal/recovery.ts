import { Type } from 'typebox';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { OffsetRange, RangeReport } from '../../shared/contracts/acknowledgement.ts';
import { streams, type Stream } from '../../shared/contracts/frame.ts';
import { MAX_OFFSET } from '../../shared/contracts/ids.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { parseJson } from '../../shared/codec/json.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import { OffsetSet } from './offset-set.ts';
import { boundQuarantine, FOREIGN, moveAway, QUARANTINE, setAside, type Notice } from './quarantine.ts';
import { encodeRecords } from './record.ts';
import { parseSegmentName, scanSegment, segmentPath, type SegmentName } from './segment.ts';
import { StreamLog, type Segment, type StreamSnapshot } from './stream-log.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

export const ACCOUNT_FILE = 'journal.json';
/** Offsets that damaged ends of earlier segments may have cost. */
const SKIPPED = 100;

const Snapshot = Type.Object({
  next: Type.Integer({ minimum: 0 }),
  runs: RangeReport.properties.runs,
  acked: Type.Array(OffsetRange),
  missing: Type.Array(RangeReport.properties.missing.items),
});
const Account = Type.Object({
  version: Type.Literal(1),
  streams: Type.Object({ measurements: Snapshot, events: Snapshot }),
  dropped: Type.Integer({ minimum: 0 }),
  lost: Type.Integer({ minimum: 0 }),
});
const checkAccount = checker(Account, 'LS-JOURNAL-001');

export interface Recovered {
  readonly logs: Readonly<Record<Stream, StreamLog>>;
  readonly dropped: number;
  readonly lost: number;
  readonly notices: readonly Notice[];
}

const empty: StreamSnapshot = { next: 0, runs: [], acked: [], missing: [] };

/**
 * Recovers the account and the segments after a stop of any kind. Truncated tails are cut off. Damaged segments are copied to
 * quarantine, and their whole records are kept. Segments that the disk fails to return are moved there. Records that are neither
 * present, acknowledged nor known to be missing are reported as lost. Throws only if the disk itself does not answer.
 */
export async function recover(disk: Disk): Promise<Recovered> {
  const notices: Notice[] = [];
  const account = await readAccount(disk, notices);
  const logs = {
    measurements: new StreamLog('measurements', account?.streams.measurements ?? empty),
    events: new StreamLog('events', account?.streams.events ?? empty),
  };
  let lost = account?.lost ?? 0;
  const hasAccount = account !== undefined;
  for (const stream of streams) lost += await recoverStream(disk, { log: logs[stream], hasAccount }, notices);
  await boundQuarantine(disk);
  return { logs, dropped: account?.dropped ?? 0, lost, notices };
}

export async function readAccount(disk: Disk, notices: Notice[]): Promise<ReturnType<typeof parseAccount>> {
  const read = await readFile(disk, ACCOUNT_FILE);
  if (read.given && read.bytes === undefined) return undefined;
  const account = read.given ? parseAccount(read.bytes!) : undefined;
  if (account === undefined) {
    notices.push({
      code: 'LS-JOURNAL-001',
      detail: formatMessage('LS-JOURNAL-001', '{file} cannot be read: what it held is sent again', {
        file: ACCOUNT_FILE,
      }),
    });
  }
  return account;
}

function parseAccount(bytes: Uint8Array) {
  const parsed = parseJson(new TextDecoder().decode(bytes), { code: 'LS-JOURNAL-001', maxChars: 50_000_000 });
  const checked = parsed.ok ? checkAccount(parsed.value) : parsed;
  return checked.ok && streams.every((stream) => addsUp(checked.value.streams[stream])) ? checked.value : undefined;
}

/** False if damage made one number another: the account names offsets that it does not have, which would never be sent. */
function addsUp({ next, runs, acked, missing }: StreamSnapshot): boolean {
  const ranges = [...acked, ...missing.map(({ from, to }) => [from, to] as const)];
  const begins = runs.map(({ firstOffset }) => firstOffset);
  const isInOrder = begins.every((begin, at) => begin <= (begins[at + 1] ?? next));
  return next <= MAX_OFFSET && isInOrder && ranges.every(([from, to]) => from <= to && to < next);
}

/** Errors of a machine that is short of a resource or of permissions; they say nothing about the file. */
const SHORT_OF: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR', 'EACCES', 'EPERM']);

const isDenied = (error: unknown): boolean =>
  ['EACCES', 'EPERM'].includes(String((error as { readonly code?: unknown }).code));

export const isShort = (error: unknown): boolean => SHORT_OF.has((error as { readonly code?: unknown }).code);

type Read =
  | { readonly given: true; readonly bytes: Uint8Array | undefined }
  | { readonly given: false; readonly error: string };

/**
 * Reads a file, or says why the disk fails to return it. It tries twice only, because the kernel has retried for seconds before it
 * reports an error. Throws if the machine is short of a resource or the file belongs to another user: then the file is whole, and
 * readable once that is fixed.
 */
async function readFile(disk: Disk, path: string): Promise<Read> {
  const once = async (): Promise<Read> => ({ given: true, bytes: await disk.read(path) });
  return once()
    .catch(once)
    .catch((error: unknown): Read => {
      if (isShort(error)) throw error;
      return { given: false, error: messageOf(error) };
    });
}

interface Accounted {
  readonly log: StreamLog;
  /** The account was readable, so it names the runs. */
  readonly hasAccount: boolean;
}

/** Returns how many records were found lost. */
async function recoverStream(disk: Disk, { log, hasAccount }: Accounted, notices: Notice[]): Promise<number> {
  const names: SegmentName[] = [];
  for (const file of await disk.list(log.stream)) {
    const name = parseSegmentName(log.stream, file);
    if (name === undefined) await moveAway(disk, { path: `${log.stream}/${file}`, suffix: '' }, notices);
    else names.push(name);
  }
  const oldest = log.runs[0]?.firstOffset;
  const held = new OffsetSet();
  /** Offset that a run must have reached, where it is beyond the last whole record. */
  let reached = -1;
  /** A file of another user; the next segment tells where it ends. */
  let denied: Denied | undefined;
  for (const name of names) {
    const path = segmentPath(name);
    if (hasAccount && oldest !== undefined && isForeign(log, name, { oldest, reached })) {
      await moveAway(disk, { path, suffix: FOREIGN }, notices);
      continue;
    }
    log.adoptRun(name.run, name.first);
    if (denied !== undefined) {
      notices.push(leaveOpen({ log, held }, denied, name.first - 1));
      denied = undefined;
    }
    const read = await readFile(disk, path).catch((error: unknown) => {
      if (!isDenied(error)) throw error;
      denied = { name, path, error };
    });
    if (read === undefined) continue;
    if (!read.given) {
      await setAside(disk, { path, error: read.error }, notices);
      // It held at least one record, because a segment begins with one.
      reached = Math.max(reached, name.first);
      continue;
    }
    const bytes = read.bytes ?? new Uint8Array();
    const { segment, offsets, damagedTail } = await recoverSegment(disk, { name, path, bytes }, notices);
    reached = Math.max(reached, segment.last + (damagedTail ? 1 : 0));
    for (const [from, to] of offsets) held.add(from, to);
    if (segment.last >= segment.first) log.segments.push(segment);
  }
  // Where the newest segment ends is unknown, so nothing can be written after it.
  if (denied !== undefined) throw denied.error;
  log.next = Math.max(log.next, reached + 1);
  let lost = 0;
  for (const { run } of log.runs) {
    const [first, last] = log.boundsOf(run)!;
    for (const gap of held.missingWithin(first, last)) {
      lost += log.addMissing(gap, 'lost', 'damaged, unreadable or incompletely written');
    }
  }
  if (lost > 0)
    notices.push({
      code: 'LS-JOURNAL-001',
      detail: formatMessage('LS-JOURNAL-001', '{count} {stream} are lost', { count: lost, stream: log.stream }),
    });
  return lost;
}

interface Denied {
  readonly name: SegmentName;
  readonly path: string;
  readonly error: unknown;
}

/** Keeps a segment of another user as it is: it is whole, and the reader tries again until somebody has corrected its owner. */
function leaveOpen(
  { log, held }: { readonly log: StreamLog; readonly held: OffsetSet },
  { name: { run, first }, path, error }: Denied,
  last: number,
): Notice {
  held.add(first, last);
  if (last >= first) log.segments.push({ path, run, first, last, bytes: 0, newest: 0, marks: [] });
  return {
    code: 'LS-JOURNAL-001',
    detail: formatMessage('LS-JOURNAL-001', '{file} may not be read ({error}): its records are sent once it may', {
      file: path,
      error: messageOf(error),
    }),
  };
}

/**
 * A run is in the account before its first segment is written, unless the disk refused the account. Then it continues where the journal
 * ended. A run from before the account may be back after a power cut. Any other unknown run is of another journal.
 */
function isForeign(
  log: StreamLog,
  { run, first }: SegmentName,
  { oldest, reached }: { readonly oldest: number; readonly reached: number },
): boolean {
  if (log.boundsOf(run) !== undefined || first < oldest) return false;
  return first < log.next || first > Math.max(log.next, reached + 1) + SKIPPED;
}

interface RecoveredSegment {
  readonly segment: Segment;
  readonly offsets: readonly OffsetRange[];
  readonly damagedTail: boolean;
}

interface FoundSegment {
  readonly name: SegmentName;
  readonly path: string;
  readonly bytes: Uint8Array;
}

async function recoverSegment(
  disk: Disk,
  { name, path, bytes }: FoundSegment,
  notices: Notice[],
): Promise<RecoveredSegment> {
  const scan = scanSegment(name, bytes);
  const segment: Segment = {
    path,
    run: name.run,
    first: name.first,
    last: scan.entries.at(-1)?.offset ?? name.first - 1,
    bytes: scan.cleanBytes,
    newest: 0,
    marks: [],
  };
  const held = new OffsetSet();
  for (const [index, entry] of scan.entries.entries()) {
    held.add(entry.offset, entry.offset);
    if (index % 64 === 0) segment.marks.push([entry.offset, entry.time]);
    segment.newest = Math.max(segment.newest, entry.time);
  }
  if (scan.state === 'damaged') {
    const whole = encodeRecords(scan.entries);
    // Without a copy the segment stays as it is: its whole records can be read all the same.
    const isCopied = await replaced(disk, `${QUARANTINE}/${path.replace('/', '-')}`, bytes);
    const isClean = isCopied && (whole.length === 0 || (await replaced(disk, path, whole)));
    segment.bytes = isClean ? whole.length : bytes.length;
    if (isCopied && whole.length === 0) await disk.remove(path).catch(() => undefined);
    notices.push({
      code: 'LS-JOURNAL-001',
      detail: formatMessage('LS-JOURNAL-001', '{file} is damaged; {count} records of it are whole', {
        file: path,
        count: scan.entries.length,
      }),
    });
  } else if (scan.state === 'torn' && scan.entries.length > 0) {
    // No run writes to it again, so a tail that cannot be cut off does no harm.
    await disk.truncate(path, scan.cleanBytes).catch(() => undefined);
  } else if (scan.entries.length === 0) await disk.remove(path).catch(() => undefined);
  return { segment, offsets: held.ranges(), damagedTail: scan.damagedTail };
}

const replaced = (disk: Disk, path: string, bytes: Uint8Array): Promise<boolean> =>
  disk.replace(path, bytes).then(
    () => true,
    () => false,
  );
