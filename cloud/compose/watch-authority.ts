import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { hasAuthority } from '../pki/authority-files.ts';
import { authorityEnds, type AuthorityEnd } from '../pki/authority-end.ts';
import { newsOf } from './is-news.ts';

const EVERY_MS = 3_600_000;
/** Earlier certificates are valid for 90 days, so a new issuer replaces them all in half of this time. */
const AHEAD_MS = 180 * 86_400_000;
const CODE = 'LS-PKI-008';

export interface AuthorityWatchParts {
  readonly data: string;
  readonly clock: Clock;
  /** True if the alarm stands, possibly since before the start. */
  readonly holds: () => boolean;
  readonly tell: (event: LoadstoneEvent) => void;
}

/** Raises an alarm half a year before the certificates' issuer or their root expires, because then no gateway can connect. */
export function watchAuthority({ data, clock, holds, tell }: AuthorityWatchParts): Timer {
  const isNews = newsOf(holds);
  const look = (): void => {
    if (!hasAuthority(data)) return;
    const [next] = authorityEnds(data);
    const isNear = next !== undefined && next.at - clock.machine.now() < AHEAD_MS;
    if (!isNews(isNear)) return;
    tell(alarm(Math.round(clock.plant.now()), isNear ? next : undefined));
  };
  look();
  return every(clock.machine, EVERY_MS, look);
}

/** `end`: what expires; undefined: nothing does soon. */
function alarm(time: number, end: AuthorityEnd | undefined): LoadstoneEvent {
  const day = end === undefined ? '' : new Date(end.at).toISOString().slice(0, 10);
  const text =
    end === undefined
      ? formatMessage(CODE, 'The certificates of the authority last for more than half a year again.')
      : end.what === 'issuer'
        ? formatMessage(CODE, 'The issuer of the certificates expires on {day}; from then on no gateway can connect.', {
            day,
          })
        : formatMessage(CODE, 'The root of the certificates expires on {day}; from then on no gateway can connect.', {
            day,
          });
  return { time, kind: 'alarm', severity: 'high', code: CODE, text, active: end !== undefined };
}
