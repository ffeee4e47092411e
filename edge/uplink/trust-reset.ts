import { Type, type Static } from 'typebox';
import { parseJson } from '../../shared/codec/json.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { checker } from '../../shared/contracts/validate.ts';
import type { Disk } from '../../shared/ports/disk.ts';

/** Record of a trust reset on the stopped gateway, for its next start to report. */
export const RESET_FILE = 'trust-reset.json';

const Text = Type.String({ maxLength: 200 });
/** `from` and `to`: root ids; `marks`: what documents had to exceed. */
const TrustReset = Type.Object({ who: Text, reason: Text, from: Text, to: Text, marks: Type.Array(Text) });
export type TrustReset = Static<typeof TrustReset>;
const check = checker(TrustReset, 'LS-DOC-005');

/** The event that reports a reset to the current cloud; undefined if there was none. */
export async function resetToTell(disk: Disk, time: number): Promise<LoadstoneEvent | undefined> {
  const bytes = await disk.read(RESET_FILE).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const parsed = parseJson(new TextDecoder().decode(bytes), { code: 'LS-DOC-005' });
  const read = parsed.ok ? check(parsed.value) : parsed;
  return { time, kind: 'event', severity: 'high', code: 'trust.reset', text: read.ok ? words(read.value) : UNREADABLE };
}

const UNREADABLE = 'the trust of this gateway was reset on site; the record of who did it cannot be read';

export function words({ who, reason, from, to, marks }: TrustReset): string {
  const root = from === to ? `the root is still ${to}` : `the root is ${to}, and was ${from}`;
  const cleared = marks.length === 0 ? 'no documents were held' : `documents deleted: ${marks.join(', ')}`;
  return `the trust of this gateway was reset on site by ${who}: ${reason}; ${root}; ${cleared}`;
}
