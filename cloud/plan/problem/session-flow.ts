/** What is offered to sessions: hours of each step that are left, and the energy in each, kWh. */
export interface Offer {
  readonly hours: Float64Array;
  readonly kwh: Float64Array;
}

/**
 * A session in the flow: it charges in the steps from `firstStep` up to `lastStep`, in that one for `lastShare` of the time, at `maxKw` at
 * most, until it has `energyKwh`. In the steps of `uninterrupted` it gets its floor before others get anything.
 */
export interface Taker {
  readonly energyKwh: number;
  readonly firstStep?: number | undefined;
  readonly lastStep: number;
  readonly lastShare?: number | undefined;
  readonly maxKw: number;
  readonly uninterrupted?: { readonly kw: number; readonly steps?: Uint8Array | undefined } | undefined;
}

/** An offer, distributed so that the sessions together take as much of it as they can. */
export interface SessionFlow {
  /** Taken by all together, kWh. */
  readonly takenKwh: number;
  /** Offered but not taken, and wanted but not offered, kWh. */
  readonly leftKwh: number;
  readonly missingKwh: number;
  /** What each session gets in each step beyond its floor, kWh: [session * steps + step]. */
  readonly flow: Float64Array;
  /** 1 for the steps in which too much is offered; all 0 if nothing is left. */
  readonly tooMuch: Uint8Array;
  /** 1 for the steps in which more would help; all 0 if nothing is missing. */
  readonly tooLittle: Uint8Array;
}

const EPSILON_KWH = 1e-9;

/**
 * Maximum flow from steps to sessions (Edmonds and Karp, J. ACM 19, 1972). It starts from a greedy assignment, from the last step backwards
 * to the session that needs the longest time, which leaves little to correct. Sessions with known energy come first, then the others,
 * without taking from the first. The two sets of steps are its minimum cuts. Floors are given first; the flow shares out the rest.
 */
export function sessionFlow(takers: readonly Taker[], { hours, kwh }: Offer): SessionFlow {
  const steps = hours.length;
  const floors = Float64Array.from({ length: takers.length * steps }, (_, at) =>
    floorKwh(takers[Math.floor(at / steps)]!, hours, at % steps),
  );
  const beyond = kwh.map((offered, step) => takers.reduce((left, _, at) => left - floors[at * steps + step]!, offered));
  const lacking = beyond.map((left) => Math.max(0, -left));
  const state: State = {
    takers,
    steps,
    most: Float64Array.from({ length: takers.length * steps }, (_, at) => {
      const taker = takers[Math.floor(at / steps)]!;
      return Math.max(0, taker.maxKw * hoursOf(taker, hours, at % steps) - floors[at]!);
    }),
    flow: new Float64Array(takers.length * steps),
    missing: new Float64Array(takers.length),
    left: beyond.map((left) => Math.max(0, left)),
  };
  const canTake = (at: number): number => sum(state.most.subarray(at * steps, (at + 1) * steps));
  const isDue = ({ energyKwh }: Taker): boolean => Number.isFinite(energyKwh);
  let missingKwh = sum(lacking);
  for (const [at, taker] of takers.entries()) {
    if (!isDue(taker)) continue;
    const energyKwh = Math.max(0, taker.energyKwh - sum(floors.subarray(at * steps, (at + 1) * steps)));
    state.missing[at] = Math.min(energyKwh, canTake(at));
    // Energy for which no time is left is missing whatever is offered.
    missingKwh += energyKwh - state.missing[at];
  }
  serve(state);
  missingKwh += sum(state.missing);
  const tooLittle = stepsTo(state).map((is, step) => (lacking[step]! > EPSILON_KWH ? 1 : is));
  state.missing.fill(0);
  for (const [at, taker] of takers.entries()) if (!isDue(taker)) state.missing[at] = canTake(at);
  serve(state);
  return {
    takenKwh: sum(state.flow) + sum(floors) - sum(lacking),
    leftKwh: sum(state.left),
    missingKwh,
    flow: state.flow,
    tooMuch: stepsFrom(state),
    tooLittle,
  };
}

/** Hours of a step during which a taker is present. */
export function hoursOf(
  { firstStep = 0, lastStep, lastShare = 1 }: Pick<Taker, 'firstStep' | 'lastStep' | 'lastShare'>,
  hours: { readonly [step: number]: number },
  step: number,
): number {
  if (step < firstStep || step > lastStep) return 0;
  return step === lastStep ? lastShare * hours[step]! : hours[step]!;
}

/** What a taker that must not pause gets in a step in any case, kWh. */
export const floorKwh = (taker: Taker, hours: { readonly [step: number]: number }, step: number): number =>
  taker.uninterrupted?.steps?.[step] === 1 ? taker.uninterrupted.kw * hoursOf(taker, hours, step) : 0;

interface State {
  readonly takers: readonly Taker[];
  readonly steps: number;
  /** What a taker can take in a step, and what it takes, kWh: [taker * steps + step]. */
  readonly most: Float64Array;
  readonly flow: Float64Array;
  /** What takers still lack, and what steps still have, kWh. */
  readonly missing: Float64Array;
  readonly left: Float64Array;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

const hasRoom = ({ most, flow, steps }: State, taker: number, step: number): boolean =>
  most[taker * steps + step]! - flow[taker * steps + step]! > EPSILON_KWH;

const isGiven = ({ flow, steps }: State, taker: number, step: number): boolean =>
  flow[taker * steps + step]! > EPSILON_KWH;

/** Gives takers that lack energy as much as possible. */
function serve(state: State): void {
  const { takers, steps, most, flow, missing, left } = state;
  const needs = (at: number): number => missing[at]! / Math.max(takers[at]!.maxKw, EPSILON_KWH);
  for (let step = steps - 1; step >= 0; step--) {
    const there = [...takers.keys()].filter((at) => missing[at]! > EPSILON_KWH && hasRoom(state, at, step));
    for (const at of there.sort((a, b) => needs(b) - needs(a))) {
      const by = Math.min(left[step]!, missing[at]!, most[at * steps + step]! - flow[at * steps + step]!);
      flow[at * steps + step]! += by;
      left[step]! -= by;
      missing[at]! -= by;
    }
  }
  for (let path = shortest(state); path !== undefined; path = shortest(state)) {
    const [first, last] = [path[0]!, path.at(-1)!];
    let by = Math.min(missing[first]!, left[last]!);
    for (let at = 0; at + 1 < path.length; at++) {
      const arc = arcOf(path, at, steps);
      by = Math.min(by, at % 2 === 0 ? most[arc]! - flow[arc]! : flow[arc]!);
    }
    for (let at = 0; at + 1 < path.length; at++) flow[arcOf(path, at, steps)]! += at % 2 === 0 ? by : -by;
    missing[first]! -= by;
    left[last]! -= by;
  }
}

/** Paths alternate taker, step, taker, step: even arcs add flow, odd arcs take it back. */
const arcOf = (path: readonly number[], at: number, steps: number): number =>
  at % 2 === 0 ? path[at]! * steps + path[at + 1]! : path[at + 1]! * steps + path[at]!;

/** The shortest path from a taker that lacks energy to a step that has some left. */
function shortest(state: State): number[] | undefined {
  const { takers, steps, missing, left } = state;
  const viaTaker = new Int32Array(steps).fill(-1);
  const viaStep = new Int32Array(takers.length).fill(-1);
  const seen = Uint8Array.from(missing, (kwh) => (kwh > EPSILON_KWH ? 1 : 0));
  const queue = [...seen.keys()].filter((taker) => seen[taker] === 1);
  for (let next = 0; next < queue.length; next++)
    for (let step = 0; step < steps; step++) {
      if (viaTaker[step] !== -1 || !hasRoom(state, queue[next]!, step)) continue;
      viaTaker[step] = queue[next]!;
      if (left[step]! > EPSILON_KWH) return traced(step, viaTaker, viaStep);
      for (let other = 0; other < takers.length; other++) {
        if (seen[other] === 1 || !isGiven(state, other, step)) continue;
        seen[other] = 1;
        viaStep[other] = step;
        queue.push(other);
      }
    }
  return undefined;
}

function traced(last: number, viaTaker: Int32Array, viaStep: Int32Array): number[] {
  const path: number[] = [];
  for (let step = last; step >= 0; step = viaStep[path[0]!]!) path.unshift(viaTaker[step]!, step);
  return path;
}

/** Steps whose energy could reach takers that lack it, if there were more of it. */
function stepsTo(state: State): Uint8Array {
  const { takers, steps, missing } = state;
  const found = new Uint8Array(steps);
  const seen = Uint8Array.from(missing, (kwh) => (kwh > EPSILON_KWH ? 1 : 0));
  const queue = [...seen.keys()].filter((taker) => seen[taker] === 1);
  for (let next = 0; next < queue.length; next++)
    for (let step = 0; step < steps; step++) {
      if (found[step] === 1 || !hasRoom(state, queue[next]!, step)) continue;
      found[step] = 1;
      for (let other = 0; other < takers.length; other++) {
        if (seen[other] === 1 || !isGiven(state, other, step)) continue;
        seen[other] = 1;
        queue.push(other);
      }
    }
  return found;
}

/** Steps with energy left, and those that compete with them for the same takers. */
function stepsFrom(state: State): Uint8Array {
  const { takers, steps, left } = state;
  const found = Uint8Array.from(left, (kwh) => (kwh > EPSILON_KWH ? 1 : 0));
  const seen = new Uint8Array(takers.length);
  const queue = [...found.keys()].filter((step) => found[step] === 1);
  for (let next = 0; next < queue.length; next++)
    for (let taker = 0; taker < takers.length; taker++) {
      if (seen[taker] === 1 || !hasRoom(state, taker, queue[next]!)) continue;
      seen[taker] = 1;
      for (let step = 0; step < steps; step++) {
        if (found[step] === 1 || !isGiven(state, taker, step)) continue;
        found[step] = 1;
        queue.push(step);
      }
    }
  return found;
}
