import { chmodSync, writeFileSync } from 'node:fs';

interface Start {
  /** Paths relative to the script. */
  readonly node: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The only command to which `args` and `env` apply; undefined for all commands. */
  readonly command?: string;
}

/** Writes the script that starts a packed tier. It needs only a shell, and readlink if it is started by a link such as /usr/local/bin. */
export function writeStartScript(path: string, { node, program, args, env, command }: Start): void {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}="\${${name}:-${value}}"`);
  const exec = (flags: readonly string[]): string =>
    `exec "$here/${node}" ${['--disable-warning=ExperimentalWarning', ...flags].join(' ')} "$here/${program}" "$@"`;
  const lines = [
    '#!/bin/sh',
    'self=$0',
    'if [ -L "$self" ]; then self=$(readlink -f "$self"); fi',
    'case $self in */*) here=${self%/*} ;; *) here=. ;; esac',
    ...(command === undefined ? [] : [`if [ "\${1:-}" != ${command} ]; then ${exec([])}; fi`]),
    ...exports,
    exec(args),
    '',
  ];
  writeFileSync(path, lines.join('\n'));
  chmodSync(path, 0o755);
}
