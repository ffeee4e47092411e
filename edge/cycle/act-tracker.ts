import type { CommandBody, CommandDocument } from '../../shared/contracts/document.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import { elementId } from '../control/plan-follower.ts';
import { modeOf, type ControlState } from '../control/state.ts';
import { refOf, reportOf } from './desk.ts';
import type { Site, StepResult } from './step-types.ts';

/** What the tracker needs from the readback of devices. */
export interface ActFacts {
  /** False while any value commanded to the device differs from its readback. */
  readonly follows: (device: string) => boolean;
  /** Whether the device reads back, or measures, the setpoint it was given. */
  readonly obeys: (device: string) => boolean;
}

const VERIFIED = ['mode', 'stop', 'resume', 'untag'] as const satisfies readonly CommandBody['kind'][];
type Verified = (typeof VERIFIED)[number];

/** At most this many acts wait for verification; older ones are dropped without a report. */
const MOST_OPEN = 100;

/** An act that changes what devices are commanded. A tag is not one: its only effect is that nothing is sent, which no readback shows. */
export const isToVerify = ({ body: { kind } }: CommandDocument): boolean =>
  (VERIFIED as readonly string[]).includes(kind);

/**
 * Reports each change of mode, stop, resume and untag as verified once it stands, every device behind it is heard, and each device
 * reads back what it is commanded. After a stop each device must have reached its safe setpoint. In monitor nothing is commanded,
 * so nothing needs to be read back. An act that another act has ended is never verified.
 */
export class ActTracker {
  readonly #specs: Site['specs'];
  readonly #substation: string;
  #open: readonly CommandDocument[] = [];

  constructor({ specs, substation }: { readonly specs: Site['specs']; readonly substation: string }) {
    this.#specs = specs;
    this.#substation = substation;
  }

  /** Starts tracking the acts that this cycle applied. */
  begin(acts: readonly CommandDocument[]): void {
    this.#open = [...this.#open, ...acts].slice(-MOST_OPEN);
  }

  after({ state, image }: Pick<StepResult, 'state' | 'image'>, { follows, obeys }: ActFacts): DocumentReport[] {
    const standing = this.#open.filter(({ body }) => this.#stands(body, state));
    const verified = standing.filter(({ body }) => {
      // A stop does not reach a tagged device.
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
