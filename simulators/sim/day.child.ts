import { parseArgs } from 'node:util';
import { RegionSim } from './region-sim.ts';
import { Trace } from './trace.ts';

/**
 * Runs the region on virtual time from a seed and prints one JSON line: event counts, the trace digest, the digest of the store's content.
 * `--trace FILE` writes every line, to find where two runs diverge.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: '24' },
    trace: { type: 'string' },
  },
});

const repeat = (count: number, seconds: number): number[] => Array.from({ length: count }, () => seconds);
const lines =
  values.trace === undefined
    ? undefined
    : await import('node:fs').then((fs) => ({ fs, fd: fs.openSync(values.trace!, 'w') }));
const trace = new Trace(lines === undefined ? undefined : (line) => void lines.fs.writeSync(lines.fd, `${line}\n`));
const sim = new RegionSim({
  seed: Number(values.seed),
  trace,
  stepS: 5,
  estimateEveryS: 300,
  dispatchEveryS: 4 * 3600,
  planStepsS: [...repeat(4, 900), ...repeat(7, 3600)],
  train: ['substation:owd', 'substation:hfdp'],
  history: true,
});
await sim.start();
for (let hour = 0; hour < Number(values.hours); hour++) {
  await sim.run(3600);
  process.stderr.write(`hour ${hour + 1} ${trace.digest().slice(0, 12)}\n`);
}
const gateways = sim.gateways.map(({ id }) => {
  const { stored, missing, refused } = sim.stores.ledger.completeness(id);
  return { id, stored, missing, refused };
});
const findings = sim.region.substations.flatMap(({ id }) =>
  sim.cloud.estimates.findings(id).map(({ device, finding }) => `${id} ${device} ${finding}`),
);
const plans = sim.region.substations.map(({ id }) => sim.cloud.dispatch.planFor(id)?.document.sequence ?? 0);
const models = sim.region.substations.filter(
  ({ id }) => sim.cloud.forecasts.newest(`substation:${id}`)?.model.sha256 !== null,
).length;
process.stdout.write(
  `${JSON.stringify({ digest: trace.digest(), contents: await sim.contents(), counts: trace.counts(), gateways, findings, plans, models })}\n`,
);
await sim.stop();
process.exit(0);
