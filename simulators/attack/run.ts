import { SystemClock } from '../../shared/time/system-clock.ts';
import { succeeded, type Attack, type Cost, type Group, type Seen } from './attack.ts';
import { NotHere, type Stage } from './stage.ts';
import { forgetPeak, usageOf } from './usage.ts';

export interface Verdict {
  readonly attack: Attack;
  readonly outcome: 'refused' | 'open' | 'not run';
  readonly seen: string;
  /** Cost to the target; undefined if unknown. */
  readonly cost: Cost | undefined;
}

export interface Summary {
  readonly groups: number;
  readonly attacks: number;
  readonly refused: number;
  readonly notRun: number;
  /** Ids of attacks that succeeded. */
  readonly open: readonly string[];
}

/** Time limit, so that no attack blocks the others. */
const MOST_S = 300;

interface Running {
  readonly tell?: (verdict: Verdict) => void;
  /** Time limit of attacks that wait for a time-out. */
  readonly patienceS?: number;
}

const { machine } = new SystemClock(() => undefined);

/** Runs all attacks one after the other. Those that wait for a time-out start first. */
export async function runAttacks(
  groups: readonly Group[],
  stage: Stage,
  { tell = () => undefined, patienceS = MOST_S }: Running = {},
): Promise<Verdict[]> {
  const attacks = groups.flatMap((group) => group.attacks);
  const patient = new Map(
    attacks.filter(({ isPatient }) => isPatient).map((each) => [each, attempt(each, stage, patienceS)]),
  );
  const verdicts: Verdict[] = [];
  for (const attack of attacks) {
    const begun = patient.get(attack);
    const verdict = begun === undefined ? await measured(attack, stage) : judge(attack, await begun, undefined);
    verdicts.push(verdict);
    tell(verdict);
  }
  return verdicts;
}

export function summaryOf(groups: readonly Group[], verdicts: readonly Verdict[]): Summary {
  const count = (outcome: Verdict['outcome']): number => verdicts.filter((each) => each.outcome === outcome).length;
  return {
    groups: groups.length,
    attacks: verdicts.length,
    refused: count('refused'),
    notRun: count('not run'),
    open: verdicts.filter(({ outcome }) => outcome === 'open').map(({ attack }) => attack.id),
  };
}

/** Runs an attack and measures the highest usage among the attacked processes. */
async function measured(attack: Attack, stage: Stage): Promise<Verdict> {
  const before = stage.pids().map((pid) => {
    forgetPeak(pid);
    return { pid, usage: usageOf(pid) };
  });
  const met = await attempt(attack, stage, MOST_S);
  const costs = before.flatMap(({ pid, usage }) => {
    const now = usageOf(pid);
    if (usage === undefined || now === undefined) return [];
    return [{ cpuMs: now.cpuMs - usage.cpuMs, memoryMb: Math.max(0, now.peakMb - usage.residentMb) }];
  });
  const most = (of: (cost: Cost) => number): number => Math.max(0, ...costs.map(of));
  const cost = costs.length === 0 ? undefined : { cpuMs: most((c) => c.cpuMs), memoryMb: most((c) => c.memoryMb) };
  return judge(attack, met, cost);
}

async function attempt(attack: Attack, stage: Stage, patienceS: number): Promise<Seen | NotHere> {
  const { promise: late, resolve } = Promise.withResolvers<Seen>();
  const timer = machine.after(patienceS * 1000, () => resolve(succeeded(`no end within ${patienceS} s`)));
  try {
    return await Promise.race([attack.run(stage), late]);
  } catch (error) {
    if (error instanceof NotHere) return error;
    // An attack that could not be judged was not refused.
    return succeeded(`not judged: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    timer.cancel();
  }
}

function judge(attack: Attack, met: Seen | NotHere, cost: Cost | undefined): Verdict {
  if (met instanceof NotHere) return { attack, outcome: 'not run', seen: met.message, cost: undefined };
  const { within } = attack;
  const isDear =
    within !== undefined && cost !== undefined && (cost.cpuMs > within.cpuMs || cost.memoryMb > within.memoryMb);
  const seen = isDear ? `${met.seen}, but at more than ${within.cpuMs} ms or ${within.memoryMb} MB` : met.seen;
  return { attack, outcome: met.refused && !isDear ? 'refused' : 'open', seen, cost };
}
