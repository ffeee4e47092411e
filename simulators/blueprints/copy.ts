import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';

const root = join(import.meta.dirname, '..', '..');

/** A copy of the source tree for adding blueprints; deleted after the tests. */
export class TreeCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'loadstone-blueprint-'));
  /** Files that differ from this tree. */
  readonly touched: string[] = [];

  constructor() {
    after(() => rmSync(this.folder, { recursive: true }));
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
    });
    // What tsc knows of this tree it need not check again in the copy.
    const known = globSync('.cache/*.tsbuildinfo', { cwd: root });
    for (const file of [...listed.split('\0').filter(Boolean), ...known])
      cpSync(join(root, file), join(this.folder, file), { recursive: true, dereference: false });
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
  }

  /** Writes a blueprint to its place in the copy. */
  add(blueprint: string, file: string, change = (text: string): string => text): string {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, change(readFileSync(join(root, blueprint), 'utf8')));
    this.touched.push(file);
    return file;
  }

  edit(file: string, change: (text: string) => string): void {
    const path = join(this.folder, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    this.touched.push(file);
  }

  /** Runs a program of `node_modules/.bin` or a script in the copy; returns its output. Throws if it fails. */
  run(...command: string[]): string {
    // With this variable set, `--test` runs nothing.
    const { NODE_TEST_CONTEXT: _own, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: this.folder,
      encoding: 'utf8',
      env,
    });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Runs tests in the copy; throws if none ran. */
  test(...args: string[]): string {
    const said = this.run('--test', '--test-reporter=tap', ...args);
    if (!/^# pass [1-9]/m.test(said)) throw new Error(`--test ${args.join(' ')}: no test ran\n${said}`);
    return said;
  }

  /** Imports a module of the copy. */
  load(file: string): Promise<unknown> {
    return import(join(this.folder, file));
  }
}
