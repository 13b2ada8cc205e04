/** Fields as exports of explorers and notebooks write them, read into exact integers. */
import { z } from 'zod';

/** `4e+18` and `3000000000000000.0` are what a notebook makes of whole numbers; read digit by digit, never as a float. */
export function exact(text: string, places: number): bigint | null {
  const match = /^([0-9]+)(?:\.([0-9]*))?(?:[eE]\+?(-?[0-9]{1,3}))?$/.exec(text);
  if (!match) return null;
  const fraction = match[2] ?? '';
  const shift = Number(match[3] ?? '0') + places - fraction.length;
  const digits = BigInt(match[1] + fraction);
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return digits % divisor === 0n ? digits / divisor : null;
}

function number(places: number, what: string): z.ZodType<bigint> {
  return z.string().transform((text, context) => {
    const units = exact(text, places);
    if (units !== null) return units;
    context.addIssue(`must be ${what}, not '${text.slice(0, 100)}'`);
    return z.NEVER;
  });
}

/** A whole number of smallest units. */
export const Whole = number(0, 'a whole number that is not below 0');
/** Dollars, as cents. */
export const Cents = number(2, 'dollars with at most two decimal places');

export const Natural = z.string().transform((text, context) => {
  const value = exact(text, 0);
  if (value !== null && value <= 0xffff_fffen) return Number(value);
  context.addIssue(`must be a whole number below 2^32, not '${text.slice(0, 100)}'`);
  return z.NEVER;
});

/** An account's address. Hexadecimal ones are one account however they are capitalised (EIP-55); others are not. */
export const Address = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'must be an address: letters, digits and signs without white space')
  .transform((address) => (/^0x[0-9a-f]+$/i.test(address) ? address.toLowerCase() : address));
