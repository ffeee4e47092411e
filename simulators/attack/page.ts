import type { Attack, Group } from './attack.ts';
import { requirements as all, type Requirement } from './requirements.ts';
import { atBroker } from './suite.ts';

const DATA_FLOW = `\`\`\`
 device ──▶ local broker ──▶ gateway ═══ MQTT over TLS 1.3 ═══▶ broker ──▶ cloud ◀── HTTPS ── people, programs
   (5)          (5)            (4)              (1) (2)           (2)        (6)        (3)
\`\`\``;

const PLACES = [
  'a client of the uplink port, with the certificate of one gateway or none',
  'an attacker who controls the network or the broker between cloud and gateway',
  'a client of page and API, with or without an account; another web page in the browser of an operator',
  'an attacker who can supply a model or a document that a gateway runs or follows',
  'a compromised device at a local broker',
  'an attacker with a copy of the data folder, a backup or a key',
];

/** The threat model and the IEC 62443-4-2 table, generated from the list of attacks. */
export function threatPage(groups: readonly Group[], requirements: readonly Requirement[] = all): string {
  const attacks = groups.flatMap((group) => group.attacks);
  const open = attacks.flatMap(({ id, title, knownOpen }) =>
    knownOpen === undefined ? [] : [[`\`${id}\``, title, knownOpen]],
  );
  return [
    '# Threat model and IEC 62443-4-2 at SL 2',
    '',
    `Generated from the list of attacks by \`npm run generate:threats\`. \`npx loadstone attack --self\` runs its ${attacks.length} attacks in ${groups.length} groups against an instance of its own, as do the tests of each change. ${attacks.filter(meetsRabbitMq).length} attacks target the broker; with \`--rabbitmq\` they run against RabbitMQ.`,
    '',
    '## Where an attacker stands',
    '',
    DATA_FLOW,
    '',
    ...PLACES.map((place, at) => `${at + 1}. ${place}`),
    '',
    '## Threats',
    '',
    ...table(
      ['group', 'asset', 'attacker', 'defence', 'attacks', 'also on RabbitMQ', 'open'],
      groups.map((group) => [
        group.title,
        group.asset,
        group.from,
        group.defence,
        String(group.attacks.length),
        String(group.attacks.filter(meetsRabbitMq).length),
        String(group.attacks.filter(({ knownOpen }) => knownOpen !== undefined).length),
      ]),
    ),
    '',
    '## Attacks that succeed',
    '',
    ...(open.length === 0 ? ['None.'] : table(['attack', 'what the attacker does', 'why it succeeds'], open)),
    '',
    '## IEC 62443-4-2, SL 2',
    '',
    'Where no attack tests a requirement, the last column gives the reason. Titles are our own short versions, not those of the standard. Numbers and requirement enhancements (RE) at SL 2 were checked against public extracts of its table of levels. No extract was found that lists the entries with an asterisk at SL 2; they are from memory. An EDR also covers the SAR and the HDR of the same number. Nobody has certified this table.',
    '',
    ...table(
      ['requirement', '', 'how it is met', 'attacks'],
      requirements.map(({ id, title, how, untested, isFromMemory }) => [
        isFromMemory === true ? `${id}\\*` : id,
        title,
        how,
        testsOf(id, attacks) ?? `none: ${untested}`,
      ]),
    ),
    '',
  ].join('\n');
}

const meetsRabbitMq = ({ id, notAtRabbitMq = false }: Attack): boolean =>
  !notAtRabbitMq && atBroker.some((each) => id.startsWith(each));

/** Number of attacks that test a requirement, by group; undefined if there are none. */
function testsOf(requirement: string, attacks: readonly Attack[]): string | undefined {
  const testing = attacks.filter(({ requirements }) => requirements.includes(requirement));
  if (testing.length === 0) return undefined;
  const byGroup = Map.groupBy(testing, ({ id }) => id.split('/')[0]!);
  return [...byGroup]
    .map(([group, of]) => {
      const open = of.filter(({ knownOpen }) => knownOpen !== undefined).length;
      return `${group} ${of.length}${open === 0 ? '' : ` (${open} open)`}`;
    })
    .join(', ');
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );
