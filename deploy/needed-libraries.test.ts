import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { neededLibraries } from './needed-libraries.ts';
import { LIBRARY_PACKAGES, debControl } from './package-deb.ts';

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));
const node = join(folderOf(`node-linux-${process.arch}`), 'bin', 'node');
const onnx = ['x64', 'arm64'].map((arch) => join(folderOf('onnxruntime-node'), 'bin', 'napi-v6', 'linux', arch));
const packed = [node, ...onnx.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))];
/** Libraries that the packed files need from the machine, without those that are packed themselves. */
const needed = [...new Set(packed.flatMap(neededLibraries))].filter(
  (library) => !packed.some((path) => basename(path) === library),
);

/** The packages with these libraries, without versions. */
function packagesFor(libraries: readonly string[]): string[] {
  const found = libraries.map((library) => {
    const [name] =
      Object.entries(LIBRARY_PACKAGES).find(([, own]) => own.some((pattern) => pattern.test(library))) ?? [];
    assert.ok(name !== undefined, `no package is named for ${library}`);
    return name.split(' ')[0]!;
  });
  return [...new Set(found)].sort();
}

test('lists the libraries the loader would search for a file', () => {
  const { LD_LIBRARY_PATH = '' } = process.env;
  const env = { PATH: process.env['PATH'], LD_LIBRARY_PATH, LD_TRACE_LOADED_OBJECTS: '1' };
  const traced = execFileSync(node, { encoding: 'utf8', env });
  const own = neededLibraries(node);
  assert.ok(own.length >= 5);
  for (const library of own) assert.ok(traced.includes(library), `${library} is not in\n${traced}`);
  assert.throws(() => neededLibraries(import.meta.filename), /not a 64-bit little-endian ELF file/);
});

test('the package declares the libraries its files need, and no others', () => {
  const [, depends = ''] = /^Depends: (.*)$/m.exec(debControl('edge', 'amd64', '1.0.0')) ?? [];
  const declared = depends.split(', ').map((each) => each.split(' ')[0]!);
  assert.deepEqual(
    declared.filter((name) => name !== 'passwd' && name !== 'loadstone-common').sort(),
    packagesFor(needed),
  );
});

test('each image that starts the pinned Node installs what the slim image lacks', () => {
  // apt needs these, so every Debian image has them.
  const always = ['libc6', 'libgcc-s1', 'libstdc++6'];
  const lacking = packagesFor(needed).filter((name) => !always.includes(name));
  for (const name of ['edge', 'cloud']) {
    const text = readFileSync(join(import.meta.dirname, 'containers', `${name}.Dockerfile`), 'utf8');
    const stages = text.split(/^FROM /m).slice(1);
    assert.equal(stages.length, 2, name);
    for (const stage of stages)
      for (const missing of lacking)
        assert.match(stage, new RegExp(`^RUN apt-get update && apt-get install .*\\b${missing}\\b`, 'm'), name);
  }
});
