import { digest, type Network, type Place, type PlaceOf, type Wallet } from '@kuramori/core';

/**
 * Where a customer's coins go on NEM: the wallet's one address, with a message that anybody can derive who knows for whom
 * it is. 15 digits, so that people can type it and whatever counts in doubles or spreadsheets keeps it (below 2^53, and
 * without a leading zero): 14 out of a digest and a check digit. Of ten million customers one pair is expected to meet;
 * for the second of them the number moves on.
 */
export function depositPlace(
  network: Network,
  wallet: Pick<Wallet, 'address'>,
  { exchange, customer, number }: Pick<PlaceOf, 'exchange' | 'customer' | 'number'>,
): Place {
  // Without the wallet's address: a customer keeps the message when the house changes its keys.
  const whole = BigInt(`0x${digest('deposit-memo', { chain: 'nem', network, exchange, customer, number })}`);
  const digits = (smallest + (whole % (9n * smallest))).toString();
  return { address: wallet.address, memo: digits + checkDigit(digits) };
}

/** The least number of 14 digits. */
const smallest = 10n ** 13n;

/** Whether a text is a message that somebody could have: one wrong digit, or two neighbours that changed places, is nobody's. */
export function isDepositMemo(text: string): boolean {
  return /^[1-9][0-9]{14}$/.test(text) && checkDigit(text.slice(0, 14)) === text.slice(14);
}

/**
 * What a person meant who typed a deposit message: full-width digits (U+FF10 to U+FF19) are digits, and spaces and hyphens
 * between them are how people group long numbers. Nothing else is guessed. Undefined where it is no deposit message.
 */
export function readDepositMemo(typed: string): string | undefined {
  const digits = typed
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(/[\s\-－‐]/g, '');
  return isDepositMemo(digits) ? digits : undefined;
}

// H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004), the quasigroup of order 10 given there. Unlike ISO/IEC 7812-1
// it sees every pair of neighbours that changed places, and our numbers do not pass for those of credit cards.
const damm = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
] as const;

function checkDigit(digits: string): string {
  return Array.from(digits, Number).reduce((interim, digit) => damm[Number(interim)]?.[digit] ?? '', '0');
}
