import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const root = join(import.meta.dirname, '..', '..');

/** A copy of the tree, into which a blueprint is put. Gone after the test. */
export class TreeCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'loadstone-blueprint-'));
  readonly #touched = new Set<string>();

  constructor() {
    after(() => rmSync(this.folder, { recursive: true }));
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const file of listed.split('\0').filter(Boolean))
      cpSync(join(root, file), join(this.folder, file), { recursive: true, dereference: false });
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
  }

  get touched(): readonly string[] {
    return [...this.#touched];
  }

  /** Puts a blueprint at its place. */
  add(blueprint: string, file: string): void {
    cpSync(join(import.meta.dirname, blueprint), join(this.folder, file));
    this.#touched.add(file);
  }

  edit(file: string, change: (text: string) => string): void {
    const path = join(this.folder, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    this.#touched.add(file);
  }

  /** Runs a program of `node_modules/.bin` or a script of the tree there; what it prints where it fails. */
  run(...command: string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: this.folder, encoding: 'utf8' });
    return status === 0 ? '' : `${command.join(' ')}: ${stdout}${stderr}`;
  }
}
