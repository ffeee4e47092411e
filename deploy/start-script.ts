import { chmodSync, writeFileSync } from 'node:fs';

interface Start {
  /** Paths beside the script. */
  readonly node: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The one command that arguments and environment are for; undefined: all. */
  readonly command?: string;
}

/**
 * Writes the script that starts a packed tier. It needs a shell and nothing on its path; a link to it, as in /usr/local/bin, is followed
 * by the system's readlink.
 */
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
