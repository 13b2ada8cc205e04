import type { MosaicId } from '../wire/transaction.ts';

/**
 * NIS keeps the fields of its JSON, and sets of accounts, in Java HashMaps, whose order is decided by the
 * hash of the key. Computing it gives every reply the order of the real node, recorded or not.
 */
export function javaOrder(keys: readonly string[]): readonly string[] {
  return inBuckets(keys, javaHash);
}

/** The same for sets of mosaics (MosaicId.hashCode, NamespaceId.hashCode). */
export function mosaicOrder<T>(items: readonly T[], idOf: (item: T) => MosaicId): readonly T[] {
  return inBuckets(items, (item) => {
    const { namespaceId, name } = idOf(item);
    const namespace = namespaceId.split('.').reduce((hash, part) => hash ^ javaHash(part), 0);
    return (namespace << 8) ^ javaHash(name);
  });
}

function inBuckets<T>(items: readonly T[], hashOf: (item: T) => number): readonly T[] {
  let buckets = 16;
  while (items.length > buckets * 0.75) buckets *= 2;
  return items
    .map((item) => ({ item, bucket: spread(hashOf(item)) & (buckets - 1) }))
    .sort((one, other) => one.bucket - other.bucket)
    .map(({ item }) => item);
}

// java.lang.String.hashCode
function javaHash(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (Math.imul(31, hash) + text.charCodeAt(at)) | 0;
  return hash;
}

// java.util.HashMap.hash
function spread(hash: number): number {
  return hash ^ (hash >>> 16);
}
