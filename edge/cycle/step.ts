import type { PowerRange } from '../../shared/contracts/plan.ts';
import { arbitrate, type TargetContext, type Wish } from '../control/arbitrate.ts';
import { defaultShares } from '../control/envelope.ts';
import { DEAD_PU, finite, type DeviceImage, type ElementImage, type Image } from '../control/image.ts';
import { gridRange } from '../control/grid-limit.ts';
import { failsafe, rungOf } from '../control/ladder.ts';
import { checkMeter, faultyMetersOf, mended } from '../control/meter-check.ts';
import { freeKw, TRANSFORMER, reliefCost, type DeviceSpec } from '../control/model.ts';
import { ownPlan } from '../control/own-plan.ts';
import { planStep, watchPlan } from '../control/plan-follower.ts';
import { actsOn, agedBy, modeOf, stands, type ControlState } from '../control/state.ts';
import { contractShares } from '../safety/connection-point.ts';
import { guard } from '../safety/guard.ts';
import type { GuardLever, GuardResult } from '../safety/guard-types.ts';
import { emptyGuardState, type RunState } from '../control/safety-memory.ts';
import { inSpans, withReserve } from '../safety/reserve.ts';
import { gridList, watchList } from '../safety/watch-list.ts';
import { abilityOf, within } from '../safety/clamp.ts';
import { runLayer, runOf } from '../safety/run-time.ts';
import { thermalLimit, type ThermalLimit } from '../safety/thermal-limit.ts';
import { recentSignChanges } from './as-configured.ts';
import { towardsRest } from './before-restore.ts';
import { decide } from './decide.ts';
import { lastSets } from './last-set.ts';
import { deviceFlows, flows } from './flows.ts';
import { plannedEnvelopes } from './planned-envelopes.ts';
import type { Site, StepInput, StepResult } from './step-types.ts';

/** Bounds of the random delay after a dead busbar, s. */
const RETURN_S = { least: 10, most: 60 } as const;

/**
 * One cycle as a pure function: image and control state in, setpoints and new state out. Wishes come first (who wants what), then
 * safety (guard, grid limit, envelope, ratings), which has the last word.
 */
export function step(input: StepInput): StepResult {
  const { plan } = input;
  const state = ran(aged(input.state, input), input);
  const awaitsState = input.isRestored === false;
  const site = awaitsState ? towardsRest(input.site, { state, image: input.image }) : raised(input.site, state);
  const { [TRANSFORMER]: _, ...headFindings } = state.liars ?? {};
  const meterCheck = checkMeter(state.meterCheck, mended(input.image, headFindings), {
    ratedKva: ratingOf(site),
    behindKw: behindHeads(site.specs, input.image),
  });
  const liars = faultyMetersOf(meterCheck, state.liars);
  const image = mended(input.image, liars);
  const index = plan === null ? null : planStep(plan, image.time);
  const watch =
    plan === null || index === null
      ? state.watch
      : watchPlan(plan, index, image, { watch: state.watch, topologyVersion: site.topologyVersion });
  const refused = state.judged?.verdict === 'refused' && state.judged.plan === plan?.body.id;
  const held = plan !== null && index !== null && watch.letGo === null && !refused;
  const followed = held && plan !== null && index !== null ? { document: plan, step: index } : null;
  const lost = state.heartbeatAgeS > site.heartbeatLostS;
  const reserved = site.specs.map((spec) => withReserve(spec, site.reserveS));
  const own = followed === null && lost ? ownTargets(input, { image, specs: reserved }) : new Map<string, number>();
  const ours = site.topologyVersion ?? plan?.body.assumptions.topologyVersion;
  const map = plan !== null && plan.body.assumptions.topologyVersion === ours ? plan.body : null;
  const context: TargetContext = { time: image.time, mode: state.mode, state, plan: followed, ownPlan: own };
  const wishes = new Map(
    site.specs.map((spec) => {
      const isWatched = followed === null && lost && isSeen(spec, { site, image });
      return [spec.id, arbitrate(spec, { ...context, mode: modeOf(state, spec.feeder), isWatched, awaitsState })];
    }),
  );
  const shown = isOnlyShown(site, state);
  const watching = idsOf(site.specs, ({ feeder }) => !shown && !actsOn(state, feeder));
  const barred = idsOf(site.specs, ({ id }) => wishes.get(id)!.barred);
  const uncommanded = new Set([...watching, ...barred]);
  const leverSite = { image, state, wishes, uncommanded };
  const { levers, idle } = leversOf(site.specs, leverSite);
  const thermal = thermalOf(site, image, state);
  const thermalKva = thermal?.maxKva ?? null;
  const inForce = followed !== null;
  const watched = { elements: site.elements, specs: site.specs, image, map, inForce, thermalKva };
  const cycle = { settings: site.guard, stepS: image.stepS };
  // When no device follows, the guard starts from scratch each cycle and shows what it would do.
  const before = shown ? emptyGuardState() : null;
  const limits = watchList(watched);
  const { levers: spare, idle: idleSpare } = leversOf(reserved, leverSite);
  const guarded: GuardResult = guard(limits, levers, before ?? state.guard, { ...cycle, spare, idle });
  const limit = gridRange(site.elements.find(({ id }) => id === TRANSFORMER)?.failsafe ?? null, state, image.time);
  const grid = guard(gridList(watched, limit), spare, inSpans(before ?? state.grid, spare), {
    ...cycle,
    terminals: limits,
    whole: levers,
    idle: idleSpare,
  });
  const { returnS, dead } = busbar(state.returnS, input);
  const returns = terminals(state.returns ?? {}, input);
  const sharesWithout = (those: ReadonlySet<string>): ReadonlyMap<string, PowerRange> =>
    defaultShares(site.specs, { image, uncommanded: those }, site.envelope.default);
  const shares = sharesWithout(uncommanded);
  // A device in monitor shows the share it would get if it were commanded.
  const shownShares = watching.size === 0 ? shares : sharesWithout(barred);
  const planned =
    followed === null
      ? new Map<string, PowerRange>()
      : plannedEnvelopes(site, { image, uncommanded }, followed, wishes);
  const contracts = contractShares(site.points, site.specs, {
    image,
    uncommanded,
    wish: (device) => {
      const { kw = null, free = false } = wishes.get(device) ?? {};
      const range = planned.get(device);
      return { kw: kw === null || range === undefined ? kw : within(kw, range), free };
    },
  });
  const beforeRelief = beforeReliefOf(site.specs, { state, image, bounded: [guarded, grid] });
  const outcomes = site.specs.map((spec) =>
    decide(
      { ...spec, contract: contracts.get(spec.id) ?? spec.contract },
      {
        wish: wishes.get(spec.id)!,
        planned: planned.get(spec.id),
        image,
        state,
        site,
        plan: followed,
        share: (watching.has(spec.id) ? shownShares : shares).get(spec.id),
        guard: guarded,
        grid,
        beforeReliefKw: beforeRelief[spec.id] ?? null,
        hold: dead || (returnS ?? 0) > 0 || spec.id in returns,
      },
    ),
  );
  return {
    state: {
      ...state,
      savedAt: image.time,
      watch,
      meterCheck,
      guard: before ?? guarded.state,
      grid: before ?? grid.state,
      ...(thermal === null ? {} : { thermal: thermal.memory }),
      told: Object.fromEntries(outcomes.map(({ decision, commandedKw }) => [decision.device, commandedKw])),
      toldKvar: Object.fromEntries(outcomes.map(({ decision, commandedKvar }) => [decision.device, commandedKvar])),
      beforeReliefKw: beforeRelief,
      lastSet: lastSets(state, outcomes, { specs: site.specs, time: image.time }),
      envelopes: Object.fromEntries(
        outcomes.flatMap(({ decision }) => (decision.envelope === null ? [] : [[decision.device, decision.envelope]])),
      ),
      returnS: dead ? returnS : returnS === 0 ? null : returnS,
      returns,
    },
    image,
    decisions: outcomes.map(({ decision }) => decision),
    rung: rungOf({
      planInForce: followed !== null,
      ownPlan: own.size > 0,
      failsafeActive: state.failsafe.active,
      heartbeatLost: lost,
    }),
    planStep: index,
    passed: [...guarded.passed, ...grid.passed],
    interventions: [...guarded.interventions, ...grid.interventions],
    shown,
    silent: guarded.silent,
    findings: [...guarded.findings, ...grid.findings],
    reliefKw: outcomes.reduce((sum, { decision }) => sum + decision.reliefKw, 0),
    liars,
    guardActive: guarded.ranges.size + grid.ranges.size > 0,
    deadBus: dead,
    thermal,
  };
}

/** The transformer's limit by its hot spot; null: its rating applies. */
function thermalOf(site: Site, image: Image, state: ControlState): ThermalLimit | null {
  const { thermal = null, ratedKva = null } = site.elements.find(({ id }) => id === TRANSFORMER) ?? {};
  if (thermal === null || ratedKva === null) return null;
  const seen = image.elements.get(TRANSFORMER);
  const known = seen?.fresh === true && finite(seen.activePowerKw);
  return thermalLimit(state.thermal ?? null, {
    ratedKva,
    kva: known ? Math.hypot(seen.activePowerKw ?? 0, seen.reactivePowerKvar ?? 0) : null,
    ambientC: image.ambientC ?? thermal.ambientC,
    stepS: image.stepS,
  });
}

/** Advances timers by the length of the step and removes what has expired. */
function aged(state: ControlState, { site, image }: StepInput): ControlState {
  const { stepS, time } = image;
  const { countsSince, ...rest } = state;
  const heartbeatAgeS = Math.min(1e9, state.heartbeatAgeS + stepS);
  const gridLimit = state.gridLimit === null ? null : { ...state.gridLimit, ageS: state.gridLimit.ageS + stepS };
  return {
    ...rest,
    heartbeatAgeS,
    gridLimit,
    ...recentSignChanges(countsSince, time),
    failsafe: failsafe(state.failsafe, {
      heartbeatAgeS,
      lostAfterS: site.heartbeatLostS,
      gridLimitAgeS: gridLimit?.ageS ?? null,
      stepS,
    }),
    manual: state.manual.filter(({ expiresAt }) => expiresAt > time),
    overrides: state.overrides.map(agedBy(stepS)).filter((each) => stands(each, time)),
    ...(state.emergency === undefined
      ? {}
      : { emergency: state.emergency.map(agedBy(stepS)).filter((each) => stands(each, time)) }),
  };
}

/** Tracks whether devices with minimum on and off times run, by their setpoints and measurements. */
function ran(state: ControlState, { site, image }: StepInput): ControlState {
  const runs: Record<string, RunState> = {};
  for (const spec of site.specs) {
    if (spec.run === null) continue;
    const device = image.devices.get(spec.id);
    const run = runOf(state.runs?.[spec.id], spec, {
      commandedKw: state.told[spec.id] ?? null,
      seenKw: device?.fresh === true && finite(device.activePowerKw) ? device.activePowerKw : null,
      stepS: image.stepS,
    });
    if (run !== undefined) runs[spec.id] = run;
  }
  return { ...state, runs };
}

/** The site with temporarily raised limits. They never exceed the site's own emergency limits, and ratings are never raised. */
function raised(site: Site, { emergency = [] }: ControlState): Site {
  if (emergency.length === 0) return site;
  const elements = site.elements.map((element) => {
    const isRaised = emergency.some((each) => each.element === element.id);
    return isRaised && element.emergency ? { ...element, range: element.emergency, raised: true } : element;
  });
  return { ...site, elements };
}

/** Measured power of each device when guard and grid limit last left it alone, kW. */
function beforeReliefOf(
  specs: readonly DeviceSpec[],
  {
    state: { beforeReliefKw = {} },
    image,
    bounded,
  }: Pick<StepInput, 'state' | 'image'> & { readonly bounded: readonly GuardResult[] },
): Record<string, number> {
  return Object.fromEntries(
    specs.flatMap(({ id, lever }) => {
      const known = beforeReliefKw[id];
      const { fresh = false, activePowerKw } = image.devices.get(id) ?? {};
      const now = fresh && finite(activePowerKw) ? activePowerKw : undefined;
      const kw = bounded.some(({ ranges }) => ranges.has(`${id}:p`)) ? (known ?? now) : (now ?? known);
      return lever === 'none' || kw === undefined ? [] : [[id, kw] as const];
    }),
  );
}

function ownTargets(
  { site, forecast }: StepInput,
  { image, specs }: { readonly image: Image; readonly specs: readonly DeviceSpec[] },
): ReadonlyMap<string, number> {
  const limit = site.elements.find(({ id }) => id === TRANSFORMER)?.range;
  if (forecast === null || limit === undefined || !Number.isFinite(limit.maxKw)) return new Map();
  return ownPlan(forecast, specs, image, limit);
}

/**
 * Whether all limits that the device affects are measured: at its terminal, at the head of its feeder and at the transformer, each
 * of which must have a limit. With a contract, everything behind the customer's meter must be heard too.
 */
function isSeen(
  { id, feeder, lever, voltageBand }: DeviceSpec,
  { site, image }: Pick<StepInput, 'site' | 'image'>,
): boolean {
  const elements = site.elements.filter((each) => each.id === TRANSFORMER || each.id === feeder);
  const point = site.points.find(({ commanded }) => commanded.includes(id));
  const { contract = { minKw: -Infinity, maxKw: Infinity }, commanded = [], read = [], meter = null } = point ?? {};
  const isBound = Number.isFinite(contract.minKw) || Number.isFinite(contract.maxKw);
  const behind = isBound ? [...commanded, ...read, ...(meter === null ? [] : [meter])] : [];
  const end = lever === 'export-limit' ? 'minKw' : 'maxKw';
  const isHeard = (seen: DeviceImage | ElementImage | undefined): boolean =>
    seen?.fresh === true && finite(seen.activePowerKw);
  return (
    voltageBand !== null &&
    finite(image.devices.get(id)?.voltagePu) &&
    elements.length === (feeder === null ? 1 : 2) &&
    elements.every(
      ({ id: element, range, ratedKva, currentA }) =>
        (Number.isFinite(range[end]) || ratedKva !== null || currentA !== null) && isHeard(image.elements.get(element)),
    ) &&
    [id, ...behind].every((device) => isHeard(image.devices.get(device)))
  );
}

/** Power of the devices behind each feeder head, kW, where all of them are heard. */
function behindHeads(specs: readonly DeviceSpec[], { devices }: Image): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { id, feeder, type } of specs) {
    if (type === 'meter' || type === 'tap-changer') continue;
    const { fresh = false, activePowerKw } = devices.get(id) ?? {};
    if (feeder !== null)
      sums[feeder] = (sums[feeder] ?? 0) + (fresh && finite(activePowerKw) ? activePowerKw : Number.NaN);
  }
  return Object.fromEntries(Object.entries(sums).filter(([, kw]) => finite(kw)));
}

const ratingOf = ({ elements }: Site): number | null => {
  const transformer = elements.find(({ id }) => id === TRANSFORMER);
  if (transformer === undefined) return null;
  return transformer.ratedKva ?? (Number.isFinite(transformer.range.maxKw) ? transformer.range.maxKw : null);
};

/** No device is commanded under the modes of gateway and feeders. */
function isOnlyShown({ specs }: Site, state: ControlState): boolean {
  const commanded = specs.filter(({ lever }) => lever !== 'none');
  return commanded.length === 0 ? state.mode === 'monitor' : !commanded.some(({ feeder }) => actsOn(state, feeder));
}

const idsOf = (specs: readonly DeviceSpec[], is: (spec: DeviceSpec) => boolean): ReadonlySet<string> =>
  new Set(specs.filter(is).map(({ id }) => id));

interface LeverSite {
  readonly image: Image;
  readonly state: ControlState;
  readonly wishes: ReadonlyMap<string, Wish>;
  readonly uncommanded: ReadonlySet<string>;
}

/**
 * The guard's levers: fresh devices that may be commanded. Each has active power, and reactive power if the device takes it. Those
 * of all other devices are idle.
 */
function leversOf(specs: readonly DeviceSpec[], site: LeverSite): { levers: GuardLever[]; idle: GuardLever[] } {
  const all = specs.filter(({ lever }) => lever !== 'none').flatMap((spec) => bothOf(spec, site));
  const isUsed = ({ device, value }: GuardLever): boolean => {
    const seen = site.image.devices.get(device);
    return !site.uncommanded.has(device) && seen?.fresh === true && finite(seen.activePowerKw) && finite(value);
  };
  // No move of an idle lever is expected, so its value is unknown.
  const idle = all.filter((lever) => !isUsed(lever)).map((lever) => ({ ...lever, value: Number.NaN }));
  return { levers: all.filter(isUsed), idle };
}

function bothOf(spec: DeviceSpec, { image, state, wishes }: LeverSite): GuardLever[] {
  const device = image.devices.get(spec.id);
  const run = runLayer(spec, state.runs?.[spec.id], state.told[spec.id] ?? null);
  const now = { socPct: device?.socPct ?? null, run };
  const { wholeRating } = spec;
  const power: GuardLever = {
    key: `${spec.id}:p`,
    device: spec.id,
    kind: 'p',
    value: device?.activePowerKw ?? Number.NaN,
    ageS: device?.powerAgeS ?? Infinity,
    commanded: state.told[spec.id] ?? null,
    span: floored(spec, now),
    ...(wholeRating === undefined ? {} : { soon: floored({ ...spec, rating: wholeRating }, now) }),
    moves: spec.lever === 'export-limit' ? 'up' : spec.lever === 'import-limit' ? 'down' : 'both',
    safe: spec.safeKw,
    goal: wishes.get(spec.id)?.kw ?? (spec.lever === 'power' ? spec.safeKw : freeKw(spec)),
    cost: reliefCost(spec),
    ...(Number.isFinite(spec.rampKwPerS) ? { rampKwPerS: spec.rampKwPerS } : {}),
  };
  if (spec.maxReactiveKvar <= 0) return [power];
  const { rampKwPerS: _, ...active } = power;
  const kvar: GuardLever = {
    ...active,
    key: `${spec.id}:q`,
    kind: 'q',
    value: device?.reactivePowerKvar ?? Number.NaN,
    commanded: state.toldKvar[spec.id] ?? null,
    span: { minKw: -spec.maxReactiveKvar, maxKw: spec.maxReactiveKvar },
    moves: 'both',
    safe: 0,
    goal: wishes.get(spec.id)?.kvar ?? 0,
    cost: 0.2,
  };
  return [power, kvar];
}

/** The guard's span: what the device can do without going below the customer's floor. */
function floored(spec: DeviceSpec, now: Parameters<typeof abilityOf>[1]) {
  const { minKw, maxKw } = abilityOf(spec, now);
  if (spec.floorKw <= 0) return { minKw, maxKw };
  if (spec.lever === 'export-limit') return { minKw, maxKw: Math.max(minKw, Math.min(maxKw, -spec.floorKw)) };
  return { minKw: Math.min(maxKw, Math.max(minKw, spec.floorKw)), maxKw };
}

/**
 * On a dead busbar nothing is commanded. After voltage returns a random delay precedes the first command. A busbar that carries
 * power has voltage, whatever its voltage measurement says.
 */
function busbar(returnS: number | null, { image, site, chance }: StepInput): { returnS: number | null; dead: boolean } {
  const meter = image.elements.get(TRANSFORMER);
  const isOff = meter?.fresh === true && finite(meter.voltagePu) && meter.voltagePu < DEAD_PU;
  const dead = isOff && ![...image.elements.values()].some((each) => each.fresh && carries(each, site));
  if (dead) return { returnS: returnS ?? delay(chance), dead };
  return { returnS: returnS === null ? null : Math.max(0, returnS - image.stepS), dead };
}

const carries = (seen: ElementImage, { elements }: Site): boolean => {
  const spec = elements.find(({ id }) => id === seen.id);
  return spec !== undefined && flows(seen, spec);
};

const delay = (chance: number): number => RETURN_S.least + chance * (RETURN_S.most - RETURN_S.least);

/** Neither voltage nor power. A device that carries power has voltage, whatever its meter says. */
const isDead = (device: DeviceImage, rating: PowerRange): boolean =>
  finite(device.voltagePu) && device.voltagePu < DEAD_PU && !deviceFlows(device, rating);

/** Devices without voltage, for example on a dark feeder, and what is left of their delays. The delay of a silent device does not run. */
function terminals(
  before: Readonly<Record<string, number>>,
  { site, image, chance }: StepInput,
): Record<string, number> {
  const left: Record<string, number> = {};
  for (const { id, rating } of site.specs) {
    const device = image.devices.get(id);
    const known = before[id];
    if (device?.fresh !== true) {
      if (known !== undefined) left[id] = known;
    } else if (isDead(device, rating)) left[id] = known ?? delay(chance);
    else if (known !== undefined && known > image.stepS) left[id] = known - image.stepS;
  }
  return left;
}
