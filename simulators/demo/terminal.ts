import type { TimeBase } from '../../shared/time/clock.ts';

/** Output of the demo: steps with their duration while it starts, then one status line that is redrawn. */
export interface TerminalOutput {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

export interface Status {
  readonly plantTime: number;
  readonly speed: number;
  readonly speedReached: number;
  readonly gatewaysUp: number;
  readonly gateways: number;
  readonly note: string;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export class Terminal {
  readonly #out: TerminalOutput;
  readonly #machine: TimeBase;
  #open = '';
  #status = '';

  constructor(out: TerminalOutput, machine: TimeBase) {
    this.#out = out;
    this.#machine = machine;
  }

  /** Announces a step, runs it and prints its duration. `report` shows progress within the step. */
  async step<T>(title: string, work: (report: (progress: string) => void) => Promise<T>): Promise<T> {
    const began = this.#machine.elapsed();
    this.#begin(title);
    try {
      const result = await work((progress) => this.#begin(`${title}  ${progress}`));
      this.#end(`  ok    ${title.padEnd(44)} ${seconds(this.#machine.elapsed() - began).padStart(7)}`);
      return result;
    } catch (error) {
      this.#end(`  fail  ${title}`);
      throw error;
    }
  }

  /** Prints a permanent line. */
  say(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
    this.#redraw();
  }

  status(status: Status): void {
    this.#clear();
    this.#status = formatStatus(status).slice(0, Math.max(20, this.#out.columns - 1));
    this.#redraw();
  }

  /** Clears the status line, so that later output starts on its own line. */
  close(): void {
    this.#clear();
    this.#status = '';
  }

  #begin(text: string): void {
    if (!this.#out.isTTY) return;
    this.#clear();
    this.#open = `  ...   ${text}`.slice(0, this.#out.columns - 1);
    this.#out.write(this.#open);
  }

  #end(line: string): void {
    this.#clear();
    this.#open = '';
    this.#out.write(`${line}\n`);
  }

  #clear(): void {
    if (this.#out.isTTY && (this.#open !== '' || this.#status !== '')) this.#out.write('\r\u001b[2K');
  }

  #redraw(): void {
    if (this.#out.isTTY && this.#status !== '') this.#out.write(this.#status);
  }
}

export function formatStatus(status: Status): string {
  const time = `${new Date(status.plantTime).toISOString().slice(0, 16).replace('T', ' ')}Z`;
  const reached = status.speedReached.toFixed(status.speedReached < 10 ? 1 : 0);
  return `  ${time}  ${reached}x of ${status.speed}x  ${status.gatewaysUp}/${status.gateways} gateways  ${status.note}`;
}
