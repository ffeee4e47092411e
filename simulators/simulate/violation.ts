/** Properties that must hold in every run, whatever goes wrong. */
export const invariants = {
  lossless: 'every record that a journal accepted is stored once, or listed as refused, dropped or lost',
  'nothing-made-up': 'everything stored was in a journal, with the same values',
  'command-once': 'a command acts once and has one outcome',
  'command-fresh': 'no override acts before it was given, after it expired or after a newer one',
  'command-selected': 'a selection admits one override, from its holder, before it expires and unless it was cancelled',
  envelope: 'no setpoint exceeds the ratings of its device',
  guard: 'a limit that devices can relieve is not exceeded for long',
  remembers: 'a gateway can read its whole saved state at its next start',
  cycle: 'the cycle keeps its period, whatever journal, cloud and devices do',
  'no-crash': 'no task fails except because of the store',
} as const;

export type Invariant = keyof typeof invariants;

export interface Violation {
  readonly invariant: Invariant;
  /** Plant time since the start, s. */
  readonly atS: number;
  readonly text: string;
}
