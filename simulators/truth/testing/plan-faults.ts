import * as fc from 'fast-check';
import { catalogue as dutch } from '../../../cloud/dashboard/web/words/nl/index.ts';
import { sentenceText } from '../../../shared/sentences/sentences.ts';
import type { DeviceImage } from '../../../edge/control/image.ts';
import { signedKw, type DeviceSpec } from '../../../edge/control/model.ts';
import { planSetpoint } from '../../../edge/control/plan-follower.ts';
import { initialState } from '../../../edge/control/state.ts';
import { batterySpec, evSpec, pvSpec } from '../../../edge/control/testing/specs.ts';
import { device as deviceImage, image as imageOf } from '../../../edge/control/testing/images.ts';
import { step } from '../../../edge/cycle/step.ts';
import type { Decision, Site } from '../../../edge/cycle/step-types.ts';
import { planDocument } from '../../../edge/cycle/testing/documents.ts';
import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { RegionDevice } from '../../../shared/contracts/region.ts';
import { clearShare, planOf, randomCase, type Case } from '../../scenarios/testing/random-plan.ts';

export const STEPS_S = [300, 300, 900, 3600, 3600, 3600];

function specOf(one: RegionDevice): DeviceSpec {
  const common = {
    id: one.id,
    type: one.type,
    feeder: null,
    authority: one.authority,
    maxReactiveKvar: one.maxReactiveKvar ?? 0,
  };
  const most = one.activePowerKw ?? 0;
  if (one.type === 'battery')
    return batterySpec({
      ...common,
      apparentKva: null,
      rating: { minKw: -one.dischargeKw!, maxKw: one.chargeKw! },
      battery: { socMinPct: 10, socMaxPct: 90, capacityKwh: one.capacityKwh!, efficiency: 0.95 },
    });
  if (one.type === 'pv-inverter')
    return pvSpec({
      ...common,
      rating: { minKw: -most, maxKw: 0 },
      apparentKva: one.apparentPowerKva!,
      safeKw: -most / 2,
    });
  return evSpec({ ...common, rating: { minKw: 0, maxKw: most }, floorKw: one.floorKw!, safeKw: one.safeDefaultKw! });
}

/** Decisions of the gateway's whole cycle for each device and step of a plan, if every device does what the plan says. */
export function driven(drawn: Case, body: PlanBody): (readonly Decision[])[] {
  const { substation, now, facing, clearness } = drawn;
  const specs = substation.devices.filter(({ type }) => type !== 'tap-changer').map(specOf);
  const document = planDocument(body.horizon.start, body, { validUntil: now + 864e5 });
  const points = (body.connectionPoints ?? []).map(({ id, devices }) => {
    const stated = substation.connectionPoints?.find((one) => one.id === id);
    const contract = { minKw: -(stated?.exportKw ?? Infinity), maxKw: stated?.importKw ?? Infinity };
    return { id, commanded: devices, read: [], meter: null, contract };
  });
  const site: Site = {
    specs,
    elements: [],
    points,
    guard: { responseS: 2, marginPct: 1, releaseKwPerS: 5 },
    reserveS: 0,
    envelope: { default: { minKw: -3200, maxKw: 1800 }, narrowAfterS: 900, releaseKwPerS: 20 },
    heartbeatLostS: 120,
    topologyVersion: null,
    place: substation,
  };
  let state = {
    ...initialState('automatic', now),
    heartbeatAgeS: 0,
    failsafe: { active: false, heldS: 0, fromStart: false },
  };
  let time = body.horizon.start;
  return STEPS_S.map((stepS, index) => {
    const images = specs.map(({ id, type, lever }): [string, DeviceImage] => {
      const plan = body.devices.find(({ device }) => device === id)!;
      const commandedKw = signedKw(lever, planSetpoint(plan, index));
      const rated = substation.devices.find((one) => one.id === id)!.activePowerKw ?? 0;
      const sun = facing.get(id);
      const free =
        sun === undefined
          ? (drawn.readings[`${id}/wishedKw`] ?? 0)
          : -clearness * rated * clearShare(substation, sun, time);
      // The least that the plan counts on where it commands nothing. A failed forecast is no fault of the plan.
      const counted = commandedKw === undefined ? plan.envelope?.[index] : undefined;
      const does =
        type === 'pv-inverter' ? Math.min(free, counted?.maxKw ?? free) : Math.max(free, counted?.minKw ?? free);
      const kw =
        type === 'battery'
          ? commandedKw!
          : type === 'pv-inverter'
            ? Math.max(does, commandedKw ?? does)
            : Math.min(does, commandedKw ?? does);
      return deviceImage(id, { lastSeen: time, activePowerKw: kw, freeKw: does, socPct: plan.socPct?.[index] ?? 50 });
    });
    const decisions: Decision[] = [];
    // The first second of a step, and the steady state after it.
    for (const [cycle, cycleS] of [1, stepS - 2].entries()) {
      const result = step({
        site,
        image: imageOf({ time: time + cycle * 1000, stepS: cycleS, devices: new Map(images) }),
        state: { ...state, heartbeatAgeS: 0 },
        plan: document,
        forecast: null,
        chance: 0,
      });
      state = { ...result.state };
      decisions.push(...result.decisions);
    }
    time += stepS * 1000;
    return decisions;
  });
}

/** Faults of a plan, and of what its gateway makes of it. */
function faultsOf(drawn: Case, body: PlanBody): string[] {
  const faults: string[] = [];
  for (const plan of body.devices) {
    const spec = drawn.substation.devices.find(({ id }) => id === plan.device)!;
    if (plan.envelope === undefined) continue;
    for (const [index, { minKw, maxKw }] of plan.envelope.entries()) {
      const kw = signedKw(specOf(spec).lever, planSetpoint(plan, index));
      if (kw !== undefined && (kw < minKw || kw > maxKw))
        faults.push(`${plan.device} step ${index}: ${kw} kW not in ${minKw} to ${maxKw}`);
    }
  }
  for (const [index, decisions] of driven(drawn, body).entries())
    for (const { device, wishedKw, kw, limitedBy, reason } of decisions) {
      if (limitedBy !== 'envelope' && limitedBy !== 'contract') continue;
      const plan = body.devices.find((one) => one.device === device)!;
      const isFree = (plan.activePowerKw ?? plan.activePowerLimitKw)?.[index] === null;
      // A free device may use what the limits leave. The reason names the limit that ends it.
      if (isFree && !/^(cloud plan|No limit)/.test(reason)) continue;
      const { minKw, maxKw } = plan.envelope![index]!;
      faults.push(
        `${device} step ${index}: wished ${wishedKw}, ${kw} kW by its ${limitedBy} (${minKw} to ${maxKw}; ${reason})`,
      );
    }
  return faults;
}

export interface PlanFaults {
  readonly plans: number;
  /** Number of reasons that claim what a device does to a limit, and of those whose counterfactual could be compared. */
  readonly claims: number;
  readonly compared: number;
  /** Setpoints that the plan's own envelope or the contract reduces. */
  readonly clamps: readonly string[];
  /** Reasons that their own counterfactual contradicts. */
  readonly contradictions: readonly string[];
  /** Sentences that a Dutch or German reader would see in English. */
  readonly untranslated: readonly string[];
}

/** Plans for random substations at random times, each run through the gateway's own step. */
export async function planFaults(draws: { readonly numRuns: number; readonly seed: number }): Promise<PlanFaults> {
  const clamps: string[] = [];
  const contradictions: string[] = [];
  const untranslated = new Set<string>();
  let [plans, claims, compared] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(randomCase, async (drawn) => {
      const { body } = await planOf(drawn, STEPS_S);
      if (body.status === 'envelopes-only') return;
      plans++;
      clamps.push(...faultsOf(drawn, body));
      const reasons = judgeReasons(body);
      claims += reasons.claims;
      compared += reasons.compared;
      contradictions.push(...reasons.contradictions);
      for (const text of sentencesOf(body)) if (leavesProse(text, body.sentences)) untranslated.add(text);
    }),
    { ...draws, endOnFailure: true },
  );
  return { plans, claims, compared, clamps, contradictions, untranslated: [...untranslated] };
}

/** Whether prose remains after all forms and phrases that a language knows are removed. Names, figures and times are not prose. */
function leavesProse(text: string, sentences: PlanBody['sentences'] = []): boolean {
  const own = Object.fromEntries(KNOWN.map((form) => [form, (form.match(/\{\w+\}/g) ?? ['~']).join(' ')]));
  const left = sentenceText(text, sentences, { own, number: (value) => value, time: (value) => value });
  return /\b[a-z]{2,} [a-z]{2,}\b/.test(left);
}

const KNOWN = Object.keys({ ...dutch.sentences, ...dutch.events, ...dutch.phrases });

/** All texts of a plan, except sentences that were cut. */
const sentencesOf = ({ devices, conflict, room, assumptions: { substitutions, envelopeRule } }: PlanBody): string[] =>
  [
    ...devices.flatMap(({ reasons }) =>
      reasons.flatMap(({ text, constraint, counterfactual = [] }) => [text, constraint].concat(counterfactual)),
    ),
    ...[conflict, room, ...(conflict?.members ?? [])].flatMap((each) => each?.text ?? []),
    ...substitutions,
    ...(envelopeRule === undefined ? [] : [envelopeRule]),
  ].filter((text) => !text.endsWith('…'));

/**
 * Finds reasons whose counterfactual contradicts them. "This relieves it" must show a worse value without the device; "ends it here" must
 * show the opposite.
 */
function judgeReasons(body: PlanBody): Pick<PlanFaults, 'claims' | 'compared' | 'contradictions'> {
  const found: string[] = [];
  let [claims, compared] = [0, 0];
  const starts = startsOf(body);
  for (const { device, reasons } of body.devices)
    for (const { constraint, element, counterfactual = '', text } of reasons) {
      const relieves = text.includes('this relieves it');
      const ends = text.includes('ends it here');
      if (relieves || ends) claims++;
      const [, figure, time] = /at (-?[\d.]+) .* at (\d\d:\d\d)Z$/.exec(counterfactual) ?? [];
      const step = starts.findIndex((start) => new Date(start).toISOString().slice(11, 16) === time);
      const binding = body.binding.find(
        (each) => each.step === step && each.element === element && each.constraint === constraint,
      );
      if (figure === undefined || binding === undefined) continue;
      compared++;
      const isFloor =
        constraint.startsWith('voltage minimum') || (!constraint.startsWith('voltage') && binding.value < 0);
      const relief = (isFloor ? -1 : 1) * (Number(figure) - binding.value);
      const slack = binding.unit === 'pu' ? 1e-4 : 1;
      const isSaid = relieves ? relief > -slack : ends && relief < slack;
      if (!isSaid) found.push(`${device} step ${step}: ${text} ${counterfactual}, with it ${binding.value}`);
    }
  return { claims, compared, contradictions: found };
}

function startsOf({ horizon }: PlanBody): number[] {
  let start = horizon.start;
  return horizon.stepsS.map((seconds) => {
    const own = start;
    start += 1000 * seconds;
    return own;
  });
}
