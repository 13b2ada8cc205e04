/** Layout: which part of a NEM transaction a bit belongs to (reference/nem.md), written down apart from the codec. */

/** Names of parts and their lengths in bytes; the last one goes on to the end. */
export type Layout = readonly (readonly [part: string, bytes: number])[];

const common = (name: string): Layout => [
  [`${name}type`, 4],
  [`${name}version`, 4],
  [`${name}timeStamp`, 4],
  [`${name}keyLength`, 4],
  [`${name}signer`, 32],
  [`${name}fee`, 8],
  [`${name}deadline`, 4],
];

/** A multisig's wrapper around a transfer with a plain message. */
export const wrapper: Layout = [
  ...common(''),
  ['innerLength', 4],
  ...common('inner.'),
  ['inner.recipientLength', 4],
  ['inner.recipient', 40],
  ['inner.amount', 8],
  ['inner.messageLength', 4],
  ['inner.messageType', 4],
  ['inner.payloadLength', 4],
  ['inner.payload', Infinity],
];

export const cosignature: Layout = [
  ...common(''),
  ['hashObjectLength', 4],
  ['hashLength', 4],
  ['hash', 32],
  ['addressLength', 4],
  ['address', 40],
];

export function partOfBit(layout: Layout, bit: number): string {
  let end = 0;
  for (const [part, bytes] of layout) {
    end += bytes * 8;
    if (bit < end) return part;
  }
  throw new RangeError(`bit ${bit} is beyond the layout`);
}

/** A number of a part, as NEM writes it: the lowest byte first. */
export function numberAt(layout: Layout, hex: string, part: string): bigint {
  let begin = 0;
  for (const [name, bytes] of layout) {
    if (name === part)
      return BigInt(
        `0x${Uint8Array.fromHex(hex.slice(begin * 2, (begin + bytes) * 2))
          .toReversed()
          .toHex()}`,
      );
    begin += bytes;
  }
  throw new RangeError(`no part is called ${part}`);
}
