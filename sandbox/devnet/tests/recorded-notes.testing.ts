// What the recorder noted beside the replies: balances, counts, heights.
import { expect } from 'vitest';
import { z } from 'zod';
import type { NodeUnderTest } from './node-under-test.testing.ts';

/** One line of data/nis1/announces.jsonl. */
export const Row = z.looseObject({
  row: z.int(),
  lab: z.string(),
  step: z.string().optional(),
  announce: z.array(z.object({ data: z.string(), signature: z.string() })).optional(),
  get: z.string().optional(),
  hash: z.string().optional(),
  reply: z.unknown().optional(),
  note: z.unknown().optional(),
});
export type Row = z.infer<typeof Row>;

/** Checks the note of the row, if there is a way to. */
export async function checkNote(row: Row, devnet: NodeUnderTest): Promise<void> {
  const known = notes[row.row];
  if (known === undefined) throw new Error(`row ${row.row} has no check`);
  await known(devnet, row.note, row);
}

type Note = (devnet: NodeUnderTest, note: unknown, row: Row) => Promise<void>;
const address = {
  M1: 'NDRNXAHVYUVF2IZ3MHWDIP5GRWBOGOC2LMGWHCKO',
  M2: 'NCBGKUPX5DBNLCLAVAEBLUAFRGDG2OZGJX62GPYA',
  M3: 'NBCGNPKRKGL7JXZ5HQFPHOXR57T5LJRTEKESFT62',
  M4: 'NCQIIGPGI3OIE7NEPTVVCUPCV2ROIOUG242X755N',
  M5: 'NCGPILK47OERARP774V6OPDFWYKREWVYPQXI7STZ',
  Z: 'NDRDAHC4JA25EFEY6UES2GX5LO52DMGDSERSKCB6',
  Mb: 'NBSHCZSI7LFGMTZVGAVZKV6VLN5G5YR6ZEUEZPIN',
  R1: 'NAGXABIRWTQ7OC3T2PFH4OFFS67ANSHP4C3VXUYY',
  customer2: 'NBJAVCFZ5A22FUOL5HZUJHHFOBDLMO7ZXCEDDTVF',
  customer: 'NBMMGXRSKM7AQBJYFD4Z44NQGJVDJZYFLSQSN3WQ',
};

async function account(devnet: NodeUnderTest, of: string): Promise<unknown> {
  const { body } = await devnet.get(`/account/get?address=${of}`);
  return z.object({ account: z.unknown() }).parse(body).account;
}

const after =
  (of: string): Note =>
  async (devnet, note) =>
    expect(await devnet.balance(of as never)).toBeCloseTo(
      z.object({ after: z.number() }).parse(note).after,
      6,
    );
const pending =
  (of: string): Note =>
  async (devnet, note) => {
    const { body } = await devnet.get(`/account/unconfirmedTransactions?address=${of}`);
    expect(z.object({ data: z.array(z.unknown()) }).parse(body).data).toHaveLength(z.int().parse(note));
  };
const balance =
  (of: string): Note =>
  async (devnet, note) =>
    expect(await devnet.balance(of as never)).toBeCloseTo(z.number().parse(note), 6);
/** What the stolen key has got from Mb so far. */
const stolen: Note = async (devnet, note) => {
  const { M, customer } = z.object({ M: z.number(), customer: z.number() }).parse(note);
  expect(await devnet.balance(address.Mb as never)).toBeCloseTo(M, 6);
  // 150,000 XEM had come to it on this chain before the recording.
  expect(await devnet.balance(address.customer as never)).toBeCloseTo(customer - 150_000, 6);
};

/** Height, balance and pending ones of R1 at the end. */
async function standing(devnet: NodeUnderTest, note: unknown): Promise<void> {
  const { h, R1, pending: count } = z.object({ h: z.int(), R1: z.number(), pending: z.int() }).parse(note);
  expect(devnet.node.core.chain.height()).toBe(h);
  await balance(address.R1)(devnet, R1, { row: 0, lab: '' });
  await pending(address.R1)(devnet, count, { row: 0, lab: '' });
}

const notes: Readonly<Record<number, Note>> = {
  30: async (devnet, note) => expect(await account(devnet, address.M1)).toEqual(note),
  38: pending(address.M1),
  41: after(address.M1),
  46: pending(address.M2),
  49: after(address.M2),
  54: pending(address.M3),
  57: after(address.M3),
  88: balance(address.M4),
  101: pending(address.M4),
  182: balance(address.M5),
  184: async ({ node }, note) => {
    const counts = z.record(z.string(), z.int()).parse(note);
    const found = Object.keys(counts).map((at) => [
      at,
      node.core.chain.at(Number(at))?.block.transactions.length,
    ]);
    expect(Object.fromEntries(found)).toEqual(counts);
  },
  185: async ({ node }) => expect(node.core.chain.at(41)?.block.transactions).toHaveLength(40),
  186: async ({ node }) => expect(node.core.chain.at(42)?.block.transactions).toHaveLength(20),
  194: async (devnet, note) => {
    const { body } = await devnet.get(`/account/mosaic/owned?address=${address.customer2}`);
    // The recorder's customer held 10,000.77 XEM more from elsewhere.
    expect(
      z
        .object({ data: z.array(z.unknown()) })
        .parse(body)
        .data.slice(1),
    ).toEqual(z.array(z.unknown()).parse(note).slice(1));
  },
  199: pending('NARRDYSKU6TDYNWKUZO4XMU2BJ7PIKRGOURH45PB'),
  211: pending('NARRDYSKU6TDYNWKUZO4XMU2BJ7PIKRGOURH45PB'),
  227: stolen,
  232: pending('NDBQFVBNAIBVFRLE5VTACIXOS4QF7K2OQGADN7D4'),
  236: stolen,
  239: pending('NDBQFVBNAIBVFRLE5VTACIXOS4QF7K2OQGADN7D4'),
  244: stolen,
  248: stolen,
  253: stolen,
  278: async (devnet, note) => expect(await account(devnet, address.Z)).toMatchObject({ multisigInfo: note }),
  288: async ({ node }) => expect(node.core.chain.height()).toBe(362),
  292: stolen,
  297: stolen,
  301: stolen,
  323: async (devnet, _, row) => {
    const { body } = await devnet.post('/block/at/public', { height: 366 });
    const recorded = z.looseObject({ transactions: z.unknown() }).parse(row['block']);
    expect(body).toMatchObject({ transactions: recorded.transactions, type: 1, height: 366 });
    const transfers = await devnet.get(`/account/transfers/all?address=${address.Mb}`);
    const listed = z.object({ data: z.array(z.unknown()) }).parse(transfers.body).data;
    expect(listed.slice(0, 3)).toEqual(row['rows']);
  },
  317: balance(address.R1),
  325: async (devnet, note) => {
    const nodes = z.record(z.string(), z.looseObject({ height: z.int(), M: z.number() })).parse(note);
    for (const { height, M } of Object.values(nodes)) {
      expect(devnet.node.core.chain.height()).toBe(height);
      expect(await devnet.balance(address.Mb as never)).toBeCloseTo(M, 6);
    }
  },
  329: balance(address.R1),
  335: async ({ node }, note) => expect(node.core.chain.height()).toBe(note),
  327: async (devnet, _, { reply }) => {
    const { body } = await devnet.get(
      '/transaction/get?hash=cc644f55ecaa251543d7bae8b8dd6167fcc7830c3a67a9f2dfc61ad1983d9215',
    );
    expect(body).toEqual(reply);
  },
  349: standing,
  353: standing,
};
