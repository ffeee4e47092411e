import { eventSays, type EventForm } from '../../shared/sentences/event-forms.ts';
import { DEAD_PU, finite, type DeviceImage, type Image } from '../control/image.ts';
import { TRANSFORMER } from '../control/model.ts';
import type { Condition } from './alarms.ts';
import { deviceFlows } from './flows.ts';
import type { Site, StepResult } from './step-types.ts';

interface Now {
  /** As the meters read. In the image that control uses, a head considered dead is silent. */
  readonly image: Image;
  readonly site: Pick<Site, 'specs' | 'elements'>;
  /** Meters known to read wrong. */
  readonly liars: StepResult['liars'];
}

/** A head that carries less than this share of its rating carries nothing. */
const NOTHING = 1e-4;
/** Averaging time for what a head carried and for the rest of the transformer's load, ms. */
const MEAN_MS = 30_000;
/** A breaker may reclose by itself within this time, ms. */
const RECLOSED_MS = 10_000;
/** After this the rest of the load has drifted too far to show what became of this head's load, ms. */
const FINAL_AFTER_MS = 60_000;
/** The rest of the load afterwards is averaged over at least this long, ms. */
const WEIGHED_MS = 5000;
/** Uncertainty of the rest of the load, as a share of the sum of all meter readings. */
const UNKNOWN_SHARE = 0.02;
/** Where silence is the only sign, the head must have carried this multiple of "nothing"; an idle head looks no different when dark. */
const CLEARLY = 10;
/** A device not heard for this long after the start does not answer, ms. */
const FIRST_HEARD_MS = 60_000;

/** What is known about a head, kW. */
interface Head {
  /** What the head carried, and what the transformer carried beside all heads at that time; undefined if unknown. */
  carriedKw?: number;
  besideKw?: number;
  /** Plant time since which the head carries nothing, ms UTC. */
  since?: number;
  /** What the transformer carries beside all heads since then: sum of kW x ms, and the ms. A single reading may be noise. */
  after?: { kwMs: number; ms: number };
  /** Whether the transformer lost the head's load; null: not known yet; undefined: cannot be determined. */
  fell?: boolean | null | undefined;
  /** The evidence that it is dark. */
  dark?: EventForm<'LS-FEEDER-001'> | undefined;
}

/**
 * Detects feeders without voltage. A head that carries nothing may have a dead meter or an open breaker; the devices behind it show
 * which. A device that still measures settles it at once, and so does the breaker's state where it is read. Usually the devices
 * have lost power too: then none answers, and the transformer has lost the head's load. A measured finding, or one read from the
 * breaker, stands until the head carries load again or one of its devices has voltage. An inferred finding stands while all of its
 * evidence holds.
 */
export class DarkFeeders {
  readonly #heads = new Map<string, Head>();

  /** Returns the conditions; those of a dark feeder's own devices and meter are replaced by the one that explains them. */
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
      // After the clock was set back the wait starts over; otherwise all new measurements would look older than the outage.
      if ((head.since ?? Infinity) > image.time) head.since = image.time;
    }
    const { since } = head;
    // A head that never read zero cannot be dark. One that did may have gone silent since.
    if (since === undefined) return;
    head.fell = wentWith(head, since, now);
    const own = now.site.specs
      .filter(({ feeder }) => feeder === id)
      .map((spec) => ({ spec, seen: image.devices.get(spec.id) }));
    // A value measured before `since` says nothing about the outage, whenever it arrived.
    const reporting = own.filter(({ seen }) => seen?.fresh === true && (seen.lastSeen ?? 0) > since);
    const voltages = reporting.flatMap(({ seen }) => (finite(seen?.voltagePu) ? [seen.voltagePu] : []));
    const isLive = reporting.some(
      ({ seen, spec: { rating } }) => !finite(seen?.voltagePu) && deviceFlows(seen!, rating),
    );
    if (isLive || voltages.some((voltage) => voltage >= DEAD_PU)) {
      delete head.dark;
      return;
    }
    const closed = meter?.fresh === true ? meter.closed : null;
    if (head.dark === MEASURED || (head.dark === OPEN && closed !== 1)) return;
    // The breaker of a spare feeder stays open permanently.
    const isOpened = closed === 0 && head.carriedKw !== undefined;
    if (voltages.length > 0) head.dark = MEASURED;
    else if (isOpened) head.dark = OPEN;
    else if (reporting.length > 0 || image.time - since < RECLOSED_MS) delete head.dark;
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

/** Combines the evidence for a head that carries nothing while no device behind it is heard. */
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
  // A device that has not been due for a reading since then proves nothing. Without evidence from the transformer, at least half
  // must be silent.
  if (silent.length === 0) return undefined;
  const isClear = Math.abs(carriedKw) >= CLEARLY * nothingKw && 2 * silent.length >= devices.length;
  if (fell === undefined && !isClear) return undefined;
  return fell === true
    ? '{head} carries nothing, the load of the transformer fell by as much and no device behind it answers: the feeder seems dark'
    : '{head} carries nothing and no device behind it answers: the feeder seems dark';
}

/** Records what a head carries. */
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
 * Whether the transformer lost the head's load. If so, the rest of its load is unchanged; if only the head's meter is dead, the
 * rest grows by the head's load. The finding is final after `FINAL_AFTER_MS`.
 */
function wentWith(head: Head, since: number, now: Now): Head['fell'] {
  const { carriedKw, besideKw, fell } = head;
  const forMs = now.image.time - since;
  const known = fell ?? undefined;
  const read = besideHeads(now);
  if (carriedKw === undefined || besideKw === undefined || read === undefined || forMs > FINAL_AFTER_MS) return known;
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
  /** Sum of the magnitudes of all readings used, kW. */
  readonly readKw: number;
  /** Plant time of the oldest reading used, ms UTC. */
  readonly oldest: number;
}

/** What the transformer carries beside its heads; undefined if a meter reads wrong or is silent. */
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
