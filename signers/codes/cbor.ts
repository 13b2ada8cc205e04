/** CBOR: as much of RFC 8949 as codes need: unsigned numbers to 32 bits, byte strings, the head of an array; deterministic, and nothing else is read. */

type Kind = 'number' | 'bytes' | 'array';
const majors: Readonly<Record<Kind, number>> = { number: 0, bytes: 2, array: 4 };

/** Major type and argument (RFC 8949, 3.1), in as few bytes as it takes (4.2.1). */
export function head(kind: Kind, value: number): Uint8Array {
  const major = majors[kind] << 5;
  if (value < 24) return Uint8Array.of(major | value);
  const [more, length] = value < 2 ** 8 ? [24, 1] : value < 2 ** 16 ? [25, 2] : [26, 4];
  const bytes = Buffer.alloc(1 + length);
  bytes[0] = major | more;
  bytes.writeUIntBE(value, 1, length);
  return bytes;
}

export interface Reading {
  /** The argument of a head of this kind; null where something else stands there, or nothing more. */
  readonly head: (kind: Kind) => number | null;
  /** As many of the bytes that follow; null where there are fewer. */
  readonly take: (length: number) => Uint8Array | null;
  readonly left: () => number;
}

export function reading(bytes: Uint8Array): Reading {
  let at = 0;
  const take = (length: number) => {
    if (length > bytes.length - at) return null;
    at += length;
    return bytes.subarray(at - length, at);
  };
  return {
    take,
    left: () => bytes.length - at,
    head(kind) {
      const [first] = take(1) ?? [];
      if (first === undefined || first >> 5 !== majors[kind]) return null;
      const more = first & 31;
      if (more < 24) return more;
      const length = { 24: 1, 25: 2, 26: 4 }[more];
      const argument = length === undefined ? null : take(length);
      if (argument === null) return null;
      const value = argument.reduce((sum, byte) => sum * 256 + byte, 0);
      // What could have been written shorter is refused: one meaning, one text.
      return head(kind, value).length === 1 + argument.length ? value : null;
    },
  };
}
