import { eventSays } from '../../shared/sentences/event-forms.ts';
import { DEAD_PU, finite, type Image } from '../control/image.ts';
import { TRANSFORMER } from '../control/model.ts';
import type { Condition } from './alarms.ts';
import type { Site } from './step-types.ts';

interface Now {
  /** As the meters read it: a head that is held for dead is silent in what control sees. */
  readonly image: Image;
  readonly site: Pick<Site, 'specs' | 'elements'>;
}

/** A head that carries less than this share of its rating carries nothing. */
const NOTHING = 1e-4;

/**
 * Feeders without voltage. A head that carries nothing may have a dead meter as well as an open breaker: the devices behind it tell,
 * as soon as one of them measures after the head went to nothing. A feeder stays dark until its head carries something again or a device
 * of it has voltage.
 */
export class DarkFeeders {
  /** Plant time since which a head carries nothing, ms UTC. */
  readonly #nothing = new Map<string, number>();
  readonly #dark = new Set<string>();

  /** The conditions, with those of a dark feeder's own devices and meter replaced by the one that explains them. */
  explain(conditions: readonly Condition[], now: Now): Condition[] {
    for (const { id, ratedKva } of now.site.elements)
      if (id !== TRANSFORMER) this.#look(id, NOTHING * (ratedKva ?? 1000), now);
    if (this.#dark.size === 0) return [...conditions];
    const behind = new Set([
      ...this.#dark,
      ...now.site.specs.flatMap(({ id, feeder }) => (this.#has(feeder) ? [id] : [])),
    ]);
    return [
      ...conditions.filter(({ device }) => device === undefined || !behind.has(device)),
      ...[...this.#dark].map(dark),
    ];
  }

  #has(feeder: string | null): boolean {
    return feeder !== null && this.#dark.has(feeder);
  }

  #look(head: string, nothingKw: number, { image, site }: Now): void {
    const meter = image.elements.get(head);
    if (meter?.fresh === true && finite(meter.activePowerKw)) {
      if (Math.abs(meter.activePowerKw) + Math.abs(meter.reactivePowerKvar ?? 0) > nothingKw) {
        this.#nothing.delete(head);
        this.#dark.delete(head);
        return;
      }
      // Of a clock that was set back it begins anew: all that is measured from here on would seem to be of before.
      if ((this.#nothing.get(head) ?? Infinity) > image.time) this.#nothing.set(head, image.time);
    }
    const since = this.#nothing.get(head);
    // A head that was never seen without power is none that can be dark; one that was may be silent since.
    if (since === undefined) return;
    const voltages = site.specs.flatMap(({ id, feeder }) => {
      const device = image.devices.get(id);
      // What was measured before says nothing of it, whenever it came.
      const isSince = device?.fresh === true && (device.lastSeen ?? 0) > since;
      return feeder === head && isSince && finite(device.voltagePu) ? [device.voltagePu] : [];
    });
    if (voltages.some((voltage) => voltage >= DEAD_PU)) this.#dark.delete(head);
    else if (voltages.length > 0) this.#dark.add(head);
  }
}

const dark = (head: string): Condition => ({
  key: `dark:${head}`,
  severity: 'high',
  ...eventSays('LS-FEEDER-001', '{head} carries nothing and no device behind it has voltage: the feeder is dark', {
    head,
  }),
  device: head,
});
