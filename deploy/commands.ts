/**
 * The table of commands. Each is imported only when it is called, so that a gateway never loads the cloud.
 * `run` gets the arguments behind the command's name and returns the exit code: 0 good, 1 something is missing or failed,
 * 2 configuration or usage.
 */
export interface Command {
  readonly summary: string;
  load(): Promise<{ run(args: readonly string[]): Promise<number> }>;
}

export const commands: Readonly<Record<string, Command>> = {};
