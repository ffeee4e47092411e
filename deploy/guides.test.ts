import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { cloudChecks, CloudConfig } from '../cloud/config.ts';
import { parseConfig } from '../edge/config/load.ts';
import { GatewayConfig } from '../edge/config/schema.ts';
import { readConfig, type SchemaNode } from '../shared/config/read-config.ts';
import { catalogue } from '../shared/outcome/catalogue.ts';
import { benches } from '../simulators/bench/table.ts';
import { readScenario } from '../simulators/prove/protocol.ts';
import { commands } from './commands.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Guide {
  readonly file: string;
  readonly text: string;
  /** Without code blocks. */
  readonly prose: string;
}

/** A changelog may name things that no longer exist. */
const HISTORY = 'CHANGELOG.md';
const guides = globSync(['*.md', '{cloud,deploy,edge,shared,simulators}/**/*.md'], { cwd: root })
  .filter((file) => file !== HISTORY)
  .map((file): Guide => {
    const text = read(file);
    return { file, text, prose: text.replaceAll(/^ *```[^]*?^ *```$/gm, '') };
  });

/** All matches of a pattern in the guides, each with the guide's name. */
const inGuides = (pattern: RegExp, of: (guide: Guide) => string = ({ text }) => text) =>
  guides.flatMap((guide) => [...of(guide).matchAll(pattern)].map((found) => ({ file: guide.file, found })));

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

test('each link within the repository leads to an existing file and heading', () => {
  const links = inGuides(/\]\((?!https?:)([^)\s]+)\)/g, ({ prose }) => prose);
  const lost = links.flatMap(({ file, found: [, link = ''] }) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : join(dirname(file), path);
    if (!existsSync(join(root, target))) return [`${file}: ${link}: there is no ${target}`];
    if (anchor === undefined) return [];
    const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => slug(text));
    return headings.includes(anchor) ? [] : [`${file}: ${link}: ${target} has no such heading`];
  });
  assert.deepEqual(lost, []);
  assert.ok(links.length > 50);
});

test('each code in a guide is in the catalogue', () => {
  const unknown = inGuides(/LS-[A-Z]+-\d{3}/g).filter(({ found: [code] }) => !Object.hasOwn(catalogue, code));
  assert.deepEqual(
    unknown.map(({ file, found: [code] }) => `${file}: ${code}`),
    [],
  );
});

test('each example configuration is accepted by the cloud, a gateway or the proof', () => {
  const bare = 'gateway: { id: owd-01, substation: owd }\n';
  const readers = [
    (text: string) => readConfig(CloudConfig, { file: 'cloud.yaml', text }, cloudChecks),
    (text: string) => parseConfig(/^gateway:/m.test(text) ? text : bare + text, 'gateway.yaml'),
    (text: string) => readScenario('storm.yaml', text),
  ];
  const examples = inGuides(/^```yaml\n([^]*?)^```/gm);
  const refused = examples.flatMap(({ file, found: [, text = ''] }) => {
    const faults = readers.map((reader) => {
      try {
        reader(text);
        return undefined;
      } catch (error) {
        return String(error);
      }
    });
    return faults.includes(undefined) ? [] : [`${file}: ${text}${faults.join('\n')}`];
  });
  assert.deepEqual(refused, []);
  assert.ok(examples.length > 8);
});

/** The schemas of the values that a key may have. */
function below(node: SchemaNode, key: string): SchemaNode[] {
  const shapes = [node, ...(node.anyOf ?? []), ...(node.items === undefined ? [] : [node.items])];
  return shapes.flatMap((shape) =>
    shape === node
      ? [shape.properties?.[key] ?? [], Object.values(shape.patternProperties ?? {})].flat()
      : below(shape, key),
  );
}

/** Event names that look like keys. */
const EVENTS = ['trust.reset', 'forecast.issued'];

test('each key that a guide names exists in a configuration', () => {
  const configs = [CloudConfig, GatewayConfig] as readonly SchemaNode[];
  const sections = new Set(configs.flatMap(({ properties = {} }) => Object.keys(properties)));
  const keys = inGuides(/`([a-z]\w+(?:\.[a-z]\w+)+)(?::[^`]*)?`/g).filter(
    ({ found: [, key = ''] }) =>
      sections.has(key.split('.')[0]!) &&
      !/\.(sqlite|migrated|jsonl|json|yaml|ts|soak|simulation)$/.test(key) &&
      !EVENTS.includes(key),
  );
  const unknown = keys.filter(({ found: [, key = ''] }) =>
    configs.every((config) => {
      const found = key
        .split('.')
        .reduce<SchemaNode[]>((at, part) => at.flatMap((node) => below(node, part)), [config]);
      return found.length === 0;
    }),
  );
  assert.deepEqual(
    unknown.map(({ file, found: [, key] }) => `${file}: ${key}`),
    [],
  );
  assert.ok(keys.length > 15);
});

/** Source of a command, or of a subcommand of `cloud`, with everything that parses its command line. */
function sourceOf(name: string, word: string | undefined): string {
  const own = `cloud/cli/${word}.ts`;
  if (name === 'cloud' && existsSync(join(root, own)))
    return [own, ...(word === 'backup' || word === 'restore' ? ['cloud/cli/backup-arguments.ts'] : [])]
      .map(read)
      .join('\n');
  const [, module = ''] = /import\('\.\.\/(.+?)'\)/.exec(commands[name]!.load.toString()) ?? [];
  return [module, ...(name === 'edge' ? globSync('edge/cli/*.ts', { cwd: root }) : [])].map(read).join('\n');
}

const helpIn = (source: string): string => /(?:HELP|help) = `(usage: [^]*?)`;/.exec(source)?.[1] ?? '';
const optionsIn = (source: string): string[] =>
  [...source.matchAll(/[\s{]'?([a-z][a-z-]*)'?: \{ type: '(?:string|boolean)'/g)].map(([, option]) => option!);

test('each command in a guide exists, with its words and options', () => {
  const faults: string[] = [];
  let count = 0;
  const typed = /(?<=^|`|"|; |&& |\| )(?:sudo (?:-u \S+ )?)?(?:npx )?loadstone ([a-z]+)((?: [^|>;`\n#"]*)?)/gm;
  for (const { file, found } of inGuides(typed)) {
    const [line, name = '', rest = ''] = found;
    if (!Object.hasOwn(commands, name)) {
      faults.push(`${file}: ${line}: there is no such command`);
      continue;
    }
    count++;
    const [word] = /^[a-z][a-z-]*$/.exec(rest.trim().split(/\s+/)[0] ?? '') ?? [];
    const source = sourceOf(name, word);
    const [usage = ''] = helpIn(source).split('\n\n');
    if (word !== undefined && !new RegExp(`\\b${word}\\b`).test(usage)) faults.push(`${file}: ${line}: no ${word}`);
    const options = new Set([...optionsIn(source), 'help']);
    for (const [, option = ''] of rest.matchAll(/--([a-z][a-z-]*)/g))
      if (!options.has(option)) faults.push(`${file}: ${line}: no --${option}`);
  }
  assert.deepEqual(faults, []);
  assert.ok(count > 60, `${count}`);
});

test('a user of RabbitMQ has the same rights in every guide', () => {
  const rights = new Map<string, Set<string>>();
  for (const { found } of inGuides(/rabbitmqctl set_permissions (\S+) (.*)$/gm)) {
    const [, user = '', what = ''] = found;
    rights.set(user, (rights.get(user) ?? new Set()).add(what));
  }
  assert.deepEqual([...rights.keys()].sort(), ['loadstone', 'loadstone-api', 'loadstone-job']);
  for (const [user, all] of rights) assert.equal(all.size, 1, `${user}: ${[...all].join('  ')}`);
});

test('CONTRIBUTING.md explains each soak test, and what npm test covers instead', () => {
  const [, table = ''] = read('CONTRIBUTING.md').split('### What only the soak tier holds');
  const soaks = globSync('{cloud,deploy,edge,shared,simulators}/**/*.soak.test.ts', { cwd: root });
  assert.ok(soaks.length > 10);
  assert.deepEqual(
    soaks.filter((file) => !table.includes(`](${file})`)),
    [],
  );
});

test('each script and benchmark that a guide names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const run = inGuides(/npm run ([\w:-]+)(?: -- (?:--[a-z-]+ )*([a-z]+))?/g);
  const faults = run.flatMap(({ file, found: [line, script = '', word] }) => {
    if (!Object.hasOwn(scripts, script)) return [`${file}: ${line}: there is no such script`];
    return script !== 'bench' || word === undefined || Object.hasOwn(benches, word)
      ? []
      : [`${file}: ${line}: there is no such benchmark`];
  });
  assert.deepEqual(faults, []);
  assert.ok(run.length > 20);
});

test('the help of each command names exactly the options that it accepts', () => {
  /** `simulated` is set by the process that runs the plant. `revoked` is parsed for backup and restore, but backup refuses it. */
  const inner = ['cloud simulated', 'backup revoked'];
  const ofCloud = ['check', 'data', 'backup', 'restore', 'migrate', 'people'].map((word) => ['cloud', word] as const);
  const faults = [...Object.keys(commands).map((name) => [name, undefined] as const), ...ofCloud].flatMap(
    ([name, word]) => {
      const source = sourceOf(name, word);
      const help = helpIn(source);
      const told = [...help.matchAll(/^ {2}--([a-z][a-z-]*)/gm)].map(([, option]) => option!);
      const options = optionsIn(source).filter((option) => !inner.includes(`${word ?? name} ${option}`));
      assert.ok(told.length > 0, `${name} ${word}`);
      return [
        ...options.filter((option) => !help.includes(`--${option}`)).map((option) => `--${option} is not in the help`),
        ...told
          .filter((option) => option !== 'help' && !options.includes(option))
          .map((option) => `--${option} of the help is not accepted`),
      ].map((fault) => `${name} ${word ?? ''}: ${fault}`);
    },
  );
  assert.deepEqual(faults, []);
});
