import type { Invariant } from '../violation.ts';

export interface Mutation {
  readonly name: string;
  readonly invariant: Invariant;
  /** A seed that shows the bug; if it no longer does, the next seeds are tried. */
  readonly seed: number;
  /** Each `find` occurs exactly once in its file. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
}

/** Deliberate bugs, at least one per invariant: mistakes of a hurried change. */
export const mutations: readonly Mutation[] = [
  {
    name: 'the cloud acknowledges what its store rejected',
    invariant: 'lossless',
    seed: 2,
    edits: [
      {
        file: 'cloud/ingest/batch-writer.ts',
        find: 'if (points.length > 0) await this.#options.store.write(points);',
        replace: 'if (points.length > 0) await this.#options.store.write(points).catch(() => undefined);',
      },
    ],
  },
  {
    name: 'a record counts as accepted before it is on disk',
    invariant: 'nothing-made-up',
    seed: 2,
    edits: [{ file: 'edge/journal/segment-writer.ts', find: 'await this.#file.sync();', replace: '' }],
  },
  {
    name: 'a repeated command is applied again',
    invariant: 'command-once',
    seed: 1,
    edits: [
      {
        file: 'edge/uplink/document-desk.ts',
        find: "case 'held':\n        if (await this.#repeats(verdict.document, true)) break;",
        replace: "case 'held':\n        this.#options.emit({ kind: 'document', document: verdict.document });",
      },
      {
        file: 'edge/cycle/inbox.ts',
        find: 'if (known !== undefined) return {',
        replace: 'if (known === null) return {',
      },
    ],
  },
  {
    name: 'an override never expires',
    invariant: 'command-fresh',
    seed: 1,
    edits: [
      {
        file: 'edge/cycle/step.ts',
        find: 'overrides: state.overrides.map(agedBy(stepS)).filter((each) => stands(each, time)),',
        replace: 'overrides: state.overrides,',
      },
      {
        file: 'edge/control/arbitrate.ts',
        find: 'state.overrides.find(({ device, expiresAt }) => device === spec.id && expiresAt > time);',
        replace: 'state.overrides.find(({ device }) => device === spec.id);',
      },
    ],
  },
  {
    name: 'an override confirms any selection, even a used one',
    invariant: 'command-selected',
    seed: 1,
    edits: [
      {
        file: 'edge/cycle/selections.ts',
        find: 'return confirms(document, this.#named(selection));',
        replace: 'return undefined;',
      },
    ],
  },
  {
    name: 'a cancelled selection stays held',
    invariant: 'command-selected',
    seed: 1,
    edits: [
      {
        file: 'edge/cycle/selections.ts',
        find: "return applied && named !== undefined ? [this.#end(named, 'superseded', time)] : [];",
        replace: 'return [];',
      },
    ],
  },
  {
    name: 'clamp and driver pass the request through unchanged',
    invariant: 'envelope',
    seed: 1,
    edits: [
      {
        file: 'edge/safety/clamp.ts',
        find: 'const kw = within(Number.isFinite(ramped) ? ramped : spec.safeKw, range);',
        replace: 'const kw = wished * 3;',
      },
      // Otherwise the driver would not send it.
      {
        file: 'edge/drivers/setpoint-writer.ts',
        find: 'value >= this.#span.min - slack && value <= this.#span.max + slack;',
        replace: 'slack > 0;',
      },
    ],
  },
  {
    name: 'the guard sees no limit',
    invariant: 'guard',
    seed: 8,
    edits: [
      {
        file: 'edge/cycle/step.ts',
        find: 'guard(limits, levers, before ?? state.guard,',
        replace: 'guard([], levers, before ?? state.guard,',
      },
    ],
  },
  {
    name: 'an empty series of loads begins at infinity',
    invariant: 'remembers',
    seed: 1,
    edits: [
      {
        file: 'edge/forecast/load-history.ts',
        find: 'if (history.values.length === 0 || history.stepS',
        replace: 'if (history.stepS',
      },
    ],
  },
  {
    name: 'a cycle sometimes skips the following ones',
    invariant: 'cycle',
    seed: 1,
    edits: [
      {
        file: 'edge/cycle/loop.ts',
        find: 'this.#dueMs += period;',
        replace: 'this.#dueMs += this.#count % 100 === 99 ? 5 * period : period;',
      },
    ],
  },
  {
    name: 'a lost link counts as a fault',
    invariant: 'no-crash',
    seed: 1,
    edits: [
      {
        file: 'edge/uplink/node-session.ts',
        find: 'this.#options.onLost();',
        replace: "throw new Error('the link is lost');",
      },
    ],
  },
];
