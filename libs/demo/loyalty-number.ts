import { checkDigit } from './gtin.ts';

/** Card numbers of the demo retailer start with this. */
const CARD_PREFIX = '913';
const SPACE = 1_000_000_000n;
/** Odd and no multiple of 5, so that multiplication permutes the nine digits. */
const MULTIPLIER = 387_420_489n;

/**
 * The loyalty number of a demo member: 13 digits with a check digit. Two members never share one.
 *
 * @param seed of the demo retailer.
 * @param memberNumber from 1, below 10⁹.
 */
export function demoLoyaltyNumber(seed: number, memberNumber: number): string {
  const shift = BigInt.asUintN(32, BigInt(seed)) * 7_919n;
  const serial = (BigInt(memberNumber) * MULTIPLIER + shift) % SPACE;
  const body = CARD_PREFIX + serial.toString().padStart(9, '0');
  return body + checkDigit(body);
}
