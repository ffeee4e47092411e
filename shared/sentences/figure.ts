const THIN = '\u202f';

/**
 * Formats a plain number for a language: a true minus, a narrow space between thousands in every language, and a decimal comma except in
 * English.
 */
export function figure(value: number | string, language: string): string {
  const [whole = '0', part] = String(value).split('.');
  const grouped = whole.replace(/\D/g, '').length > 4 ? whole.replace(/\B(?=(?:\d{3}){1,7}$)/g, THIN) : whole;
  const signed = grouped.replace('-', '−');
  return part === undefined ? signed : `${signed}${language === 'en' ? '.' : ','}${part}`;
}
