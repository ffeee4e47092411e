import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import { backOff } from '../../shared/time/back-off.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { askCertificate, type AuthorityAddress } from './ask-authority.ts';
import { putIdentity, readIdentity, renewalOf, tlsOf } from './identity-files.ts';

export interface RenewalOptions extends AuthorityAddress {
  readonly gateway: string;
  /** Folder of the identity. */
  readonly identity: string;
  readonly time: TimeBase;
  readonly onFault: (error: unknown) => void;
}

const HOUR_MS = 3_600_000;
/** After a failure, up to the last: an admin may have let it renew meanwhile. */
const AGAIN_MS = [60_000, 600_000] as const;
/** A clock that runs far ahead makes every certificate look old. */
const LEAST_BETWEEN_MS = 24 * HOUR_MS;

/** Renews the gateway's certificate at two thirds of its time, with a new key. The connection that stands goes on; the next one shows it. */
export class Renewal {
  readonly #options: RenewalOptions;
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** The cloud's time less our elapsed time. */
  #ahead = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #said = '';
  #timer: Timer | undefined;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.time.after(0, () => this.#turn());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** What the cloud's heartbeat says of the time, ms UTC. It decides when to ask for a certificate, and nothing else. */
  heard(now: number): void {
    this.#ahead = now - this.#options.time.elapsed();
  }

  async #turn(): Promise<void> {
    const { time, onFault } = this.#options;
    const outcome = await this.#renewIfDue().catch((error: unknown) => bad('LS-PKI-006', String(error)));
    this.#failures = outcome.ok ? 0 : this.#failures + 1;
    // The same words each time would fill the log.
    if (!outcome.ok && outcome.fault.detail !== this.#said) onFault(new Error(`certificate: ${outcome.fault.detail}`));
    this.#said = outcome.ok ? '' : outcome.fault.detail;
    this.#timer = time.after(outcome.ok ? HOUR_MS : backOff(AGAIN_MS, this.#failures), () => this.#turn());
  }

  /** Certificates begin in 1970, so a gateway whose clock is behind connects; it has to hear elsewhere that one is old. */
  #now(): number {
    const { time } = this.#options;
    return Math.max(time.now(), this.#ahead + time.elapsed());
  }

  async #renewIfDue(): Promise<Outcome<null>> {
    const { gateway, identity: folder, time } = this.#options;
    const identity = readIdentity(folder);
    // Whoever is not enrolled yet is told so by the uplink.
    if (!identity.ok || this.#now() < renewalOf(identity.value)) return good(null);
    if (time.elapsed() - this.#renewedAt < LEAST_BETWEEN_MS) return good(null);
    const { makeRequest } = await import('../../shared/pki/request.ts');
    const { key, request } = await makeRequest(gateway);
    const answer = await askCertificate(this.#options, tlsOf(identity.value), { gateway, request });
    if (!answer.ok) return answer;
    this.#renewedAt = time.elapsed();
    return putIdentity(folder, key, answer.value, false);
  }
}
