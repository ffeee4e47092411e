// Ends test processes that do not end by themselves, with all that they have started, and says whose file it was.
// Node's own time limit asks a process to end, which one that is busy or waits for its children does not hear.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const LOOK_MS = 1000;
/** Until a process has ended whose files have all ended: what closes by itself needs no more. */
const LEFT_MS = 15_000;

/** Carries the script of a test process to all that it starts, whoever is their parent by now. */
export const MARK = 'LOADSTONE_TEST_PROCESS';

/**
 * Looks at what test processes tell, each second: `told` holds a JSON row for the beginning and the end of each file, by script.
 * A file may take `mostMs`. `onCut` hears of a file whose process was ended, and why. Answers with what ends the watch.
 */
export function watch(told, { mostMs, onCut }) {
  const ended = new Set();
  const timer = setInterval(() => {
    const latest = new Map(rowsOf(told).map((row) => [row.script, row]));
    for (const { script, pid, at, file, state } of latest.values()) {
      if (ended.has(script)) continue;
      const isLast = state === 'all ended';
      if (Date.now() - at < (isLast ? LEFT_MS : mostMs)) continue;
      ended.add(script);
      const family = familyOf(pid, script);
      if (family.length === 0) continue;
      for (const each of family) kill(each.pid);
      const others = family.filter((each) => each.pid !== pid).map(({ command }) => command.slice(0, 100));
      const beside = others.length === 0 ? '' : `, and so were ${others.join('; ')}`;
      const why = isLast
        ? 'its process did not end after its tests, so it leaves something open'
        : `it ran for longer than ${mostMs / 1000} s`;
      onCut(file, `${why}: ended${beside}`);
    }
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/** What test processes have told so far. */
export function rowsOf(told) {
  const lines = existsSync(told) ? readFileSync(told, 'utf8').split('\n') : [];
  // The last line may not have been written to its end.
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** The process, what it has started and what those have started: by parent, or by mark where a parent has ended. */
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
    return false; // Another user's, or it has ended.
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
