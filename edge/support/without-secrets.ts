const HIDDEN = '(left out)';
/** Shapes of secrets: passwords in addresses, named secrets, password hashes, private keys, bearer and signed tokens. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/(:\/\/[^\s/:@]*:)[^\s/@]+@/g, `$1${HIDDEN}@`],
  [/((?:password|passwd|secret|token|"d")["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,}"']+)/gi, `$1${HIDDEN}`],
  [/scrypt\$[^\s"]+/g, HIDDEN],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/g, `$1 ${HIDDEN}`],
  [/(?<![\w-])(?=[\w-]+\.[\w-]+\.[\w-])[\w-]*\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, HIDDEN],
];
/** Hiding a shorter password would remove ordinary words. */
const LEAST_CHARS = 4;

/**
 * The text without secrets. `known`: contents of the gateway's secret files, such as `user:password` lines; each password in them
 * is hidden everywhere.
 */
export function withoutSecrets(text: string, known: readonly string[]): string {
  const words = known
    .flatMap((file) => file.split(/\r?\n/))
    .map((line) => line.slice(line.indexOf(':') + 1).trim())
    .filter((word) => word.length >= LEAST_CHARS)
    .toSorted((a, b) => b.length - a.length);
  const without = words.reduce((left, word) => left.replaceAll(word, HIDDEN), text);
  return SHAPES.reduce((left, [shape, by]) => left.replaceAll(shape, by), without);
}
