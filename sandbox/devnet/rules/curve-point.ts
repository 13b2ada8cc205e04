const p = 2n ** 255n - 19n;
const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/**
 * Whether the 32 bytes decode to a point of edwards25519, as Ed25519EncodedGroupElement.decode has it: y may
 * be written non-canonically, and x with either sign. RFC 8032 5.1.3: u/v = (y^2 - 1)/(d y^2 + 1) is a square.
 */
export function isPointOfTheCurve(publicKey: string): boolean {
  const bytes = Uint8Array.fromHex(publicKey).toReversed();
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  const y = BigInt(`0x${bytes.toHex()}`) % p;
  const y2 = (y * y) % p;
  const u = (y2 - 1n + p) % p;
  const v = (d * y2 + 1n) % p;
  // Euler: a product is a square exactly if the quotient is; v is never 0, since -1/d is no square.
  const euler = power((u * v) % p, (p - 1n) / 2n);
  return euler !== p - 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}
