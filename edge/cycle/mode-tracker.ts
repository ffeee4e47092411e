import type { CommandDocument } from '../../shared/contracts/document.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import { elementId } from '../control/plan-follower.ts';
import { modeOf } from '../control/state.ts';
import { refOf, reportOf } from './desk.ts';
import type { Site, StepResult } from './step-types.ts';

/** What is asked of a device's readback. */
export interface ModeFacts {
  /** False while something that it is commanded is not read back. */
  readonly follows: (device: string) => boolean;
}

/**
 * Tells of each change of mode that it is verified: the mode stands, every device behind it is heard, and what they are commanded in it is
 * read back. In monitor nothing is commanded, so nothing is to be read back. One that another change has ended is never verified.
 */
export class ModeTracker {
  readonly #specs: Site['specs'];
  readonly #substation: string;
  #open: readonly CommandDocument[] = [];

  constructor({ specs, substation }: { readonly specs: Site['specs']; readonly substation: string }) {
    this.#specs = specs;
    this.#substation = substation;
  }

  /** Those that were applied in this cycle. */
  begin(changes: readonly CommandDocument[]): void {
    for (const change of changes) {
      const { feeder } = change.body;
      const others = feeder === undefined ? [] : this.#open.filter(({ body }) => body.feeder !== feeder);
      this.#open = [...others, change];
    }
  }

  after({ state, image }: Pick<StepResult, 'state' | 'image'>, { follows }: ModeFacts): DocumentReport[] {
    const standing = this.#open.filter(({ body }) => modeOf(state, this.#feederOf(body)) === body.mode);
    const verified = standing.filter(({ body }) =>
      this.#devicesOf(body).every((device) => image.devices.get(device)?.fresh === true && follows(device)),
    );
    this.#open = standing.filter((change) => !verified.includes(change));
    return verified.map((change) => reportOf(refOf(change), 'verified', image.time));
  }

  #feederOf({ feeder }: CommandDocument['body']): string | null {
    return feeder === undefined ? null : elementId(feeder, this.#substation);
  }

  #devicesOf(body: CommandDocument['body']): string[] {
    const feeder = this.#feederOf(body);
    return this.#specs.filter((spec) => feeder === null || spec.feeder === feeder).map(({ id }) => id);
  }
}
