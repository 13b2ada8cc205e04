import { addressOf } from '@kuramori/chains/nem/codec';
import type { BytesIn } from './bytes-in.ts';
import { broken, illegal } from './failure.ts';
import {
  mosaicIdText,
  type Levy,
  type Mosaic,
  type MosaicDefinition,
  type MosaicId,
  type MosaicProperties,
  type Network,
} from './transaction.ts';
import { knownAddress, publicKey, quantity } from './wire-values.ts';

/** MosaicConstants.MAX_QUANTITY: the smallest units of any mosaic. */
export const maxQuantity = 9_000_000_000_000_000n;
const maxLong = 2n ** 63n - 1n;

/** The mosaics of a transfer, one a mosaic and sorted by "namespace:name": whatever else came, this is what is signed. */
export function readMosaics(from: BytesIn): readonly Mosaic[] {
  const merged = new Map<string, Mosaic>();
  const found = from.objects('mosaics', (inner) => ({
    mosaicId: inner.object('mosaicId', readMosaicId),
    quantity: quantity(inner.long('quantity')),
  }));
  for (const mosaic of found) {
    const id = mosaicIdText(mosaic.mosaicId);
    const sum = (merged.get(id)?.quantity ?? 0n) + mosaic.quantity;
    merged.set(id, { mosaicId: mosaic.mosaicId, quantity: quantity(sum > maxLong ? sum - 2n ** 64n : sum) });
  }
  return [...merged].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, mosaic]) => mosaic);
}

export function readMosaicId(from: BytesIn): MosaicId {
  return mosaicIdOf(from.string('namespaceId'), from.string('name'));
}

/** MosaicId.parse: "namespace:name" */
export function readMosaicIdText(text: string): MosaicId {
  const parts = /^(?<namespace>[a-z0-9._-]+):(?<name>[a-z0-9][a-z0-9'_-]*( [a-z0-9'_-]+)*)$/.exec(
    text,
  )?.groups;
  if (parts === undefined) throw illegal(`pattern '${text}' could not be parsed`);
  return mosaicIdOf(parts['namespace'] ?? '', parts['name'] ?? '');
}

function mosaicIdOf(namespace: string, name: string): MosaicId {
  const id = namespaceId(namespace);
  // MosaicId.NAME_PATTERN
  if (name.length > 32 || !/^[a-z0-9][a-z0-9'_-]*( [a-z0-9'_-]+)*$/.test(name)) {
    throw illegal('name does not match the desired pattern');
  }
  return { namespaceId: id, name };
}

/** NamespaceId: at most three parts, the root of 16 characters at most, the others of 64. */
export function namespaceId(text: string): string {
  const parts = text.split('.');
  parts.forEach(namespacePart);
  const valid = parts.length <= 3 && parts.every((part, level) => part.length <= (level === 0 ? 16 : 64));
  if (!valid) throw illegal(`'${text}' is not a valid namespace.`);
  return text;
}

export function namespacePart(text: string): string {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(text)) throw illegal(`'${text}' is not a valid namespace id part.`);
  return text;
}

export function readDefinition(from: BytesIn, network: Network): MosaicDefinition {
  const creator = publicKey(from.bytes('creator'));
  const id = from.object('id', readMosaicId);
  const description = from.string('description', 512);
  const pairs = from.objects('properties', (inner) => [inner.string('name'), inner.string('value')] as const);
  const properties = propertiesOf(new Map(pairs));
  const levy = from.optionalObject('levy', (inner) => readLevy(inner, network)) ?? null;
  return { creator, creatorAddress: addressOf(creator, network), id, description, properties, levy };
}

// DefaultMosaicProperties, with the defaults of its getters.
function propertiesOf(values: ReadonlyMap<string, string>): MosaicProperties {
  const divisibility = Number(whole(values.get('divisibility') ?? '0'));
  if (divisibility < 0 || divisibility > 6) throw illegal('divisibility must be between 0 and 6 inclusive');
  const initialSupply = quantity(whole(values.get('initialSupply') ?? '1000'));
  if (initialSupply > maxQuantity / 10n ** BigInt(divisibility)) {
    throw illegal(`cannot add 0 to ${initialSupply} for mosaic with divisibility ${divisibility}`);
  }
  return {
    divisibility,
    initialSupply,
    supplyMutable: truth(values.get('supplyMutable') ?? 'false'),
    transferable: truth(values.get('transferable') ?? 'true'),
  };
}

function whole(text: string): bigint {
  if (!/^[+-]?[0-9]+$/.test(text))
    throw illegal(`For input string: "${text}"`, 'java.lang.NumberFormatException');
  return BigInt(text.replace('+', ''));
}

function truth(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw broken(
    'java.lang.NumberFormatException: string must be either true or false',
    'java.lang.RuntimeException',
  );
}

function readLevy(from: BytesIn, network: Network): Levy {
  const type = from.int('type');
  if (type !== 1 && type !== 2) throw illegal(`Invalid mosaic transfer fee type: ${type}`);
  const recipient = knownAddress(from.string('recipient').toUpperCase(), network);
  const mosaicId = from.object('mosaicId', readMosaicId);
  return { type, recipient, mosaicId, fee: quantity(from.long('fee')) };
}
