import { telemetryRetention } from '../telemetry/sqlite-store.ts';

/** The files of the data folder that hold the kinds. */
export type DataFile = 'state.sqlite' | 'planner.sqlite' | 'telemetry.sqlite' | 'audit.jsonl' | 'exports';

/** Rows deleted in batches, oldest first: `key` rises as rows are added, or `column` has an index of its own. */
export interface OldRows {
  readonly table: string;
  readonly key: string;
  /** Time in ms UTC; a row without one is never deleted. */
  readonly column: string;
  readonly by: 'key' | 'column';
  /** SQL condition of the rows that may be deleted. Where the others stay, an index with this condition leads past them. */
  readonly only?: string;
  /** A table whose rows are deleted with these: its `column` refers to `of` here. */
  readonly with?: { readonly table: string; readonly column: string; readonly of: string };
  /** Rows per batch; default 100. */
  readonly atOnce?: number;
}

/** One kind of data that the cloud keeps: where it lies, how long and how much of it is kept, and what deletes it. */
export interface DataKind {
  readonly name: string;
  readonly file: DataFile;
  /** Their pages make up its size. Every table belongs to one kind. */
  readonly tables: readonly string[];
  /** Days after which data is deleted; null: `keeps` says what ends it. */
  readonly keptDays: number | null;
  /** The clock of its times. */
  readonly clock: 'plant' | 'machine';
  /** The budget in rows. Beyond it the oldest are deleted or, where `keeps` says so, new ones refused. */
  readonly most: number | null;
  /** Of a kind without an age or a budget: what bounds it instead. */
  readonly bounded?: string;
  /** When its data is deleted, in words. */
  readonly keeps: string;
  /** How the pruner deletes it; absent: its own store does. */
  readonly rows?: readonly OldRows[];
  /** The times from which its growth is computed; `by`: the table whose rows are queried one by one, where the key requires that. */
  readonly grows?: { readonly table: string; readonly column: string; readonly by?: 'series' };
}

const state = { file: 'state.sqlite', keptDays: null, clock: 'machine', most: null } as const;
const planner = { file: 'planner.sqlite', keptDays: null, clock: 'plant', most: null } as const;

/** One table whose oldest rows are deleted first; `key` rises as rows are added. */
const oldestFirst = (table: string, key: string, column: string, atOnce?: number) => ({
  tables: [table],
  keeps: 'oldest deleted first',
  rows: [{ table, key, column, by: 'key', ...(atOnce === undefined ? {} : { atOnce }) } as const],
  grows: { table, column },
});

/** Everything that the cloud keeps. Nothing else may be kept: a test compares this list with the files. */
export const dataKinds: readonly DataKind[] = [
  {
    name: 'raw points',
    bounded: '20 GB, beyond which the oldest are deleted',
    file: 'telemetry.sqlite',
    tables: ['series', 'fresh', 'point'],
    keptDays: telemetryRetention.rawDays,
    clock: 'plant',
    most: null,
    keeps: 'then thinned to quarter-hour means; sooner if the file exceeds 20 GB',
    grows: { table: 'point', column: 'time', by: 'series' },
  },
  {
    name: 'roll-ups',
    bounded: '20 GB, beyond which the oldest are deleted',
    file: 'telemetry.sqlite',
    tables: ['rollup', 'rolled'],
    keptDays: telemetryRetention.rollupDays,
    clock: 'plant',
    most: null,
    keeps: 'with samples that are as coarse; sooner if the file exceeds 20 GB',
    grows: { table: 'rollup', column: 'start', by: 'series' },
  },
  {
    ...state,
    name: 'ledger',
    bounded: 'it answers for any time; a gateway needs a row per gap and hour, and has a budget of runs and gaps',
    tables: ['run', 'span', 'hour', 'archive', 'folded'],
    clock: 'plant',
    keeps: 'compacted with age to a row per gap and hour',
    grows: { table: 'hour', column: 'start' },
  },
  {
    ...state,
    ...oldestFirst('event', 'id', 'received_at'),
    name: 'events',
    keptDays: 400,
    clock: 'plant',
    most: 2_000_000,
  },
  {
    ...state,
    ...oldestFirst('told', 'n', 'at'),
    name: 'alarm figures',
    keptDays: 400,
    clock: 'plant',
    most: 1_000_000,
  },
  {
    ...state,
    name: 'alarms',
    bounded: 'one alarm per rule and place',
    tables: ['alarm', 'mark'],
    keeps: 'standing alarms',
  },
  {
    ...state,
    name: 'documents',
    bounded: 'at most one plan per substation and planning period',
    tables: ['document', 'report', 'sequence', 'epoch'],
    keptDays: 14,
    clock: 'plant',
    keeps: 'except the newest of each type and gateway',
    grows: { table: 'document', column: 'issued_at' },
  },
  {
    ...state,
    name: 'commands',
    tables: ['command', 'approval', 'selection'],
    keptDays: 400,
    clock: 'plant',
    most: 1_000_000,
    keeps: 'except stops and their resumes',
    rows: [
      { table: 'command', key: 'number', column: 'expires_at', by: 'key', only: "kind NOT IN ('stop', 'resume')" },
      { table: 'approval', key: 'number', column: 'expires_at', by: 'key', only: "state <> 'waiting'" },
    ],
    grows: { table: 'command', column: 'issued_at' },
  },
  {
    ...state,
    ...oldestFirst('intervention', 'id', 'ended_at'),
    name: 'interventions',
    keptDays: 1827,
    clock: 'plant',
    most: 2_000_000,
    keeps: 'after their end',
    grows: { table: 'intervention', column: 'started_at' },
  },
  {
    ...state,
    ...oldestFirst('incident', 'id', 'ended_at'),
    name: 'incidents',
    keptDays: 1827,
    clock: 'plant',
    most: 50_000,
    keeps: 'after their end',
    grows: { table: 'incident', column: 'started_at' },
  },
  {
    ...state,
    ...oldestFirst('shift_entry', 'id', 'at'),
    name: 'shift log',
    keptDays: 1827,
    clock: 'plant',
    most: 1_000_000,
  },
  {
    ...state,
    ...oldestFirst('hand_over', 'id', 'signed_at', 10),
    name: 'hand-overs',
    keptDays: 1827,
    clock: 'plant',
    most: 10_000,
  },
  {
    ...state,
    ...oldestFirst('job', 'number', 'finished_at'),
    name: 'jobs',
    keptDays: 90,
    most: 100_000,
    keeps: 'after their end',
    grows: { table: 'job', column: 'created_at' },
  },
  {
    ...state,
    name: 'exports',
    bounded: 'one day; 5,000,000 rows each, and 50 waiting jobs per user',
    tables: ['export'],
    keptDays: 1,
    keeps: 'with their files',
  },
  {
    ...state,
    name: 'kept answers',
    bounded: 'one day of requests at the rate limit of callers',
    tables: ['answer'],
    keptDays: 1,
    keeps: 'for a repeated Idempotency-Key',
  },
  {
    ...state,
    name: 'webhook deliveries',
    bounded: '20,000 waiting per webhook, and 20 webhooks per user',
    tables: ['webhook', 'delivery'],
    keeps: 'until delivered or given up; at most 20,000 wait per webhook',
  },
  {
    ...state,
    name: 'messages of alarms',
    bounded: 'at most 200 waiting per channel',
    tables: ['mail', 'mail_told'],
    keeps: 'waiting messages for a day; standing alarms',
  },
  {
    ...state,
    ...oldestFirst('annotation', 'number', 'created_at'),
    name: 'annotations',
    bounded: 'users wrote them about times whose loads remain; they have a budget',
    clock: 'plant',
    most: 100_000,
  },
  {
    ...state,
    name: 'people and places',
    bounded: 'users, their sessions and the region; 5,000 counters of wrong passwords for names that nobody has',
    tables: [
      'user',
      'request',
      'passkey',
      'device',
      'failure',
      'session',
      'token',
      'counted',
      'area',
      'loss',
      'node',
      'born',
      'last_run',
      'store',
    ],
    keeps: 'current state only',
  },
  {
    ...planner,
    ...oldestFirst('forecast', 'number', 'issued_at', 50),
    name: 'forecasts',
    tables: ['forecast', 'tracker'],
    keptDays: 365,
    most: 400_000,
  },
  {
    ...planner,
    ...oldestFirst('moment', 'number', 'at'),
    name: 'moments',
    keptDays: telemetryRetention.rawDays,
    most: 2_000_000,
  },
  {
    ...planner,
    name: 'error paths',
    bounded: 'one path per target and forecast',
    tables: ['error_path'],
    keptDays: 28,
    keeps: 'per target',
  },
  {
    ...planner,
    name: 'models',
    bounded: 'one per target and training',
    tables: ['model', 'transition', 'promotion', 'drift', 'federated', 'content', 'loose'],
    keptDays: 180,
    keeps: 'after retirement or rejection; models that are active, waiting or available for rollback stay',
    grows: { table: 'model', column: 'since' },
  },
  {
    ...planner,
    name: 'scenarios',
    tables: ['scenario', 'result'],
    keptDays: 365,
    most: 100_000,
    keeps: 'with their results',
    rows: [
      {
        table: 'scenario',
        key: 'number',
        column: 'created_at',
        by: 'key',
        with: { table: 'result', column: 'scenario', of: 'id' },
        atOnce: 20,
      },
    ],
    grows: { table: 'scenario', column: 'created_at' },
  },
  {
    ...planner,
    name: 'backtests',
    tables: ['backtest'],
    keptDays: 365,
    // Each has at most 300,000 predictions.
    most: 500,
    keeps: 'oldest deleted first, with their predictions',
    rows: [{ table: 'backtest', key: 'id', column: 'created_at', by: 'column', atOnce: 20 }],
    grows: { table: 'backtest', column: 'created_at' },
  },
  {
    ...planner,
    ...oldestFirst('vintage', 'number', 'issued_at'),
    name: 'weather',
    bounded: 'backtests need what was known at any time; it has a budget',
    most: 200_000,
  },
  {
    ...planner,
    name: 'uploads',
    tables: ['value', 'upload'],
    most: 20_000_000,
    bounded: 'users uploaded them: when the budget is full, uploads are rejected until some are deleted',
    keeps: 'until users delete them; uploads beyond the budget are rejected',
    grows: { table: 'upload', column: 'received_at' },
  },
  {
    name: 'audit',
    bounded: 'evidence; a few hundred bytes per act of a user',
    file: 'audit.jsonl',
    tables: [],
    keptDays: null,
    clock: 'machine',
    most: null,
    keeps: 'forever, compressed; the first entry after each archive seals it',
  },
];

export const kindOf = (name: string): DataKind => {
  const kind = dataKinds.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`unknown kind of data ${name}`);
  return kind;
};

const DAY_MS = 86_400_000;

/** Data from before this time is deleted, ms UTC; -Infinity: nothing is deleted for its age. */
export const forgottenBefore = ({ keptDays }: DataKind, now: number): number =>
  keptDays === null ? -Infinity : Math.floor(now - keptDays * DAY_MS);
