import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Door } from '../attack/door.ts';
import { startInstance, type Instance } from '../attack/instance.ts';
import { runAttacks, summaryOf, type Verdict } from '../attack/run.ts';
import { Stage } from '../attack/stage.ts';
import { suite } from '../attack/suite.ts';
import { headOf, rowOf, sumOf } from '../attack/table.ts';
import { UplinkPlace } from '../attack/uplink-place.ts';

const HELP = `usage: loadstone attack --self [--json] [--only ID]
       loadstone attack --target URL [--uplink HOST:PORT] [--ca FILE] [--json] [--only ID]

Tries ${suite.length} kinds of attacks and says what came of each: attack, expected, seen, and the CPU and memory that it cost whom it met.
With --self it starts a cloud, an enrolled gateway and a gateway at a broker of the attacker's, in a folder of its own, and ends them.
With --target it meets a cloud that runs on this machine, from outside and without keys; what needs more is not run, with the reason.

  --self               an instance of its own
  --target URL         page and API of a running cloud, on loopback
  --uplink HOST:PORT   where its gateways connect, on loopback
  --ca FILE            root certificates of the target (PEM): DIR/pki/roots.pem of its data folder
  --only ID            groups or attacks whose id begins so
  --json               ends with one object: groups, attacks, refused, notRun (counts), open (ids that succeeded)
  --help               this text

examples:
  npx loadstone attack --self
  npx loadstone attack --self --only documents
  npx loadstone attack --target https://localhost:8080 --ca .loadstone/cloud/pki/roots.pem --json

exit codes: 0 none succeeded, 1 one did, or the instance did not start, 2 usage
`;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      self: { type: 'boolean', default: false },
      target: { type: 'string' },
      uplink: { type: 'string' },
      ca: { type: 'string' },
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return say(HELP);
  if (values.self === (values.target !== undefined)) return usage('attack: give --self or --target URL');
  const groups = suite
    .map((group) => ({ ...group, attacks: group.attacks.filter(({ id }) => id.startsWith(values.only)) }))
    .filter(({ attacks }) => attacks.length > 0);
  if (groups.length === 0) return usage(`attack: --only ${values.only}: no attack has an id that begins so`);
  const outside = values.self ? undefined : outsideOf(values);
  if (typeof outside === 'string') return usage(`attack: ${outside}`);
  const tell = (text: string): void => void (values.json ? process.stderr : process.stdout).write(`${text}\n`);
  const instance: Instance = outside ?? (await startInstance(tell));
  try {
    tell(headOf());
    const verdicts = await runAttacks(groups, instance.stage, (verdict: Verdict) => tell(rowOf(verdict)));
    const summary = summaryOf(groups, verdicts);
    tell(sumOf(summary, verdicts));
    if (values.json) say(`${JSON.stringify(summary)}\n`);
    return summary.open.length === 0 ? 0 : 1;
  } finally {
    await instance.stop();
  }
}

interface Outside {
  readonly target?: string | undefined;
  readonly uplink?: string | undefined;
  readonly ca?: string | undefined;
}

/** A cloud that runs, or in words what is wrong with how it is named. Only one of this machine: others are not ours to attack. */
function outsideOf({ target = '', uplink, ca }: Outside): Instance | string {
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol))
    return `--target ${target} is no URL of a cloud`;
  const { hostname } = new URL(target);
  if (!isLoopback(hostname)) return `--target ${target}: only a cloud on loopback is attacked`;
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(uplink ?? '') ?? [];
  if (uplink !== undefined && !isLoopback(host)) return `--uplink ${uplink}: HOST:PORT on loopback would be right`;
  const roots = ca === undefined ? undefined : readFileSync(ca, 'utf8');
  const stage = new Stage({
    door: new Door(target, roots),
    ...(uplink === undefined ? {} : { uplink: new UplinkPlace(host, Number(port), roots) }),
  });
  return { stage, stop: async () => undefined };
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function usage(text: string): number {
  process.stderr.write(`loadstone: ${text}\n  loadstone attack --help shows the options.\n`);
  return 2;
}
