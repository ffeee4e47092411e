import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const NAME = 'loadstone-edge';
const architectures = { x64: 'amd64', arm64: 'arm64' } as const;

/** Debian's packages with the libraries that the packed files ask the loader for; the versions are the oldest that have their symbols. */
export const LIBRARY_PACKAGES: Readonly<Record<string, readonly RegExp[]>> = {
  libatomic1: [/^libatomic\.so\.1$/],
  'libc6 (>= 2.28)': [/^lib(c|dl|m|pthread|rt)\.so\.\d$/, /^ld-linux-(x86-64|aarch64)\.so\.\d$/],
  'libgcc-s1': [/^libgcc_s\.so\.1$/],
  'libstdc++6 (>= 8)': [/^libstdc\+\+\.so\.6$/],
};

export interface DebOptions {
  /** What `packageEdge` wrote. */
  readonly folder: string;
  /** Folder for the .deb. */
  readonly out: string;
  readonly arch: keyof typeof architectures;
  readonly version: string;
  readonly compression?: 'xz' | 'none';
}

/** Writes the .deb of a packed gateway and tells its path. Needs dpkg-deb. */
export function packageDeb({ folder, out, arch, version, compression = 'xz' }: DebOptions): string {
  mkdirSync(out, { recursive: true });
  const tree = mkdtempSync(join(out, 'deb-'));
  const put = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
    chmodSync(join(tree, path), mode);
  };
  try {
    chmodSync(tree, 0o755);
    cpSync(folder, join(tree, 'opt/loadstone'), { recursive: true });
    rmSync(join(tree, 'opt/loadstone/loadstone-edge.service'));
    put('usr/lib/systemd/system/loadstone-edge.service', readFileSync(join(folder, 'loadstone-edge.service'), 'utf8'));
    mkdirSync(join(tree, 'usr/bin'));
    symlinkSync('/opt/loadstone/loadstone', join(tree, 'usr/bin/loadstone'));
    put(`usr/share/doc/${NAME}/examples/gateway.yaml`, exampleConfig());
    put(`usr/share/doc/${NAME}/GATEWAY.md`, readFileSync(join(import.meta.dirname, '../edge/GATEWAY.md'), 'utf8'));
    copyFileSync(join(folder, 'LICENSE'), join(tree, `usr/share/doc/${NAME}/copyright`));
    put('DEBIAN/control', debControl(architectures[arch], version));
    for (const [name, text] of Object.entries(scripts)) put(`DEBIAN/${name}`, text, 0o755);
    const file = join(out, `${NAME}_${version}_${architectures[arch]}.deb`);
    execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', tree, file], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return file;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** Every key of the configuration with its meaning, as the command prints it. */
const exampleConfig = (): string =>
  execFileSync(process.execPath, [join(import.meta.dirname, 'loadstone.mjs'), 'edge', '--print-config'], {
    encoding: 'utf8',
  });

export const debControl = (architecture: string, version: string): string => `Package: ${NAME}
Version: ${version}
Architecture: ${architecture}
Maintainer: The Loadstone authors <loadstone@example.org>
Section: net
Priority: optional
Depends: ${[...Object.keys(LIBRARY_PACKAGES), 'passwd'].join(', ')}
Description: gateway of a substation that keeps its grid inside its limits
 Reads the devices of one substation, keeps measured values inside their limits,
 follows the signed plan of the cloud and goes on without it. Brings its own
 Node and ONNX Runtime; nothing is fetched on site.
`;

/** With DPKG_ROOT set the package is put into another root: neither users nor services of this machine are touched. */
const scripts = {
  postinst: `#!/bin/sh
set -e
if [ "$1" = configure ] && [ -z "$DPKG_ROOT" ]; then
  if ! getent passwd loadstone >/dev/null; then
    useradd --system --user-group --home-dir /var/lib/loadstone --no-create-home --shell /usr/sbin/nologin loadstone
  fi
  # Serial ports.
  if getent group dialout >/dev/null; then usermod -a -G dialout loadstone; fi
  install -d -o root -g loadstone -m 0750 /etc/loadstone
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    # A gateway that runs goes on with the new version; one that was never started stays as it is.
    if [ -n "$2" ]; then systemctl try-restart loadstone-edge.service; fi
  fi
fi
`,
  prerm: `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
  systemctl disable --now loadstone-edge.service
fi
`,
  postrm: `#!/bin/sh
set -e
if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
# Identity and journal stay until the package is purged. The folders are the cloud's too: only what the gateway names goes.
if [ "$1" = purge ]; then
  state="$DPKG_ROOT/var/lib/loadstone"
  for journal in "$state/journal" "$state/.loadstone/journal"; do rm -rf "$journal" "$journal.sock"; done
  rm -f "$state/devices.htpasswd" "$DPKG_ROOT/etc/loadstone/gateway.yaml"
  for folder in "$state/.loadstone" "$state" "$DPKG_ROOT/etc/loadstone"; do
    if [ -d "$folder" ]; then rmdir --ignore-fail-on-non-empty "$folder"; fi
  done
fi
`,
} as const;
