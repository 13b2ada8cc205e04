/** What we use of node:ffi (Node 26.1, experimental), which @types/node does not know yet. */
declare module 'node:ffi' {
  type Name = 'void' | 'pointer' | 'buffer' | 'int32' | 'uint64';
  interface Signature {
    readonly arguments: readonly Name[];
    readonly return: Name;
  }
  type Call = (...given: readonly (number | bigint | Uint8Array)[]) => number | bigint;
  /** `path` null is the program itself, and with it the C library. */
  function dlopen<const Names extends string>(
    path: string | null,
    definitions: Readonly<Record<Names, Signature>>,
  ): { readonly functions: Readonly<Record<Names, Call>> };
  /** Where a buffer's bytes are. It must outlive whoever is told. */
  function getRawPointer(bytes: Uint8Array): bigint;
}
