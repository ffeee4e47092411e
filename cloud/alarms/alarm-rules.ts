import { Type, type Static } from 'typebox';
import type { AlarmPriority } from '../../shared/contracts/alarm.ts';
import type { Severity } from '../../shared/contracts/event.ts';
import { nearest } from '../../shared/config/nearest.ts';
import { readConfig } from '../../shared/config/read-config.ts';
import { catalogue } from '../../shared/outcome/catalogue.ts';

const Text = (description: string) => Type.String({ minLength: 10, maxLength: 400, description });
const Code = Type.String({ pattern: '^LS-[A-Z]+-[0-9]{3}$', description: 'code of the catalogue' });

/** Rationalisation of an alarm (ISA-18.2). A code without cause, consequence, action and time is an event. */
const AlarmRule = Type.Object(
  {
    code: Code,
    name: Type.String({ minLength: 3, maxLength: 60, description: 'name shown to operators' }),
    priority: Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3), Type.Literal('told')], {
      description: '1 highest to 3 lowest; told: from the severity of its source, high 1, medium 2, low 3',
    }),
    cause: Text('what causes it'),
    consequence: Text('what happens if nobody acts'),
    action: Text('what the operator should do'),
    respondWithinS: Type.Integer({
      minimum: 10,
      maximum: 7 * 86_400,
      description: 'seconds until acting is too late to avoid the consequence',
    }),
    onDelayS: Type.Number({
      minimum: 0,
      maximum: 3600,
      default: 0,
      description: 'seconds that the condition must hold before the alarm is raised',
    }),
    offDelayS: Type.Number({
      minimum: 0,
      maximum: 3600,
      default: 0,
      description: 'seconds that the condition must be gone before the alarm returns',
    }),
    deadBandPct: Type.Number({
      minimum: 0,
      maximum: 50,
      default: 0,
      description: '% of the limit by which a predicted value must be back inside before the alarm returns',
    }),
    suppressedBy: Type.Array(Code, {
      default: [],
      description: 'codes whose standing alarm at the same source, or at the cloud, suppresses this one',
    }),
    control: Type.Union(
      [
        Type.Literal('feeder'),
        Type.Literal('substation'),
        Type.Literal('gateways'),
        Type.Literal('system'),
        Type.Literal('plan'),
        Type.Literal('forecast'),
      ],
      { description: 'screen with the controls for it' },
    ),
  },
  { additionalProperties: false },
);
export type AlarmRule = Static<typeof AlarmRule>;

/** Schema of the rules file. */
export const AlarmRules = Type.Object(
  {
    flood: Type.Object(
      {
        above: Type.Integer({
          minimum: 1,
          maximum: 1000,
          default: 10,
          description: 'a flood begins with more alarms in 10 min',
        }),
        below: Type.Integer({
          minimum: 1,
          maximum: 1000,
          default: 5,
          description: 'a flood ends with fewer alarms in 10 min',
        }),
      },
      { default: {} },
    ),
    alarms: Type.Array(AlarmRule, {
      default: [],
      description: 'rules that replace the shipped rules of the same codes',
    }),
    events: Type.Array(Code, { default: [], description: 'codes that are events here instead of alarms' }),
  },
  { additionalProperties: false, title: 'Alarm rules' },
);
export type AlarmRules = Static<typeof AlarmRules>;

interface RulesFile {
  readonly text: string;
  readonly file: string;
}

/** The shipped rules, overridden by an operator's own. */
export class RuleBook {
  readonly flood: AlarmRules['flood'];
  readonly #rules: ReadonlyMap<string, AlarmRule>;

  private constructor(flood: AlarmRules['flood'], rules: ReadonlyMap<string, AlarmRule>) {
    this.flood = flood;
    this.#rules = rules;
  }

  /** Throws LS-CONFIG errors that name file, line and key. */
  static read(shipped: RulesFile, own?: RulesFile): RuleBook {
    const base = rulesOf(shipped);
    const rules = new Map(base.alarms.map((rule) => [rule.code, rule]));
    if (own === undefined) return new RuleBook(base.flood, rules);
    const { flood, alarms, events } = rulesOf(own);
    for (const rule of alarms) rules.set(rule.code, rule);
    for (const code of events) rules.delete(code);
    return new RuleBook(flood, rules);
  }

  /** Undefined: the code is an event. */
  of(code: string): AlarmRule | undefined {
    return this.#rules.get(code);
  }

  all(): readonly AlarmRule[] {
    return [...this.#rules.values()];
  }
}

/** Priority of an alarm; null if its source rates it as information only. */
export function priorityOf(rule: AlarmRule, severity: Severity): AlarmPriority | null {
  if (rule.priority !== 'told') return rule.priority;
  return { high: 1, medium: 2, low: 3, info: null }[severity] as AlarmPriority | null;
}

const rulesOf = ({ text, file }: RulesFile): AlarmRules =>
  readConfig(
    AlarmRules,
    { text, file },
    {
      after: ({ flood, alarms, events }, refuse) => {
        if (flood.below > flood.above)
          refuse('/flood/below', 'LS-CONFIG-002', 'must not be above flood.above, or a flood never ends');
        const codes = [
          ...alarms.flatMap(({ code, suppressedBy }, index) => [
            [`/alarms/${index}/code`, code] as const,
            ...suppressedBy.map((each, at) => [`/alarms/${index}/suppressedBy/${at}`, each] as const),
          ]),
          ...events.map((code, index) => [`/events/${index}`, code] as const),
        ];
        for (const [path, code] of codes)
          if (!Object.hasOwn(catalogue, code))
            refuse(path, 'LS-CONFIG-002', `is not a code of the catalogue${hint(code)}`);
        for (const [index, { code, suppressedBy }] of alarms.entries()) {
          if (alarms.findIndex((each) => each.code === code) !== index)
            refuse(`/alarms/${index}/code`, 'LS-CONFIG-002', `has a rule above already: ${code}`);
          if (suppressedBy.includes(code))
            refuse(`/alarms/${index}/suppressedBy`, 'LS-CONFIG-002', 'an alarm cannot suppress itself');
        }
      },
    },
  );

function hint(code: string): string {
  const near = nearest(code, Object.keys(catalogue));
  return near === undefined ? '' : `; did you mean ${near}?`;
}
