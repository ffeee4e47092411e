// Provides programs and libraries of Debian that this machine lacks: unpacks packages into .cache/debian without root. Nothing is installed
// and no service starts. Plain JavaScript, because Node 20 runs it before the pinned Node can start.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../.cache/debian', import.meta.url));
const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

/**
 * `install` names the Debian packages and the folder they are unpacked to; `file` is a path in it. `names` are the tool's names on PATH, or
 * paths relative to a PATH folder.
 */
const tools = {
  aiosmtpd: { install: 'python3-aiosmtpd', file: 'usr/bin/aiosmtpd', names: ['aiosmtpd'] },
  'apt-ftparchive': { install: 'apt-utils', file: 'usr/bin/apt-ftparchive', names: ['apt-ftparchive'] },
  libatomic: { install: 'libatomic1', file: `usr/lib/${triplet}/libatomic.so.1`, names: [] },
  chromium: {
    install: 'chromium',
    file: 'usr/lib/chromium/chromium',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
  },
  img2webp: { install: 'webp', file: 'usr/bin/img2webp', names: ['img2webp'] },
  influxd: { install: 'influxdb', file: 'usr/bin/influxd', names: ['influxd'] },
  mosquitto: { install: 'mosquitto', file: 'usr/sbin/mosquitto', names: ['mosquitto'] },
  mosquitto_pub: { install: 'mosquitto-clients', file: 'usr/bin/mosquitto_pub', names: ['mosquitto_pub'] },
  nginx: { install: 'nginx', file: 'usr/sbin/nginx', names: ['nginx'] },
  openssl: { install: 'openssl', file: 'usr/bin/openssl', names: ['openssl'] },
  // Python modules.
  'opentelemetry-proto': {
    install: 'python3-opentelemetry-proto',
    file: 'usr/lib/python3/dist-packages/opentelemetry/proto/trace/v1/trace_pb2.py',
    names: ['../lib/python3/dist-packages/opentelemetry/proto/trace/v1/trace_pb2.py'],
  },
  pandas: {
    install: 'python3-requests python3-pandas',
    file: 'usr/lib/python3/dist-packages/pandas/__init__.py',
    names: ['../lib/python3/dist-packages/pandas/__init__.py'],
  },
  postgres: { install: 'postgresql-17', file: 'usr/lib/postgresql/17/bin/postgres', names: ['postgres'] },
  prometheus: { install: 'prometheus', file: 'usr/bin/prometheus', names: ['prometheus'] },
  promtool: { install: 'prometheus', file: 'usr/bin/promtool', names: ['promtool'] },
  pymodbus: { install: 'python3-pymodbus', file: 'usr/bin/pymodbus.simulator', names: ['pymodbus.simulator'] },
  rabbitmq: {
    install: 'rabbitmq-server',
    file: 'usr/lib/rabbitmq/bin/rabbitmq-server',
    // Debian's own wrapper on PATH requires a dedicated user.
    names: ['../lib/rabbitmq/bin/rabbitmq-server'],
  },
  socat: { install: 'socat', file: 'usr/bin/socat', names: ['socat'] },
  'systemd-analyze': { install: 'systemd', file: 'usr/bin/systemd-analyze', names: ['systemd-analyze'] },
  'systemd-notify': { install: 'systemd', file: 'usr/bin/systemd-notify', names: ['systemd-notify'] },
  tcc: { install: 'tcc', file: 'usr/bin/tcc', names: ['tcc'] },
};

const rootOf = (name) => join(cache, tools[name].install.replaceAll(' ', '+'));

/**
 * Path of a tool and the environment that it needs. Fetches the tool if necessary. If that fails, throws one line that says what to
 * install.
 */
export function debianTool(name) {
  const { file, names } = tools[name];
  const onPath = findOnPath(names);
  if (onPath !== undefined) return { path: onPath, env: process.env };
  const root = rootOf(name);
  if (!existsSync(join(root, file))) bring(name, root);
  return { path: join(root, file), env: environment(root) };
}

/** Whether a tool is available without fetching it. */
export function isHere(name) {
  const { file, names } = tools[name];
  return findOnPath(names) !== undefined || existsSync(join(rootOf(name), file));
}

/** The command for a person with root. */
export const remedy = (names) =>
  `sudo apt install ${[...new Set(names.flatMap((name) => tools[name].install.split(' ')))].join(' ')}`;

function findOnPath(names) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return names
    .flatMap((name) => folders.filter((folder) => folder !== '').map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** Points the loader and fontconfig to the unpacked libraries and fonts, which are outside their search paths. */
function environment(root) {
  const library = join(root, 'usr/lib');
  const libraries = [library, ...foldersIn(library), ...foldersIn(join(library, triplet))];
  const { LD_LIBRARY_PATH: before } = process.env;
  const env = { ...process.env, LD_LIBRARY_PATH: [...libraries, ...(before ? [before] : [])].join(':') };
  const fonts = join(root, FONTS);
  return existsSync(fonts) ? { ...env, FONTCONFIG_FILE: fonts } : env;
}

const foldersIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
        each.isDirectory() ? [join(folder, each.name)] : [],
      )
    : [];

const FONTS = 'etc/fonts/loadstone.conf';
const fontsOf = (root) => {
  // The package's links to the rules are absolute, and these three are chosen only when the package is configured.
  const names = readdirSync(join(root, 'etc/fonts/conf.d')).filter((name) => name !== '10-sub-pixel-none.conf');
  const included = [...names, '10-hinting-slight.conf', '70-no-bitmaps-except-emoji.conf']
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => join(root, 'usr/share/fontconfig/conf.avail', name))
    .filter((path) => existsSync(path));
  return [
    '<fontconfig>',
    `<dir>${root}/usr/share/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${root}/var/cache/fontconfig</cachedir>`,
    ...included.map((path) => `<include>${path}</include>`),
    '</fontconfig>\n',
  ].join('\n');
};

function bring(name, root) {
  const work = `${root}.${process.pid}.part`;
  rmSync(work, { recursive: true, force: true });
  try {
    mkdirSync(work, { recursive: true });
    download(tools[name].install, work);
    for (const file of readdirSync(work).filter((each) => each.endsWith('.deb'))) {
      run('dpkg-deb', ['--extract', file, '.'], work);
      rmSync(join(work, file));
    }
    if (existsSync(join(work, 'etc/fonts'))) writeFileSync(join(work, FONTS), fontsOf(work).replaceAll(work, root));
    renameSync(work, root);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    // Another process was faster. Its copy serves as well.
    if (existsSync(join(root, tools[name].file))) return;
    throw new Error(
      `LS-INSTALL-001: ${name} is missing and cannot be fetched from Debian (${error.message}): type "${remedy([name])}"`,
      { cause: error },
    );
  }
}

/**
 * Downloads the packages and their dependencies that are not installed. Uses this machine's package lists, or fresh ones if those are
 * outdated or missing.
 */
function download(wanted, work) {
  const lists = join(cache, 'apt/lists');
  for (const fresh of [false, true]) {
    try {
      const options = [...APT, ...(fresh ? ['-o', `Dir::State::Lists=${lists}`] : [])];
      if (fresh) {
        mkdirSync(join(lists, 'partial'), { recursive: true });
        run('apt-get', [...options, 'update'], work);
      }
      const plan = run(
        'apt-get',
        [...options, '--simulate', '--no-install-recommends', 'install', ...wanted.split(' ')],
        work,
      );
      // Skips upgrades of installed packages ("Inst name [old] (new)"): with a libc newer than the system's loader nothing would start.
      const names = [...plan.matchAll(/^Inst (\S+) \(/gm)].map(([, name]) => name);
      if (names.length === 0) throw new Error(`apt has no ${wanted}`);
      const others = names.length === 1 ? '' : ` and ${names.length - 1} packages that it needs`;
      process.stderr.write(`loadstone: fetching ${wanted}${others} from Debian into .cache/debian (once)\n`);
      run('apt-get', [...options, 'download', ...names], work);
      return;
    } catch (error) {
      if (fresh || error.code === 'ENOENT' || OFFLINE.test(error.message)) throw error;
    }
  }
}

const OFFLINE = /could not (?:resolve|connect)|temporary failure|timed out|unable to connect|connection failed/i;
/** Short time-outs report a missing network quickly. The cache folder is our own because apt's belongs to root. */
const APT = [
  'Acquire::Retries=0',
  'Acquire::http::Timeout=5',
  'Acquire::https::Timeout=5',
  `Dir::Cache=${cache}/apt`,
].flatMap((option) => ['-o', option]);

function run(command, args, cwd) {
  mkdirSync(join(cache, 'apt/archives/partial'), { recursive: true });
  const env = { ...process.env, LC_ALL: 'C', RES_OPTIONS: 'timeout:2 attempts:1' };
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) throw error.code === 'ENOENT' ? missing(command) : error;
  if (status === 0) return stdout;
  const reason = stderr.split('\n').find((line) => line.startsWith('E:')) ?? stderr.trim().split('\n').at(-1);
  throw new Error(`${command}: ${reason}`);
}

const missing = (command) => Object.assign(new Error(`there is no ${command}`), { code: 'ENOENT' });
