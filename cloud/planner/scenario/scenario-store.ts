import type { ScenarioBody } from './contract.ts';

export interface Scenario {
  readonly number: number;
  readonly id: string;
  readonly owner: string;
  readonly body: ScenarioBody;
  readonly createdAt: number;
}

export interface ScenarioResult {
  readonly id: string;
  readonly scenario: string;
  readonly target: string;
  readonly content: unknown;
}

/** Scenarios and their results, both immutable; a scenario with results cannot be deleted. */
export interface ScenarioStore {
  add(scenario: Omit<Scenario, 'number'>): Promise<void>;
  get(id: string): Promise<Scenario | undefined>;
  /** Scenarios of one owner, oldest first, with numbers above `after`. */
  list(owner: string, after: number, limit: number): Promise<Scenario[]>;
  /** Deletes a scenario that has no results; returns whether it did. */
  remove(id: string): Promise<boolean>;
  putResult(result: ScenarioResult): Promise<void>;
  /** A result as JSON text, with its scenario. */
  result(
    id: string,
  ): Promise<{ readonly scenario: string; readonly target: string; readonly json: string } | undefined>;
}
