import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { EnrolmentAnswer } from '../../shared/pki/enrolment.ts';
import { backOff } from '../../shared/time/back-off.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { askCertificate, type AuthorityAddress } from './ask-authority.ts';
import { putIdentity, readIdentity, renewalOf, tlsOf, type Identity } from './identity-files.ts';

export interface RenewalOptions extends AuthorityAddress {
  readonly gateway: string;
  /** Folder of the identity. */
  readonly identity: string;
  readonly time: TimeBase;
  readonly onFault: (error: unknown) => void;
}

interface Issued {
  readonly key: string;
  readonly answer: EnrolmentAnswer;
}

const HOUR_MS = 3_600_000;
/** Back-off after failures, up to the last value; an admin may permit the renewal meanwhile. */
const AGAIN_MS = [60_000, 600_000] as const;
/** Least time between renewals, because a clock that runs far ahead makes every certificate look old. */
const LEAST_BETWEEN_MS = 24 * HOUR_MS;

/**
 * Renews the gateway's certificate at two thirds of its lifetime, with a new key. The open connection continues; the next one uses
 * the new certificate.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** The cloud's time minus the local elapsed time. */
  #ahead = Number.NEGATIVE_INFINITY;
  /** A certificate that the disk has not taken yet; it is stored at the next try instead of requesting another one. */
  #unstored: Issued | undefined;
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

  /** Takes the time from the cloud's heartbeat, ms UTC. It only decides when to request a certificate. */
  heard(now: number): void {
    this.#ahead = now - this.#options.time.elapsed();
  }

  async #turn(): Promise<void> {
    const { time, onFault } = this.#options;
    const outcome = await this.#renewIfDue().catch((error: unknown) => bad('LS-PKI-006', String(error)));
    this.#failures = outcome.ok ? 0 : this.#failures + 1;
    // Repeating the same message would fill the log.
    if (!outcome.ok && outcome.fault.detail !== this.#said) onFault(new Error(`certificate: ${outcome.fault.detail}`));
    this.#said = outcome.ok ? '' : outcome.fault.detail;
    this.#timer = time.after(outcome.ok ? HOUR_MS : backOff(AGAIN_MS, this.#failures), () => this.#turn());
  }

  /**
   * Certificates begin in 1970 so that a gateway whose clock is behind can connect. It needs the cloud's time to notice that one is
   * old.
   */
  #now(): number {
    const { time } = this.#options;
    return Math.max(time.now(), this.#ahead + time.elapsed());
  }

  async #renewIfDue(): Promise<Outcome<null>> {
    const { identity: folder, time } = this.#options;
    const identity = readIdentity(folder);
    // The uplink reports a gateway that is not enrolled yet.
    if (!identity.ok || this.#now() < renewalOf(identity.value)) return good(null);
    if (time.elapsed() - this.#renewedAt < LEAST_BETWEEN_MS) return good(null);
    const issued: Outcome<Issued> =
      this.#unstored === undefined ? await this.#ask(identity.value) : good(this.#unstored);
    if (!issued.ok) return issued;
    this.#unstored = issued.value;
    // Throws while the disk takes no file.
    const stored = putIdentity(folder, issued.value.key, issued.value.answer, false);
    this.#unstored = undefined;
    // Also for a certificate that does not fit: the authority would issue another one every few minutes.
    this.#renewedAt = time.elapsed();
    return stored;
  }

  async #ask(identity: Identity): Promise<Outcome<Issued>> {
    const { gateway } = this.#options;
    const { makeRequest } = await import('../../shared/pki/request.ts');
    const { key, request } = await makeRequest(gateway);
    const answer = await askCertificate(this.#options, tlsOf(identity), { gateway, request });
    return answer.ok ? good({ key, answer: answer.value }) : answer;
  }
}
