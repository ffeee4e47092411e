/** Kinds of heavy work, each with its own threads and queue. */
export const LANES = ['plan', 'train', 'planner'] as const;
export type Lane = (typeof LANES)[number];

/** A value for each lane. */
export type ByLane<T> = Readonly<Record<Lane, T>>;

export const byLane = <T>(of: (lane: Lane) => T): ByLane<T> => ({
  plan: of('plan'),
  train: of('train'),
  planner: of('planner'),
});

/**
 * Tasks that go to other machines. `soon`: someone waits for it, or it replaces a model that failed, so it overtakes work that only
 * improves later forecasts. Uploads are processed where they arrive: they may be as large as a message and are soon done.
 */
const TASKS: ByLane<Readonly<Record<string, 'soon' | 'later'>>> = {
  plan: { dispatch: 'later' },
  train: { trainForecast: 'later', fitLinear: 'soon' },
  planner: {
    runScenario: 'later',
    scoreBacktest: 'later',
    naiveForecast: 'later',
    trainForecast: 'later',
    fitLinear: 'soon',
    weekAhead: 'soon',
  },
};

/** Undefined if the task stays in the process that asks for it. */
export const travels = (lane: Lane, name: string): 'soon' | 'later' | undefined =>
  Object.hasOwn(TASKS[lane], name) ? TASKS[lane][name] : undefined;
