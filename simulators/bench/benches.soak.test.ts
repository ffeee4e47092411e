import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runChild } from '../sim/child-lines.ts';
import { benches } from './table.ts';

/** Fields of the last line, beyond `bench` and `machine`, which readers of a benchmark rely on. */
const fields: Readonly<Record<string, readonly string[]>> = {
  ingest: ['pointsPerSecond', 'rawPointsPerSecond', 'ratio'],
  cycle: ['spikeToActuationCycles.p99', 'jitterPct.p99', 'mqttEchoMs.p99'],
  footprint: ['gatewayPssMb', 'bytesPerGatewayDay'],
  powerflow: ['typescript.nsPerBusIteration', 'kernel.nsPerBusIteration'],
  dispatch: ['problems.0.gapPct', 'feeders.perFeederMs', 'firstStepChangePct', 'large.0.maxVoltageViolationPu'],
  estimate: ['voltageErrorPct.rms', 'intervalCoverage', 'found.wrongTieShare'],
  forecast: ['meanRatio.nMae', 'meanRatio.pinball', 'series.0.coverage80'],
  inference: ['models.0.p99Ms'],
  backfill: ['pointsPerSecond', 'startSeconds', 'liveLagMs.p99'],
  fleet: ['gateways', 'acknowledgedWithinSeconds', 'rssMb'],
  dashboard: ['firstViewGzipKb', 'firstViewMs', 'longTasks', 'pageOf50000Ms'],
  guard: ['reliefS.p95', 'relayTrips', 'reliefPerNeed', 'falseFreezesPer1000LeverDays', 'failsafeSumPct'],
  alarms: ['standingMax', 'floods', 'falseSentences', 'missedAlarms', 'ownEnvelopeClamps', 'contradictingReasons'],
  commissioning: ['falseProvenPct', 'detectedPct', 'impossibleRegionsRefused', 'monitorWrites'],
  endurance: ['heapSlopeMbPerDay', 'pruneMs', 'completenessMs', 'restartSeconds'],
  demo: ['mainThreadP99Ms', 'pssMb', 'streamBytesPerSecond'],
  scale: ['lost', 'doubled', 'framesPerSecond', 'cpuMsPer1000Points', 'takeoverSeconds', 'jobsPerSecond'],
};

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], value);

describe('each benchmark comes to its end and prints its figures', () => {
  for (const [name, { isLong = false }] of Object.entries(benches))
    test(name, async () => {
      const lines: string[] = [];
      const end = await runChild({
        file: join(import.meta.dirname, '..', '..', 'deploy', 'cli.ts'),
        args: ['bench', name, '--quick', '--json', ...(isLong ? ['--hours', '0.1'] : [])],
        signal: AbortSignal.timeout(3_600_000),
        onLine: (line) => lines.push(line),
      });
      assert.match(end, /^exited with 0\n/, end);
      const printed = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
      assert.equal(printed.bench, name);
      const missing = ['machine.cores', ...(fields[name] ?? [])].filter((path) => at(printed, path) === undefined);
      assert.deepEqual(missing, []);
    });
});
