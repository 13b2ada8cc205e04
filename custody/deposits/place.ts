/**
 * Place: where a customer's coins shall go. Custody derives it and keeps what tells it from others; watchtowers derive it
 * again from the policy and sign it, at each answer anew. Nothing that they do not vouch for is ever shown.
 */
import { codecOf } from '@kuramori/chains/codecs';
import { call } from '@kuramori/chains/http';
import { AssetName, readVouchers, watchtowerRoutes, type Place, type SignedVoucher } from '@kuramori/core';
import { LedgerError, rows, type Client } from '@kuramori/ledger';
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

const Opened = z.strictObject({ customer: z.string(), asset: AssetName, number: z.int() });
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
  const number = await openPlace(branch, client, customer);
  return { status: 201, body: { customer, asset, number } satisfies z.input<typeof Opened> };
}

async function openPlace(branch: Branch, client: Client, customer: string): Promise<number> {
  const { chain } = branch.hot;
  const find = () =>
    rows(client, Kept, 'select number from custody.place where chain = $1 and customer = $2', [
      chain,
      customer,
    ]);
  const [known] = await find();
  if (known) return known.number;
  // The next number, where the mark is somebody else's already.
  for (const number of await branch.chain.placeNumbers(client)) {
    await client.query(
      `insert into custody.place (chain, customer, number, mark, at) values ($1, $2, $3, $4, $5)
         on conflict do nothing`,
      [chain, customer, number, markOf(placeOf(branch, customer, number)), branch.clock.now()],
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
 * Customers send for years to what they were shown. Throws Misconfigured where a wallet of the policy has not the places that they
 * were given out of another: nobody would look there, and nothing that comes would be credited.
 */
export async function keepPlaces({ branches, pool }: Pick<House, 'branches' | 'pool'>): Promise<void> {
  for (const branch of branches) {
    const { chain, id } = branch.hot;
    const shown = await rows(
      pool,
      Shown,
      `(select customer, number, mark from custody.place where chain = $1 order by seq limit 1) union all
       (select customer, number, mark from custody.place where chain = $1 order by seq desc limit 1)`,
      [chain],
    );
    const other = shown.find(
      ({ customer, number, mark }) => markOf(placeOf(branch, customer, number)) !== mark,
    );
    if (other)
      throw new Misconfigured(
        `policy: wallets: ${id}: customers were shown places that it does not have (${other.customer}: ${other.mark}), and what they send there would not be seen: put back the wallet as it was`,
      );
  }
}

const Shown = z.object({ customer: z.string(), number: z.int(), mark: z.string() });

/** What tells the deposits to one place from all others: the memo, or on a chain without one the address. */
function markOf({ address, memo }: Place): string {
  return memo === '' ? address : memo;
}

/** Adds the place to an answer of `openDeposits`, with the vouchers of a quorum; or says that nobody vouches now. */
export async function vouched(house: House, reply: Reply): Promise<Reply> {
  if (reply.status !== 201) return reply;
  const { customer, asset, number } = Opened.parse(reply.body);
  const branch = branchFor(house, asset);
  if (!branch) return unvouched(`${asset} is none that this house takes deposits of any more`);
  const stopped = refuseStopped(house.board, asset, 'deposits');
  if (stopped) return stopped;
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
