// Replays what two real NIS1 nodes were asked, byte for byte, and wants the same answers.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { harvester, person, startUnderTest, type NodeUnderTest } from './node-under-test.testing.ts';

const Row = z.looseObject({
  row: z.int(),
  lab: z.string(),
  step: z.string().optional(),
  announce: z.array(z.object({ data: z.string(), signature: z.string() })).optional(),
  get: z.string().optional(),
  hash: z.string().optional(),
  reply: z.unknown().optional(),
  note: z.unknown().optional(),
});
type Row = z.infer<typeof Row>;

const file = new URL('../data/nis1/announces.jsonl', import.meta.url);
const rows = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => Row.parse(JSON.parse(line)));

const funder = 'NBCJMAEA7YHX2T7TZ5ATI4HQEFBYYU6GBVRTHW4P';
/** All XEM but what the others get, as the recorded chain's first block had three (or so many) accounts. */
function endowed(accounts: number): NonNullable<Parameters<typeof startUnderTest>[0]>['balances'] {
  const others = Array.from(
    { length: accounts - 2 },
    (_, at) => [person(`other ${at}`).address, 1_000] as const,
  );
  return [[funder as never, 8_000_000_000], [harvester.address, 100_000_000], ...others];
}

/** What is done between the recorded requests; rows are given by number, both ends included. */
type Step =
  | { readonly kind: 'rows'; readonly from: number; readonly to: number; readonly at?: number }
  | { readonly kind: 'height'; readonly height: number }
  | { readonly kind: 'time'; readonly time: number }
  | { readonly kind: 'deadlines'; readonly check: boolean };

const replay = (from: number, to = from, at?: number): Step => ({
  kind: 'rows',
  from,
  to,
  ...(at === undefined ? {} : { at }),
});
const height = (to: number): Step => ({ kind: 'height', height: to });
const time = (to: number): Step => ({ kind: 'time', time: to });
const deadlines = (check: boolean): Step => ({ kind: 'deadlines', check });

describe('chain A: one node', () => {
  play('A', 3, 367_760_000, [
    ...[height(19), replay(14, 21), height(20), height(21), replay(22, 29), height(22), replay(30)],
    // Q4, Q1: the same inner transaction in another wrapper.
    ...[replay(31, 38), height(23), replay(39, 41), height(24), replay(42, 46), height(25), replay(47, 49)],
    ...[
      height(26),
      replay(50, 54),
      height(27),
      replay(55, 57),
      height(28),
      replay(58, 61),
      height(29),
      replay(62),
    ],
    ...[
      replay(63, 64),
      height(30),
      replay(65),
      replay(66, 67),
      height(31),
      replay(81, 86),
      height(32),
      replay(87, 88),
    ],
    // Q2(ii): an inner deadline that passes while the wrapper's does not. Q5: spends above the balance.
    ...[replay(89, 90), height(35), replay(91, 97), height(36), time(367_760_284), replay(98, 101)],
    ...[
      replay(102, 103),
      replay(104, 106),
      replay(107, 109),
      height(38),
      replay(110),
      replay(111, 113),
      height(39),
    ],
    ...[
      replay(114, 115),
      height(40),
      replay(116, 175),
      height(41),
      height(42),
      replay(178),
      replay(184, 186),
    ],
    ...[replay(179, 180), height(43), replay(181, 182), replay(187, 193), height(44), replay(194)],
    // Q7: the initiator of a pending payment is removed.
    ...[
      height(46),
      replay(195, 199),
      height(47),
      replay(209, 211),
      height(48),
      replay(212, 217),
      height(49),
      replay(220),
    ],
    ...[
      height(50),
      replay(221, 225),
      height(51),
      replay(230, 232),
      replay(233, 234),
      height(53),
      replay(237, 240),
    ],
    ...[height(60), replay(260, 271), height(62), replay(274), replay(276, 277), height(63), replay(278)],
    ...[height(73), replay(280, 282), height(74), replay(283, 284), replay(285), height(76)],
    ...[
      replay(287, 287, 367_760_617),
      replay(304, 304, 367_760_760),
      height(113),
      replay(326, 326, 367_760_835),
    ],
    ...[height(114), replay(327)],
  ]);
});

describe('chain B: a stolen key against expired and paid transactions', () => {
  play('B', 12, 367_898_700, [
    ...[
      height(117),
      replay(207),
      height(118),
      replay(208),
      height(119),
      height(120),
      replay(218, 219),
      height(121),
    ],
    ...[replay(226, 227), replay(228, 229), height(124), replay(235, 236)],
    // 25 hours later the deadlines are past, but the hash is remembered.
    ...[
      time(367_988_900),
      replay(241, 242),
      height(128),
      replay(243, 244),
      replay(245, 246),
      height(130),
      replay(247, 248),
    ],
    ...[deadlines(false), replay(250, 251), height(132), replay(252, 253), deadlines(true)],
    // 38 hours later the block at height 361 forgets it.
    ...[
      time(368_036_000),
      height(362),
      replay(288),
      replay(289, 290),
      height(364),
      replay(291, 292),
      deadlines(false),
    ],
    ...[time(368_045_862), replay(294, 295), height(366), replay(296), height(367), replay(297), replay(323)],
    ...[time(368_046_575), replay(298, 299), height(370), replay(300, 301), deadlines(true)],
    ...[height(372), replay(311), height(373), replay(312), height(376)],
    ...[
      replay(318),
      replay(320),
      height(386),
      replay(328, 329),
      time(368_046_829),
      replay(330),
      deadlines(false),
    ],
    ...[replay(331, 332), height(388), replay(333, 334), deadlines(true), height(389), replay(335)],
  ]);
});

const played = new Set<number>();

function play(lab: string, accounts: number, from: number, steps: readonly Step[]): void {
  let devnet: NodeUnderTest | undefined;
  afterAll(async () => devnet?.[Symbol.asyncDispose]());
  const started = async () => {
    devnet ??= await startUnderTest({ balances: endowed(accounts), clock: { time: from } });
    return devnet;
  };
  for (const step of steps) {
    if (step.kind === 'rows') {
      for (const row of rows.filter((each) => each.row >= step.from && each.row <= step.to)) {
        if (!isOf(row, lab)) continue;
        it(`row ${row.row}: ${row.step ?? row.get ?? ''}`, async () => {
          played.add(row.row);
          await check(row, await started(), step.at);
        });
      }
    } else {
      it(`${step.kind} ${'height' in step ? step.height : 'time' in step ? step.time : step.check}`, async () => {
        await move(step, await started());
      });
    }
  }
}

function isOf({ lab }: Row, wanted: string): boolean {
  return wanted === 'A' ? lab === 'A' : lab !== 'A';
}

async function move(step: Exclude<Step, { kind: 'rows' }>, devnet: NodeUnderTest): Promise<void> {
  if (step.kind === 'time') {
    expect(step.time).toBeGreaterThanOrEqual(devnet.now());
    devnet.setTime(step.time);
  } else if (step.kind === 'deadlines') {
    await devnet.post('/devnet/control/deadlines', { check: step.check });
  } else {
    const { chain } = devnet.node.core;
    while (chain.height() < step.height) await devnet.harvest();
    expect(chain.height()).toBe(step.height);
  }
}

async function check(row: Row, devnet: NodeUnderTest, at?: number): Promise<void> {
  if (row.announce !== undefined) return checkAnnounces(row, devnet, at);
  if (row.get === '/account/transfers/all') return checkTransfer(row, devnet);
  if (row.get !== undefined) {
    const { status, body } = await devnet.get(row.get);
    return expect({ http: status, ...Object(body) }).toEqual(row.reply);
  }
  return checkNote(row, devnet);
}

async function checkAnnounces(row: Row, devnet: NodeUnderTest, at = 0): Promise<void> {
  const replies = z.array(z.unknown()).parse(row.reply);
  for (const [index, { data, signature }] of (row.announce ?? []).entries()) {
    const bytes = Uint8Array.fromHex(data);
    const timeStamp = new DataView(bytes.buffer).getInt32(8, true);
    devnet.setTime(Math.max(devnet.now(), timeStamp, at));
    const { status, body } = await devnet.announceBytes(bytes, signature);
    expect({ http: status, ...Object(body) }).toEqual(replies[index]);
  }
}

/** A confirmed transaction with its id and height, or null for one that never was. */
async function checkTransfer({ hash, reply }: Row, devnet: NodeUnderTest): Promise<void> {
  const { status, body } = await devnet.get(`/transaction/get?hash=${hash ?? ''}`);
  if (reply === null) return expect(status).toBe(400);
  expect(body).toEqual(reply);
}

async function checkNote(row: Row, devnet: NodeUnderTest): Promise<void> {
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
    const { body } = await devnet.get(`/account/mosaic/owned?address=${address.customer}`);
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
  329: balance(address.R1),
  335: async ({ node }, note) => expect(node.core.chain.height()).toBe(note),
  327: async (devnet, _, { reply }) => {
    const { body } = await devnet.get(
      `/transaction/get?hash=${'cc644f55ecaa251543d7bae8b8dd6167fcc7830c3a67a9f2dfc61ad1983d9215'}`,
    );
    expect(body).toEqual(reply);
  },
};
