import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Type, type Static } from 'typebox';
import { readConfig } from '../../shared/config/read-config.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { substationIds, type SubstationId } from '../data/names.ts';
import { gridCodes, type GridCodeId } from '../../shared/grid/grid-codes.ts';
import { Range, Scenario } from './scenario.ts';

const closed = { additionalProperties: false } as const;
const share = Type.Number({ minimum: 0, maximum: 1 });
const positive = Type.Number({ exclusiveMinimum: 0 });
const notNegative = Type.Number({ minimum: 0 });
const names = Type.Array(Type.String(), { minItems: 1 });
const Link = Type.Object({ latencyS: notNegative, lossShare: share }, closed);

/** Price of lost load at which statements are tested, EUR/kWh. */
export const JUDGED = '10';

export const armIds = ['A', 'B', 'C', 'C2', 'D', 'E', 'F', 'F-', 'H'] as const;
export type ArmId = (typeof armIds)[number];

/** The three switches, and the features that an arm lacks. */
const Arm = Type.Object(
  {
    title: Type.String(),
    guard: Type.Union([Type.Literal('none'), Type.Literal('site'), Type.Literal('cloud')]),
    plan: Type.Union([Type.Literal('none'), Type.Literal('site'), Type.Literal('cloud')]),
    knows: Type.Union([Type.Literal('local'), Type.Literal('site'), Type.Literal('all'), Type.Literal('truth')]),
    quarterHourlyShare: Type.Optional(
      Type.Boolean({ description: 'true: a file gives the share of the shared limit by time of day' }),
    ),
    localForecast: Type.Optional(Type.Boolean({ description: 'false: gateways make no forecasts of their own' })),
  },
  closed,
);
export type Arm = Static<typeof Arm>;

const Tier = Type.Object(
  {
    seeds: Type.Tuple([Type.Integer({ minimum: 1 }), Type.Integer({ minimum: 1 })]),
    hours: positive,
    trains: Type.Boolean(),
    arms: Type.Array(Type.Unsafe<ArmId>(Type.Union(armIds.map((id) => Type.Literal(id)))), { minItems: 1 }),
    scenarios: names,
  },
  closed,
);
export type Tier = Static<typeof Tier>;

const Statement = Type.Object(
  {
    id: Type.String(),
    says: Type.String(),
    rivals: Type.Array(Type.Unsafe<ArmId>(Type.Union(armIds.map((id) => Type.Literal(id)))), {
      minItems: 1,
      description: 'the statement holds if it holds against each',
    }),
    kind: Type.Union([Type.Literal('less'), Type.Literal('not-worse')]),
    outcome: Type.Optional(Type.String()),
    scenarios: Type.Optional(names),
  },
  closed,
);
export type Statement = Static<typeof Statement>;

export const Protocol = Type.Object(
  {
    version: Type.Literal(1),
    unit: Type.Object(
      {
        substations: Type.Array(Type.Unsafe<SubstationId>(Type.Union(substationIds.map((id) => Type.Literal(id)))), {
          minItems: 1,
        }),
        sharedImportKw: positive,
        sharedExportKw: positive,
        kwPerCustomer: positive,
        planningBandPu: Range(0.5, 1.5, 'minimum and maximum'),
      },
      closed,
    ),
    days: Type.Object({ tuning: names, test: names }, closed),
    plant: Type.Object(
      {
        commonImpedanceSd: share,
        lineImpedanceSd: share,
        transformerImpedance: share,
        tapSteps: Type.Integer({ minimum: 0, maximum: 4 }),
        loadShare: share,
        powerFactor: share,
        zip: Type.Object({ impedance: share, current: share }, closed),
        hiddenSwitchShare: share,
        misplacedDeviceShare: share,
        lyingMeterShare: share,
        silentDeviceShare: share,
        curves: Type.Unsafe<GridCodeId>(Type.Union(Object.keys(gridCodes).map((code) => Type.Literal(code)))),
        access: Type.Object({ medianS: notNegative, lossShare: share }, closed),
        crewMinutes: Range(1, 1440, 'minimum and maximum'),
      },
      closed,
    ),
    settings: Type.Object(
      {
        cycleS: positive,
        responseS: positive,
        staleFactor: Type.Number({ minimum: 1 }),
        planEveryS: Type.Integer({ minimum: 60 }),
        estimateEveryS: Type.Integer({ minimum: 1 }),
        planSteps: Type.Array(Type.Tuple([Type.Integer({ minimum: 1 }), Type.Integer({ minimum: 60 })])),
        goodLink: Link,
        staticShareQuantile: share,
      },
      closed,
    ),
    arms: Type.Object(Object.fromEntries(armIds.map((id) => [id, Arm])) as Record<ArmId, typeof Arm>, closed),
    tiers: Type.Object({ smoke: Tier, quick: Tier, night: Tier }, closed),
    scenarios: Type.Record(Type.String(), Scenario),
    prices: Type.Object(
      {
        lossesEurPerMwh: notNegative,
        peakEurPerKw: notNegative,
        tapMoveEur: notNegative,
        curtailedEurPerKwh: notNegative,
        batteryEurPerKwh: notNegative,
        overEurPerKwh: notNegative,
        voltageEurPerBusHour: notNegative,
        storedEurPerKwh: notNegative,
        lostLoad: Type.Array(notNegative, { minItems: 1 }),
      },
      closed,
    ),
    outcomes: Type.Object(
      {
        primary: names,
        bootstrap: Type.Object(
          { rounds: Type.Integer({ minimum: 100 }), level: share, seed: Type.Integer({ minimum: 0 }) },
          closed,
        ),
      },
      closed,
    ),
    targets: Type.Object(
      {
        reliefP95S: Type.Object({ wired: positive, access: positive }, closed),
        relayS: positive,
        regretOrdinary: share,
        regretStressed: share,
        ordinary: names,
        highestPu: positive,
      },
      closed,
    ),
    confirmatory: Type.Object(
      { tier: Type.Literal('night'), correction: Type.Literal('holm'), statements: Type.Array(Statement) },
      closed,
    ),
  },
  closed,
);
export type Protocol = Static<typeof Protocol>;

const root = join(import.meta.dirname, '..', '..');
const file = join(root, 'simulators', 'runs', 'prove', 'protocol.yaml');

/** The protocol and the hash of its bytes. */
export function readProtocol(text = readFileSync(file, 'utf8')): {
  readonly protocol: Protocol;
  readonly sha256: string;
} {
  const protocol = readConfig(Protocol, { file: relative(root, file), text });
  const { tiers, confirmatory } = protocol;
  const naming = [
    ...Object.entries(tiers).map(([name, { scenarios }]) => ({ key: `tiers.${name}`, scenarios })),
    { key: 'targets.ordinary', scenarios: protocol.targets.ordinary },
    ...confirmatory.statements.map(({ id, scenarios = [] }) => ({ key: `the statement ${id}`, scenarios })),
  ];
  for (const { key, scenarios } of naming) {
    const unknown = scenarios.find((each) => !Object.hasOwn(protocol.scenarios, each));
    if (unknown !== undefined)
      throw new LoadstoneError(
        'LS-CONFIG-002',
        `${key} names an unknown scenario "${unknown}"; expected some of ${Object.keys(protocol.scenarios).join(', ')}`,
      );
  }
  if (!protocol.prices.lostLoad.includes(Number(JUDGED)))
    throw new LoadstoneError('LS-CONFIG-002', `prices.lostLoad lacks ${JUDGED}, the price at which runs are judged`);
  return { protocol, sha256: sha256(text) };
}

/** What a call may choose instead of what the protocol fixes. */
interface Chosen {
  readonly tier: string;
  readonly scenario?: string | undefined;
  readonly seeds?: string | undefined;
  readonly arms?: string | undefined;
}

/** SHA-256 of the protocol and of the code that a run executes. */
const Hashes = Type.Object({ protocolSha256: Type.String(), codeSha256: Type.String() }, closed);
export type Hashes = Static<typeof Hashes>;

const recordedFile = join(root, 'simulators', 'runs', 'prove', 'recorded.yaml');

/** The hashes recorded before the runs that are to confirm something; undefined before they are. */
export function readRecorded(file = recordedFile): Hashes | undefined {
  if (!existsSync(file)) return undefined;
  return readConfig(Hashes, { file: relative(root, file), text: readFileSync(file, 'utf8') });
}

export function writeRecorded({ protocolSha256, codeSha256 }: Hashes, file = recordedFile): string {
  const head = '# Written by `loadstone prove --record` before the first run. The commit of this file shows when.\n';
  writeFileSync(file, `${head}protocolSha256: ${protocolSha256}\ncodeSha256: ${codeSha256}\n`);
  return relative(root, file);
}

/**
 * Why runs confirm nothing; undefined if they are the test that the protocol fixes: all of the tier that it names, nothing chosen, and
 * protocol and code as recorded beforehand.
 */
export function whyNotConfirmatory(
  { confirmatory }: Protocol,
  { tier, scenario, seeds, arms }: Chosen,
  { now, recorded }: { readonly now: Hashes; readonly recorded: Hashes | undefined },
): string | undefined {
  if (tier !== confirmatory.tier || [scenario, seeds, arms].some((each) => each !== undefined))
    return 'tier, scenarios, seeds or arms differ from the protocol';
  if (recorded === undefined) return 'no hashes of protocol and code were recorded beforehand';
  if (recorded.protocolSha256 !== now.protocolSha256) return 'the protocol has changed since its hash was recorded';
  if (recorded.codeSha256 !== now.codeSha256) return 'the code has changed since its hash was recorded';
  return undefined;
}

export const readScenario = (name: string, text: string): Scenario => readConfig(Scenario, { file: name, text });

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
