import { readFileSync, writeFileSync } from 'node:fs';
import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import { software } from '../../cloud/cli/software.ts';
import { Door } from '../attack/door.ts';
import { startInstance, type Instance } from '../attack/instance.ts';
import { runAttacks, summaryOf, type Verdict } from '../attack/run.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Stage } from '../attack/stage.ts';
import { sarifOf } from '../attack/sarif.ts';
import { suite, suiteOn } from '../attack/suite.ts';
import { headOf, rowOf, sumOf } from '../attack/table.ts';
import { UplinkPlace, type BrokerName } from '../attack/uplink-place.ts';

const GROUPS = suite.map(({ id }) => id).join(', ');

const HELP = `usage: loadstone attack --self
       loadstone attack --target URL [--uplink HOST:PORT] [--ca FILE]
       either with [--rabbitmq] [--json] [--sarif FILE] [--only ID ...] [--patience SECONDS]

Runs ${suite.length} kinds of attacks and prints for each: attack, expected and observed result, and the CPU and memory that it cost the victim.
--self starts a cloud, an enrolled gateway, and a gateway on a broker that the attacker controls, in a temporary folder, and stops them.
--target attacks a running cloud from outside, without keys; attacks that need more are skipped, with the reason. A cloud on another
machine must have been started with attack.allow: true. Never set that on a cloud in use.

  --self               start an own instance and attack it
  --rabbitmq           gateways connect through RabbitMQ; --self starts one, installed here or fetched from Debian
  --target URL         page and API of a running cloud
  --uplink HOST:PORT   where its gateways connect
  --ca FILE            root certificates of the target (PEM): DIR/pki/roots.pem of its data folder
  --only ID            run only groups or attacks whose id begins with ID; repeatable
                       (groups: ${GROUPS})
  --json               end with one JSON object: groups, attacks, refused, notRun (counts), open (ids that succeeded)
  --sarif FILE         write the results as SARIF 2.1.0
  --patience SECONDS   time limit of attacks that wait for a timeout (300)
  --help               this text

examples:
  npx loadstone attack --self
  npx loadstone attack --self --only replay --sarif attack.sarif
  npx loadstone attack --target https://localhost:8080 --ca .loadstone/cloud/pki/roots.pem --json

exit codes: 0 no attack succeeded, 1 one succeeded or the instance did not start, 2 usage
`;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = commandLine(args, 0, {
    self: { type: 'boolean', default: false },
    rabbitmq: { type: 'boolean', default: false },
    target: { type: 'string' },
    uplink: { type: 'string' },
    ca: { type: 'string' },
    only: { type: 'string', multiple: true, default: [''] },
    json: { type: 'boolean', default: false },
    sarif: { type: 'string' },
    patience: { type: 'string', default: '300' },
  });
  if (values.help) return writeHelp(HELP);
  const patienceS = Number(values.patience);
  if (!(patienceS > 0)) return usage(`attack: --patience ${values.patience}: must be a number of seconds above 0`);
  if (values.self === (values.target !== undefined)) return usage('attack: give --self or --target URL');
  const broker: BrokerName = values.rabbitmq ? 'RabbitMQ' : 'embedded';
  const groups = suiteOn(broker)
    .map((group) => ({
      ...group,
      attacks: group.attacks.filter(({ id }) => values.only.some((only) => id.startsWith(only))),
    }))
    .filter(({ attacks }) => attacks.length > 0);
  if (groups.length === 0)
    return usage(`attack: --only ${values.only.join(' ')}: no attack id begins with that; groups: ${GROUPS}`);
  const outside = values.self ? undefined : await outsideOf(values, broker);
  if (typeof outside === 'string') return usage(`attack: ${outside}`);
  const tell = (text: string): void => void (values.json ? process.stderr : process.stdout).write(`${text}\n`);
  const instance: Instance = outside ?? (await startInstance(broker, tell));
  try {
    tell(headOf());
    const verdicts = await runAttacks(groups, instance.stage, {
      tell: (verdict: Verdict) => tell(rowOf(verdict)),
      patienceS,
    });
    const summary = summaryOf(groups, verdicts);
    tell(sumOf(summary, verdicts));
    if (values.sarif !== undefined)
      writeFileSync(
        values.sarif,
        `${JSON.stringify(sarifOf(groups, verdicts, software.split(' ').at(-1)!), null, 2)}\n`,
      );
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

/**
 * A running cloud, or the reason why the target is not usable. Only a cloud on this machine, or one started for the attack, may be attacked
 * (LS-ATTACK-001).
 */
async function outsideOf({ target = '', uplink, ca }: Outside, broker: BrokerName): Promise<Instance | string> {
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol))
    return `--target ${target}: must be an http or https URL`;
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(uplink ?? '') ?? [];
  if (uplink !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535))
    return `--uplink ${uplink}: must be HOST:PORT, with a port from 1 to 65535`;
  const { hostname } = new URL(target);
  if (uplink !== undefined && host !== hostname && !isLoopback(host))
    return `--uplink ${uplink}: must be on the host of the target or on loopback`;
  const roots = ca === undefined ? undefined : readFileSync(ca, 'utf8');
  const door = new Door(target, roots);
  if (!isLoopback(hostname)) await assertAllowed(door);
  const parts = uplink === undefined ? {} : { uplink: new UplinkPlace(host, Number(port), roots, { broker }) };
  return { stage: new Stage({ door, ...parts }), stop: async () => undefined };
}

async function assertAllowed(door: Door): Promise<void> {
  const answer = await door.ask('/health').catch((error: unknown) => String(error));
  if (typeof answer === 'string')
    throw new LoadstoneError('LS-ATTACK-001', `${door.url.href} cannot be reached: ${answer}`);
  if (answer.headers['loadstone-attack'] !== 'allowed')
    throw new LoadstoneError(
      'LS-ATTACK-001',
      `${door.url.href} is not on loopback, and was not started with attack.allow`,
    );
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
