import type { Region, RegionDevice } from '../../shared/contracts/region.ts';

/** A jump must be this large, of the head's limit and of the load before it. */
const LEAST = { ofLimit: 0.08, ofLoad: 0.25 } as const;
/** The load before: a mean that follows within so many seconds. */
const FOLLOWS_S = 60;
/** A jump stands for so long before it is told, and its end, s. */
const STANDS_S = { jump: 3, end: 10 } as const;
/** A device that tells nothing for so long does what it did, s, unless its link is down: then it may do all that it can. */
const TELLS_S = 15;
/** A load that stays up is the load from then on, s. */
const ABSORBED_S = 1800;
/** A gap in the readings begins anew, s: what happened in it is not known. */
const GAP_S = 300;
/** A head that reads less is dark, or its meter is dead, kW: what comes back then is no jump. */
const DARK_KW = 0.5;

const spanOf = ({ chargeKw, dischargeKw, activePowerKw, apparentPowerKva }: RegionDevice): number =>
  chargeKw === undefined ? (activePowerKw ?? apparentPowerKva ?? 0) : chargeKw + (dischargeKw ?? 0);

export type JumpChange =
  | { readonly kind: 'began'; readonly at: number; readonly beforeKw: number; readonly peakKw: number }
  | { readonly kind: 'higher'; readonly at: number; readonly peakKw: number }
  /** Devices have told what they did when it began: `at` is when that was. */
  | { readonly kind: 'refined'; readonly at: number; readonly beforeKw: number }
  | { readonly kind: 'ended' | 'absorbed'; readonly at: number; readonly kw: number };

type Told = ReturnType<Power>;

/** A reading of the head that is being looked at: it is judged when each device has told what it does since. */
interface Asked {
  readonly time: number;
  readonly kw: number;
  /** What each device did about then, at least and at most, kW; undefined: it was never heard. */
  readonly own: readonly (readonly [number, number] | undefined)[];
  /** As the devices told last, the load has jumped: no later reading takes its place. */
  readonly isJump: boolean;
}

interface Jump {
  readonly since: number;
  beforeKw: number;
  peakKw: number;
  backSince: number | undefined;
  /** The reading that it began with, while devices may still tell what they did then. */
  asked: Asked | undefined;
}

interface Head {
  time: number;
  kw: number;
  /** What its devices had told at its last reading. */
  own: readonly Told[];
  /** Of the uncontrolled load, kW, and until when it was followed; undefined: not known yet. */
  mean: number | undefined;
  meanAt: number;
  asked: Asked | undefined;
  /** What was asked last could not be told from what a device did. */
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

/** The newest power of a device, kW, its source time, and whether its gateway hears it no more, or too late. */
export type Power = (
  gateway: string,
  device: string,
) => { readonly value: number; readonly time: number; readonly isSilent?: boolean } | undefined;

/**
 * Finds jumps of a feeder's load in the readings of its head. What the feeder's devices do is taken off, so that neither a plan nor a
 * cloud over a solar plant is a spike. Head and devices are read at different times, and told when they change: between two tellings
 * a device was somewhere between both, and only what is left in every case is a jump. Each reading costs the same.
 */
export class HeadWatch {
  readonly #places = new Map<string, Place>();
  readonly #heads = new Map<string, Head>();
  /** When each gateway was last heard, ms of plant time: while it says nothing, nothing stands still. */
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

  /** The limit of a feeder's head, kW. */
  limitOf(feeder: string): number | null {
    return [...this.#places.values()].find((place) => place.feeder === feeder)?.limitKw ?? null;
  }

  /** A reading of a meter; times are ms of plant time. Undefined: it changes nothing. */
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
    // Of a device that was never heard before nobody knows what it did: the load without it begins anew.
    const isNew = own.some((each, index) => each !== undefined && head?.own[index] === undefined);
    if (head === undefined || gapS > GAP_S || gapS < 0 || (isNew && head.jump === undefined)) {
      const asked = askedOf({ time, kw }, { before: own, now: own, isJump: false });
      this.#heads.set(key, { time, kw, own, mean: undefined, meanAt: time, asked, isUnsure: false, jump: undefined });
      // Nobody knows when a jump ended in a gap: it is told to the last moment that was seen.
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

  /** A gateway has told something: all that changed there before `time`, ms of plant time, has been read. */
  heard(gateway: string, time: number): void {
    this.#passed(gateway, time, { mayGoBack: true });
  }

  /** `mayGoBack`: not by the clock of some device, which may be behind all others. */
  #passed(gateway: string, time: number, { mayGoBack }: { readonly mayGoBack: boolean }): void {
    const before = this.#heardAt.get(gateway) ?? 0;
    // So far ahead it was heard by a clock that has been set back: all that is read now would be long over.
    const isSetBack = mayGoBack && before - time > 1000 * GAP_S;
    this.#heardAt.set(gateway, isSetBack ? time : Math.max(time, before));
  }

  /** Time goes on, and all that came at once has been read: what a head told last is so until it tells something else. */
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

  #own({ gateway, devices }: Place): Told[] {
    return devices.map(({ id }) => this.#power(gateway, id));
  }

  /** The reading that was asked about, as far as what the devices told since allows. */
  #judged(
    head: Head,
    place: Place,
    { time, own }: { readonly time: number; readonly own: readonly Told[] },
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
      // That there is a jump is certain; how large it is supposes that devices do what they told last.
      const load = isOpen ? loadOf(asked, own, { devices, hasWaited: true })[0] : middle;
      const beforeKw = kw - (load - mean);
      const peakKw = Math.max(kw, head.kw);
      head.jump = { since, beforeKw, peakKw, backSince: undefined, asked: isOpen ? asked : undefined };
      return { kind: 'began', at: since, beforeKw, peakKw: head.jump.peakKw };
    }
    if (isOpen && ageS < TELLS_S) return undefined;
    // What cannot be told from what a device did is asked again, at the next reading or when all stands still.
    const isUnsure = high - low > least / 2 || (mean !== undefined && middle - mean >= least);
    head.asked = undefined;
    head.isUnsure = isUnsure;
    const gapS = (asked.time - head.meanAt) / 1000;
    if (isUnsure && gapS < GAP_S) return undefined;
    head.mean = mean === undefined || isUnsure ? middle : mean + (middle - mean) * (1 - Math.exp(-gapS / FOLLOWS_S));
    head.meanAt = asked.time;
    return undefined;
  }

  /** How large a jump was, once its devices have told: one that does less since is taken to have met the jump, and to have done more then. */
  #refined(
    { jump, mean = 0 }: Head,
    { devices }: Place,
    { time, own }: { readonly time: number; readonly own: readonly Told[] },
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

  /** How a jump goes on. */
  #went(
    head: Head,
    { time, own, isRead }: { readonly time: number; readonly own: readonly Told[]; readonly isRead: boolean },
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

const loadNow = ({ kw }: Pick<Head, 'kw'>, own: readonly Told[]): number =>
  kw - own.reduce((sum, each) => sum + (each?.value ?? 0), 0);

/** What a jump is at the least, kW. */
const leastOf = ({ limitKw }: Place, mean: number): number =>
  Math.max((limitKw ?? 0) * LEAST.ofLimit, LEAST.ofLoad * Math.abs(mean), 1);

const askedOf = (
  { time, kw }: Pick<Asked, 'time' | 'kw'>,
  {
    before,
    now,
    isJump,
  }: { readonly before: readonly Told[]; readonly now: readonly Told[]; readonly isJump: boolean },
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

/** The least and the most load that a reading of the head leaves, kW, and whether a device may still tell what it did. */
function loadOf(
  asked: Asked,
  own: readonly Told[],
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
