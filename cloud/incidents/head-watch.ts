import type { Region, RegionDevice } from '../../shared/contracts/region.ts';

/** A jump must be this large, of the head's limit and of the load before it. */
const LEAST = { ofLimit: 0.08, ofLoad: 0.25 } as const;
/** The load before: a mean that follows within so many seconds. */
const FOLLOWS_S = 60;
/** A jump stands for so long before it is told, s: what devices do shows at their own meters by then. */
const STANDS_S = { least: 3, most: 15 } as const;
/** A load that stays up is the load from then on, s. */
const ABSORBED_S = 1800;
/** A gap in the readings begins anew, s: what happened in it is not known. */
const GAP_S = 300;

const spanOf = ({ chargeKw, dischargeKw, activePowerKw, apparentPowerKva }: RegionDevice): number =>
  chargeKw === undefined ? (activePowerKw ?? apparentPowerKva ?? 0) : chargeKw + (dischargeKw ?? 0);

export type JumpChange =
  | { readonly kind: 'began'; readonly at: number; readonly beforeKw: number; readonly peakKw: number }
  | { readonly kind: 'higher'; readonly at: number; readonly peakKw: number }
  | { readonly kind: 'ended' | 'absorbed'; readonly at: number; readonly kw: number };

interface Candidate {
  readonly since: number;
  readonly beforeKw: number;
  peakKw: number;
  peakAt: number;
}

interface Head {
  time: number;
  /** Of the uncontrolled load, kW. */
  mean: number;
  candidate: Candidate | undefined;
  told: boolean;
  backSince: number | undefined;
}

interface Place {
  readonly feeder: string;
  readonly limitKw: number | null;
  readonly devices: readonly string[];
  /** What its devices together could take more than before, kW: a larger jump is none of theirs. */
  readonly couldKw: number;
}

/** The newest power of a device, kW, and its source time. */
export type Power = (gateway: string, device: string) => { readonly value: number; readonly time: number } | undefined;

/**
 * Finds jumps of a feeder's load in the readings of its head. What the feeder's devices do is taken off, so that neither a plan nor a
 * cloud over a solar plant is a spike. Each reading costs the same, and nothing is kept but a mean.
 */
export class HeadWatch {
  readonly #places = new Map<string, Place>();
  readonly #heads = new Map<string, Head>();
  readonly #power: Power;

  constructor(region: Region, power: Power) {
    this.#power = power;
    for (const { gateway, meters, devices, heads } of region.substations)
      for (const { device, kind, feeder } of meters) {
        if (kind !== 'feeder-head' || feeder === undefined) continue;
        this.#places.set(`${gateway}/${device}`, {
          feeder,
          limitKw: heads?.find((head) => head.feeder === feeder)?.importKw ?? null,
          devices: devices.filter((each) => each.feeder === feeder).map(({ id }) => id),
          couldKw: devices.filter((each) => each.feeder === feeder).reduce((sum, each) => sum + spanOf(each), 0),
        });
      }
  }

  /** The limit of a feeder's head, kW. */
  limitOf(feeder: string): number | null {
    return [...this.#places.values()].find((place) => place.feeder === feeder)?.limitKw ?? null;
  }

  /** A reading of a meter; times are ms of plant time. Undefined: it changes nothing. */
  reading(
    gateway: string,
    meter: string,
    { time, kw }: { readonly time: number; readonly kw: number },
  ): { readonly feeder: string; readonly change: JumpChange } | undefined {
    const place = this.#places.get(`${gateway}/${meter}`);
    if (place === undefined) return undefined;
    const own = place.devices.map((device) => this.#power(gateway, device));
    const loadKw = kw - own.reduce((sum, each) => sum + (each?.value ?? 0), 0);
    const key = `${gateway}/${meter}`;
    const head = this.#heads.get(key);
    const gapS = head === undefined ? Infinity : (time - head.time) / 1000;
    if (head === undefined || gapS > GAP_S || gapS < 0) {
      this.#heads.set(key, { time, mean: loadKw, candidate: undefined, told: false, backSince: undefined });
      return undefined;
    }
    head.time = time;
    const heard = (since: number): boolean =>
      loadKw - head.mean > place.couldKw || own.every((each) => each === undefined || each.time > since);
    const change = this.#step(head, { time, kw, loadKw, gapS, least: (place.limitKw ?? 0) * LEAST.ofLimit, heard });
    return change === undefined ? undefined : { feeder: place.feeder, change };
  }

  #step(
    head: Head,
    now: {
      readonly time: number;
      readonly kw: number;
      readonly loadKw: number;
      readonly gapS: number;
      readonly least: number;
      readonly heard: (since: number) => boolean;
    },
  ): JumpChange | undefined {
    const { time, kw, loadKw, gapS } = now;
    const jump = loadKw - head.mean;
    const { candidate } = head;
    if (candidate === undefined) {
      if (jump >= Math.max(now.least, LEAST.ofLoad * Math.abs(head.mean)) && jump > 0)
        head.candidate = { since: time, beforeKw: kw - jump, peakKw: kw, peakAt: time };
      else head.mean += jump * (1 - Math.exp(-gapS / FOLLOWS_S));
      return undefined;
    }
    const isHigher = kw > candidate.peakKw;
    if (isHigher) [candidate.peakKw, candidate.peakAt] = [kw, time];
    const stoodS = (time - candidate.since) / 1000;
    if (jump < 0.5 * (candidate.peakKw - candidate.beforeKw)) {
      head.backSince ??= time;
      if (head.told && (time - head.backSince) / 1000 < STANDS_S.least) return undefined;
      const wasTold = head.told;
      const at = head.backSince;
      this.#settle(head, head.mean);
      return wasTold ? { kind: 'ended', at, kw } : undefined;
    }
    head.backSince = undefined;
    if (!head.told) {
      if (stoodS < STANDS_S.least || (stoodS < STANDS_S.most && !now.heard(candidate.since))) return undefined;
      head.told = true;
      return { kind: 'began', at: candidate.since, beforeKw: candidate.beforeKw, peakKw: candidate.peakKw };
    }
    if (stoodS > ABSORBED_S) {
      this.#settle(head, loadKw);
      return { kind: 'absorbed', at: time, kw };
    }
    return isHigher ? { kind: 'higher', at: time, peakKw: kw } : undefined;
  }

  #settle(head: Head, mean: number): void {
    head.mean = mean;
    head.candidate = undefined;
    head.told = false;
    head.backSince = undefined;
  }
}
