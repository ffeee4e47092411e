import type { Group } from './attack.ts';
import type { Verdict } from './run.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** The verdicts as SARIF 2.1.0. Each attack is a rule; a success is a result of level error. */
export function sarifOf(groups: readonly Group[], verdicts: readonly Verdict[], version: string): object {
  const groupOf = new Map(groups.flatMap((group) => group.attacks.map(({ id }) => [id, group] as const)));
  const rules = verdicts.map(({ attack: { id, title, requirements } }) => ({
    id,
    shortDescription: { text: title },
    help: { text: groupOf.get(id)?.defence ?? '' },
    properties: { tags: ['security', ...requirements.map((requirement) => `IEC 62443-4-2 ${requirement}`)] },
  }));
  const driver = { name: 'loadstone attack', semanticVersion: version, rules };
  return { $schema: SCHEMA, version: '2.1.0', runs: [{ tool: { driver }, results: verdicts.map(resultOf) }] };
}

const KINDS = { refused: 'pass', open: 'fail', 'not run': 'notApplicable' } as const;

function resultOf({ attack, outcome, seen, cost }: Verdict, ruleIndex: number): object {
  const { id, expected, knownOpen } = attack;
  return {
    ruleId: id,
    ruleIndex,
    kind: KINDS[outcome],
    level: outcome === 'open' ? 'error' : 'none',
    message: { text: `expected: ${expected}; seen: ${seen}` },
    properties: { expected, seen, ...cost },
    ...(outcome === 'open' && knownOpen !== undefined
      ? { suppressions: [{ kind: 'external', status: 'accepted', justification: knownOpen }] }
      : {}),
  };
}
