import { alarmScenarios, longAlarmScenarios } from '../truth/alarm-scenarios.ts';
import { planFaults } from '../truth/testing/plan-faults.ts';
import { judgeAlarms } from '../truth/run-alarms.ts';
import type { BenchOptions } from './options.ts';

const SEED = 18;

/** Compares the desk with the simulator's truth: alarms over scenarios, and plans against what the gateways do with them. */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const { figures, faults, table } = await judgeAlarms(
    quick ? alarmScenarios : [...alarmScenarios, ...longAlarmScenarios],
  );
  say(table);
  const { plans, claims, compared, clamps, contradictions } = await planFaults({
    numRuns: quick ? 60 : 1050,
    seed: SEED,
  });
  for (const fault of [...faults, ...clamps, ...contradictions]) say(fault);
  return {
    ...figures,
    plans,
    ownEnvelopeClamps: clamps.length,
    comparedReasons: compared,
    uncomparedReasons: claims - compared,
    contradictingReasons: contradictions.length,
  };
}
