import type { Link } from '../../shared/ports/link.ts';
import { TracedLink } from '../sim/traced-link.ts';

/** Payload bytes on the WAN by kind of message. */
export interface Traffic {
  readonly up: Record<string, number>;
  readonly down: Record<string, number>;
}

/** A link that adds its bytes to `traffic`. */
export function metered(link: Link, traffic: Traffic): Link {
  return new TracedLink(link, (direction, topic, payload) => {
    const kind = topic.startsWith('spBv1.0/') ? topic.split('/')[2]! : topic.split('/').slice(3).join('/');
    const of = traffic[direction === 'out' ? 'up' : 'down'];
    of[kind] = (of[kind] ?? 0) + payload.length;
  });
}
