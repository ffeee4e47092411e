import type { Attack, Group } from './attack.ts';
import { requirements as all, type Requirement } from './requirements.ts';
import { atBroker } from './suite.ts';

const DATA_FLOW = `\`\`\`
 device ──▶ local broker ──▶ gateway ═══ MQTT over TLS 1.3 ═══▶ broker ──▶ cloud ◀── HTTPS ── people, programs
   (5)          (5)            (4)              (1) (2)           (2)        (6)        (3)
\`\`\``;

const PLACES = [
  'whoever reaches the port of the uplinks, with a certificate of one gateway or none',
  'who owns the network or the broker between cloud and gateway',
  'who reaches page and API, without an account or with one; another page in the browser of an operator',
  'who can bring a model or a document that a gateway runs or follows',
  'one device at a local broker that has been taken over',
  'who has a copy of the data folder, of a backup or of a key',
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
    `Generated from the list of attacks by \`npm run generate:threats\`. \`npx loadstone attack --self\` runs its ${attacks.length} attacks of ${groups.length} groups on an instance of its own; so does the test of each change. ${attacks.filter(meetsRabbitMq).length} of them are aimed at the broker and say something of a RabbitMQ too: \`--rabbitmq\` runs those.`,
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
      ['group', 'what is at stake', 'from', 'what stands against it', 'attacks', 'on RabbitMQ too', 'open'],
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
    ...(open.length === 0 ? ['None.'] : table(['attack', 'what it does', 'why it succeeds'], open)),
    '',
    '## IEC 62443-4-2, SL 2',
    '',
    'Where no attack tests a requirement, the reason stands in its place. Titles are short words of our own, not those of the standard; numbers, and enhancements (RE) of SL 2, were held beside public extracts of its table of levels. No extract was found that shows those with an asterisk at SL 2: they stand here from memory. An EDR stands for the SAR and the HDR of its number too. Nobody has certified this table.',
    '',
    ...table(
      ['requirement', '', 'how', 'attacks'],
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
