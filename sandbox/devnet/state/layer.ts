/** A map over another one: reads fall through, writes stay, until they are committed or forgotten. */
export interface Layer<K, V> {
  readonly get: (key: K) => V | undefined;
  readonly set: (key: K, value: V | undefined) => void;
  /** All entries that are there, the layers below included. */
  readonly entries: () => Iterable<[K, V]>;
  readonly over: () => Layer<K, V>;
  /** Moves the writes into the layer below; gives back what takes them out again. */
  readonly commit: () => () => void;
}

export function openLayer<K, V>(below?: Layer<K, V>): Layer<K, V> {
  const own = new Map<K, V | undefined>();
  const get = (key: K): V | undefined => (own.has(key) ? own.get(key) : below?.get(key));
  const layer: Layer<K, V> = {
    get,
    set: (key, value) => {
      if (value === undefined && below === undefined) own.delete(key);
      else own.set(key, value);
    },
    *entries() {
      for (const [key, value] of own) if (value !== undefined) yield [key, value];
      if (below === undefined) return;
      for (const entry of below.entries()) if (!own.has(entry[0])) yield entry;
    },
    over: () => openLayer(layer),
    commit: () => {
      if (below === undefined) throw new Error('commit: there is no layer below');
      const before = [...own.keys()].map((key) => [key, below.get(key)] as const);
      for (const [key, value] of own) below.set(key, value);
      return () => {
        for (const [key, value] of before) below.set(key, value);
      };
    },
  };
  return layer;
}
