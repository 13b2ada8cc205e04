/** Case: what was stolen from where, what is known of addresses, and the movements in which it is followed. */
import { burnAccount, feesAccount, type Movement } from './movement.ts';
import { ordered } from './order.ts';
import { isPerpetrator, type Tag } from './tag.ts';
import { tableOf, type Table } from './table.ts';

export interface Case {
  readonly name: string;
  /** `asset`: exact units of assets. `value`: all in one currency, at the price of each movement's moment. */
  readonly measure: 'asset' | 'value';
  readonly table: Table;
  /** All that these send is stolen. */
  readonly sources: ReadonlySet<number>;
  /** At these a trail ends. */
  readonly services: ReadonlyMap<number, Tag>;
  /** What was left out of the files, and why. */
  readonly notes: readonly string[];
}

export interface CaseGiven {
  readonly name: string;
  readonly measure: Case['measure'];
  readonly movements: readonly Movement[];
  readonly sources: readonly string[];
  /** Those of perpetrators end no trail, and are no sources: another theft's thief may be among them. */
  readonly tags: readonly Tag[];
  readonly notes: readonly string[];
}

const own = 'how the chain works';
const always: readonly Tag[] = [
  { address: feesAccount, label: 'fees', category: 'fees', confidence: 'proven', source: own },
  { address: burnAccount, label: 'burned', category: 'burn', confidence: 'proven', source: own },
];

export function caseOf({ name, measure, movements, sources, tags, notes }: CaseGiven): Case {
  const first = new Set(sources);
  const services = [...always, ...tags].filter((tag) => !first.has(tag.address) && !isPerpetrator(tag));
  const table = tableOf(ordered(movements, new Set(services.map(({ address }) => address))));
  const numbers = new Map(table.accounts.map((account, number) => [account, number]));
  const number = (address: string): readonly number[] => {
    const found = numbers.get(address);
    return found === undefined ? [] : [found];
  };
  return {
    name,
    measure,
    table,
    sources: new Set([...first].flatMap(number)),
    services: new Map(
      services.flatMap((tag) => number(tag.address).map((account) => [account, tag] as const)),
    ),
    notes,
  };
}
