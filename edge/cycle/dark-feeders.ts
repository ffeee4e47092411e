import { eventSays, type EventForm } from '../../shared/sentences/event-forms.ts';
import { DEAD_PU, finite, type DeviceImage, type Image } from '../control/image.ts';
import { TRANSFORMER } from '../control/model.ts';
import type { Condition } from './alarms.ts';
import { deviceFlows } from './flows.ts';
import type { Site, StepResult } from './step-types.ts';

interface Now {
  /** As the meters read it: a head that is held for dead is silent in what control sees. */
  readonly image: Image;
  readonly site: Pick<Site, 'specs' | 'elements'>;
  /** Meters that are known to lie. */
  readonly liars: StepResult['liars'];
}

/** A head that carries less than this share of its rating carries nothing. */
const NOTHING = 1e-4;
/** What a head carried, and what the transformer carries beside its heads, are means over so long, ms. */
const MEAN_MS = 30_000;
/** A breaker may close by itself again sooner than this, ms. */
const RECLOSED_MS = 10_000;
/** After this the load beside the heads has moved too far to tell from it what became of theirs, ms. */
const TOLD_BY_MS = 60_000;
/** What the transformer carries beside its heads afterwards is told from a mean over at least so long, ms. */
const WEIGHED_MS = 5000;
/** Of all that its meters read, what the transformer carries beside its heads is not known more finely. */
const UNKNOWN_SHARE = 0.02;
/** Where only silence tells, the head must have carried so many times of nothing: one that idles is as before. */
const CLEARLY = 10;
/** After the start, a device that has not been heard for so long does not answer, ms. */
const FIRST_HEARD_MS = 60_000;

/** What is known of a head, kW. */
interface Head {
  /** What it carried, and the transformer beside all heads then; undefined: not known. */
  carriedKw?: number;
  besideKw?: number;
  /** Plant time since which it carries nothing, ms UTC. */
  since?: number;
  /** The transformer beside all heads since then: the sum of kW x ms, and the ms. One reading may be noise. */
  after?: { kwMs: number; ms: number };
  /** Whether the transformer's load went with its own; null: not known yet; undefined: it cannot be told. */
  fell?: boolean | null | undefined;
  /** How it is known to be dark. */
  dark?: EventForm<'LS-FEEDER-001'> | undefined;
}

/**
 * Feeders without voltage. A head that carries nothing may have a dead meter as well as an open breaker. The devices behind it tell: one
 * that still measures says it at once, and so does the state of the breaker where it is read. Mostly they have lost their power too: then
 * none of them answers, and the transformer has lost what the head carried. What was measured, or read of the breaker, stands until the
 * head carries something again or a device of it has voltage. What was inferred stands for as long as all of it holds.
 */
export class DarkFeeders {
  readonly #heads = new Map<string, Head>();

  /** The conditions, with those of a dark feeder's own devices and meter replaced by the one that explains them. */
  explain(conditions: readonly Condition[], now: Now): Condition[] {
    for (const { id, ratedKva } of now.site.elements)
      if (id !== TRANSFORMER) this.#look(id, NOTHING * (ratedKva ?? 1000), now);
    const dark = [...this.#heads].flatMap(([head, { dark: form }]) => (form === undefined ? [] : [{ head, form }]));
    if (dark.length === 0) return [...conditions];
    const heads = new Set<string | null>(dark.map(({ head }) => head));
    const behind = new Set([...heads, ...now.site.specs.flatMap(({ id, feeder }) => (heads.has(feeder) ? [id] : []))]);
    return [
      ...conditions.filter(({ device }) => device === undefined || !behind.has(device)),
      ...dark.map(conditionOf),
    ];
  }

  #look(id: string, nothingKw: number, now: Now): void {
    const { image } = now;
    const head = this.#heads.get(id) ?? {};
    this.#heads.set(id, head);
    const meter = image.elements.get(id);
    if (meter?.fresh === true && finite(meter.activePowerKw)) {
      if (Math.abs(meter.activePowerKw) + Math.abs(meter.reactivePowerKvar ?? 0) > nothingKw) {
        carries(head, meter.activePowerKw, now);
        return;
      }
      // Of a clock that was set back it begins anew: all that is measured from here on would seem to be of before.
      if ((head.since ?? Infinity) > image.time) head.since = image.time;
    }
    const { since } = head;
    // A head that was never seen without power is none that can be dark; one that was may be silent since.
    if (since === undefined) return;
    head.fell = wentWith(head, since, now);
    const own = now.site.specs
      .filter(({ feeder }) => feeder === id)
      .map((spec) => ({ spec, seen: image.devices.get(spec.id) }));
    // What was measured before says nothing of it, whenever it came.
    const told = own.filter(({ seen }) => seen?.fresh === true && (seen.lastSeen ?? 0) > since);
    const voltages = told.flatMap(({ seen }) => (finite(seen?.voltagePu) ? [seen.voltagePu] : []));
    const isLive = told.some(({ seen, spec: { rating } }) => !finite(seen?.voltagePu) && deviceFlows(seen!, rating));
    if (isLive || voltages.some((voltage) => voltage >= DEAD_PU)) {
      delete head.dark;
      return;
    }
    const closed = meter?.fresh === true ? meter.closed : null;
    if (head.dark === MEASURED || (head.dark === OPEN && closed !== 1)) return;
    // The breaker of a spare feeder is open for good.
    const isOpened = closed === 0 && head.carriedKw !== undefined;
    if (voltages.length > 0) head.dark = MEASURED;
    else if (isOpened) head.dark = OPEN;
    else if (told.length > 0 || image.time - since < RECLOSED_MS) delete head.dark;
    else {
      const devices = own.map(({ seen }) => seen);
      head.dark = inferred(head, devices, { forMs: image.time - since, nothingKw });
    }
  }
}

const MEASURED: EventForm<'LS-FEEDER-001'> =
  '{head} carries nothing and no device behind it has voltage: the feeder is dark';

const OPEN: EventForm<'LS-FEEDER-001'> =
  'the breaker of {head} is open and it carries nothing: the feeder is dark, unless it is fed from elsewhere';

/** What all signs together say of a head that carries nothing while nothing behind it is heard. */
function inferred(
  { fell, carriedKw = 0 }: Head,
  devices: readonly (DeviceImage | undefined)[],
  { forMs, nothingKw }: { readonly forMs: number; readonly nothingKw: number },
): EventForm<'LS-FEEDER-001'> | undefined {
  if (fell === false || fell === null) return undefined;
  const silent = devices.filter(
    (seen) =>
      seen !== undefined && !seen.fresh && seen.excused !== true && (seen.lastSeen !== null || forMs >= FIRST_HEARD_MS),
  );
  if (devices.length === 0)
    return fell === true
      ? '{head} carries nothing and the load of the transformer fell by as much: the feeder seems dark, or is fed from elsewhere'
      : undefined;
  // A meter whose turn has not come since says nothing; without the transformer most of them have to be silent.
  if (silent.length === 0) return undefined;
  const isClear = Math.abs(carriedKw) >= CLEARLY * nothingKw && 2 * silent.length >= devices.length;
  if (fell === undefined && !isClear) return undefined;
  return fell === true
    ? '{head} carries nothing, the load of the transformer fell by as much and no device behind it answers: the feeder seems dark'
    : '{head} carries nothing and no device behind it answers: the feeder seems dark';
}

/** Notes what a head carries. */
function carries(head: Head, activePowerKw: number, now: Now): void {
  const share = Math.min(1, (1000 * now.image.stepS) / MEAN_MS);
  const mean = (before: number | undefined, now: number): number =>
    before === undefined ? now : before + share * (now - before);
  head.carriedKw = mean(head.carriedKw, activePowerKw);
  const beside = besideHeads(now);
  if (beside !== undefined) head.besideKw = mean(head.besideKw, beside.kw);
  delete head.since;
  delete head.after;
  delete head.fell;
  delete head.dark;
}

/**
 * Whether the transformer's load went with that of a head. If it did, the transformer carries beside its heads what it carried before; if
 * only the head's meter is dead, it carries the head's load too. What is found may change for as long as it is looked at.
 */
function wentWith(head: Head, since: number, now: Now): Head['fell'] {
  const { carriedKw, besideKw, fell } = head;
  const forMs = now.image.time - since;
  const known = fell ?? undefined;
  const read = besideHeads(now);
  if (carriedKw === undefined || besideKw === undefined || read === undefined || forMs > TOLD_BY_MS) return known;
  if (Math.abs(carriedKw) < 2 * UNKNOWN_SHARE * read.readKw) return known;
  const { after = { kwMs: 0, ms: 0 } } = head;
  head.after = after;
  if (read.oldest > since) {
    const stepMs = 1000 * now.image.stepS;
    after.kwMs += read.kw * stepMs;
    after.ms += stepMs;
  }
  if (forMs < RECLOSED_MS || after.ms < WEIGHED_MS) return known ?? null;
  return (after.kwMs / after.ms - besideKw) / carriedKw < 0.5;
}

interface Beside {
  readonly kw: number;
  /** All that was read for it, kW. */
  readonly readKw: number;
  /** Plant time of the oldest of its readings, ms UTC. */
  readonly oldest: number;
}

/** What the transformer carries beside its heads; undefined where a meter lies or is silent. */
function besideHeads({ image: { elements }, liars }: Now): Beside | undefined {
  let [kw, readKw, oldest] = [0, 0, Infinity];
  if (!elements.has(TRANSFORMER)) return undefined;
  for (const { id, fresh, lastSeen, activePowerKw } of elements.values()) {
    if (!fresh || !finite(activePowerKw) || liars[id] !== undefined) return undefined;
    kw += id === TRANSFORMER ? activePowerKw : -activePowerKw;
    readKw += Math.abs(activePowerKw);
    oldest = Math.min(oldest, lastSeen ?? 0);
  }
  return { kw, readKw, oldest };
}

const conditionOf = ({
  head,
  form,
}: {
  readonly head: string;
  readonly form: EventForm<'LS-FEEDER-001'>;
}): Condition => ({
  key: `dark:${head}`,
  severity: 'high',
  ...eventSays('LS-FEEDER-001', form, { head }),
  device: head,
});
