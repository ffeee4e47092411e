import type { CommandBody, CommandDocument } from '../../shared/contracts/document.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import { elementId } from '../control/plan-follower.ts';
import { modeOf, type ControlState } from '../control/state.ts';
import { refOf, reportOf } from './desk.ts';
import type { Site, StepResult } from './step-types.ts';

/** What is asked of a device's readback. */
export interface ActFacts {
  /** False while something that it is commanded is not read back. */
  readonly follows: (device: string) => boolean;
  /** Whether it reads back, or gives, what it is told. */
  readonly obeys: (device: string) => boolean;
}

const VERIFIED = ['mode', 'stop', 'resume', 'untag'] as const satisfies readonly CommandBody['kind'][];
type Verified = (typeof VERIFIED)[number];

/** More acts than these do not wait: of the oldest nothing more is told. */
const MOST_OPEN = 100;

/** An act that changes what devices are told. A tag is none: that nothing goes to a device is seen here, and by nothing that it tells. */
export const isToVerify = ({ body: { kind } }: CommandDocument): boolean =>
  (VERIFIED as readonly string[]).includes(kind);

/**
 * Tells of each change of mode, stop, lifted stop and removed tag that it is verified: it stands, every device behind it is heard, and what
 * they are commanded is read back; after a stop each is where it is told to be. In monitor nothing is commanded, so nothing is to be read
 * back. One that another act has ended is never verified.
 */
export class ActTracker {
  readonly #specs: Site['specs'];
  readonly #substation: string;
  #open: readonly CommandDocument[] = [];

  constructor({ specs, substation }: { readonly specs: Site['specs']; readonly substation: string }) {
    this.#specs = specs;
    this.#substation = substation;
  }

  /** Those that were applied in this cycle. */
  begin(acts: readonly CommandDocument[]): void {
    this.#open = [...this.#open, ...acts].slice(-MOST_OPEN);
  }

  after({ state, image }: Pick<StepResult, 'state' | 'image'>, { follows, obeys }: ActFacts): DocumentReport[] {
    const standing = this.#open.filter(({ body }) => this.#stands(body, state));
    const verified = standing.filter(({ body }) => {
      // A stop does not reach what somebody has tagged.
      const holds =
        body.kind === 'stop' ? (device: string) => !state.tagged.includes(device) && obeys(device) : follows;
      return this.#devicesOf(body).every((device) => image.devices.get(device)?.fresh === true && holds(device));
    });
    this.#open = standing.filter((act) => !verified.includes(act));
    return verified.map((act) => reportOf(refOf(act), 'verified', image.time));
  }

  #stands(body: CommandBody, state: ControlState): boolean {
    const devices = this.#devicesOf(body);
    const isStopped = (device: string): boolean => state.stopped.gateway || state.stopped.devices.includes(device);
    switch (body.kind as Verified) {
      case 'mode':
        return modeOf(state, this.#feederOf(body)) === body.mode;
      case 'stop':
        return devices.every(isStopped);
      case 'resume':
        return !devices.some(isStopped);
      case 'untag':
        return !devices.some((device) => state.tagged.includes(device));
    }
  }

  #feederOf({ feeder }: CommandBody): string | null {
    return feeder === undefined ? null : elementId(feeder, this.#substation);
  }

  #devicesOf(body: CommandBody): string[] {
    if (body.device !== undefined) return [body.device];
    const feeder = this.#feederOf(body);
    return this.#specs.filter((spec) => feeder === null || spec.feeder === feeder).map(({ id }) => id);
  }
}
