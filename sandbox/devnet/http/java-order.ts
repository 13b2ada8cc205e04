/**
 * NIS keeps the fields of its JSON, and sets of accounts, in Java HashMaps, whose order is decided by the
 * hash of the key. Computing it gives every reply the order of the real node, recorded or not.
 */
export function javaOrder(keys: readonly string[]): readonly string[] {
  let buckets = 16;
  while (keys.length > buckets * 0.75) buckets *= 2;
  return keys
    .map((key) => ({ key, bucket: spread(javaHash(key)) & (buckets - 1) }))
    .sort((one, other) => one.bucket - other.bucket)
    .map(({ key }) => key);
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
