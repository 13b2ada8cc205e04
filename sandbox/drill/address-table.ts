/** The result of the drill deposit-address, for people and for machines. */
import { formatAmount, XEM } from '@kuramori/core';
import { markdownTable } from '../markdown.ts';
import { depositUnits, type AddressRow } from './deposit-address.ts';

const raw = (units: bigint) => JSON.rawJSON(formatAmount(units, XEM));

/** One line of JSON; amounts as exact decimal numbers of XEM. */
export function addressJson(rows: readonly AddressRow[]): string {
  return JSON.stringify({
    drill: 'deposit-address',
    depositXem: raw(depositUnits),
    rows: rows.map(({ attack, check, shown, stolen, credited, verdict }) => ({
      attack,
      defences: check ? ['client-check'] : [],
      shown,
      stolenXem: raw(stolen),
      creditedXem: raw(credited),
      verdict,
    })),
  });
}

/** The same as a Markdown table. */
export function addressTable(rows: readonly AddressRow[]): string {
  const lines = rows.map(({ attack, check, shown, stolen, credited, verdict }) => [
    attack,
    check ? "client's check" : 'none',
    shown ? 'yes' : 'no',
    formatAmount(stolen, XEM),
    formatAmount(credited, XEM),
    verdict,
  ]);
  const head = ['attack', 'defence', 'an address is shown', 'stolen XEM', 'credited XEM', 'verdict'];
  return markdownTable(head, lines);
}
