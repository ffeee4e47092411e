/** What a job node says of itself. Owners of other versions read it too, unlike tasks. */
export interface Announcement {
  /** `process 12 of job-1` */
  readonly name: string;
  readonly version: string;
  /** When it started, by its own clock, ms UTC. */
  readonly since: number;
}

/** Interval between announcements, machine time. */
export const ANNOUNCE_MS = 5000;
/** A node that has announced nothing for this long is gone. */
export const GONE_MS = 3 * ANNOUNCE_MS;

const NAME = /^process \d{1,10} of [\w.-]{1,253}$/;
const VERSION = /^\d[\w.+-]{0,31}$/;

export const announcementBytes = ({ name, version, since }: Announcement): Buffer =>
  Buffer.from(JSON.stringify({ name, version, since }));

/** Undefined if it is none. A later version may say more. */
export function readAnnouncement(bytes: Uint8Array): Announcement | undefined {
  try {
    const { name, version, since } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof version !== 'string' || !Number.isSafeInteger(since)) return undefined;
    return NAME.test(name) && VERSION.test(version) ? { name, version, since: Number(since) } : undefined;
  } catch {
    return undefined;
  }
}
