/** Whoever looks at night reads one line. It may be green only where nothing below it is not. */
import { jsonText } from '@kuramori/program';
import { XEM } from '@kuramori/core';
import { move } from '@kuramori/ledger';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { tellTreasury } from '../../custody/told.ts';
import { standing } from '../../custody/treasury/standing.ts';
import { changed } from '../../custody/testing/house.ts';
import { TreasuryConfig } from '../../custody/treasury/config.ts';
import type { Overview } from '../wire/index.ts';
import { testDesk, type TestDesk } from './testing/desk.ts';

let d: TestDesk;
let cookie: string;
beforeAll(async () => {
  d = await testDesk();
  await d.t.rich('alice', '1000');
  ({ cookie } = await d.somebody('administrator'));
});
afterAll(() => d[Symbol.asyncDispose]());

const node = (name: string, height = 100) => ({
  url: `http://${name}`,
  height,
  error: null as string | null,
});
const tower = (key: string, compared: number) => ({
  key,
  answers: true,
  open: true,
  frozen: [] as string[],
  chains: [{ chain: 'nem', blind: null as string | null, nodes: [node('one'), node('two')] }],
  books: { findings: [] as string[], chains: [{ chain: 'nem', compared }] },
});
const signer = (id: string) => ({ id, spare: false, answers: true, open: true, frozen: [] as string[] });
/** All well, as custody writes it. */
const well = () => ({
  signers: [signer('signer-1'), signer('signer-2')] as const,
  watchtowers: [tower('aaaaaaaaaa', 99), tower('bbbbbbbbbb', 100)] as const,
  chains: [{ chain: 'nem', height: 100, stopped: null as string | null }] as [
    { chain: string; height: number; stopped: string | null },
  ],
});
const round = {
  hotShare: { most: 500, now: 400 as number | null, stale: [] as string[], unset: [] as string[] },
  everySeconds: 60,
  assets: [{ asset: XEM, may: 2_000_000_000n, over: false }],
};

async function tell(what: 'house' | 'treasury', body: object, ageSeconds = 0): Promise<void> {
  await d.t.database.admin.query(
    `insert into custody.told (what, body, at) values ($1, $2, clock_timestamp() - $3 * interval '1 second')
       on conflict (what) do update set body = excluded.body, at = excluded.at`,
    [what, jsonText(body), ageSeconds],
  );
}
async function seen(): Promise<Overview> {
  const { status, body } = await d.ask({ path: '/api/overview', cookie });
  expect(status).toBe(200);
  return body as unknown as Overview;
}
beforeEach(async () => {
  await tell('house', well());
  await tell('treasury', round);
});

test('all is well: it runs, and there is no reason why not', async () => {
  expect(await seen()).toMatchObject({ state: 'running', reasons: [] });
});

type Well = ReturnType<typeof well>;
const apart = (fields: object) => `books and chain apart: ${jsonText(fields)}`;

test.each<[string, (house: Well) => void, object]>([
  [
    'books that differ',
    ({ watchtowers: [one] }) => one.books.findings.push(apart({ asset: XEM, difference: 5n })),
    { code: 'books-differ', state: 'stopped', about: ['XEM'] },
  ],
  [
    'books that went back, which is of no one asset',
    ({ watchtowers: [one] }) => one.books.findings.push('books went back: {"sequence":7}'),
    { code: 'books-differ', state: 'stopped', about: [] },
  ],
  [
    'a finding that nobody can read',
    ({ watchtowers: [one] }) => one.books.findings.push('what nobody can read'),
    { code: 'books-differ', state: 'stopped', about: [] },
  ],
  [
    'a silent tower',
    ({ watchtowers: [one] }) => (one.answers = false),
    { code: 'tower-silent', state: 'watch', about: ['1 · aaaaaaaa'] },
  ],
  [
    'no tower that answers',
    ({ watchtowers }) => watchtowers.forEach((one) => (one.answers = false)),
    { code: 'towers-all-silent', state: 'stopped', about: [] },
  ],
  [
    'a silent signer',
    ({ signers: [, two] }) => (two.answers = false),
    { code: 'signer-silent', state: 'watch', about: ['signer-2'] },
  ],
  [
    'a frozen signer',
    ({ signers: [one] }) => one.frozen.push(XEM),
    { code: 'signer-frozen', state: 'stopped', about: ['signer-1'] },
  ],
  [
    'a frozen tower',
    ({ watchtowers: [, two] }) => two.frozen.push(XEM),
    { code: 'tower-frozen', state: 'stopped', about: ['2 · bbbbbbbb'] },
  ],
  [
    'a stopped chain',
    ({ chains: [nem] }) => (nem.stopped = 'the nodes disagree'),
    { code: 'chain-stopped', state: 'stopped', about: ['nem'] },
  ],
  [
    'a blind tower',
    ({ watchtowers: [one] }) => one.chains.forEach((nem) => (nem.blind = 'nodes differ')),
    { code: 'tower-blind', state: 'watch', about: ['1 · aaaaaaaa'] },
  ],
  [
    'a node that is behind',
    ({ watchtowers }) => watchtowers.forEach(({ chains: [nem] }) => nem?.nodes.splice(1, 1, node('two', 90))),
    { code: 'node-behind', state: 'watch', about: ['two'] },
  ],
  [
    'books that nobody compares',
    ({ watchtowers }) => watchtowers.forEach(({ books }) => books.chains.splice(0)),
    { code: 'not-compared', state: 'watch', about: ['XEM'] },
  ],
])('%s: the line is not green, and says why', async (_what, worsen, reason) => {
  const house = well();
  worsen(house);
  await tell('house', house);
  const { state, reasons } = await seen();
  expect(reasons).toContainEqual(reason);
  expect(state).toBe((reason as { state: string }).state);
});

test('a notice that is grave, and the gravest reason stands first', async () => {
  const house = well();
  house.watchtowers[0].answers = false;
  await tell('house', house);
  await d.t.database.admin.query(
    "insert into custody.notice (key, severity, what, at) values ('night', 'grave', 'look', 0)",
  );
  const { state, reasons } = await seen();
  await d.t.database.admin.query('update custody.notice set over_at = 1');
  expect(state).toBe('stopped');
  expect(reasons.map(({ code }) => code)).toEqual(['grave-notices', 'tower-silent']);
});

test('once custody is silent no node is at its tip, and a difference that was found is not forgotten', async () => {
  const house = well();
  house.watchtowers[0].books.findings.push(apart({ asset: XEM }));
  await tell('house', house, 60);
  const { chains, reasons } = await seen();
  expect(chains[0]?.nodes.map(({ state }) => state)).toEqual(['silent', 'silent']);
  expect(reasons.map(({ code }) => code)).toEqual(['books-differ', 'custody-silent']);
});

test('a treasury that is dead is late, and one that never was is no green either', async () => {
  await tell('treasury', { ...round, hotShare: { ...round.hotShare, now: null, stale: [XEM] } }, 600);
  const old = await seen();
  expect(old.treasury).toMatchObject({ late: true, stale: ['XEM'] });
  expect(old.treasury?.age).toBeGreaterThan(590_000);
  expect(old.reasons.map(({ code }) => code)).toEqual(['treasury-late', 'no-price']);
  await d.t.database.admin.query("delete from custody.told where what = 'treasury'");
  expect((await seen()).reasons.map(({ code }) => code)).toEqual(['treasury-late']);
});

test('the tower that is stuck is the one that counts, and each finding stands with its own asset', async () => {
  const house = well();
  house.watchtowers[1].books.chains = [{ chain: 'nem', compared: 12 }];
  house.watchtowers[0].books.findings.push(apart({ asset: 'bitcoin:btc' }), apart({ chain: 'nem' }));
  await tell('house', house);
  const { assets, findings } = await seen();
  expect(assets[0]?.compared).toMatchObject({ at: 12, towers: 2, findings: [apart({ chain: 'nem' })] });
  // Of an asset that is not in the books: it stands above all of them.
  expect(findings).toEqual([apart({ asset: 'bitcoin:btc' })]);
});

test('what is too hot is what the treasury judges: with slack by need, and what is between wallets is hot', async () => {
  const usual = { refillHours: 1, leastOutflow: [{ asset: XEM, perHour: '40000000' }] };
  const treasury = (perHour: string) =>
    changed(d.t.house, {
      policy: { ...d.t.house.policy, hotShareBps: 10_000 },
      treasury: TreasuryConfig.parse({ ...usual, leastOutflow: [{ asset: XEM, perHour }] }),
    });
  const judged = async (perHour: string) => {
    const house = treasury(perHour);
    await tellTreasury(house, await standing(house));
    const [xem] = (await seen()).assets;
    return { limit: xem?.limit, over: xem?.overLimit };
  };
  // 1000 are hot. By need 950 may be, and a tenth more is no harm.
  expect(await judged('950000000')).toEqual({ limit: '1045', over: false });
  expect(await judged('900000000')).toEqual({ limit: '990', over: true });
  await move(d.t.database.custody, {
    id: 'between',
    about: 'between',
    asset: XEM,
    units: 900_000_000n,
    from: { kind: 'hot', wallet: 'hot-xem' },
    to: { kind: 'in-transit', wallet: 'hot-xem' },
    fee: 0n,
  });
  expect(await judged('900000000')).toEqual({ limit: '990', over: true });
});
