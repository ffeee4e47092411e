import { LoadstoneError } from '../outcome/outcome.ts';

/** One element of a power-grid-model data set. Null attributes count as absent. */
export class Element {
  readonly kind: string;
  readonly id: string;
  readonly #attributes: Readonly<Record<string, unknown>>;
  readonly #read: Set<string>;

  constructor(kind: string, attributes: Readonly<Record<string, unknown>>, read: Set<string>) {
    this.kind = kind;
    this.#attributes = attributes;
    this.#read = read;
    this.id = String(this.number('id'));
  }

  get label(): string {
    return `${this.kind} ${this.id}`;
  }

  maybe(attribute: string): number | undefined {
    this.#read.add(attribute);
    const value = this.#attributes[attribute];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || Number.isNaN(value))
      throw new LoadstoneError('LS-GRID-003', `${this.kind} ${this.id}: ${attribute} must be a number`);
    return value;
  }

  number(attribute: string, absent?: number): number {
    const value = this.maybe(attribute) ?? absent;
    if (value === undefined)
      throw new LoadstoneError('LS-GRID-003', `${this.kind} ${this.id ?? '?'}: ${attribute} is missing`);
    return value;
  }

  /** Sum over the three phases. */
  sum(attribute: string): number {
    this.#read.add(attribute);
    const value = this.#attributes[attribute];
    if (!Array.isArray(value) || !value.every((phase) => typeof phase === 'number'))
      throw new LoadstoneError('LS-GRID-003', `${this.label}: ${attribute} must be an array of numbers`);
    return value.reduce((sum: number, phase: number) => sum + phase, 0);
  }

  /** Id of another element. */
  ref(attribute: string): string {
    return String(this.number(attribute));
  }

  attributes(): readonly string[] {
    return Object.keys(this.#attributes).filter((name) => this.#attributes[name] !== null);
  }
}

export type Omit = (of: Element, field: string, detail: string, changesResult?: boolean) => void;
