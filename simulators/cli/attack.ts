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

Tries ${suite.length} kinds of attacks and says what came of each: attack, expected, seen, and the CPU and memory that it cost whom it met.
With --self it starts a cloud, an enrolled gateway and a gateway at a broker of the attacker's, in a folder of its own, and ends them.
With --target it meets a running cloud from outside and without keys; what needs more is not run, with the reason. A cloud of another
machine has to be started with attack.allow: true, which one that people use never is.

  --self               an instance of its own
  --rabbitmq           its gateways connect to a RabbitMQ; --self starts one, of this machine or from Debian
  --target URL         page and API of a running cloud
  --uplink HOST:PORT   where its gateways connect
  --ca FILE            root certificates of the target (PEM): DIR/pki/roots.pem of its data folder
  --only ID            groups or attacks whose id begins so; may be given more than once
                       (groups: ${GROUPS})
  --json               ends with one object: groups, attacks, refused, notRun (counts), open (ids that succeeded)
  --sarif FILE         writes what came of each attack as SARIF 2.1.0
  --patience SECONDS   how long those attacks may take that wait for a limit of time, 300 if it is not said
  --help               this text

examples:
  npx loadstone attack --self
  npx loadstone attack --self --only replay --sarif attack.sarif
  npx loadstone attack --target https://localhost:8080 --ca .loadstone/cloud/pki/roots.pem --json

exit codes: 0 none succeeded, 1 one did, or the instance did not start, 2 usage
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
  if (!(patienceS > 0)) return usage(`attack: --patience ${values.patience}: seconds above 0 would be right`);
  if (values.self === (values.target !== undefined)) return usage('attack: give --self or --target URL');
  const broker: BrokerName = values.rabbitmq ? 'RabbitMQ' : 'embedded';
  const groups = suiteOn(broker)
    .map((group) => ({
      ...group,
      attacks: group.attacks.filter(({ id }) => values.only.some((only) => id.startsWith(only))),
    }))
    .filter(({ attacks }) => attacks.length > 0);
  if (groups.length === 0)
    return usage(`attack: --only ${values.only.join(' ')}: no attack has an id that begins so; groups: ${GROUPS}`);
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
    return `--target ${target} is no URL of a cloud`;
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(uplink ?? '') ?? [];
  if (uplink !== undefined && port === '') return `--uplink ${uplink}: HOST:PORT would be right`;
  const { hostname } = new URL(target);
  if (uplink !== undefined && host !== hostname && !isLoopback(host))
    return `--uplink ${uplink}: the host of the target, or one on loopback would be right`;
  const roots = ca === undefined ? undefined : readFileSync(ca, 'utf8');
  const door = new Door(target, roots);
  if (!isLoopback(hostname)) await assertAllowed(door);
  const parts = uplink === undefined ? {} : { uplink: new UplinkPlace(host, Number(port), roots, { broker }) };
  return { stage: new Stage({ door, ...parts }), stop: async () => undefined };
}

async function assertAllowed(door: Door): Promise<void> {
  const answer = await door.ask('/health').catch((error: unknown) => String(error));
  if (typeof answer === 'string')
    throw new LoadstoneError('LS-ATTACK-001', `${door.url.href} cannot be asked: ${answer}`);
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
