const MOST = 96;

/** Returns the first bytes of a base64 payload as hexadecimal and as text, with `.` for unprintable bytes. */
export function bytesShown(base64: string): { readonly hex: string; readonly text: string } {
  const raw = atob(base64).slice(0, MOST);
  const codes = Array.from({ length: raw.length }, (_, index) => raw.charCodeAt(index));
  return {
    hex: codes.map((code) => code.toString(16).padStart(2, '0')).join(' '),
    text: codes.map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : '.')).join(''),
  };
}
