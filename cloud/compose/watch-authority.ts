import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { tells } from '../../shared/sentences/told-forms.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { hasAuthority } from '../pki/authority-files.ts';
import { authorityEnds, type AuthorityEnd } from '../pki/authority-end.ts';

const EVERY_MS = 3_600_000;
/** What was issued before counts for 90 days, so a new issuer leads everybody over in half of this time. */
const AHEAD_MS = 180 * 86_400_000;
const CODE = 'LS-PKI-008';

export interface AuthorityWatchParts {
  readonly data: string;
  readonly clock: Clock;
  /** Whether the alarm stands, from before the start too. */
  readonly holds: () => boolean;
  readonly tell: (event: LoadstoneEvent) => void;
}

/** Raises an alarm half a year before the issuer of the certificates or their root ends, for then nobody comes in any more. */
export function watchAuthority({ data, clock, holds, tell }: AuthorityWatchParts): Timer {
  const look = (): void => {
    if (!hasAuthority(data)) return;
    const [next] = authorityEnds(data);
    const isNear = next !== undefined && next.at - clock.machine.now() < AHEAD_MS;
    if (isNear === holds()) return;
    tell(alarm(Math.round(clock.plant.now()), isNear ? next : undefined));
  };
  look();
  return every(clock.machine, EVERY_MS, look);
}

/** `end`: what ends; undefined: nothing does so soon. */
function alarm(time: number, end: AuthorityEnd | undefined): LoadstoneEvent {
  const day = end === undefined ? '' : new Date(end.at).toISOString().slice(0, 10);
  const text =
    end === undefined
      ? tells(CODE, 'The certificates of the authority last for more than half a year again.')
      : end.what === 'issuer'
        ? tells(CODE, 'The issuer of the certificates ends on {day}; from then on no gateway comes in.', { day })
        : tells(CODE, 'The root of the certificates ends on {day}; from then on no gateway comes in.', { day });
  return { time, kind: 'alarm', severity: 'high', code: CODE, text, active: end !== undefined };
}
