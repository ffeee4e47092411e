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

/** Scenarios and what came of them. Neither is ever changed; a scenario that was used cannot be deleted. */
export interface ScenarioStore {
  add(scenario: Omit<Scenario, 'number'>): Promise<void>;
  get(id: string): Promise<Scenario | undefined>;
  /** Of one owner, oldest first, with numbers above `after`. */
  list(owner: string, after: number, limit: number): Promise<Scenario[]>;
  /** Deletes a scenario that no forecast was made of; answers whether it did. */
  remove(id: string): Promise<boolean>;
  putResult(result: ScenarioResult): Promise<void>;
  /** The text of a result as JSON, and the scenario that it is of. */
  result(
    id: string,
  ): Promise<{ readonly scenario: string; readonly target: string; readonly json: string } | undefined>;
}
