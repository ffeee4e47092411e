import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

/** Licence texts for packages that ship none, by package name. */
const TEXTS = join(import.meta.dirname, 'licences');

/** Root folders of the packages behind the files of a bundle, without duplicates, sorted by path. */
export function packagesOf(files: readonly string[]): string[] {
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/** Names, versions and licence texts of packages as one text. Throws if a package ships no text and there is none here. */
export function licencesOf(folders: readonly string[]): string {
  const rule = '-'.repeat(80);
  return folders.map((folder) => `${rule}\n${entry(folder)}\n`).join('\n');
}

function entry(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const own = join(TEXTS, `${name.replace('/', '+')}.txt`);
  if (texts.length === 0 && existsSync(own)) texts.push(readFileSync(own, 'utf8').trim());
  if (texts.length === 0) {
    throw new Error(`${name} ${version} (${license ?? 'no licence named'}) ships no licence text: add it as ${own}`);
  }
  return `${name} ${version}${license === undefined ? '' : `, ${license}`}\n\n${texts.join('\n\n')}`;
}
