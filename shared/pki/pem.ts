export type PemLabel = 'CERTIFICATE' | 'CERTIFICATE REQUEST' | 'PRIVATE KEY';

/** All blocks with a given label in a PEM text, each as PEM. */
export function pemBlocks(text: string, label: PemLabel): string[] {
  const blocks = text.match(/-----BEGIN [A-Z ]{1,40}-----[A-Za-z0-9+/=\s]{1,100000}-----END [A-Z ]{1,40}-----/g) ?? [];
  return blocks.filter((block) => block.startsWith(`-----BEGIN ${label}-----`)).map((block) => `${block}\n`);
}

export function pemOf(label: PemLabel, der: ArrayBuffer): string {
  const lines = new Uint8Array(der).toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

export const derOf = (pem: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.fromBase64(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''));
