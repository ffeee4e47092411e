import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guideCommands, MINIMAL, walkToFirstPoint } from '../../deploy/testing/first-point.ts';
import { debianHindrance, makeDebian } from '../../deploy/testing/fresh-debian.ts';
import { hindrance } from '../../deploy/testing/own-machine.ts';
import { cases, watchedSession } from '../../edge/testing/monitor-cases.ts';
import { noises, provenShare } from '../../edge/cli/testing/step-trials.ts';
import { regionFaults } from '../../cloud/region/check.ts';
import { composeRegion } from '../../cloud/region/compose.ts';
import { impossible, type Impossible } from '../../cloud/region/testing/two-islands.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { BenchOptions } from './options.ts';

/** Whether commissioning results can be trusted: step tests, regions, and a gateway that only watches. */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const trials = quick ? 100 : 1000;
  const percent = (related: boolean): Record<string, number> =>
    Object.fromEntries(
      Object.entries(noises).map(([name, noise]) => {
        const pct = Math.round(provenShare(noise, { trials, related }) * 1e4) / 100;
        say(`${noise.name}, ${related ? 'the' : 'an unrelated'} meter: ${pct} % of ${trials} proven`);
        return [name, pct];
      }),
    );
  const falseProven = percent(false);
  const detected = percent(true);
  const monitor: Record<string, number> = {};
  for (const each of cases) {
    const { rig, peer, wants } = await watchedSession(each);
    if (!wants()) throw new Error(`${each.name}: no write was expected, so the test proves nothing`);
    monitor[each.name] = peer.writes();
    say(`monitor, ${each.name}: ${monitor[each.name]} writes`);
    await rig.gateway.stop();
  }
  const plans = Object.values(impossible);
  const walk = await firstPoint(say);
  return {
    falseProvenPct: Math.max(...Object.values(falseProven)),
    detectedPct: Math.min(...Object.values(detected)),
    impossibleRegionsRefused: plans.filter(isRefused).length,
    monitorWrites: Object.values(monitor).reduce((sum, writes) => sum + writes, 0),
    ...walk,
    impossibleRegions: plans.length,
    byNoise: { trials, falseProvenPct: falseProven, detectedPct: detected },
    monitorWritesByDriver: monitor,
  };
}

/** From a fresh Debian, by the commands of the guide, to the first device value stored by the cloud. */
async function firstPoint(say: BenchOptions['say']): Promise<Record<string, unknown>> {
  const why = debianHindrance() ?? hindrance();
  if (why !== undefined) {
    say(`the commands of the guide are not run: ${why}`);
    return { commandsToFirstPoint: guideCommands().length, minutesToFirstPoint: null, firstPointNotRun: why };
  }
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  try {
    say('installing a fresh Debian (minutes)');
    makeDebian(join(folder, 'debian'), MINIMAL);
    const { commands, minutes } = await walkToFirstPoint(join(folder, 'debian'));
    say(`first value after ${commands} commands and ${minutes.toFixed(1)} minutes`);
    return { commandsToFirstPoint: commands, minutesToFirstPoint: Math.round(minutes * 100) / 100 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isRefused({ plan, parts, says }: Impossible): boolean {
  try {
    return regionFaults(composeRegion(plan, parts).region).some((fault) => says.test(fault));
  } catch (error) {
    if (error instanceof LoadstoneError) return says.test(error.message);
    throw error;
  }
}
