/** A case as explorers export it: Ethereum's transfers, inner and of tokens, and what addresses are called. */
import { z } from 'zod';
import { caseOf, type Case } from '../case.ts';
import { TracerError } from '../error.ts';
import { feesAccount, type Movement } from '../movement.ts';
import type { Tag } from '../tag.ts';
import { readCsv } from './csv.ts';
import { Address, Natural, Whole } from './fields.ts';

const Transfer = z.object({
  // Written like addresses, and as indifferent to capitals.
  hash: Address,
  from: Address,
  // Empty where a contract is made.
  to: z.union([z.literal(''), Address]),
  value: Whole,
  timeStamp: Natural,
  blockNumber: Natural,
  tokenSymbol: z.string(),
  contractAddress: z.union([z.literal(''), Address]),
  isError: z.string().regex(/^(?:|[01](?:\.0)?)$/, 'must be 0, 1 or empty'),
  gasPrice: z.union([z.literal(''), Whole]),
  gasUsed: z.union([z.literal(''), Whole]),
});
type Transfer = z.infer<typeof Transfer>;

const Named = z.object({ address: Address, name_tag: z.string(), label: z.string() });

/** An address, and what the case's labels call it. */
export interface Labelled {
  readonly address: string;
  readonly name: string;
  readonly label: string;
  /** How many layers from the theft a laundering address is. The answer that a trace is scored by, and never shown to it. */
  readonly layer: number | null;
}

export function readLabels(file: string, text: string): readonly Labelled[] {
  return readCsv(file, text, Named).map(({ row }) => {
    const layer = /^ml_transit_([0-9]+)$/.exec(row.name_tag)?.[1];
    return {
      address: row.address,
      name: row.name_tag,
      label: row.label,
      layer: layer === undefined ? null : Number(layer),
    };
  });
}

const culprit = /(?:hacker|exploiter|attacker|thief)(?: 1)?$/i;

/** Layer 0; where a case names none, who is publicly called so; else the lowest layer that it names. */
export function sourcesOf(file: string, labels: readonly Labelled[]): readonly string[] {
  const layers = labels.flatMap(({ layer }) => (layer === null ? [] : [layer]));
  const called = labels.filter(({ name }) => culprit.test(name));
  const lowest = labels.filter(({ layer }) => layer !== null && layer === Math.min(...layers));
  const sources = layers.includes(0) || called.length === 0 ? lowest : called;
  if (sources.length === 0)
    throw new TracerError(
      `${file}: name_tag: nobody is ml_transit_0 or called '… Hacker 1': name the thief's first address`,
    );
  return sources.map(({ address }) => address);
}

/** The thief's own contracts, which act for them and are called so in public. */
const contractOf = ({ name, label, layer }: Labelled): boolean =>
  layer === null && label === 'heist' && name !== '';

export const ETHER = 'ethereum:eth';

export function readHeist(
  name: string,
  transfers: { readonly file: string; readonly text: string },
  addresses: { readonly file: string; readonly text: string },
  known: readonly Tag[] = [],
): { readonly case: Case; readonly labels: readonly Labelled[]; readonly firsts: readonly string[] } {
  const labels = readLabels(addresses.file, addresses.text);
  const { movements, notes } = readTransfers(transfers.file, transfers.text);
  const sources = sourcesOf(addresses.file, labels);
  const own = labels.filter(contractOf).map(({ address }) => address);
  const tags: readonly Tag[] = labels
    .filter(({ layer, name: called }) => layer === null && called !== '')
    .map(({ address, name: called, label }) => ({
      address,
      label: called,
      category: label === '' ? 'service' : label,
      confidence: 'unknown',
      source: addresses.file,
    }));
  const given = {
    name,
    measure: 'asset',
    movements,
    sources: [...sources, ...own],
    tags: [...known, ...tags],
    notes,
  } as const;
  return { case: caseOf(given), labels, firsts: sources };
}

export function readTransfers(
  file: string,
  text: string,
): { readonly movements: readonly Movement[]; readonly notes: readonly string[] } {
  const [seen, paid] = [new Set<string>(), new Set<string>()];
  const movements: Movement[] = [];
  let [twice, failed] = [0, 0];
  for (const { row } of readCsv(file, text, Transfer)) {
    // Histories of several addresses laid together name one transfer once for each; a notebook may have rounded one of them.
    const own = !isToken(row) && row.gasPrice !== '';
    const key = own ? `${row.hash} ${row.from} ${row.to}` : Object.values(row).join(' ');
    if (seen.has(key)) {
      twice += 1;
      continue;
    }
    seen.add(key);
    const moved = movementOf(row);
    const fee = paid.has(row.hash) ? null : feeOf(row);
    if (fee) {
      paid.add(row.hash);
      movements.push(fee);
    }
    // What failed moved nothing, and cost its fee.
    if (row.isError.startsWith('1')) failed += 1;
    else movements.push(moved);
  }
  const notes = [
    ...(twice > 0 ? [`lines that tell again of a transfer, which counts once: ${twice}`] : []),
    ...(failed > 0 ? [`lines that failed, of which only the fee counts: ${failed}`] : []),
  ];
  return { movements, notes };
}

const isToken = ({ tokenSymbol, to, contractAddress }: Transfer) =>
  tokenSymbol !== '' || (contractAddress !== '' && to !== '');

function movementOf(row: Transfer): Movement {
  const token = isToken(row);
  const made = row.contractAddress === '' ? `(made by ${row.hash})` : row.contractAddress;
  return {
    block: row.blockNumber,
    index: null,
    time: row.timeStamp,
    tx: row.hash,
    from: row.from,
    to: row.to === '' ? made : row.to,
    asset: token ? `ethereum:${row.contractAddress === '' ? row.tokenSymbol : row.contractAddress}` : ETHER,
    units: row.value,
    kind: 'transfer',
  };
}

/** Of the line that is the transaction itself: who sends a token in it is not who pays, and inner ones have no price. */
function feeOf(row: Transfer): Movement | null {
  if (isToken(row) || row.gasPrice === '' || row.gasUsed === '') return null;
  const units = row.gasPrice * row.gasUsed;
  return units === 0n ? null : { ...movementOf(row), to: feesAccount, asset: ETHER, units, kind: 'fee' };
}
