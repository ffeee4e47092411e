/** Properties that must hold in every run, whatever goes wrong. */
export const invariants = {
  lossless: 'every record that a journal accepted is stored once, or listed as refused, dropped or lost',
  'nothing-made-up': 'what is stored stood in a journal, with the same values',
  'command-once': 'a command acts once and has one outcome',
  'command-fresh': 'no override acts before it was given, after it has expired or after a newer one',
  'command-selected':
    'a selection lets one override through, of who holds it, within its time and unless it was given up',
  envelope: 'no setpoint leaves the ratings of its device',
  guard: 'a limit that devices can relieve is not passed for long',
  remembers: 'what a gateway keeps of its state can be read at its next start, all of it',
  cycle: 'the cycle keeps its period, whatever the journal, the cloud and the devices do',
  'no-crash': 'no task fails but by what the store does',
} as const;

export type Invariant = keyof typeof invariants;

export interface Violation {
  readonly invariant: Invariant;
  /** Plant time since the start, s. */
  readonly atS: number;
  readonly text: string;
}
