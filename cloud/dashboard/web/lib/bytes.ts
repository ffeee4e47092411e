const MOST = 96;

/** The first bytes of a payload as hexadecimal and as the text that they may be; `.` stands for what is none. `base64`: as the API gives them. */
export function bytesShown(base64: string): { readonly hex: string; readonly text: string } {
  const raw = atob(base64).slice(0, MOST);
  const codes = Array.from({ length: raw.length }, (_, index) => raw.charCodeAt(index));
  return {
    hex: codes.map((code) => code.toString(16).padStart(2, '0')).join(' '),
    text: codes.map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : '.')).join(''),
  };
}
