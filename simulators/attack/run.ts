import { SystemClock } from '../../shared/time/system-clock.ts';
import { succeeded, type Attack, type Cost, type Group, type Seen } from './attack.ts';
import { NotHere, type Stage } from './stage.ts';
import { forgetPeak, usageOf } from './usage.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

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
  /** Time limit of the others. */
  readonly mostS?: number;
  /** Time limit of attacks that wait for a time-out. */
  readonly patienceS?: number;
}

const { machine } = new SystemClock(() => undefined);

/** Runs all attacks one after the other. Those that wait for a time-out start first. */
export async function runAttacks(
  groups: readonly Group[],
  stage: Stage,
  { tell = () => undefined, patienceS = MOST_S, mostS = MOST_S }: Running = {},
): Promise<Verdict[]> {
  const attacks = groups.flatMap((group) => group.attacks);
  const patient = new Map(
    attacks.filter(({ isPatient }) => isPatient).map((each) => [each, attempt(each, stage, patienceS)]),
  );
  const overdue = new Set<Attack>();
  const verdicts: Verdict[] = [];
  for (const attack of attacks) {
    const begun = patient.get(attack);
    const verdict =
      begun === undefined ? await measured(attack, stage, { mostS, overdue }) : judge(attack, await begun, undefined);
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

interface Measuring {
  readonly mostS: number;
  /** Attacks that still run after their time limit. */
  readonly overdue: Set<Attack>;
}

/**
 * Runs an attack and measures the highest usage among the attacked processes. What an overdue attack costs meanwhile cannot be told apart,
 * so the cost is unknown then.
 */
async function measured(attack: Attack, stage: Stage, { mostS, overdue }: Measuring): Promise<Verdict> {
  const [disturber] = overdue;
  const before = stage.pids().map((pid) => {
    forgetPeak(pid);
    return { pid, usage: usageOf(pid) };
  });
  const met = await attempt(attack, stage, mostS, overdue);
  if (disturber !== undefined) return judge(attack, disturbed(attack, met, disturber), undefined);
  const costs = before.flatMap(({ pid, usage }) => {
    const now = usageOf(pid);
    if (usage === undefined || now === undefined) return [];
    return [{ cpuMs: now.cpuMs - usage.cpuMs, memoryMb: Math.max(0, now.peakMb - usage.residentMb) }];
  });
  const most = (of: (cost: Cost) => number): number => Math.max(0, ...costs.map(of));
  const cost = costs.length === 0 ? undefined : { cpuMs: most((c) => c.cpuMs), memoryMb: most((c) => c.memoryMb) };
  return judge(attack, met, cost);
}

function disturbed({ within }: Attack, met: Seen | NotHere, by: Attack): Seen | NotHere {
  if (met instanceof NotHere) return met;
  const seen = `${met.seen}, while ${by.id} still ran`;
  return within === undefined ? { ...met, seen } : succeeded(`not judged: ${seen}`);
}

async function attempt(
  attack: Attack,
  stage: Stage,
  mostS: number,
  overdue = new Set<Attack>(),
): Promise<Seen | NotHere> {
  const { promise: late, resolve } = Promise.withResolvers<Seen>();
  const timer = machine.after(mostS * 1000, () => {
    overdue.add(attack);
    resolve(succeeded(`no end within ${mostS} s`));
  });
  const running = async (): Promise<Seen> => {
    try {
      return await attack.run(stage);
    } finally {
      overdue.delete(attack);
    }
  };
  try {
    return await Promise.race([running(), late]);
  } catch (error) {
    if (error instanceof NotHere) return error;
    // An attack that could not be judged was not refused.
    return succeeded(`not judged: ${messageOf(error)}`);
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
