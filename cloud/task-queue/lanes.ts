/** Kinds of heavy work, each with threads and a queue of its own. */
export const LANES = ['plan', 'train', 'planner'] as const;
export type Lane = (typeof LANES)[number];

/** Something by lane. */
export type ByLane<T> = Readonly<Record<Lane, T>>;

export const byLane = <T>(of: (lane: Lane) => T): ByLane<T> => ({
  plan: of('plan'),
  train: of('train'),
  planner: of('planner'),
});

/**
 * Tasks that go to other machines. `soon`: somebody waits for it, or it stands in for a model that failed, so it passes what makes
 * tomorrow better. What somebody uploads is read where it arrived: it is as large as a message may be, and soon done.
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

/** Undefined where the task stays where it was asked for. */
export const travels = (lane: Lane, name: string): 'soon' | 'later' | undefined =>
  Object.hasOwn(TASKS[lane], name) ? TASKS[lane][name] : undefined;
