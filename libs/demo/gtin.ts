/** GS1 prefix 952 is kept for demonstrations: no real article carries it. */
const DEMONSTRATION_PREFIX = '952';

/** The check digit of GS1 General Specifications §7.9.1: weights 3 and 1 from the right. */
export function checkDigit(digits: string): string {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const weight = (digits.length - index) % 2 === 1 ? 3 : 1;
    sum += Number(digits[index]) * weight;
  }
  return String((10 - (sum % 10)) % 10);
}

/**
 * A valid GTIN-13 of an invented article.
 *
 * @param company 0 to 9999.
 * @param item 0 to 99999.
 */
export function gtin13(company: number, item: number): string {
  const body = `${DEMONSTRATION_PREFIX}${String(company).padStart(4, '0')}${String(item).padStart(5, '0')}`;
  return body + checkDigit(body);
}
