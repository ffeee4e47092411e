import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { sbomOf } from './sbom.ts';

const folders = ['node_modules/@peculiar/x509', 'node_modules/aedes', 'node_modules/aedes'];

test('a bill of materials is valid CycloneDX and lists each package once, with licence and hash', async () => {
  const text = sbomOf({ name: 'loadstone-edge', version: '1.2.3', node: '26.10.0', folders });
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  assert.equal(await validator.validate(text), null);
  assert.notEqual(await validator.validate(text.replace('"application"', '"other"')), null);
  const { components, dependencies } = JSON.parse(text) as {
    components: { purl: string; group?: string; licenses?: unknown; hashes?: { alg: string; content: string }[] }[];
    dependencies: { dependsOn: string[] }[];
  };
  const { version } = JSON.parse(readFileSync('node_modules/@peculiar/x509/package.json', 'utf8')) as {
    version: string;
  };
  const [node, x509, aedes] = components;
  assert.equal(components.length, 3);
  assert.equal(node!.purl, 'pkg:generic/node@26.10.0');
  assert.equal(x509!.purl, `pkg:npm/%40peculiar/x509@${version}`);
  assert.equal(x509!.group, '@peculiar');
  assert.deepEqual(aedes!.licenses, [{ expression: 'MIT' }]);
  assert.equal(aedes!.hashes![0]!.alg, 'SHA-512');
  assert.equal(aedes!.hashes![0]!.content.length, 128);
  assert.deepEqual(
    dependencies[0]!.dependsOn,
    components.map(({ purl }) => purl),
  );
});
