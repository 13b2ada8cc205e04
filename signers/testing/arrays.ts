/** Arrays of bytes that something makes, to be looked at afterwards: whether a secret was left in one. */

/** Runs it, and gives every array of bytes that was made meanwhile, but those that Node keeps for many. */
export async function madeBy(work: () => unknown): Promise<readonly Uint8Array[]> {
  const made: Uint8Array[] = [];
  const Whole = globalThis.ArrayBuffer;
  class Watched extends Whole {
    constructor(length: number) {
      super(length);
      made.push(new Uint8Array(this));
    }
  }
  globalThis.ArrayBuffer = Watched as unknown as ArrayBufferConstructor;
  try {
    await work();
  } catch {
    // What is refused must be wiped too.
  } finally {
    globalThis.ArrayBuffer = Whole;
  }
  return made;
}

/** Where any sixteen bytes of the secret stand in one of them. */
export function left(made: readonly Uint8Array[], ...secrets: readonly Uint8Array[]): number {
  const pieces = secrets.flatMap((secret) =>
    Array.from({ length: Math.floor(secret.length / 16) }, (_, at) => secret.slice(at * 16, at * 16 + 16)),
  );
  return made.filter((array) => pieces.some((piece) => Buffer.from(array.buffer).includes(piece))).length;
}
