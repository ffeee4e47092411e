import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { startDemo } from '../demo/main.ts';
import { substationIds, type SubstationId } from '../data/names.ts';
import { buildRegion } from '../region/region.ts';

const HELP = `usage: loadstone demo [--speed N] [--port N] [--fresh]

Runs a region on this machine: ten substations with their plant, ten gateways, the cloud and its page.

  --speed N         plant seconds per second, 1 to 60 (60)
  --data DIR        folder of its state (./.loadstone)
  --fresh           discard the state of an earlier run and start over
  --in-process      run everything in one process
  --port N          port of page and API (8080)
  --uplink-port N   MQTT port of the uplinks, over TLS (8883)
  --local-port N    port of the first of the ten local brokers; Modbus and OCPP take the ports after them (18830)
  --uplink-via N    port that gateways connect to, when a proxy sits between them and the cloud
  --substations L   run part of the region, such as owd,hal,wls (all ten)
  --seed N          seed of all random draws (1)
  --print-region    print the network model of the region, as in region.json, and exit
  --help            this text

While it runs: s puts a 30 % load spike on a feeder, + and - change the speed, q or Ctrl-C stops it.

examples:
  npm start
  npx loadstone demo --speed 10 --fresh
  npx loadstone demo --print-region > region.json

exit codes: 0 stopped, 1 something is missing or failed, 2 configuration or usage
`;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = commandLine(args, 0, {
    speed: { type: 'string', default: '60' },
    data: { type: 'string', default: './.loadstone' },
    port: { type: 'string', default: '8080' },
    'uplink-port': { type: 'string', default: '8883' },
    'local-port': { type: 'string', default: '18830' },
    'uplink-via': { type: 'string' },
    substations: { type: 'string', default: substationIds.join(',') },
    seed: { type: 'string', default: '1' },
    fresh: { type: 'boolean', default: false },
    'in-process': { type: 'boolean', default: false },
    'print-region': { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(HELP);
  if (values['print-region']) {
    process.stdout.write(`${JSON.stringify(buildRegion(substationsOf(values.substations)))}\n`);
    return 0;
  }
  process.stdout.write('Loadstone: a region on this machine\n\n');
  const demo = await startDemo({
    root: values.data,
    speed: numberOf('--speed', values.speed, [1, 60]),
    apiPort: wholeOf('--port', values.port, [1, 65_535]),
    uplinkPort: wholeOf('--uplink-port', values['uplink-port'], [1, 65_535]),
    localPort: wholeOf('--local-port', values['local-port'], [1, 65_500]),
    uplinkVia:
      values['uplink-via'] === undefined ? undefined : wholeOf('--uplink-via', values['uplink-via'], [1, 65_535]),
    substations: substationsOf(values.substations),
    seed: wholeOf('--seed', values.seed, [0, 2 ** 31]),
    fresh: values.fresh,
    inProcess: values['in-process'],
    out: {
      isTTY: process.stdout.isTTY,
      columns: process.stdout.columns ?? 100,
      write: (text) => void process.stdout.write(text),
    },
  });
  process.stdout.write(
    `\n  page   ${demo.url}\n  user   ${demo.operator.name}, password ${demo.operator.password}   may operate; guests only read\n  token  ${demo.token}   for programs; all rights\n  keys   s spike, + - speed, q quit\n\n`,
  );
  await untilAsked(demo);
  process.stdout.write('\n  stopping ...\n');
  await demo.stop();
  process.exit(0);
}

/** Returns the ids in the region's order, regardless of the order given. */
function substationsOf(text: string): SubstationId[] {
  const named = text.split(',').map((each) => each.trim());
  const unknown = named.find((each) => !substationIds.some((id) => id === each));
  if (unknown !== undefined) {
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `--substations ${unknown}: unknown substation; known: ${substationIds.join(', ')}`,
    );
  }
  return substationIds.filter((id) => named.includes(id));
}

function numberOf(flag: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least || value > most)
    throw new LoadstoneError('LS-CONFIG-002', `${flag} ${text}: expected a number from ${least} to ${most}`);
  return value;
}

function wholeOf(flag: string, text: string, range: readonly [number, number]): number {
  const value = numberOf(flag, text, range);
  if (!Number.isInteger(value)) throw new LoadstoneError('LS-CONFIG-002', `${flag} ${text}: expected a whole number`);
  return value;
}

const SPIKE_FEEDERS = ['owd-2', 'hal-2', 'whf-2', 'wwf-2'];

/** Resolves on Ctrl-C, a signal or q; handles the other keys meanwhile. */
function untilAsked(demo: Awaited<ReturnType<typeof startDemo>>): Promise<void> {
  return new Promise((resolve) => {
    // The handlers stay installed: the launcher forwards a signal that the terminal already sent to the whole group, and a second one must
    // not end the process midway.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    if (!process.stdin.isTTY) return;
    let spikes = 0;
    process.stdin.setRawMode(true);
    process.stdin.on('data', (keys) => {
      for (const key of keys.toString()) {
        if (key === 'q' || key === '\u0003') resolve();
        else if (key === 's') demo.spike(SPIKE_FEEDERS[spikes++ % SPIKE_FEEDERS.length]!);
        else if (key === '+') demo.ask(Math.min(60, demo.speed * 2));
        else if (key === '-') demo.ask(Math.max(1, Math.round(demo.speed / 2)));
      }
    });
  });
}
