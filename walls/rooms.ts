/** Who may import whom: the table of ARCHITECTURE.md as data. What is not listed is forbidden. */

export interface Room {
  /** Entries of other rooms, as they are written in an import. */
  readonly rooms: readonly string[];
  /** Packages from npm. */
  readonly packages: readonly string[];
  /** Node's builtins, without `node:`. */
  readonly builtins: readonly string[];
  /** Names of the runtime that reach outside without an import. */
  readonly globals: readonly string[];
}

/** Reaching out, the clock, the environment, and making code: each room says which of these it uses. */
export const watchedGlobals = [
  'fetch',
  'WebSocket',
  'EventSource',
  'process',
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'console',
  'require',
  'eval',
  'Function',
  'navigator',
  'localStorage',
] as const;

/** What knows chains by their names alone. */
const anyChain = ['@kuramori/chains/codecs', '@kuramori/chains/watched', '@kuramori/chains/http'] as const;
/** Of one chain: what its bytes mean, and how its nodes are asked. */
const nem = ['@kuramori/chains/nem/codec', '@kuramori/chains/nem/node'] as const;
const bitcoin = ['@kuramori/chains/bitcoin/codec', '@kuramori/chains/bitcoin/node'] as const;
const ethereum = ['@kuramori/chains/ethereum/codec', '@kuramori/chains/ethereum/node'] as const;
/** What reads bytes of any chain, and what only NEM has. */
const codecs = ['@kuramori/chains/codecs', '@kuramori/chains/nem/codec'] as const;
const chains = [
  ...codecs,
  '@kuramori/chains/watched',
  '@kuramori/chains/nem/node',
  '@kuramori/chains/http',
] as const;

/** A folder of the project → what its files may use. The longest folder that fits a file counts. */
export const rooms: Readonly<Record<string, Room>> = {
  core: { rooms: [], packages: ['zod'], builtins: ['crypto', 'diagnostics_channel'], globals: [] },
  program: {
    rooms: [],
    packages: ['zod'],
    builtins: ['crypto', 'diagnostics_channel', 'fs', 'http', 'https', 'net', 'path', 'tls'],
    globals: ['process', 'setTimeout', 'setImmediate', 'Date', 'performance'],
  },
  // The way to native code, shut again before anything else is loaded; and to the collector of garbage.
  'program/closed': {
    rooms: [],
    packages: [],
    builtins: ['ffi', 'module', 'v8', 'vm'],
    globals: ['process'],
  },
  chains: {
    rooms: ['@kuramori/core'],
    packages: ['zod'],
    builtins: ['crypto', 'diagnostics_channel', 'fs', 'http', 'tls'],
    globals: ['Date', 'setTimeout'],
  },
  'chains/nem/codec': {
    rooms: ['@kuramori/core'],
    packages: ['@noble/ciphers', '@noble/curves', '@noble/hashes'],
    builtins: ['diagnostics_channel'],
    // Date.UTC for NEM's epoch.
    globals: ['Date'],
  },
  'chains/secp256k1': { rooms: [], packages: ['@noble/curves', '@noble/hashes'], builtins: [], globals: [] },
  'chains/bitcoin/codec': {
    rooms: ['@kuramori/core', '@kuramori/chains/secp256k1'],
    packages: ['@noble/curves', '@noble/hashes', '@scure/base', '@scure/bip32', '@scure/btc-signer'],
    builtins: ['diagnostics_channel'],
    globals: [],
  },
  // micro-eth-signer for its RLP alone.
  'chains/ethereum/codec': {
    rooms: ['@kuramori/core', '@kuramori/chains/secp256k1'],
    packages: ['@noble/curves', '@noble/hashes', 'micro-eth-signer'],
    builtins: ['diagnostics_channel'],
    globals: [],
  },
  // The same, to write what blocks are hashed from; plain JSON-RPC and the codec's ABI, and so no viem.
  'chains/ethereum/node': {
    rooms: ['@kuramori/core'],
    packages: ['micro-eth-signer', 'zod'],
    builtins: ['crypto'],
    globals: [],
  },
  ledger: {
    rooms: ['@kuramori/core'],
    packages: ['pg', 'zod'],
    builtins: ['crypto', 'diagnostics_channel', 'fs'],
    globals: ['Date', 'setImmediate'],
  },
  custody: {
    rooms: [
      '@kuramori/core',
      '@kuramori/program',
      '@kuramori/program/closed',
      ...anyChain,
      '@kuramori/ledger',
    ],
    packages: ['@hono/node-server', 'graphile-worker', 'hono', 'pg', 'standardwebhooks', 'zod'],
    // net: BlockList and isIP, for the addresses that a key may come from.
    builtins: ['crypto', 'events', 'http', 'net', 'timers/promises'],
    // fetch: webhooks. Date: to write a time that the clock gave.
    globals: ['process', 'setTimeout', 'fetch', 'Date', 'performance'],
  },
  // All that custody knows of one chain.
  'custody/chains/nem': {
    rooms: ['@kuramori/core', '@kuramori/program', ...anyChain, ...nem, '@kuramori/ledger'],
    packages: ['zod'],
    builtins: [],
    globals: [],
  },
  'custody/chains/bitcoin': {
    rooms: ['@kuramori/core', '@kuramori/program', ...anyChain, ...bitcoin, '@kuramori/ledger'],
    packages: ['zod'],
    builtins: [],
    globals: ['performance'],
  },
  'custody/chains/ethereum': {
    rooms: ['@kuramori/core', '@kuramori/program', ...anyChain, ...ethereum, '@kuramori/ledger'],
    packages: ['zod'],
    builtins: [],
    globals: [],
  },
  // crypto: the hash of what was traced. Date.parse: a time that a file tells.
  tracer: {
    rooms: ['@kuramori/core'],
    packages: ['yaml', 'zod'],
    builtins: ['crypto'],
    globals: ['Date'],
  },
  // All that the tracer reads of a disk.
  'tracer/folder': { rooms: ['@kuramori/tracer'], packages: [], builtins: ['fs', 'path'], globals: [] },
  client: {
    rooms: ['@kuramori/core'],
    packages: ['standardwebhooks', 'zod'],
    builtins: ['crypto'],
    globals: ['fetch', 'Date', 'setTimeout'],
  },
  signers: {
    rooms: ['@kuramori/core', '@kuramori/program', ...codecs],
    packages: ['@noble/ciphers', '@noble/curves', 'zod'],
    // fs and path: the journal's tiles, the transcript. Date: to write a time that stands there.
    builtins: ['crypto', 'fs', 'path'],
    globals: ['performance', 'Date'],
  },
  // Words of BIP-39, and what becomes of them: where keys are made and brought back, never where they are used.
  'signers/seed': {
    rooms: ['@kuramori/core', '@kuramori/chains/codecs'],
    packages: ['@scure/bip39'],
    builtins: ['crypto'],
    globals: [],
  },
  // Codes on screens and paper: text in, bytes out. zlib: CRC-32. crypto: SHA-256, for numbers that both sides draw.
  'signers/codes': { rooms: [], packages: ['qr'], builtins: ['crypto', 'zlib'], globals: [] },
  // Pages to print: values in, bytes out. fs and url: its own font, out of the package. zlib: the font within a PDF.
  'signers/paper': {
    rooms: [],
    packages: ['@fontsource/sawarabi-gothic'],
    builtins: ['crypto', 'fs', 'url', 'zlib'],
    globals: [],
  },
  // Its library is native code, in a process of its own; and the one connection that a signer opens.
  'signers/hsm': {
    rooms: [
      '@kuramori/core',
      '@kuramori/program',
      '@kuramori/program/closed-native',
      '@kuramori/chains/http',
    ],
    packages: ['zod'],
    builtins: ['crypto', 'ffi'],
    globals: ['process'],
  },
  'signers/cosigner': {
    rooms: [
      '@kuramori/core',
      '@kuramori/program',
      '@kuramori/program/closed',
      '@kuramori/program/forget',
      ...codecs,
    ],
    packages: ['zod'],
    builtins: ['crypto', 'fs', 'path'],
    globals: ['performance', 'process'],
  },
  // One step of what people do with keys, and its line in the transcript. Date: when they did it. process: on which Node.
  'signers/step': {
    rooms: ['@kuramori/core', '@kuramori/program'],
    packages: [],
    builtins: ['fs', 'path'],
    globals: ['process', 'Date'],
  },
  // What people do with keys. Date: when they did it.
  'signers/ceremony': {
    rooms: ['@kuramori/core', '@kuramori/program', '@kuramori/program/closed', ...codecs],
    packages: ['zod'],
    builtins: ['crypto', 'fs', 'path'],
    globals: ['process', 'Date'],
  },
  // Tries every way out, by names: what it may not import it must be able to be refused. fetch, WebSocket: likewise.
  'signers/offline': {
    rooms: ['@kuramori/program', '@kuramori/program/closed'],
    packages: [],
    builtins: [],
    globals: ['process', 'fetch', 'WebSocket', 'setTimeout'],
  },
  // Asks who has a chain key that is not here: an HSM, or another wallet, by PSBT.
  'signers/held': {
    rooms: [
      '@kuramori/core',
      '@kuramori/program',
      '@kuramori/chains/codecs',
      '@kuramori/chains/bitcoin/codec',
      '@kuramori/chains/ethereum/codec',
    ],
    packages: [],
    builtins: ['fs', 'path'],
    globals: [],
  },
  'signers/vault': {
    rooms: ['@kuramori/core', '@kuramori/program', '@kuramori/program/closed', ...codecs],
    packages: ['zod'],
    builtins: ['crypto', 'fs', 'path'],
    globals: ['process'],
  },
  watchtower: {
    rooms: [
      '@kuramori/core',
      '@kuramori/program',
      '@kuramori/program/closed',
      ...chains,
      '@kuramori/chains/bitcoin/codec',
      '@kuramori/chains/bitcoin/node',
      '@kuramori/chains/ethereum/codec',
      '@kuramori/chains/ethereum/node',
    ],
    packages: ['standardwebhooks', 'zod'],
    // path: where the archive is, whose disk is looked at.
    builtins: ['crypto', 'fs', 'fs/promises', 'path'],
    globals: ['fetch', 'Date', 'performance', 'setTimeout', 'process'],
  },
  // Tells people. It judges nothing, so it reaches neither a chain nor its neighbour's keys.
  'watchtower/pager': {
    rooms: ['@kuramori/core', '@kuramori/program', '@kuramori/program/closed', '@kuramori/chains/http'],
    packages: ['nodemailer', 'standardwebhooks', 'zod'],
    builtins: ['crypto', 'fs', 'http', 'net'],
    globals: ['fetch', 'Date', 'setTimeout', 'process'],
  },
  // Pays for gas with a key that has nothing else; carries what the owners signed, and no other call.
  relayer: {
    rooms: [
      '@kuramori/core',
      '@kuramori/program',
      '@kuramori/program/closed',
      '@kuramori/chains/watched',
      '@kuramori/chains/ethereum/codec',
      '@kuramori/chains/ethereum/node',
    ],
    packages: ['zod'],
    builtins: [],
    globals: ['process', 'setTimeout'],
  },
  // What desk and pages say to each other: types alone.
  'console/wire': { rooms: [], packages: [], builtins: [], globals: [] },
  // Serves the pages and shows what the database's functions show. It asks nobody else, and no key of anybody's is near it.
  'console/desk': {
    rooms: ['@kuramori/core', '@kuramori/program', '@kuramori/ledger'],
    packages: ['@hono/node-server', '@simplewebauthn/server', 'hono', 'pg', 'zod'],
    builtins: ['crypto', 'fs', 'http', 'path'],
    globals: ['process', 'Date', 'performance', 'setTimeout'],
  },
  // Runs in people's browsers: no code of the house's, no rule of it.
  'console/pages': {
    rooms: [],
    packages: ['@simplewebauthn/browser', '@tanstack/react-virtual', 'react', 'react-dom'],
    builtins: [],
    globals: ['fetch', 'EventSource', 'Date', 'setTimeout', 'navigator', 'localStorage'],
  },
  // Makes files of them, before anything runs.
  'console/build': {
    rooms: [],
    packages: ['vite'],
    builtins: ['crypto', 'fs', 'path', 'url', 'zlib'],
    globals: ['process'],
  },
  sandbox: {
    rooms: [
      '@kuramori/core',
      '@kuramori/program',
      ...chains,
      // Thieves of benchmarks sign there with stolen keys.
      '@kuramori/chains/bitcoin/codec',
      '@kuramori/chains/ethereum/codec',
      // The bare signatures that a benchmark's are held against.
      '@kuramori/chains/secp256k1',
      '@kuramori/ledger',
      '@kuramori/custody',
      '@kuramori/signers',
      '@kuramori/signers/codes',
      '@kuramori/watchtower/pager',
      '@kuramori/client',
      '@kuramori/tracer',
      '@kuramori/tracer/folder',
      '@kuramori/console',
    ],
    // ws: what a devnet node pushes.
    packages: ['@hono/node-server', 'hono', 'pg', 'ws', 'zod'],
    builtins: ['child_process', 'crypto', 'diagnostics_channel', 'fs', 'http', 'net', 'os', 'path', 'url'],
    globals: ['fetch', 'process', 'Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate'],
  },
  // What is one chain's own under chaos, and what the chain itself says afterwards.
  'sandbox/chaos/on': {
    rooms: ['@kuramori/core', ...chains, '@kuramori/chains/bitcoin/codec', '@kuramori/chains/ethereum/codec'],
    packages: ['zod'],
    builtins: ['crypto', 'fs', 'path'],
    globals: ['Date', 'setInterval'],
  },
  // What only the house on Litecoin needs.
  'sandbox/litecoin': {
    rooms: ['@kuramori/core', '@kuramori/program', '@kuramori/chains/bitcoin/codec', '@kuramori/client'],
    packages: ['zod'],
    builtins: ['child_process', 'crypto', 'fs', 'path'],
    globals: ['fetch', 'process', 'Date'],
  },
  // Thieves on Litecoin, who have the signers' keys; they sign with a node's own tool, and so by no code of ours.
  'sandbox/drill/litecoin': {
    rooms: ['@kuramori/core', '@kuramori/program', '@kuramori/chains/bitcoin/codec'],
    packages: ['zod'],
    builtins: ['crypto', 'fs', 'path'],
    globals: ['Date'],
  },
  // Thieves on an EVM chain, who have the signers' keys and sign what no signer would.
  'sandbox/drill/ethereum': {
    rooms: [
      '@kuramori/core',
      '@kuramori/program',
      ...ethereum,
      '@kuramori/chains/secp256k1',
      '@kuramori/chains/http',
      '@kuramori/signers',
    ],
    packages: ['zod'],
    builtins: ['crypto', 'fs', 'path'],
    globals: ['Date', 'performance'],
  },
  // What only the house on an EVM chain needs: a node, and Safe's contracts.
  'sandbox/ethereum': {
    rooms: ['@kuramori/core', '@kuramori/program', ...ethereum, '@kuramori/client'],
    packages: ['@foundry-rs/anvil', '@safe-global/safe-smart-account', 'zod'],
    builtins: ['crypto', 'fs', 'module', 'net', 'path'],
    globals: ['fetch', 'process', 'Date'],
  },
  cli: {
    rooms: [
      '@kuramori/core',
      '@kuramori/program',
      ...codecs,
      '@kuramori/chains/http',
      '@kuramori/chains/nem/node',
      '@kuramori/chains/bitcoin/codec',
      '@kuramori/chains/bitcoin/node',
      '@kuramori/chains/ethereum/codec',
      '@kuramori/chains/ethereum/node',
      '@kuramori/ledger',
      '@kuramori/custody',
      '@kuramori/sandbox',
      '@kuramori/tracer',
      '@kuramori/tracer/folder',
      // What has no power: codes and pages, never a key.
      '@kuramori/signers/codes',
      '@kuramori/signers/paper',
    ],
    packages: ['yaml', 'zod'],
    // zlib: what is shown as codes is packed.
    builtins: ['child_process', 'crypto', 'fs', 'module', 'os', 'path', 'url', 'util', 'zlib'],
    // Date: people's freezes, thaws and rotations have a time, and payments that a policy is tried on.
    globals: ['process', 'Date', 'setTimeout'],
  },
  walls: {
    rooms: [],
    packages: ['oxc-parser'],
    builtins: ['child_process', 'fs', 'path', 'url'],
    globals: ['process'],
  },
  // How the tests run over mutated code.
  'walls/mutation': { rooms: [], packages: ['vitest'], builtins: ['path'], globals: [] },
};

/** What tests may use beside their own room; never part of a running process. */
export const testPackages = [
  'vitest',
  'fast-check',
  '@noble/curves',
  '@noble/hashes',
  '@scure/bip32',
  '@scure/btc-signer',
  'symbol-sdk',
  'solc',
  'viem',
  'smtp-server',
  'pg',
  'hono',
  'axe-core',
  'playwright-core',
] as const;
