/** The same for machines: addresses that unexplained transactions name, and their hashes, as CSV and JSON. */
import { z } from 'zod';
import { csv } from './escape.ts';
import type { IncidentRecord } from './record.ts';
import { utc } from './words.ts';

export const AddressList = z.strictObject({
  v: z.literal(1),
  /** Whose they are, nobody has checked: a thief can name somebody who knows nothing. */
  checked: z.literal(false),
  firstAlarm: z.string().nullable(),
  addresses: z.array(
    z.strictObject({
      address: z.string(),
      as: z.enum(['recipient', 'cosigner']),
      transactions: z.array(z.string()),
    }),
  ),
  transactions: z.array(
    z.strictObject({ hash: z.string(), inner: z.string().nullable(), inBlock: z.boolean() }),
  ),
});

export function addressList({
  firstAlarm,
  named,
  transactions,
}: IncidentRecord): z.infer<typeof AddressList> {
  return AddressList.parse({
    v: 1,
    checked: false,
    firstAlarm: firstAlarm === null ? null : utc(firstAlarm),
    addresses: named,
    transactions: transactions.flatMap(({ hash, inner, inBlocks }) =>
      hash === null ? [] : { hash, inner, inBlock: inBlocks.length > 0 },
    ),
  });
}

export function addressCsv(record: IncidentRecord): string {
  const { addresses, transactions } = addressList(record);
  return csv([
    ['kind', 'value', 'as', 'transactions'],
    ...addresses.map((one) => ['address', one.address, one.as, one.transactions.join(' ')]),
    ...transactions.map(({ hash, inner, inBlock }) => [
      'transaction',
      hash,
      inBlock ? 'in a block' : 'announced',
      inner ?? '',
    ]),
  ]);
}
