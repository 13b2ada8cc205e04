/** Customer: whom a deposit is for is told by the message that it carries. */
import { randomInt } from 'node:crypto';
import { rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';

export const CustomerId = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits or _ . -');
export const CustomerBody = z.strictObject({ customer: CustomerId });

const Found = z.object({ id: CustomerId, message: z.string() });

/** The customer's message id, made at the first call. */
export async function openCustomer(client: Client, customer: string, now: number): Promise<string> {
  for (;;) {
    const known = await findCustomer(client, customer);
    if (known) return known;
    await client.query(
      'insert into custody.customer (id, message, at) values ($1, $2, $3) on conflict do nothing',
      [customer, newMessage(), now],
    );
  }
}

export async function findCustomer(client: Client, customer: string): Promise<string | undefined> {
  const [found] = await rows(client, Found, 'select id, message from custody.customer where id = $1', [
    customer,
  ]);
  return found?.message;
}

/** Whose message it is. People type spaces around it; anything else is somebody else's, or nobody's. */
export async function customerOf(client: Client, message: string): Promise<string | undefined> {
  const id = message.trim();
  if (!isMessageId(id)) return undefined;
  const [found] = await rows(client, Found, 'select id, message from custody.customer where message = $1', [
    id,
  ]);
  return found?.id;
}

/** Eleven random digits and a check digit: one wrong digit, and nearly any two that changed places, is nobody's and not another's. */
export function newMessage(): string {
  const digits = Array.from({ length: 11 }, () => randomInt(10)).join('');
  return digits + checkDigit(digits);
}

export function isMessageId(text: string): boolean {
  return /^[0-9]{12}$/.test(text) && checkDigit(text.slice(0, 11)) === text.slice(11);
}

/** ISO/IEC 7812-1, annex B. */
function checkDigit(digits: string): string {
  const sum = Array.from(digits, Number).reduce((total, digit, index) => {
    const value = index % 2 === 0 ? digit * 2 : digit;
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}
