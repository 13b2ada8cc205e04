/**
 * Place: where a customer's coins shall go. Custody derives it and keeps what tells it from others; watchtowers derive it
 * again from the policy and sign it, at each answer anew. Nothing that they do not vouch for is ever shown.
 */
import { codecOf } from '@kuramori/chains/codecs';
import { call } from '@kuramori/chains/http';
import { AssetName, readVouchers, watchtowerRoutes, type Place, type SignedVoucher } from '@kuramori/core';
import { inTransaction, LedgerError, rows, type Client } from '@kuramori/ledger';
import { Misconfigured } from '@kuramori/program';
import { z } from 'zod';
import { CustomerId, openCustomer } from '../customer.ts';
import { branchFor, type Branch } from '../branch.ts';
import type { House } from '../house.ts';
import { malformed, problem, type Reply } from '../api/problem.ts';
import { refuseStopped } from '../services/board.ts';

export const PlaceBody = z.strictObject({
  customer: CustomerId,
  /** Whose place it is; the coin of the first chain where nothing is said. */
  asset: AssetName.optional(),
});

/** Which place it is depends on the wallet of the moment at which it is shown: an answer may be given again years later. */
const Opened = z.object({ customer: z.string(), asset: AssetName });
const Kept = z.object({ number: z.int() });

/** Decides which place is the customer's, once; the same answer at each call. What it is, `vouched` says. */
export async function openDeposits(
  house: House,
  client: Client,
  { customer, asset = house.branches[0]?.coin }: z.infer<typeof PlaceBody>,
): Promise<Reply> {
  const branch = asset && branchFor(house, asset);
  if (!asset || !branch) return malformed('asset', 'is none that this house takes deposits of');
  await openCustomer(client, customer, house.clock.now());
  await openPlace(branch, client, customer);
  return { status: 201, body: { customer, asset } satisfies z.input<typeof Opened> };
}

async function openPlace(branch: Branch, client: Client, customer: string): Promise<number> {
  const { chain, id: wallet } = branch.hot;
  const find = () =>
    rows(
      client,
      Kept,
      'select number from custody.place where chain = $1 and customer = $2 and wallet = $3',
      [chain, customer, wallet],
    );
  const [known] = await find();
  if (known) return known.number;
  // The next number, where the mark is somebody else's already.
  for (const number of await branch.chain.placeNumbers(client)) {
    await client.query(
      `insert into custody.place (chain, customer, wallet, number, mark, at) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing`,
      [chain, customer, wallet, number, markOf(placeOf(branch, customer, number)), branch.clock.now()],
    );
    const [kept] = await find();
    if (kept) return kept.number;
  }
  throw new LedgerError(`customer ${customer}: every place that they could have is another customer’s`);
}

/** Where coins of a customer go who has this number. Throws where no customer may have it. */
export function placeOf({ policy, hot, exchange }: Branch, customer: string, number: number): Place {
  const whose = { exchange: exchange.id, customer, number };
  const place = codecOf(hot.chain).placeOf(hot, whose, policy.network);
  if (!place) throw new LedgerError(`customer ${customer}: place ${number} on ${hot.chain} is nobody’s`);
  return place;
}

/**
 * Customers send for years to what they were shown. Throws Misconfigured where no wallet of the policy has the places that they were
 * given: nobody would look there, and nothing that comes would be credited.
 */
export async function keepPlaces(house: Pick<House, 'branches' | 'retired' | 'pool'>): Promise<void> {
  for (const branch of house.branches) {
    const { chain, id } = branch.hot;
    const all = [branch, ...house.retired.filter(({ hot }) => hot.chain === chain)];
    await nameWallet(house.pool, chain, all);
    const shown = await rows(
      house.pool,
      Shown,
      `select p.wallet, customer, number, mark from (
         select wallet, min(seq) as first, max(seq) as last from custody.place where chain = $1 group by wallet) each
         join custody.place p on p.chain = $1 and p.seq in (each.first, each.last) order by p.seq`,
      [chain],
    );
    const other = shown.find((one) => !all.some((of) => of.hot.id === one.wallet && has(of, one)));
    if (other)
      throw new Misconfigured(
        `policy: wallets: ${id}: customers were shown places that it does not have (${other.customer}: ${other.mark}), and what they send there would not be seen: put back the wallet as it was, and name another its successor`,
      );
  }
}

/** Places from before a wallet could take another's place, when there was but one a chain. */
async function nameWallet(pool: Client, chain: string, all: readonly Branch[]): Promise<void> {
  const [unnamed] = await rows(
    pool,
    Shown,
    "select wallet, customer, number, mark from custody.place where chain = $1 and wallet = '' order by seq limit 1",
    [chain],
  );
  const of = unnamed && all.find((one) => has(one, unnamed));
  if (of)
    await pool.query("update custody.place set wallet = $2 where chain = $1 and wallet = ''", [
      chain,
      of.hot.id,
    ]);
}

function has(branch: Branch, { customer, number, mark }: z.output<typeof Shown>): boolean {
  return markOf(placeOf(branch, customer, number)) === mark;
}

const Shown = z.object({ wallet: z.string(), customer: z.string(), number: z.int(), mark: z.string() });

/** What tells the deposits to one place from all others: the memo, or on a chain without one the address. */
function markOf({ address, memo }: Place): string {
  return memo === '' ? address : memo;
}

/** Adds the place to an answer of `openDeposits`, with the vouchers of a quorum; or says that nobody vouches now. */
export async function vouched(house: House, reply: Reply): Promise<Reply> {
  if (reply.status !== 201) return reply;
  const { customer, asset } = Opened.parse(reply.body);
  const branch = branchFor(house, asset);
  if (!branch) return unvouched(`${asset} is none that this house takes deposits of any more`);
  const stopped = refuseStopped(house.board, asset, 'deposits');
  if (stopped) return stopped;
  const number = await inTransaction(house.pool, (client) => openPlace(branch, client, customer));
  const asked = { exchange: house.exchange.id, customer, number, asset };
  const answers = await Promise.all(
    house.watchtowers.map(({ at }) => call(at, watchtowerRoutes.vouch, asked)),
  );
  const vouchers: SignedVoucher[] = answers.flatMap((answer) =>
    answer.kind === 'vouched' ? answer.voucher : [],
  );
  const { network, watchtowers } = house.policy;
  // How old is too old is for whoever gets it to say.
  const times = { since: 0, until: Number.MAX_SAFE_INTEGER };
  const read = readVouchers({ ...asked, ...times, network, watchtowers }, vouchers);
  const silent = answers.flatMap((answer) => (answer.kind === 'vouched' ? [] : answer.detail));
  if (read.kind === 'refused') return unvouched([read.why, ...silent].join('; '));
  const { address, memo } = placeOf(branch, customer, number);
  if (read.place.address !== address || read.place.memo !== memo)
    return unvouched('the watchtowers derive another place than custody does: compare their policies');
  return { status: 201, body: { customer, asset, address, message: memo, number, vouchers } };
}

function unvouched(why: string): Reply {
  const detail = `no address can be vouched for now, so none is shown: ${why}. Ask again later, with the same idempotency key`;
  return problem({ status: 503, code: 'not-vouched', field: null, detail });
}
