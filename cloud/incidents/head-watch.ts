import type { Region, RegionDevice } from '../../shared/contracts/region.ts';

/** Minimum size of a jump, as a share of the head's limit and of the load before it. */
const LEAST = { ofLimit: 0.08, ofLoad: 0.25 } as const;
/** Time constant of the load's running mean, s. */
const FOLLOWS_S = 60;
/** How long a jump must last before it is reported, and its end, s. */
const STANDS_S = { jump: 3, end: 10 } as const;
/** A device that reports nothing for this long, s, counts as unchanged; with its link down, it may do anything within its range. */
const TELLS_S = 15;
/** A load that stays up this long, s, is the new normal. */
const ABSORBED_S = 1800;
/** After a longer gap in the readings, s, detection starts over: what happened in it is unknown. */
const GAP_S = 300;
/** A head that reads less, kW, is dark, or its meter is dead; power that returns then is no jump. */
const DARK_KW = 0.5;

const spanOf = ({ chargeKw, dischargeKw, activePowerKw, apparentPowerKva }: RegionDevice): number =>
  chargeKw === undefined ? (activePowerKw ?? apparentPowerKva ?? 0) : chargeKw + (dischargeKw ?? 0);

export type JumpChange =
  | { readonly kind: 'began'; readonly at: number; readonly beforeKw: number; readonly peakKw: number }
  | { readonly kind: 'higher'; readonly at: number; readonly peakKw: number }
  /** Devices have reported their power at the start, `at`. */
  | { readonly kind: 'refined'; readonly at: number; readonly beforeKw: number }
  | { readonly kind: 'ended' | 'absorbed'; readonly at: number; readonly kw: number };

type Report = ReturnType<Power>;

/** The reading of the head under judgement; judged once each device has reported since. */
interface Asked {
  readonly time: number;
  readonly kw: number;
  /** Power range of each device around that time, at least and at most, kW; undefined: never heard. */
  readonly own: readonly (readonly [number, number] | undefined)[];
  /** By the devices' latest reports the load has jumped, so no later reading replaces this one. */
  readonly isJump: boolean;
}

interface Jump {
  readonly since: number;
  beforeKw: number;
  peakKw: number;
  backSince: number | undefined;
  /** The reading at its start, while devices may still report their power then. */
  asked: Asked | undefined;
}

interface Head {
  time: number;
  kw: number;
  /** The devices' reports at its last reading. */
  own: readonly Report[];
  /** Mean of the uncontrolled load, kW, and until when it was updated; undefined: not known yet. */
  mean: number | undefined;
  meanAt: number;
  asked: Asked | undefined;
  /** The last judged reading could not be separated from the devices' actions. */
  isUnsure: boolean;
  jump: Jump | undefined;
}

interface Place {
  readonly gateway: string;
  readonly feeder: string;
  readonly limitKw: number | null;
  readonly devices: readonly RegionDevice[];
}

export interface FoundJump {
  readonly gateway: string;
  readonly feeder: string;
  readonly change: JumpChange;
}

/** The newest power of a device, kW, its source time, and whether its gateway has lost it or reads it late. */
export type Power = (
  gateway: string,
  device: string,
) => { readonly value: number; readonly time: number; readonly isSilent?: boolean } | undefined;

/**
 * Finds jumps of a feeder's load in the readings of its head. The power of the feeder's devices is subtracted, so that neither a plan nor a
 * cloud over a solar plant is a spike. Head and devices are read at different times and report only changes: between two reports a device
 * was somewhere in between, and only what remains in every case is a jump. Constant cost per reading.
 */
export class HeadWatch {
  readonly #places = new Map<string, Place>();
  readonly #heads = new Map<string, Head>();
  /** When each gateway was last heard, ms of plant time: while it is silent, nothing counts as unchanged. */
  readonly #heardAt = new Map<string, number>();
  readonly #power: Power;

  constructor(region: Region, power: Power) {
    this.#power = power;
    for (const { gateway, meters, devices, heads } of region.substations)
      for (const { device, kind, feeder } of meters) {
        if (kind !== 'feeder-head' || feeder === undefined) continue;
        this.#places.set(`${gateway}/${device}`, {
          gateway,
          feeder,
          limitKw: heads?.find((head) => head.feeder === feeder)?.importKw ?? null,
          devices: devices.filter((each) => each.feeder === feeder),
        });
      }
  }

  /** Import limit of a feeder's head, kW. */
  limitOf(feeder: string): number | null {
    return [...this.#places.values()].find((place) => place.feeder === feeder)?.limitKw ?? null;
  }

  /** Handles a meter's reading; times are ms of plant time. Undefined: no change. */
  reading(
    gateway: string,
    meter: string,
    { time, kw }: { readonly time: number; readonly kw: number },
  ): FoundJump | undefined {
    const key = `${gateway}/${meter}`;
    const place = this.#places.get(key);
    this.#passed(gateway, time, { mayGoBack: place !== undefined });
    if (place === undefined) return undefined;
    const { feeder } = place;
    const own = this.#own(place);
    const head = this.#heads.get(key);
    if (Math.abs(kw) < DARK_KW) {
      this.#heads.delete(key);
      return head?.jump === undefined ? undefined : { gateway, feeder, change: { kind: 'ended', at: time, kw } };
    }
    const gapS = head === undefined ? Infinity : (time - head.time) / 1000;
    // The past power of a device heard for the first time is unknown, so the mean load starts over.
    const isNew = own.some((each, index) => each !== undefined && head?.own[index] === undefined);
    if (head === undefined || gapS > GAP_S || gapS < 0 || (isNew && head.jump === undefined)) {
      const asked = askedOf({ time, kw }, { before: own, now: own, isJump: false });
      this.#heads.set(key, { time, kw, own, mean: undefined, meanAt: time, asked, isUnsure: false, jump: undefined });
      // A jump's end within a gap is unknown, so it ends at the last known reading.
      return head?.jump === undefined ? undefined : { gateway, feeder, change: { kind: 'ended', at: head.time, kw } };
    }
    const before = head.own;
    Object.assign(head, { time, kw, own });
    const isJump = head.mean !== undefined && loadNow({ kw }, own) - head.mean >= leastOf(place, head.mean);
    if (head.asked === undefined || (isJump && !head.asked.isJump))
      head.asked = askedOf({ time, kw }, { before, now: own, isJump });
    const found = this.#went(head, { time, own, isRead: true });
    return found === undefined ? undefined : { gateway, feeder, change: found };
  }

  /** The gateway was heard: every change there before `time`, ms of plant time, has been read. */
  heard(gateway: string, time: number): void {
    this.#passed(gateway, time, { mayGoBack: true });
  }

  /** `mayGoBack`: false for a device's clock, which may be behind all others. */
  #passed(gateway: string, time: number, { mayGoBack }: { readonly mayGoBack: boolean }): void {
    const before = this.#heardAt.get(gateway) ?? 0;
    // The last time was from a clock that has since been set back; keeping it would make current readings look outdated.
    const isSetBack = mayGoBack && before - time > 1000 * GAP_S;
    this.#heardAt.set(gateway, isSetBack ? time : Math.max(time, before));
  }

  /** Advances time after all simultaneous readings: a head's last reading holds until its next one. */
  tick(): FoundJump[] {
    return [...this.#heads].flatMap(([key, head]) => {
      const place = this.#places.get(key)!;
      const { gateway, feeder } = place;
      const now = this.#heardAt.get(gateway) ?? head.time;
      const own = this.#own(place);
      const stillSince = Math.max(head.time, ...own.map((each) => each?.time ?? 0));
      if (head.asked === undefined && head.isUnsure && now - stillSince >= 1000 * TELLS_S)
        head.asked = askedOf({ time: stillSince, kw: head.kw }, { before: own, now: own, isJump: false });
      const change =
        this.#judged(head, place, { time: now, own }) ??
        this.#refined(head, place, { time: now, own }) ??
        this.#went(head, { time: now, own, isRead: false });
      return change === undefined ? [] : [{ gateway, feeder, change }];
    });
  }

  #own({ gateway, devices }: Place): Report[] {
    return devices.map(({ id }) => this.#power(gateway, id));
  }

  /** Judges the pending reading, as far as the devices' reports since allow. */
  #judged(
    head: Head,
    place: Place,
    { time, own }: { readonly time: number; readonly own: readonly Report[] },
  ): JumpChange | undefined {
    const { devices } = place;
    const { asked, mean } = head;
    if (asked === undefined || head.jump !== undefined) return undefined;
    const ageS = (time - asked.time) / 1000;
    const [low, high, isOpen] = loadOf(asked, own, { devices, hasWaited: ageS >= TELLS_S });
    const middle = (low + high) / 2;
    const least = leastOf(place, mean ?? 0);
    if (mean !== undefined && low - mean >= least) {
      if (ageS < STANDS_S.jump) return undefined;
      head.asked = undefined;
      if (loadNow(head, own) - mean < least) return undefined;
      const { time: since, kw } = asked;
      // The jump is certain; its size assumes that unheard devices are unchanged.
      const load = isOpen ? loadOf(asked, own, { devices, hasWaited: true })[0] : likelyLoad(asked, own);
      const beforeKw = kw - (load - mean);
      const peakKw = Math.max(kw, head.kw);
      head.jump = { since, beforeKw, peakKw, backSince: undefined, asked: isOpen ? asked : undefined };
      return { kind: 'began', at: since, beforeKw, peakKw: head.jump.peakKw };
    }
    if (isOpen && ageS < TELLS_S) return undefined;
    // If device actions could explain it, judge again at the next reading, or once everything is unchanged.
    const isUnsure = high - low > least / 2 || (mean !== undefined && middle - mean >= least);
    head.asked = undefined;
    head.isUnsure = isUnsure;
    const gapS = (asked.time - head.meanAt) / 1000;
    if (isUnsure && gapS < GAP_S) return undefined;
    head.mean = mean === undefined || isUnsure ? middle : mean + (middle - mean) * (1 - Math.exp(-gapS / FOLLOWS_S));
    head.meanAt = asked.time;
    return undefined;
  }

  /**
   * Refines the size of a jump once its devices have reported: one that does less since is assumed to have countered the jump, and to have
   * done more at its start.
   */
  #refined(
    { jump, mean = 0 }: Head,
    { devices }: Place,
    { time, own }: { readonly time: number; readonly own: readonly Report[] },
  ): JumpChange | undefined {
    if (jump?.asked === undefined) return undefined;
    const { asked } = jump;
    const hasWaited = time - asked.time >= 1000 * TELLS_S;
    const [low, , isOpen] = loadOf(asked, own, { devices, hasWaited });
    if (isOpen && !hasWaited) return undefined;
    jump.asked = undefined;
    const beforeKw = asked.kw - (low - mean);
    if (Math.abs(beforeKw - jump.beforeKw) < 1) return undefined;
    jump.beforeKw = beforeKw;
    return { kind: 'refined', at: asked.time, beforeKw };
  }

  /** Follows a running jump. */
  #went(
    head: Head,
    { time, own, isRead }: { readonly time: number; readonly own: readonly Report[]; readonly isRead: boolean },
  ): JumpChange | undefined {
    const { jump, kw, mean = 0 } = head;
    if (jump === undefined) return undefined;
    head.asked = undefined;
    const load = loadNow(head, own);
    if (load - mean < 0.5 * (jump.peakKw - jump.beforeKw)) {
      jump.backSince ??= time;
      if ((time - jump.backSince) / 1000 < STANDS_S.end) return undefined;
      this.#settle(head, time, mean);
      return { kind: 'ended', at: jump.backSince, kw };
    }
    jump.backSince = undefined;
    if ((time - jump.since) / 1000 > ABSORBED_S) {
      this.#settle(head, time, load);
      return { kind: 'absorbed', at: time, kw };
    }
    if (!isRead || kw <= jump.peakKw) return undefined;
    jump.peakKw = kw;
    return { kind: 'higher', at: time, peakKw: kw };
  }

  #settle(head: Head, time: number, mean: number): void {
    head.mean = mean;
    head.meanAt = time;
    head.jump = undefined;
    head.asked = undefined;
    head.isUnsure = false;
  }
}

const loadNow = ({ kw }: Pick<Head, 'kw'>, own: readonly Report[]): number =>
  kw - own.reduce((sum, each) => sum + (each?.value ?? 0), 0);

/** Minimum size of a jump, kW. */
const leastOf = ({ limitKw }: Place, mean: number): number =>
  Math.max((limitKw ?? 0) * LEAST.ofLimit, LEAST.ofLoad * Math.abs(mean), 1);

const askedOf = (
  { time, kw }: Pick<Asked, 'time' | 'kw'>,
  {
    before,
    now,
    isJump,
  }: { readonly before: readonly Report[]; readonly now: readonly Report[]; readonly isJump: boolean },
): Asked => ({
  time,
  kw,
  isJump,
  own: now.map((each, index) => {
    if (each === undefined) return undefined;
    const was = before[index]?.value ?? each.value;
    return [Math.min(was, each.value), Math.max(was, each.value)] as const;
  }),
});

/** The least and the most load that a head's reading leaves, kW, and whether a device may still report its power then. */
function loadOf(
  asked: Asked,
  own: readonly Report[],
  { devices, hasWaited }: { readonly devices: readonly RegionDevice[]; readonly hasWaited: boolean },
): readonly [low: number, high: number, isOpen: boolean] {
  let [least, most, isOpen] = [0, 0, false];
  for (const [index, about] of asked.own.entries()) {
    const after = own[index];
    if (about === undefined || after === undefined) continue;
    const isHeard = after.time > asked.time;
    const isUnknown = after.isSilent === true || (!isHeard && !hasWaited);
    const span = isUnknown ? spanOf(devices[index]!) : 0;
    isOpen ||= isUnknown;
    least += Math.min(about[0], after.value) - span;
    most += Math.max(about[1], after.value) + span;
  }
  return [asked.kw - most, asked.kw - least, isOpen];
}

/** The load that a head's reading leaves if devices that do less since have countered a jump, and others were half way, kW. */
function likelyLoad({ kw, own: about }: Asked, own: readonly Report[]): number {
  return about.reduce((load, range, index) => {
    const after = own[index];
    if (range === undefined || after === undefined) return load;
    const [least, most] = range;
    return load - (after.value <= least ? most : (Math.min(least, after.value) + Math.max(most, after.value)) / 2);
  }, kw);
}
