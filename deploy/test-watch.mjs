// Kills test processes that do not end, with everything that they have started, and reports the file. Node's own time limit only asks a
// process to end, which a busy or waiting process does not notice.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const LOOK_MS = 1000;
/** Grace period for a process whose files have all ended. What closes by itself needs no more. */
const LEFT_MS = 15_000;

/** Environment variable with the script of a test process. All its descendants inherit it, even if their parent has ended. */
export const MARK = 'LOADSTONE_TEST_PROCESS';

/**
 * Checks every second what test processes report: the file `told` has one JSON row for the beginning and one for the end of each file, by
 * script. A file may take as long as `mostMs` says. Calls `onCut` with each file whose process was killed, and the reason. Returns a function that ends the
 * watch.
 */
export function watch(told, { mostMs, onCut }) {
  const ended = new Set();
  const timer = setInterval(() => {
    const latest = new Map(rowsOf(told).map((row) => [row.script, row]));
    for (const { script, pid, at, file, state } of latest.values()) {
      if (ended.has(script)) continue;
      const isLast = state === 'all ended';
      if (Date.now() - at < (isLast ? LEFT_MS : mostMs(file))) continue;
      ended.add(script);
      const family = familyOf(pid, script);
      if (family.length === 0) continue;
      for (const each of family) kill(each.pid);
      const others = family.filter((each) => each.pid !== pid).map(({ command }) => command.slice(0, 100));
      const beside = others.length === 0 ? '' : `, together with ${others.join('; ')}`;
      const why = isLast
        ? 'its process did not exit after its tests, so something is still open'
        : `it ran for longer than ${mostMs(file) / 1000} s`;
      onCut(file, `${why}: killed${beside}`);
    }
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/** The rows reported so far. */
export function rowsOf(told) {
  const lines = existsSync(told) ? readFileSync(told, 'utf8').split('\n') : [];
  // The last line may be incomplete.
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** A process and all its descendants: by parent, or by mark if the parent has ended. */
function familyOf(pid, script) {
  const everyone = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1).split(' ');
        if (state === 'Z' || state === 'X') return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
  const family = everyone.filter((each) => each.pid === pid || isMarked(each.pid, script));
  for (const member of family)
    family.push(...everyone.filter((each) => each.parent === member.pid && !family.includes(each)));
  return family;
}

function isMarked(pid, script) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${MARK}=${script}`);
  } catch {
    return false; // It belongs to another user or has ended.
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
